package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.serving.Environments;
import dev.perennial.scorer.serving.NotPrepared;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.python.PythonEnvironments.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When environments are made, and what is told meanwhile; how they are made is another test's. */
@Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EnvironmentMakingTest {
    private static final Duration SOON = Duration.ofMillis(20);
    private static final Duration NEVER = Duration.ofHours(1);
    private static final ModelManifest MODEL = ModelManifest.parse(PythonManifests.of("3.11.7", "probe==1.0"));
    private static final Digest DIGEST = Digest.of("the environment");

    private final Bench bench = new Bench();
    private final LinkedBlockingQueue<Boolean> applied = new LinkedBlockingQueue<>();
    private EnvironmentMaking making = making(true, NEVER, NEVER);

    /** Makes environments when it is told to. */
    private static final class Bench implements EnvironmentMaking.Maker {
        private final LinkedBlockingQueue<CompletableFuture<Digest>> orders = new LinkedBlockingQueue<>();
        private final Set<Digest> there = new HashSet<>();
        private final List<Request> asked = new ArrayList<>();

        @Override
        public Digest prepare(Request request) throws InterruptedException {
            CompletableFuture<Digest> order = new CompletableFuture<>();
            synchronized (this) {
                asked.add(request);
            }
            orders.add(order);
            try {
                Digest made = order.get();
                there(made, true);
                return made;
            } catch (java.util.concurrent.ExecutionException e) {
                throw (PerennialException) e.getCause();
            }
        }

        synchronized void there(Digest digest, boolean now) {
            if (now) {
                there.add(digest);
            } else {
                there.remove(digest);
            }
        }

        @Override
        public synchronized boolean has(Digest digest) {
            return there.contains(digest);
        }

        synchronized int asked() {
            return asked.size();
        }
    }

    private EnvironmentMaking making(boolean makes, Duration least, Duration first) {
        EnvironmentMaking made =
                new EnvironmentMaking(makes, bench, List.of(), new EnvironmentMaking.Pauses(SOON, least, first, first));
        made.start(() -> applied.add(true));
        return made;
    }

    private void with(Duration least, Duration first) {
        making.close();
        making = making(true, least, first);
    }

    @AfterEach
    void close() {
        making.close();
    }

    private void isBeingBuilt() {
        assertThatThrownBy(() -> making.of(MODEL, null))
                .isInstanceOf(NotPrepared.class)
                .hasMessage("its environment is being built");
    }

    private void cannotBeBuilt(String why) {
        assertThatThrownBy(() -> making.of(MODEL, null))
                .isInstanceOf(NotPrepared.class)
                .hasMessage("its environment cannot be built: " + why);
    }

    /** Ends the build that goes on. */
    private void end(String failure) throws InterruptedException {
        CompletableFuture<Digest> order = bench.orders.take();
        if (failure.isEmpty()) {
            order.complete(DIGEST);
        } else {
            order.completeExceptionally(PerennialException.state(failure));
        }
        applied.take();
    }

    @Test
    void whoWantsItIsToldThatItIsBeingBuiltAndCalledWhenItIsThere() throws Exception {
        isBeingBuilt();
        isBeingBuilt();
        end("");
        assertThat(making.of(MODEL, null)).isEqualTo(DIGEST.hex());
        assertThat(bench.asked()).isOne();
    }

    @Test
    void theModelsOwnWordsAreAskedFor() throws Exception {
        isBeingBuilt();
        end("");
        Request request = bench.asked.getFirst();
        assertThat(request.python()).hasToString("3.11.7");
        assertThat(request.minor()).isTrue();
        assertThat(request.requirements()).containsExactly("probe==1.0");
    }

    @Test
    void whatFailedIsToldAndNotTriedAgainByAsking() throws Exception {
        isBeingBuilt();
        end("pip ended with exit code 1");
        cannotBeBuilt("pip ended with exit code 1");
        cannotBeBuilt("pip ended with exit code 1");
        assertThat(bench.asked()).isOne();
    }

    @Test
    void anotherConfigurationTriesItAgain() throws Exception {
        with(Duration.ZERO, NEVER);
        isBeingBuilt();
        end("no index");
        making.hurry();
        applied.take();
        isBeingBuilt();
        end("");
        assertThat(making.of(MODEL, null)).isEqualTo(DIGEST.hex());
    }

    @Test
    void manyConfigurationsInARowAreNoHotLoop() throws Exception {
        isBeingBuilt();
        end("no index");
        for (int i = 0; i < 100; i++) {
            making.hurry();
            cannotBeBuilt("no index");
        }
        assertThat(bench.asked()).isOne();
    }

    @Test
    void afterAPauseItIsTriedAgainByItself() throws Exception {
        with(Duration.ZERO, SOON);
        isBeingBuilt();
        end("no index");
        applied.take(); // the pause is over
        isBeingBuilt();
        end("");
        assertThat(making.of(MODEL, null)).isEqualTo(DIGEST.hex());
    }

    @Test
    void oneThatIsGoneFromTheDiskIsMadeAnew() throws Exception {
        isBeingBuilt();
        end("");
        assertThat(making.of(MODEL, null)).isEqualTo(DIGEST.hex());
        bench.there(DIGEST, false);
        isBeingBuilt();
        end("");
        assertThat(making.of(MODEL, null)).isEqualTo(DIGEST.hex());
        assertThat(bench.asked()).isEqualTo(2);
    }

    @Test
    void theServersOwnIsTakenWhereItIsThere() {
        Digest servers = Digest.of("the server's");
        bench.there(servers, true);
        assertThat(making.of(MODEL, servers.hex())).isEqualTo(servers.hex());
        assertThat(bench.asked()).isZero();
    }

    @Test
    void otherFormatsNeedNone() {
        ModelManifest tree = ModelManifest.parse(
                "{\"format\":\"identity\",\"signature\":[{\"name\":\"x\",\"type\":\"number\",\"required\":true}]}"
                        .getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(making.of(tree, null)).isNull();
        assertThat(bench.asked()).isZero();
    }

    @Test
    void oneThatIsToldToMakeNoneTakesWhatIsNamed() {
        try (EnvironmentMaking none = making(false, NEVER, NEVER)) {
            assertThat(none.environments()).isSameAs(Environments.PREPARED);
            assertThat(none.environments().of(MODEL, DIGEST.hex())).isEqualTo(DIGEST.hex());
        }
        assertThat(making.environments()).isSameAs(making);
    }

    @Test
    void anEndInTheMiddleEndsTheBuild() throws Exception {
        isBeingBuilt();
        bench.orders.take(); // it waits, until it is interrupted
        making.close();
        cannotBeBuilt("null");
    }
}
