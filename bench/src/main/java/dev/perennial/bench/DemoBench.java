package dev.perennial.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.cli.ServerProcess;
import dev.perennial.client.ClientException;
import dev.perennial.client.PerennialClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Where the processor time of the demo goes: plays it whole and looks at every process that names its data directory, ten times a second.
 * What a process used after the last look is not seen. The limit beside the story's time is the time of all cores. Linux only. With
 * {@code --short} nothing is played.
 */
public final class DemoBench {
    private static final double WALL_SECONDS_MAX = 240;
    private static final double MEBIBYTES_MAX = 2_048;
    private static final long LOOK_MILLIS = 100;
    private static final int RUNS_SHOWN = 20;
    private static final int EVER_RUNS = 200;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Path data;
    private final Map<String, String> pipelines = new TreeMap<>();
    private final Map<Long, Seen> processes = new TreeMap<>();
    private double peakMebibytes;

    /** What one process has used so far. */
    private record Seen(String part, double seconds, double mebibytes) {}

    private DemoBench(Path data) {
        this.data = data;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (Arrays.asList(arguments).contains("--short")) {
            return;
        }
        Path data = Files.createTempDirectory("perennial-demo-bench");
        try {
            new DemoBench(data).play();
        } finally {
            try (Stream<Path> files = Files.walk(data)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }

    private void play() throws IOException, InterruptedException {
        long began = System.nanoTime();
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.perennial.cli.Main",
                "demo",
                "--exit",
                "--port",
                "0",
                "--data-dir",
                data.toString());
        builder.environment()
                .put("PERENNIAL_DIST", Path.of("target/dist").toAbsolutePath().toString());
        Process demo = builder.redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        while (demo.isAlive()) {
            look();
            Thread.sleep(LOOK_MILLIS);
        }
        report((System.nanoTime() - began) / 1e9, demo.exitValue());
    }

    private void report(double wall, int exit) {
        Map<String, double[]> parts = new TreeMap<>();
        processes.values().forEach(seen -> {
            double[] sum = parts.computeIfAbsent(seen.part(), _ -> new double[2]);
            sum[0] += seen.seconds();
            sum[1]++;
        });
        double cpu = processes.values().stream().mapToDouble(Seen::seconds).sum();
        Table table = new Table("part of the demo", "processes", "CPU s", "share");
        parts.entrySet().stream()
                .sorted(Comparator.comparingDouble(part -> -part.getValue()[0]))
                .forEach(part -> table.row(
                        part.getKey(),
                        Integer.toString((int) part.getValue()[1]),
                        Figure.number(part.getValue()[0]),
                        Figure.number(100 * part.getValue()[0] / cpu) + " %"));
        table.row("all", Integer.toString(processes.size()), Figure.number(cpu), "100 %");
        table.print();
        int cores = Runtime.getRuntime().availableProcessors();
        new Figure(
                        "demo, start to end, every claim held",
                        Figure.number(wall) + " s",
                        cores + " cores for that time: " + Figure.number(cores * wall) + " s; used: "
                                + Figure.number(cpu) + " s",
                        Figure.number(cpu / (cores * wall)),
                        "<= 240 s",
                        wall <= WALL_SECONDS_MAX && exit == 0)
                .tell();
        new Figure(
                        "demo, resident memory of all processes, peak",
                        Figure.number(peakMebibytes) + " MiB",
                        "",
                        "",
                        "<= 2048 MiB of heap",
                        peakMebibytes <= MEBIBYTES_MAX)
                .tell();
    }

    /** One look at every process of the demo. */
    private void look() throws IOException {
        double mebibytes = 0;
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            for (ProcessHandle process : (Iterable<ProcessHandle>) all::iterator) {
                Optional<Seen> seen = seen(process.pid());
                if (seen.isPresent()) {
                    processes.put(process.pid(), seen.get());
                    mebibytes += seen.get().mebibytes();
                }
            }
        }
        peakMebibytes = Math.max(peakMebibytes, mebibytes);
    }

    private Optional<Seen> seen(long pid) {
        try {
            List<String> line = List.of(Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"))
                    .split("\0"));
            if (line.stream().noneMatch(word -> word.contains(data.toString()))) {
                return Optional.empty();
            }
            return Optional.of(new Seen(part(line), ProcessUse.cpuMillis(pid) / 1_000, ProcessUse.mebibytes(pid)));
        } catch (IOException e) {
            return Optional.empty(); // it ended while we looked
        }
    }

    private String part(List<String> line) {
        int run = line.indexOf("--run");
        if (run > 0) {
            return "worker: " + pipeline(line.get(run + 1));
        }
        if (line.stream().anyMatch(word -> word.endsWith("ScorerMain"))) {
            return "scorer";
        }
        return line.stream().anyMatch(word -> word.endsWith("quarkus-run.jar")) ? "server" : "command line, narration";
    }

    /** The pipeline of a run, asked of the server once for each run. */
    private String pipeline(String run) {
        if (!pipelines.containsKey(run)) {
            try {
                ServerProcess.running(data)
                        .map(server -> PerennialClient.of(server.url(), "bench", PATIENCE))
                        .ifPresent(client -> client.runs(Map.of("limit", RUNS_SHOWN), EVER_RUNS)
                                .forEach((JsonNode item) -> pipelines.put(
                                        item.path("run").asText(),
                                        item.path("pipeline").asText())));
            } catch (ClientException e) {
                return "unknown"; // the story kills the server now and then; the next look asks again
            }
        }
        return pipelines.getOrDefault(run, "unknown");
    }
}
