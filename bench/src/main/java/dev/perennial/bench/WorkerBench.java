package dev.perennial.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.perennial.kernel.Json;
import dev.perennial.pipelines.WorkerProtocol.Claim;
import dev.perennial.worker.StepHandler;
import dev.perennial.worker.WorkerMain;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Fixed cost of a worker process: start, take one step that does nothing, report it, be sent home. The limit beside it is a JVM with the
 * same flags whose main method is empty. Cost model: class loading dominates; an AOT cache halves it. Processor time, not wall time:
 * user and system time of ended children in {@code /proc/self/stat}.
 */
public final class WorkerBench {
    /** What the product promises. */
    private static final long CPU_MILLIS_MAX = 2_000;

    private static final int ROUNDS = 7;
    private static final int MILLIS_PER_TICK = 10;
    private static final int CHILD_USER_TIME_AFTER_NAME = 13;
    private static final String RUN = "00000000-0000-7000-8000-000000000001";
    private static final List<String> FLAGS =
            List.of("-XX:+UseSerialGC", "-Xmx256m", "--enable-native-access=ALL-UNNAMED");

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
        try (PrintStream out =
                new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8)) {
            bench.report(out);
        } finally {
            bench.server.stop(0);
            try (Stream<Path> all = Files.walk(folder)) {
                all.sorted(Comparator.reverseOrder())
                        .forEach(path -> path.toFile().delete());
            }
        }
    }

    private void report(PrintStream out) throws IOException, InterruptedException {
        long bare = median(List.of(), Bare.class);
        long worker = median(List.of(), NothingWorker.class);
        out.printf("%-32s %8s %10s %8s%n", "fixed cost of a process", "CPU ms", "x bare JVM", "limit");
        out.printf("%-32s %8d %10.1f %8s%n", "bare JVM", bare, 1.0, "");
        line(out, "worker, one empty step", worker, bare);
        if (onlyJars()) {
            String cache = folder.resolve("worker.aot").toString();
            start(List.of("-XX:AOTCacheOutput=" + cache), NothingWorker.class);
            line(
                    out,
                    "the same with an AOT cache",
                    median(List.of("-XX:AOTCache=" + cache), NothingWorker.class),
                    bare);
        } else {
            out.println("AOT cache not measured: it needs a class path of jars, as the distribution has");
        }
    }

    private static boolean onlyJars() {
        String[] entries = System.getProperty("java.class.path").split(File.pathSeparator);
        return Arrays.stream(entries).noneMatch(entry -> Files.isDirectory(Path.of(entry)));
    }

    private static void line(PrintStream out, String name, long millis, long bare) {
        String verdict = millis <= CPU_MILLIS_MAX ? "ok" : "MISSED";
        out.printf("%-32s %8d %10.1f %8d %s%n", name, millis, (double) millis / bare, CPU_MILLIS_MAX, verdict);
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
        command.addAll(FLAGS);
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(
                "--server", "http://127.0.0.1:" + server.getAddress().getPort(), "--run", RUN, "--worker", "w"));
        command.addAll(List.of(
                "--dir",
                folder.toString(),
                "--token-file",
                folder.resolve("token").toString()));
        long before = childrenCpuMillis();
        int exit = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IllegalStateException(
                    main + " ended with " + exit + ": " + Files.readString(folder.resolve("log")));
        }
        return childrenCpuMillis() - before;
    }

    private static long childrenCpuMillis() throws IOException {
        String text = Files.readString(Path.of("/proc/self/stat"));
        String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
        return MILLIS_PER_TICK
                * (Long.parseLong(fields[CHILD_USER_TIME_AFTER_NAME])
                        + Long.parseLong(fields[CHILD_USER_TIME_AFTER_NAME + 1]));
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
}
