package dev.perennial.bench;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs every benchmark, each in a process of its own and one after the other, and ends with one table, which is also left in {@code
 * target/bench.md}. Run from the root of the checkout. Arguments: {@code --short}, and names of benchmarks (all when none is named); or
 * {@code tracking} or {@code serving} and what {@link TrackingBench} or {@link ServingBench} take. Exit codes: 0 all ran, 1 one broke, 64 an unknown name.
 */
public final class BenchMain {
    private static final List<String> ALL = List.of(
            "TreeBench",
            "DriftBench",
            "ServingBench",
            "LogBatchBench",
            "SearchBench",
            "TrackingBench",
            "WorkerBench",
            "ScoreBench",
            "StartBench",
            "DemoBench");
    private static final int USAGE = 64;

    private final PrintStream out;
    private final boolean brief;
    private final Path figures;
    private final List<String> broken = new ArrayList<>();

    private BenchMain(PrintStream out, boolean brief, Path figures) {
        this.out = out;
        this.brief = brief;
        this.figures = figures;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        List<String> words = Arrays.asList(arguments);
        if (words.contains("tracking")) {
            alone(out, "tracking", "TrackingBench", words);
        }
        if (words.contains("serving")) {
            alone(out, "serving", "ServingBench", words);
        }
        List<String> named =
                words.stream().filter(word -> !word.equals("--short")).toList();
        if (!ALL.containsAll(named)) {
            out.println("perennial bench [--short] [" + String.join(" ", ALL) + "]");
            out.println(
                    "perennial bench tracking [--short] [--alone] [--large] [--only log,life,search,history,start,rows]"
                            + " [--database sqlite|postgresql]");
            out.println(ServingBench.usage());
            out.println(
                    "TreeBench prints our evaluator beside XGBoost and ONNX Runtime, and the heap of 200 loaded models;"
                            + " --short leaves out its forest of 1,000 trees");
            System.exit(USAGE);
        }
        Path figures = Files.createTempFile("bench", ".tsv");
        Files.delete(figures);
        BenchMain bench = new BenchMain(out, words.contains("--short"), figures);
        for (String name : named.isEmpty() ? ALL : named) {
            bench.run(name, bench.brief ? List.of("--short") : List.of());
        }
        bench.report();
        Files.deleteIfExists(figures);
        System.exit(bench.broken.isEmpty() ? 0 : 1);
    }

    /** Runs one benchmark with arguments of its own, and ends. */
    private static void alone(PrintStream out, String word, String name, List<String> words)
            throws IOException, InterruptedException {
        Path figures = Files.createTempFile("bench", ".tsv");
        BenchMain bench = new BenchMain(out, false, figures);
        bench.run(name, words.stream().filter(other -> !other.equals(word)).toList());
        if (Files.size(figures) > 0 || !bench.broken.isEmpty()) {
            bench.report();
        }
        Files.delete(figures);
        System.exit(bench.broken.isEmpty() ? 0 : 1);
    }

    private void run(String name, List<String> more) throws IOException, InterruptedException {
        if (BenchMain.class.getResource(name + ".class") == null) {
            return;
        }
        out.println("\n--- " + name);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx1g",
                "--enable-native-access=ALL-UNNAMED",
                "-D" + Figure.GATHERED + "=" + figures,
                BenchMain.class.getPackageName() + "." + name));
        command.addAll(more);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true) // why it broke belongs to what it printed
                .redirectOutput(ProcessBuilder.Redirect.INHERIT);
        // not in the command: ONNX Runtime 1.29 runs a recursive expression over its process's command line and dies of
        // a long one
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        int code = builder.start().waitFor();
        if (code == USAGE) {
            System.exit(USAGE);
        }
        if (code != 0) {
            out.println("--- " + name + " ended with exit code " + code);
            broken.add(name);
        }
    }

    private void report() throws IOException {
        Table table = new Table("figure", "measured", "limit in the same run", "ratio", "goal", "reached");
        for (Figure figure : Figure.read(figures)) {
            table.row(
                    figure.name(),
                    figure.measured(),
                    figure.limit(),
                    figure.ratio(),
                    figure.goal(),
                    figure.reached() ? "yes" : "NO");
        }
        broken.forEach(name -> table.row(name, "broke", "", "", "", "NO"));
        String text = machine() + "\n\n" + table.text();
        out.println();
        out.print(text);
        Files.createDirectories(Path.of("target"));
        Files.writeString(Path.of("target/bench.md"), text);
    }

    private static String machine() throws IOException {
        Path information = Path.of("/proc/cpuinfo");
        String processor = Files.isReadable(information)
                ? Files.readAllLines(information).stream()
                        .filter(line -> line.startsWith("model name"))
                        .map(line -> line.substring(line.indexOf(':') + 1).strip())
                        .findFirst()
                        .orElse(System.getProperty("os.arch"))
                : System.getProperty("os.arch");
        return Runtime.getRuntime().availableProcessors() + " cores of " + processor + ", "
                + System.getProperty("os.name") + ", Java " + Runtime.version();
    }
}
