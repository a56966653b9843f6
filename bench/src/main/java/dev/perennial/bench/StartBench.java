package dev.perennial.bench;

import dev.perennial.cli.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Second start of an installation: CPU until server and scorer are ready, and what both hold in memory after a minute without work. The
 * limit beside it is a JVM that does nothing. Cost model: class loading and static initialisers; no migration runs the second time. Needs
 * the built distribution. Argument: seconds without work (60).
 */
public final class StartBench {
    private static final double TICKS_A_SECOND = 100;
    private static final int ROUNDS = 3;
    private static final int WAITS = 1000;
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

    private final HttpClient http = HttpClient.newHttpClient();
    private final Path data;

    private StartBench(Path data) {
        this.data = data;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int idle = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 60;
        Path data = Files.createTempDirectory("perennial-start-bench");
        try {
            new StartBench(data).run(idle);
        } finally {
            try (Stream<Path> all = Files.walk(data)) {
                all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
            }
        }
    }

    private void run(int idle) throws IOException, InterruptedException {
        start().stop(ServerProcess.STOP_GRACE);
        double server = Double.MAX_VALUE;
        double scorer = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            ServerProcess process = start();
            server = Math.min(server, cpuSeconds(process.pid()));
            scorer = Math.min(scorer, cpuSeconds(awaitScorer()));
            if (round == ROUNDS - 1) {
                report(server, scorer, process.pid(), idle);
            }
            process.stop(ServerProcess.STOP_GRACE);
        }
    }

    private void report(double server, double scorer, long pid, int idle) throws IOException, InterruptedException {
        Table table = new Table("second start", "CPU s until ready", "limit", "MiB resident after " + idle + " s idle");
        Thread.sleep(Duration.ofSeconds(idle));
        long serverMemory = resident(pid);
        long scorerMemory = resident(scorerPid());
        table.row("a JVM that does nothing", seconds(bare()), "", "");
        table.row("server", seconds(server), "1.5", Long.toString(serverMemory));
        table.row("scorer", seconds(scorer), "0.6", Long.toString(scorerMemory));
        table.row("both", seconds(server + scorer), "300 MB", Long.toString(serverMemory + scorerMemory));
        table.print();
    }

    private ServerProcess start() {
        ServerProcess process = ServerProcess.start(new ServerProcess.Launch(
                Path.of("target/dist").toAbsolutePath(), data, 0, Map.of(), ServerProcess.Launch.JVM_OPTIONS));
        process.awaitReady(ServerProcess.READY_DEADLINE);
        return process;
    }

    private long awaitScorer() throws IOException, InterruptedException {
        for (int i = 0; i < WAITS; i++) {
            if (Files.exists(scorer("pid")) && Files.exists(scorer("port")) && answers(Files.readString(scorer("port")))) {
                return scorerPid();
            }
            Thread.sleep(20);
        }
        throw new IllegalStateException("the scorer is not ready; see " + scorer("log"));
    }

    private boolean answers(String port) throws InterruptedException {
        try {
            URI health = URI.create("http://127.0.0.1:" + port.strip() + "/healthz");
            return http.send(HttpRequest.newBuilder(health).build(), HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false; // not listening yet
        }
    }

    private Path scorer(String file) {
        return data.resolve("scorer").resolve("local-1").resolve(file);
    }

    private long scorerPid() throws IOException {
        return Long.parseLong(Files.readString(scorer("pid")).split(" ")[0]);
    }

    private double bare() throws IOException, InterruptedException {
        Path stat = Path.of("/proc/self/stat");
        double before = children(stat);
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                WorkerBench.Bare.class.getName());
        new ProcessBuilder(command).start().waitFor();
        return children(stat) - before;
    }

    private static double cpuSeconds(long pid) throws IOException {
        return ticks(Path.of("/proc", Long.toString(pid), "stat"), 11);
    }

    private static double children(Path stat) throws IOException {
        return ticks(stat, 13);
    }

    private static double ticks(Path stat, int first) throws IOException {
        String text = Files.readString(stat);
        String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[first]) + Long.parseLong(fields[first + 1])) / TICKS_A_SECOND;
    }

    private static long resident(long pid) throws IOException {
        Matcher matcher = RESIDENT.matcher(Files.readString(Path.of("/proc", Long.toString(pid), "status")));
        return matcher.find() ? Long.parseLong(matcher.group(1)) / 1024 : -1;
    }

    private static String seconds(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
