package dev.perennial.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * What a scorer adds to the time of an answer at a fixed rate: windows of an echo, the scorer and the scorer with a shadow in turn. What is
 * told are ratios of windows that lie beside each other, their median and its interval by resampling rounds.
 */
final class LatencyDuel {
    private static final int RATE = 5_000;
    private static final int WINDOW_SECONDS = 2;
    private static final int ROUNDS = 30;
    private static final int BRIEF_ROUNDS = 8;
    private static final int WARM_UPS = 5;
    private static final int REPLICATES = 2_000;
    private static final double GOAL = 1.15;

    private final ServingSetting setting;

    LatencyDuel(ServingSetting setting) {
        this.setting = setting;
    }

    void run() throws IOException, InterruptedException {
        Path folder = setting.folder("latency");
        Path body = folder.resolve("body");
        Files.write(body, new ServingRequests(1, 1).records().body());
        String path = "/endpoints/" + ServingSetting.MODEL + "/predict";
        try (MeasuredServer echo = setting.echo();
                BenchScorer plain = new BenchScorer(folder.resolve("plain"), List.of(setting.alone()));
                BenchScorer shadowed = new BenchScorer(folder.resolve("shadowed"), List.of(setting.shadowed()))) {
            List<Integer> ports = List.of(
                    echo.port(), plain.server().port(), shadowed.server().port());
            windows(WARM_UPS, ports, path, body);
            double[][][] windows = windows(setting.brief() ? BRIEF_ROUNDS : ROUNDS, ports, path, body);
            Table table = new Table(
                    "open loop, " + RATE + " requests a second, " + windows.length + " rounds of windows of "
                            + WINDOW_SECONDS + " s",
                    "p50 us, median",
                    "p99 us, median");
            List<String> names = List.of("echo", "scorer", "scorer with a shadow");
            for (int t = 0; t < names.size(); t++) {
                int target = t;
                table.row(
                        names.get(t),
                        Figure.number(median(Arrays.stream(windows).mapToDouble(round -> round[target][0]))),
                        Figure.number(median(Arrays.stream(windows).mapToDouble(round -> round[target][1]))));
            }
            table.print();
            tell("p99 of the scorer to the echo's", windows, 1, 0);
            tell("p99 with a shadow to without", windows, 2, 1);
        }
    }

    private static void tell(String what, double[][][] windows, int over, int under) {
        double[] ratios = Arrays.stream(windows)
                .mapToDouble(round -> round[over][1] / round[under][1])
                .toArray();
        double median = median(Arrays.stream(ratios));
        double[] medians = new double[REPLICATES];
        Random random = new Random(1);
        for (int i = 0; i < REPLICATES; i++) {
            medians[i] = median(random.ints(ratios.length, 0, ratios.length).mapToDouble(at -> ratios[at]));
        }
        Arrays.sort(medians);
        new Figure(
                        what,
                        Figure.number(median),
                        "",
                        String.format(
                                Locale.ROOT,
                                "95 %%: %.2f to %.2f",
                                medians[(int) (REPLICATES * 0.025)],
                                medians[(int) (REPLICATES * 0.975)]),
                        "goal 1.15",
                        median <= GOAL)
                .tell();
    }

    private static double median(java.util.stream.DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** By round and target: p50 and p99 in microseconds. */
    private static double[][][] windows(int rounds, List<Integer> ports, String path, Path body)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "taskset",
                "-c",
                MeasuredServer.LOAD_CORE,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                OpenLoop.class.getName(),
                Integer.toString(RATE),
                Integer.toString(WINDOW_SECONDS),
                Integer.toString(rounds)));
        ports.forEach(port -> command.addAll(List.of(Integer.toString(port), path, body.toString())));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines = process.inputReader().readAllLines();
        if (process.waitFor() != 0 || lines.size() != rounds * ports.size()) {
            throw new IllegalStateException("the load failed: " + lines);
        }
        double[][][] windows = new double[rounds][ports.size()][];
        for (int i = 0; i < lines.size(); i++) {
            String[] cells = lines.get(i).split(" ");
            windows[i / ports.size()][Integer.parseInt(cells[0])] =
                    new double[] {Double.parseDouble(cells[2]), Double.parseDouble(cells[3])};
        }
        return windows;
    }
}
