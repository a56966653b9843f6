package dev.perennial.bench;

import ai.onnxruntime.OrtException;
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
import java.util.Set;
import java.util.TreeSet;
import ml.dmlc.xgboost4j.java.XGBoostError;

/**
 * What answering costs, beside the least that the same library can do and beside other model servers, in one run: servers on the first
 * core, load on the second. Needs the built installation, wrk and taskset. Arguments: {@code --short}, {@code --only} and sections.
 */
public final class ServingBench {
    private static final List<String> SECTIONS = List.of("row", "grpc", "batch", "latency", "peers", "soak");
    /** Runs for ten minutes; only when it is named. */
    private static final String BY_NAME = "soak";

    private static final int USAGE = 64;

    private ServingBench() {}

    public static void main(String[] arguments) throws IOException, InterruptedException, XGBoostError, OrtException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        List<String> words = new ArrayList<>(Arrays.asList(arguments));
        boolean brief = words.remove("--short");
        Set<String> sections = new TreeSet<>(SECTIONS);
        sections.remove(BY_NAME);
        if (!words.isEmpty()) {
            sections = words.size() == 2 && words.getFirst().equals("--only")
                    ? new TreeSet<>(List.of(words.get(1).split(",")))
                    : Set.of("?");
        }
        if (!SECTIONS.containsAll(sections)) {
            out.println("perennial bench serving [--short] [--only " + String.join(",", SECTIONS) + "]");
            System.exit(USAGE);
        }
        Path folder = Files.createTempDirectory("serving-bench");
        try (TreePeers trees = new TreePeers(100, 6, 1)) {
            ServingSetting setting = new ServingSetting(folder, trees, out, brief);
            for (String section : SECTIONS) {
                if (sections.contains(section)) {
                    run(section, setting);
                }
            }
        }
    }

    private static void run(String section, ServingSetting setting)
            throws IOException, InterruptedException, XGBoostError {
        switch (section) {
            case "row" -> new RowDuel(setting).run();
            case "grpc" -> new GrpcDuel(setting).run();
            case "batch" -> new BatchDuel(setting).run();
            case "latency" -> new LatencyDuel(setting).run();
            case "peers" -> new PeerDuel(setting).run();
            default -> new Soak(setting).run();
        }
    }
}
