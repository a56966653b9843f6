package dev.perennial.worker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Json;
import dev.perennial.pipelines.EngineResources;
import dev.perennial.pipelines.EngineSettings;
import dev.perennial.pipelines.InlineStep;
import dev.perennial.pipelines.LocalLauncher;
import dev.perennial.pipelines.PipelineEngine;
import dev.perennial.pipelines.PipelineSpec;
import dev.perennial.pipelines.RecoveryReport;
import dev.perennial.pipelines.RetryPolicy;
import dev.perennial.pipelines.RunId;
import dev.perennial.pipelines.RunView;
import dev.perennial.pipelines.StepSpec;
import dev.perennial.pipelines.WorkerCommand;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.store.Transaction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A small server: store, engine, worker routes and real worker processes. Started as a program by the crash tests. */
final class PipelineHost implements AutoCloseable {
    static final String KEY = "crash-test";
    private static final String TOKEN = "secret-of-the-test";

    private final Store store;
    private final PipelineEngine engine;
    private final ProtocolAdapter adapter;
    private final RecoveryReport report;

    PipelineHost(Path dataDir, int port, String... workerFlags) throws IOException {
        InstantSource clock = InstantSource.system();
        SecureRandom random = new SecureRandom();
        Ids ids = new Ids(clock, random);
        Files.createDirectories(dataDir);
        Path tokenFile = Files.writeString(dataDir.resolve("internal.token"), TOKEN);
        this.store = Store.open(StoreSettings.local(dataDir), clock, ids, random);
        store.database()
                .writing(tx ->
                        tx.sql().execute("create table if not exists test_room (id text primary key, value text)"));
        List<String> flags =
                new ArrayList<>(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx64m", "-Xshare:auto"));
        flags.addAll(List.of(workerFlags));
        WorkerCommand command = new WorkerCommand(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                System.getProperty("java.class.path"),
                TestWorkerMain.class.getName(),
                flags,
                () -> "http://127.0.0.1:" + port,
                dataDir,
                tokenFile);
        EngineSettings settings =
                new EngineSettings(2, 2, 100, 60_000, 60_000, 5_000, 2_000, new RetryPolicy(10, 20, 2, 200));
        this.engine = new PipelineEngine(
                new EngineResources(store.database(), store.blobs(), clock, ids, dataDir.resolve("staging")),
                settings,
                new LocalLauncher(dataDir.resolve("workers"), command, clock),
                List.of(new Register()),
                run -> {});
        this.report = engine.open();
        this.adapter = new ProtocolAdapter(engine.protocol(), port, TOKEN);
    }

    /** Two heavy steps with a governed effect after each. */
    static PipelineSpec spec() {
        return PipelineSpec.of(
                "story",
                StepSpec.worker("write", "write").with(Json.object().put("text", "hello ")),
                StepSpec.inline("first", "register").with(StepSpec.value("write", "length")),
                StepSpec.worker("join", "join")
                        .reading("a", StepSpec.file("write", "text"))
                        .with(Json.object().set("suffix", StepSpec.value("first", "seen"))),
                StepSpec.inline("second", "register").with(StepSpec.value("join", "joined")));
    }

    /** Writes one row in the transaction of its success; a second time would break the key. */
    static final class Register implements InlineStep {
        @Override
        public String kind() {
            return "register";
        }

        @Override
        public Output run(Context context) {
            return Output.values(Map.<String, JsonNode>of(
                    "seen", Json.tree(context.parameters().asText())));
        }

        @Override
        public void commit(Transaction tx, Context context, Output output) {
            tx.sql()
                    .execute(
                            "insert into test_room (id, value) values (?, ?)",
                            context.path(),
                            context.parameters().asText());
        }
    }

    RunId start(PipelineSpec spec, String key) {
        return engine.start(spec, key, Json.object(), "flight-delay", "test");
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

    RunView awaitEnd(RunId run) {
        Waiting.until(() -> engine.find(run).orElseThrow().state().terminal());
        return engine.find(run).orElseThrow();
    }

    void awaitNoWorkers() {
        Waiting.until(() -> engine.workers().isEmpty());
    }

    @Override
    public void close() {
        adapter.close();
        engine.close();
        store.close();
    }

    /** One heavy step that goes on until a file is there. */
    static PipelineSpec waiting(Path gate) {
        return PipelineSpec.of(
                "waiting", StepSpec.worker("wait", "wait").with(Json.object().put("gate", gate.toString())));
    }

    /**
     * Arguments: data directory, port, flags of workers. Starts the story, or with {@code -Dtest.gate=FILE} the waiting pipeline, or
     * goes on with it, and ends with it.
     */
    public static void main(String[] args) throws IOException {
        String[] flags = Arrays.copyOfRange(args, 2, args.length);
        String gate = System.getProperty("test.gate", "");
        try (PipelineHost host = new PipelineHost(Path.of(args[0]), Integer.parseInt(args[1]), flags)) {
            host.awaitEnd(host.start(gate.isEmpty() ? spec() : waiting(Path.of(gate)), KEY));
            host.awaitNoWorkers();
        }
    }
}
