package dev.perennial.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.Program;
import dev.perennial.pipelines.WorkerProtocol.Claim;
import dev.perennial.worker.StepHandler;
import dev.perennial.worker.WorkerMain;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/**
 * Fixed cost of a worker process: start, take one step that does nothing, report it, be sent home. The limit beside it is a JVM with the
 * same machine whose main method is empty. Cost model: class loading dominates; the installation's start cache halves it. Needs the built
 * distribution, because there the native libraries are unpacked. Processor time, not wall time:
 * user and system time of ended children in {@code /proc/self/stat}.
 */
public final class WorkerBench {
    /** What the product promises. */
    private static final long CPU_MILLIS_MAX = 2_000;

    private static final int ROUNDS = 7;
    private static final String RUN = "00000000-0000-7000-8000-000000000001";
    private final Path folder;
    private final HttpServer server;

    private WorkerBench(Path folder) throws IOException {
        this.folder = folder;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", new OneStep(folder)::answer);
        server.start();
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("perennial-worker-bench");
        Files.createDirectories(folder.resolve("workers/w"));
        Files.writeString(folder.resolve("token"), "bench");
        WorkerBench bench = new WorkerBench(folder);
        try {
            bench.report();
        } finally {
            bench.server.stop(0);
            try (Stream<Path> all = Files.walk(folder)) {
                all.sorted(Comparator.reverseOrder())
                        .forEach(path -> path.toFile().delete());
            }
        }
    }

    private void report() throws IOException, InterruptedException {
        long bare = median(List.of(), Bare.class);
        Table table = new Table("fixed cost of a process", "CPU ms", "x bare JVM", "goal");
        table.row("bare JVM", Long.toString(bare), "1.0", "");
        List<String> flags = Program.WORKER.flags(Path.of("target/dist").toAbsolutePath());
        line(table, "worker, one empty step", median(flags, NothingWorker.class), bare);
        long loaded = median(flags, NativeWorker.class);
        line(table, "worker, one step with DuckDB and XGBoost", loaded, bare);
        table.print();
        Figure.of(
                        "fixed cost of a worker (with DuckDB, XGBoost)",
                        "ms of CPU",
                        loaded,
                        "bare JVM",
                        bare,
                        "<= 2000 ms",
                        loaded <= CPU_MILLIS_MAX)
                .tell();
    }

    private static void line(Table table, String name, long millis, long bare) {
        table.row(name, Long.toString(millis), Figure.number((double) millis / bare), "<= " + CPU_MILLIS_MAX);
    }

    private long median(List<String> flags, Class<?> main) throws IOException, InterruptedException {
        LongStream.Builder costs = LongStream.builder();
        for (int i = 0; i < ROUNDS; i++) {
            costs.add(start(flags, main));
        }
        return costs.build().sorted().skip(ROUNDS / 2).findFirst().orElseThrow();
    }

    /** Processor time of one process in milliseconds. */
    private long start(List<String> flags, Class<?> main) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(flags);
        command.addAll(List.of("-cp", classPath(), main.getName()));
        command.addAll(List.of(
                "--server", "http://127.0.0.1:" + server.getAddress().getPort(), "--run", RUN, "--worker", "w"));
        command.addAll(List.of(
                "--dir",
                folder.toString(),
                "--token-file",
                folder.resolve("token").toString()));
        double before = ProcessUse.childrenCpuMillis();
        int exit = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IllegalStateException(
                    main + " ended with " + exit + ": " + Files.readString(folder.resolve("log")));
        }
        return (long) (ProcessUse.childrenCpuMillis() - before);
    }

    /** The worker as it is installed, and behind it this program. */
    private static String classPath() {
        String own = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.matches("(.*/)?bench(/target/classes|-[^/]*[.]jar)/?"))
                .findFirst()
                .orElseThrow();
        return Path.of("target/dist/worker").toAbsolutePath() + "/*" + File.pathSeparator + own;
    }

    /** A server that has one step for each worker. */
    private static final class OneStep {
        private final String work;
        private final AtomicInteger claims = new AtomicInteger();

        OneStep(Path folder) {
            Claim.Work step = new Claim.Work(
                    "nothing",
                    1,
                    "token",
                    "nothing",
                    Json.object(),
                    Map.of(),
                    folder.resolve("1").toString());
            this.work = Json.write(step);
        }

        void answer(HttpExchange exchange) throws IOException {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                boolean claim = exchange.getRequestURI().getPath().endsWith("/claim");
                if (claim && claims.incrementAndGet() % 2 == 1) {
                    byte[] bytes = work.getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, bytes.length);
                    exchange.getResponseBody().write(bytes);
                } else {
                    exchange.sendResponseHeaders(204, -1);
                }
            }
        }
    }

    /** The physical limit: a program that does nothing. */
    static final class Bare {
        private Bare() {}

        public static void main(String[] args) {
            // nothing: the cost is that of the JVM
        }
    }

    /** A worker whose only step does nothing. */
    static final class NothingWorker {
        private NothingWorker() {}

        public static void main(String[] args) {
            WorkerMain.run(List.of(new Nothing()), args);
        }
    }

    private static final class Nothing implements StepHandler {
        @Override
        public String kind() {
            return "nothing";
        }

        @Override
        public StepOutput run(StepInput input) {
            return new StepOutput(Map.of(), Map.of());
        }
    }

    /** A worker whose only step makes the native libraries do a little. */
    static final class NativeWorker {
        private NativeWorker() {}

        public static void main(String[] args) {
            WorkerMain.run(List.of(new Native()), args);
        }
    }

    private static final class Native implements StepHandler {
        private static final int ROWS = 64;

        @Override
        public String kind() {
            return "nothing";
        }

        @Override
        public StepOutput run(StepInput input) {
            try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                    Statement sql = connection.createStatement();
                    ResultSet row = sql.executeQuery("select sum(range) from range(1000)")) {
                row.next();
                float[] values = new float[ROWS];
                float[] labels = new float[ROWS];
                for (int i = 0; i < ROWS; i++) {
                    values[i] = i;
                    labels[i] = i % 2;
                }
                DMatrix matrix = new DMatrix(values, ROWS, 1, Float.NaN);
                matrix.setLabel(labels);
                Booster booster = XGBoost.train(
                        matrix, Map.of("objective", "binary:logistic", "nthread", 1), 1, Map.of(), null, null);
                float score = booster.predict(matrix)[0][0];
                booster.dispose();
                matrix.dispose();
                return new StepOutput(Map.of("score", Json.tree((double) score)), Map.of());
            } catch (SQLException | XGBoostError e) {
                throw new IllegalStateException("a native library does not work", e);
            }
        }
    }
}
