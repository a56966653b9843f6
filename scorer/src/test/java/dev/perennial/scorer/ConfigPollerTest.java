package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Json;
import dev.perennial.scorer.config.ConfigPoller;
import dev.perennial.scorer.config.Hello;
import dev.perennial.scorer.config.LastGoodConfig;
import dev.perennial.scorer.config.ScorerConfig;
import dev.perennial.scorer.config.ScorerInstance;
import dev.perennial.scorer.config.ServerLink;
import dev.perennial.scorer.serving.Unprepared;
import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A poller against a real control server: whatever a configuration does to it, it goes on asking. */
class ConfigPollerTest {
    @TempDir
    Path folder;

    private ControlServer server;
    private Vertx vertx;

    @BeforeEach
    void start() throws Exception {
        server = new ControlServer();
        vertx = Vertx.vertx();
        Files.writeString(folder.resolve("token"), ControlServer.TOKEN);
    }

    @AfterEach
    void stop() {
        server.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private ConfigPoller poller(Predicate<ScorerConfig> apply) {
        Hello hello = new Hello("b1", "here", new ScorerInstance("0123456789abcdef", 7));
        return poller(apply, () -> hello);
    }

    private ConfigPoller poller(Predicate<ScorerConfig> apply, Supplier<Hello> hello) {
        URI url = URI.create("http://127.0.0.1:" + server.port());
        ServerLink link = new ServerLink(vertx, url, "s1", folder.resolve("token"), "");
        LastGoodConfig lastGood = new LastGoodConfig(folder);
        return new ConfigPoller(link, lastGood, apply, () -> "http://here", new SplittableRandom(1), why -> {}, hello);
    }

    static Stream<Supplier<Throwable>> whatLoadingMayThrow() {
        return Stream.of(
                () -> new OutOfMemoryError("Java heap space"),
                StackOverflowError::new,
                () -> new UnsatisfiedLinkError("no libonnxruntime"),
                () -> new IllegalStateException("a mistake of ours"));
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }

    @ParameterizedTest
    @MethodSource("whatLoadingMayThrow")
    void aConfigurationThatEndsInAnErrorIsTriedAgain(Supplier<Throwable> error) throws Exception {
        Queue<Long> seen = new ConcurrentLinkedQueue<>();
        try (ConfigPoller poller = poller(config -> {
            seen.add(config.revision());
            if (seen.size() == 1) {
                ConfigPollerTest.<RuntimeException>sneak(error.get());
            }
            return true;
        })) {
            poller.start();
            server.apply(7, Models.config(7, 0, "null"));
            assertThat(seen).containsExactly(7L, 7L);
        }
    }

    @Test
    void aLastGoodConfigurationThatEndsInAnErrorDoesNotKeepTheScorerFromStarting() throws Exception {
        try (ConfigPoller first = poller(config -> true)) {
            first.start();
            server.apply(3, Models.config(3, 0, "null"));
        }
        Queue<Long> seen = new ConcurrentLinkedQueue<>();
        try (ConfigPoller second = poller(config -> {
            seen.add(config.revision());
            if (seen.size() == 1) {
                throw new OutOfMemoryError("Java heap space");
            }
            return true;
        })) {
            second.start();
            server.apply(4, Models.config(4, 0, "null"));
            assertThat(seen).startsWith(3L).contains(4L);
        }
    }

    @Test
    void aServerThatDoesNotKnowTheQuestionSpeaksProtocolOne() throws Exception {
        try (ConfigPoller poller = poller(config -> true)) {
            poller.start();
            server.apply(1, "{\"revision\":1,\"flush\":0,\"endpoints\":[]}");
        }
        assertThat(server.hellos()).hasSize(1);
        assertThat(server.protocols()).containsExactly("1");
    }

    @Test
    void whatBothSpeakIsNamedWithEachQuestion() throws Exception {
        server.welcome("{\"protocol\":2,\"segment\":1,\"scorer\":\"s1\",\"heartbeatMillis\":1000,\"more\":1}");
        try (ConfigPoller poller = poller(config -> true)) {
            poller.start();
            server.apply(1, "{\"revision\":1,\"flush\":0,\"endpoints\":[]}");
        }
        assertThat(server.protocols()).containsExactly("2");
        assertThat(server.hellos().getFirst())
                .isEqualTo(
                        Json.parse(
                                "{\"protocols\":[1,2],\"segments\":[1],\"build\":\"b1\",\"host\":\"here\",\"instance\":\"0123456789abcdef/7\",\"environments\":[]}"));
        assertThat(server.instances()).containsExactly("0123456789abcdef/7");
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html>sign in</html>", "", "[]", "{\"protocol\":\"two\"}"})
    void whatAnswersAHelloWithoutAWelcomeIsAskedAgain(String nonsense) throws Exception {
        server.welcome(nonsense.isEmpty() ? " " : nonsense);
        try (ConfigPoller poller = poller(config -> true)) {
            poller.start();
            server.await("it is greeted again", () -> server.hellos().size() > 1);
            assertThat(poller.connected()).isFalse();
            server.welcome("{\"protocol\":2,\"heartbeatMillis\":1000}");
            server.apply(1, "{\"revision\":1,\"flush\":0,\"endpoints\":[]}");
            assertThat(poller.connected()).isTrue();
        }
    }

    @Test
    void aScorerThatIsRefusedAsksAgainUntilItIsNot() throws Exception {
        server.refuseHello("another scorer named 's1' runs");
        try (ConfigPoller poller = poller(config -> true)) {
            poller.start();
            server.await("it is greeted again", () -> server.hellos().size() > 2);
            assertThat(poller.applied()).isEqualTo(-1);
            server.refuseHello("");
            server.apply(1, "{\"revision\":1,\"flush\":0,\"endpoints\":[]}");
        }
    }

    @Test
    void aServerThatComesBackIsGreetedAnew() throws Exception {
        server.welcome("{\"protocol\":2,\"heartbeatMillis\":1000}");
        try (ConfigPoller poller = poller(config -> true)) {
            poller.start();
            server.apply(1, "{\"revision\":1,\"flush\":0,\"endpoints\":[]}");
            assertThat(poller.silentNanos()).isZero();
            server.stop();
            server.await("the poller knows", () -> !poller.connected());
            assertThat(poller.silentNanos()).isPositive();
            server.start();
            server.await("it is greeted again", () -> server.hellos().size() > 1);
        }
    }

    @Test
    void whatItSaysOfEnvironmentsIsSaidAnewWhenItChanges() throws Exception {
        Hello plain = new Hello("b1", "here", new ScorerInstance("0123456789abcdef", 7));
        Unprepared missing = new Unprepared("m", "m/2", Unprepared.State.BUILDING, "");
        AtomicReference<Hello> hello = new AtomicReference<>(plain.with(List.of(missing)));
        try (ConfigPoller poller = poller(config -> true, hello::get)) {
            poller.start();
            server.apply(1, Models.config(1, 0, "null"));
            server.apply(2, Models.config(2, 0, "null"));
            assertThat(server.hellos()).hasSize(1);
            assertThat(server.hellos().getFirst().path("environments"))
                    .hasToString("[{\"endpoint\":\"m\",\"message\":\"\",\"state\":\"BUILDING\",\"version\":\"m/2\"}]");
            hello.set(plain);
            server.await("another hello", () -> server.hellos().size() == 2);
            assertThat(server.hellos().get(1).path("environments")).isEmpty();
        }
    }
}
