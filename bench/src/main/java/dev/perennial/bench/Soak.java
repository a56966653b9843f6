package dev.perennial.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Full load of rows and batches in turn for ten minutes: memory of the process and what is alive on its heap, minute after minute. */
final class Soak {
    private static final int MINUTES = 10;
    private static final int MINUTE = 60;
    private static final int WARM_MINUTES = 2;
    /** In a minute. */
    private static final double GROWTH_MAX = 0.01;

    private static final Pattern USED = Pattern.compile("used (\\d+)K");

    private final ServingSetting setting;

    Soak(ServingSetting setting) {
        this.setting = setting;
    }

    void run() throws IOException, InterruptedException {
        Path folder = setting.folder("soak");
        String path = "/v2/models/" + ServingSetting.MODEL + "/infer";
        Path rows = setting.script(folder, "rows", path, ServingRequests::columns);
        Path batches = ServingRequests.script(folder, "batches", path, List.of(new ServingRequests(1_000, 1).binary()));
        double[] resident = new double[MINUTES];
        double[] alive = new double[MINUTES];
        try (BenchScorer scorer = new BenchScorer(folder.resolve("scorer"), List.of(setting.split()))) {
            setting.out()
                    .println(
                            "| full load | rows, requests a second | batches | MiB resident | MiB alive on the heap |");
            setting.out().println("| --- | --- | --- | --- | --- |");
            for (int minute = 0; minute < MINUTES; minute++) {
                MeasuredServer.Load first = scorer.server().load(rows, path, MINUTE / 2);
                MeasuredServer.Load second = scorer.server().load(batches, path, MINUTE / 2);
                resident[minute] = scorer.server().mebibytes();
                alive[minute] = alive(scorer.server().pid());
                setting.out()
                        .println("| minute " + (minute + 1) + " | " + Figure.number(first.requestsASecond()) + " | "
                                + Figure.number(second.requestsASecond()) + " | " + Figure.number(resident[minute])
                                + " | " + Figure.number(alive[minute]) + " |");
            }
        }
        tell("resident memory in ten minutes of full load", resident);
        tell("live heap in ten minutes of full load", alive);
    }

    /** What it grows in a minute once it is warm, by least squares. */
    private static void tell(String what, double[] mebibytes) {
        double[] warm = Arrays.copyOfRange(mebibytes, WARM_MINUTES, mebibytes.length);
        double middle = (warm.length - 1) / 2.0;
        double mean = Arrays.stream(warm).average().orElse(0);
        double both = 0;
        double square = 0;
        for (int i = 0; i < warm.length; i++) {
            both += (i - middle) * (warm[i] - mean);
            square += (i - middle) * (i - middle);
        }
        double slope = both / square;
        new Figure(
                        what,
                        Figure.number(warm[warm.length - 1]) + " MiB",
                        "after " + (WARM_MINUTES + 1) + " minutes: " + Figure.number(warm[0]) + " MiB",
                        String.format(Locale.ROOT, "%+.2f MiB a minute", slope),
                        "flat: below 1 % a minute",
                        slope <= GROWTH_MAX * mean)
                .tell();
    }

    /** What is left on the heap after a collection. */
    private static double alive(long pid) throws IOException, InterruptedException {
        jcmd(pid, "GC.run");
        double sum = 0;
        for (String line : jcmd(pid, "GC.heap_info").lines().toList()) {
            Matcher used = USED.matcher(line);
            if (line.contains(" total ") && used.find()) {
                sum += Double.parseDouble(used.group(1)) / 1_024;
            }
        }
        return sum;
    }

    private static String jcmd(long pid, String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(pid), command)
                .redirectErrorStream(true)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        process.waitFor();
        return out;
    }
}
