package dev.perennial.scorer.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.scorer.access.Caller;
import dev.perennial.scorer.config.ScorerConfig;
import dev.perennial.scorer.config.ScorerConfig.EndpointConfig;
import dev.perennial.scorer.config.ScorerConfig.FuseConfig;
import dev.perennial.scorer.config.ScorerConfig.ModelFiles;
import dev.perennial.scorer.config.ScorerConfig.Place;
import dev.perennial.scorer.config.ScorerConfig.VariantConfig;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.RunLimit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The queue of an endpoint whose thread is this test: tasks run when {@link #turn} says so. */
class BatchQueueTest {
    private static final String DIGEST = "0".repeat(64);

    @TempDir
    Path folder;

    private final Queue<Runnable> threads = new ArrayDeque<>();
    private final List<List<String>> batches = new ArrayList<>();
    private Model model;
    private Endpoint endpoint;
    private BatchQueue queue;

    @BeforeEach
    void open() throws IOException {
        byte[] manifest = """
                {"format":"onnx","signature":[{"name":"a","type":"number"},{"name":"x","type":"number"}]}""".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        try (var file = BatchQueueTest.class.getResourceAsStream("/models/whole.onnx")) {
            model = new ModelLoader(folder).load(manifest, file.readAllBytes());
        }
        endpoint = endpoint();
        queue = queue(1, 100, 1_000);
    }

    @AfterEach
    void close() {
        model.close();
    }

    private Endpoint endpoint() {
        return endpoint(new ModelFiles(DIGEST, DIGEST));
    }

    private Endpoint endpoint(ModelFiles files) {
        VariantConfig variant = new VariantConfig("m/1", Place.CHAMPION, 0, files);
        Fuse fuse = new Fuse("m", "m/1", null, new FuseConfig(null, null, null), false);
        EndpointConfig config = new EndpointConfig("m", List.of(), "", null, List.of(variant), null, null, null);
        return new Endpoint(config, null, new Variant(variant, model, null, fuse, new LongAdder()), List.of());
    }

    private BatchQueue queue(int concurrency, int callsMax, long bytesMax) {
        return new BatchQueue(
                threads::add,
                new BatchQueue.Bounds(concurrency, callsMax, bytesMax),
                batch -> batches.add(
                        batch.stream().map(waiting -> waiting.call().version()).toList()));
    }

    private boolean offer(Endpoint to, String name, int bytes, long deadline) {
        Call call = new Call(
                Caller.ANYBODY, "m", name, bytes, System.nanoTime(), new RunLimit(deadline, () -> false), e -> {
                    throw new AssertionError("nothing is read here");
                });
        return queue.offer(call, new Serving(Map.of(), java.util.Set.of(), List.of(), null), to, o -> () -> {}, null);
    }

    private boolean offer(String name) {
        return offer(endpoint, name, 1, Long.MAX_VALUE);
    }

    private void turn() {
        threads.remove().run();
    }

    @Test
    void aFreeThreadTakesWhatIsThereAtOnceAndMoreEachTime() {
        for (int i = 0; i < 6; i++) {
            assertThat(offer("c" + i)).isTrue();
        }
        assertThat(queue.limit()).isOne();
        turn();
        turn();
        turn();
        assertThat(batches).containsExactly(List.of("c0"), List.of("c1", "c2"), List.of("c3", "c4", "c5"));
        assertThat(threads).isEmpty();
        assertThat(queue.waiting()).isZero();
    }

    @Test
    void theNearestDeadlineComesFirst() {
        long now = System.nanoTime();
        offer(endpoint, "late", 1, now + 10_000_000_000L);
        offer(endpoint, "soon", 1, now + 1_000_000L);
        offer(endpoint, "none", 1, Long.MAX_VALUE);
        turn();
        turn();
        assertThat(batches).containsExactly(List.of("soon"), List.of("none", "late"));
    }

    @Test
    void moreCallsOrBytesThanAllowedAreRefusedAndTheBoundItselfIsTaken() {
        queue = queue(1, 3, 10);
        assertThat(offer(endpoint, "a", 4, Long.MAX_VALUE)).isTrue();
        assertThat(offer(endpoint, "b", 7, Long.MAX_VALUE)).isFalse();
        assertThat(offer(endpoint, "b", 6, Long.MAX_VALUE)).isTrue();
        assertThat(offer(endpoint, "c", 0, Long.MAX_VALUE)).isTrue();
        assertThat(offer(endpoint, "d", 0, Long.MAX_VALUE)).isFalse();
        turn();
        assertThat(offer(endpoint, "d", 4, Long.MAX_VALUE)).isTrue();
    }

    @Test
    void asManyBatchesRunAtOnceAsTheModelHasInstances() {
        ScorerConfig.ResourcesConfig three = new ScorerConfig.ResourcesConfig(null, 3, null);
        Endpoint wide = endpoint(new ModelFiles(DIGEST, DIGEST, null, false, three));
        queue = queue(1, 100, 1_000);
        for (int i = 0; i < 5; i++) {
            assertThat(offer(wide, "c" + i, 1, Long.MAX_VALUE)).isTrue();
        }
        assertThat(threads).hasSize(3);
        queue = queue(1, 100, 1_000);
        threads.clear();
        offer("a");
        offer("b");
        assertThat(threads).hasSize(1);
    }

    @Test
    void oneCallLargerThanTheBoundIsTakenWhenNothingElseWaits() {
        queue = queue(1, 3, 10);
        assertThat(offer(endpoint, "huge", 1_000, Long.MAX_VALUE)).isTrue();
        assertThat(offer(endpoint, "tiny", 1, Long.MAX_VALUE)).isFalse();
    }

    @Test
    void callsOfDifferentConfigurationsAreNotMixed() {
        queue = queue(1, 100, 1_000);
        offer("a");
        turn();
        offer(endpoint, "b", 1, 1);
        offer(endpoint(), "c", 1, 2);
        turn();
        turn();
        assertThat(batches).containsExactly(List.of("a"), List.of("b"), List.of("c"));
    }

    @Test
    void noMoreThreadsAreTakenThanAllowed() {
        queue = queue(2, 100, 1_000);
        for (int i = 0; i < 10; i++) {
            offer("c" + i);
        }
        assertThat(threads).hasSize(2);
    }
}
