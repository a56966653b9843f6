package dev.perennial.bench;

import dev.perennial.cli.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a second start of the built installation costs: processor time of the server until it is ready and of its scorer until it rests,
 * and the memory of both after a minute without work. The limit beside it is a JVM with the server's flags whose main method is empty.
 * Arguments: {@code --short} (ten seconds of rest instead of sixty).
 */
public final class StartBench {
    private static final double SERVER_MILLIS_MAX = 1_500;
    private static final double SCORER_MILLIS_MAX = 600;
    private static final double MEBIBYTES_MAX = 300;
    private static final int STARTS = 3;
    private static final long SETTLE_MILLIS = 4_000;
    private static final Duration REST = Duration.ofSeconds(60);
    private static final Duration BRIEF_REST = Duration.ofSeconds(10);

    private StartBench() {}

    /** What one start showed, in milliseconds and mebibytes. */
    private record Start(double server, double scorer, double serverMemory, double scorerMemory) {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        boolean brief = Arrays.asList(arguments).contains("--short");
        Path data = Files.createTempDirectory("perennial-start-bench");
        try {
            start(data, Duration.ZERO); // makes the database and unpacks native libraries
            double bare = bare();
            Start best = start(data, Duration.ZERO);
            for (int i = 2; i < STARTS; i++) {
                Start other = start(data, Duration.ZERO);
                best = new Start(
                        Math.min(best.server(), other.server()), Math.min(best.scorer(), other.scorer()), 0, 0);
            }
            Start rested = start(data, brief ? BRIEF_REST : REST);
            report(best, rested, bare, (brief ? BRIEF_REST : REST).toSeconds());
        } finally {
            try (Stream<Path> files = Files.walk(data)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }

    private static void report(Start best, Start rested, double bare, long seconds) {
        double server = Math.min(best.server(), rested.server());
        double scorer = Math.min(best.scorer(), rested.scorer());
        double memory = rested.serverMemory() + rested.scorerMemory();
        Table table = new Table("second start, best of " + STARTS, "CPU ms", "MiB after " + seconds + " s of rest");
        table.row("bare JVM", Figure.number(bare), "");
        table.row("server until ready", Figure.number(server), Figure.number(rested.serverMemory()));
        table.row("scorer until it rests", Figure.number(scorer), Figure.number(rested.scorerMemory()));
        table.print();
        Figure.of(
                        "second start, server ready",
                        "ms of CPU",
                        server,
                        "bare JVM",
                        bare,
                        "<= 1500 ms",
                        server <= SERVER_MILLIS_MAX)
                .tell();
        Figure.of(
                        "second start, scorer",
                        "ms of CPU",
                        scorer,
                        "bare JVM",
                        bare,
                        "<= 600 ms",
                        scorer <= SCORER_MILLIS_MAX)
                .tell();
        new Figure(
                        "server and scorer, idle " + seconds + " s",
                        Figure.number(memory) + " MiB",
                        "",
                        "",
                        "<= 300 MiB",
                        memory <= MEBIBYTES_MAX)
                .tell();
    }

    private static Start start(Path data, Duration rest) throws IOException, InterruptedException {
        ServerProcess server = ServerProcess.start(
                ServerProcess.Launch.of(Path.of("target/dist").toAbsolutePath(), data, 0));
        try {
            server.awaitReady(ServerProcess.READY_DEADLINE);
            double ready = ProcessUse.cpuMillis(server.pid());
            Thread.sleep(SETTLE_MILLIS);
            long scorer = Long.parseLong(
                    Files.readString(data.resolve("scorer/local-1/pid")).split(" ")[0]);
            double scorerReady = ProcessUse.cpuMillis(scorer);
            Thread.sleep(rest);
            return new Start(ready, scorerReady, ProcessUse.mebibytes(server.pid()), ProcessUse.mebibytes(scorer));
        } finally {
            server.stop(ServerProcess.STOP_GRACE);
        }
    }

    private static double bare() throws IOException, InterruptedException {
        double best = Double.MAX_VALUE;
        for (int i = 0; i < STARTS; i++) {
            List<String> command = new java.util.ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString()));
            command.addAll(ServerProcess.Launch.JVM_OPTIONS);
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), WorkerBench.Bare.class.getName()));
            double before = ProcessUse.childrenCpuMillis();
            new ProcessBuilder(command).inheritIO().start().waitFor();
            best = Math.min(best, ProcessUse.childrenCpuMillis() - before);
        }
        return best;
    }
}
