package dev.perennial.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PageRequest;
import dev.perennial.store.Database;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshSqlite;
import dev.perennial.testkit.SeededIds;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/** An engine on a real database in a folder; it can be left and opened again, as after the death of a server. */
final class EngineFixture implements AutoCloseable {
    static final RetryPolicy AT_ONCE = new RetryPolicy(3, 0, 1, 0);
    private static final int WAIT_SECONDS = 20;
    private static final int POLL_MILLIS = 5;

    final RecordingLauncher launcher = new RecordingLauncher();
    final LinkedBlockingQueue<RunView> endedRuns = new LinkedBlockingQueue<>();
    private final Path folder;
    private final StoreSettings storage;
    private final InstantSource clock = InstantSource.system();
    private final Ids ids = SeededIds.of(System.nanoTime(), clock);
    private final List<InlineStep> steps;
    private final EngineSettings settings;
    private final UnaryOperator<Database> around;
    private Store store;
    private PipelineEngine engine;
    private RecoveryReport report;

    EngineFixture(Path folder, EngineSettings settings, UnaryOperator<Database> around, InlineStep... steps) {
        this(folder, FreshSqlite.under(folder.resolve("data")), settings, around, steps);
    }

    EngineFixture(
            Path folder,
            StoreSettings storage,
            EngineSettings settings,
            UnaryOperator<Database> around,
            InlineStep... steps) {
        this.folder = folder;
        this.storage = storage;
        this.settings = settings;
        this.around = around;
        this.steps = List.of(steps);
        this.store = openStore();
        this.engine = openEngine();
        this.report = engine.open();
    }

    static EngineFixture in(Path folder, InlineStep... steps) {
        return new EngineFixture(folder, quick(), UnaryOperator.identity(), steps);
    }

    /** Settings with a sweep and an infrastructure budget for tests. */
    static EngineSettings quick() {
        return new EngineSettings(2, 2, 20, 60_000, 60_000, 500, 200, AT_ONCE);
    }

    private Store openStore() {
        return Store.open(storage, clock, ids, new SecureRandom());
    }

    private PipelineEngine openEngine() {
        EngineResources resources = new EngineResources(
                around.apply(store.database()), store.blobs(), clock, ids, folder.resolve("staging"));
        return new PipelineEngine(resources, settings, launcher, steps, endedRuns::add);
    }

    PipelineEngine engine() {
        return engine;
    }

    Store store() {
        return store;
    }

    RecoveryReport report() {
        return report;
    }

    /** Leaves everything as it is and starts a new engine on it. */
    void restart() {
        engine.close();
        store.close();
        store = openStore();
        engine = openEngine();
        report = engine.open();
    }

    RunId start(PipelineSpec spec, String key) {
        return engine.start(spec, key, Json.object(), "flight-delay", "test");
    }

    RunView awaitEnd(RunId run) {
        await(() -> engine.find(run).orElseThrow().state().terminal());
        return engine.find(run).orElseThrow();
    }

    /** How everything stands, for the message of a failed test. */
    String story(RunId run) {
        StringBuilder story = new StringBuilder();
        engine.find(run)
                .orElseThrow()
                .steps()
                .forEach(step -> story.append(step).append('\n'));
        engine.attempts(run).forEach(attempt -> story.append(attempt).append('\n'));
        store.database()
                .read(sql -> WorkerRows.ofRun(sql, run))
                .forEach(worker -> story.append(worker)
                        .append(' ')
                        .append(launcher.find(worker.name()))
                        .append('\n'));
        return story.toString();
    }

    void awaitStep(RunId run, String path, StepState state) {
        await(() -> engine.find(run).orElseThrow().step(path).state() == state);
    }

    static void await(BooleanSupplier condition) {
        CountDownLatch never = new CountDownLatch(1);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(deadline);
            try {
                assertThat(never.await(POLL_MILLIS, TimeUnit.MILLISECONDS)).isFalse();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Every run is sound. */
    void checkInvariants() {
        PipelineAudit audit = new PipelineAudit(store.database(), store.blobs());
        List<String> problems = new ArrayList<>();
        engine.list(Optional.empty(), PageRequest.of(null, null))
                .items()
                .forEach(run -> problems.addAll(audit.problems(run.run())));
        assertThat(problems).isEmpty();
    }

    @Override
    public void close() {
        checkInvariants();
        engine.close();
        store.close();
    }

    /** An inline step from a function. */
    static InlineStep step(String kind, Body body) {
        return new InlineStep() {
            @Override
            public String kind() {
                return kind;
            }

            @Override
            public Output run(Context context) throws Exception {
                return Output.values(body.run(context));
            }
        };
    }

    /** What an inline step does. */
    interface Body {
        Map<String, JsonNode> run(InlineStep.Context context) throws Exception;
    }
}
