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
import java.util.Locale;
import java.util.stream.Collectors;
import ml.dmlc.xgboost4j.java.XGBoostError;

/**
 * What answering costs, beside the least that the same library can do and beside other model servers, in one run: servers on the first
 * core, load on the second. Needs the built installation, wrk and taskset. Arguments: {@code --short}, {@code --long} for the sections of
 * many minutes too, {@code --only} and sections. A section that breaks tells why and the others go on. Exit codes: 0 all ran, 1 one broke,
 * 64 an unknown word.
 */
public final class ServingBench {
    private static final int USAGE = 64;

    private ServingBench() {}

    /** The sections, in their order. */
    private enum Section {
        ROW(false, setting -> new RowDuel(setting).run()),
        GRPC(false, setting -> new GrpcDuel(setting).run()),
        BATCH(false, setting -> new BatchDuel(setting).run()),
        ROLLBACK(false, setting -> new Rollbacks(setting).run()),
        LATENCY(false, setting -> new LatencyDuel(setting).run()),
        PEERS(false, setting -> new PeerDuel(setting).run()),
        /** Ten minutes of full load. */
        SOAK(true, setting -> new Soak(setting).run());

        private final boolean slow;
        private final Work work;

        Section(boolean slow, Work work) {
            this.slow = slow;
            this.work = work;
        }

        private interface Work {
            void run(ServingSetting setting) throws IOException, InterruptedException, XGBoostError;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static List<String> words() {
            return Arrays.stream(values()).map(Section::word).toList();
        }
    }

    /** How it is called. */
    static String usage() {
        String slow = Arrays.stream(Section.values())
                .filter(section -> section.slow)
                .map(Section::word)
                .collect(Collectors.joining(", "));
        return "perennial bench serving [--short] [--long] [--only " + String.join(",", Section.words()) + "]; " + slow
                + ": only when named, or with --long";
    }

    public static void main(String[] arguments) throws IOException, InterruptedException, XGBoostError, OrtException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        List<String> words = new ArrayList<>(Arrays.asList(arguments));
        boolean brief = words.remove("--short");
        boolean all = words.remove("--long");
        List<String> only = words.size() == 2 && words.getFirst().equals("--only")
                ? List.of(words.get(1).split(","))
                : List.of();
        if (words.isEmpty() != only.isEmpty() || !Section.words().containsAll(only)) {
            out.println(usage());
            System.exit(USAGE);
        }
        Path folder = Files.createTempDirectory("serving-bench");
        List<String> broken = new ArrayList<>();
        try (TreePeers trees = new TreePeers(100, 6, 1)) {
            ServingSetting setting = new ServingSetting(folder, trees, out, brief);
            for (Section section : Section.values()) {
                boolean wanted = only.isEmpty() ? all || !section.slow : only.contains(section.word());
                if (wanted && !ran(section, setting)) {
                    broken.add(section.word());
                }
            }
        }
        if (!broken.isEmpty()) {
            out.println("broke: " + String.join(", ", broken) + "; logs are below " + folder);
            System.exit(1);
        }
    }

    private static boolean ran(Section section, ServingSetting setting) throws InterruptedException {
        setting.out().println("\n" + section.word());
        try {
            section.work.run(setting);
            return true;
        } catch (IOException | XGBoostError | RuntimeException e) { // told, and the other sections go on
            setting.out().println("section " + section.word() + " broke: " + e);
            e.printStackTrace(setting.out());
            return false;
        }
    }
}
