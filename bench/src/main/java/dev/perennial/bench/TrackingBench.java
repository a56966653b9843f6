package dev.perennial.bench;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The tracking server under load, beside MLflow's own server on the same machine in the same run, and beside what the disk and the bare
 * database can do. One loader speaks to both over the wire. Arguments: {@code --only SECTION[,SECTION]} of log, life, search, history,
 * start and rows; {@code --database sqlite|postgresql} (both when not given); {@code --short} (less of all); {@code --alone} (without
 * MLflow); {@code --large}, by hand: only the section rows, with a million runs and a hundred million points on PostgreSQL.
 */
public final class TrackingBench {
    private static final List<String> SECTIONS = List.of("start", "log", "life", "search", "history", "rows");
    private static final List<String> DATABASES = List.of("sqlite", "postgresql");
    private static final int USAGE = 64;

    private TrackingBench() {}

    /**
     * What a section needs.
     *
     * @param python of MLflow's server; empty to go without
     * @param postgres address of an empty database for ours; empty for SQLite
     */
    record Setting(
            Path folder,
            PrintStream out,
            boolean brief,
            boolean large,
            Optional<Path> python,
            Optional<BenchPostgres> postgres) {
        String database() {
            return postgres.isPresent() ? "PostgreSQL" : "SQLite";
        }
    }

    public static void main(String[] arguments) throws IOException, InterruptedException, SQLException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        List<String> words = Arrays.asList(arguments);
        boolean large = words.contains("--large");
        List<String> only = large ? List.of("rows") : valuesOf("--only", words, SECTIONS, out);
        List<String> databases = large ? List.of("postgresql") : valuesOf("--database", words, DATABASES, out);
        boolean brief = words.contains("--short");
        boolean alone = large || words.contains("--alone");
        Optional<Path> python = alone ? Optional.empty() : MlflowPeer.python(out);
        for (String database : databases) {
            Path folder = Files.createTempDirectory("perennial-tracking-bench");
            try (Cluster cluster = Cluster.of(database, folder)) {
                Setting setting = new Setting(folder, out, brief, large, python, cluster.postgres());
                for (String section : only) {
                    if (section.equals("rows") && cluster.postgres().isEmpty()) {
                        continue; // many rows come by COPY
                    }
                    long begin = System.nanoTime();
                    out.println("\n" + section + ", " + setting.database());
                    run(section, setting).print(out);
                    out.println("(" + Math.round((System.nanoTime() - begin) / 1e9) + " s)");
                }
            } finally {
                delete(folder);
            }
        }
    }

    /** A throw-away PostgreSQL, where one is wanted. */
    private record Cluster(Optional<BenchPostgres> postgres) implements AutoCloseable {
        static Cluster of(String database, Path folder) throws IOException, InterruptedException {
            return new Cluster(
                    database.equals("postgresql")
                            ? Optional.of(BenchPostgres.start(folder.resolve("postgresql")))
                            : Optional.empty());
        }

        @Override
        public void close() throws IOException, InterruptedException {
            if (postgres.isPresent()) {
                postgres.get().close();
            }
        }
    }

    private static Comparison run(String section, Setting setting)
            throws IOException, InterruptedException, SQLException {
        return switch (section) {
            case "start" -> new StartSection(setting).run();
            case "log" -> new LogSection(setting).run();
            case "life" -> new LifeSection(setting).run();
            case "search" -> new SearchSection(setting).run();
            case "rows" -> new RowsSection(setting).run();
            default -> new HistorySection(setting).run();
        };
    }

    private static List<String> valuesOf(String option, List<String> words, List<String> known, PrintStream out) {
        int at = words.indexOf(option);
        if (at < 0) {
            return known;
        }
        List<String> values = at + 1 < words.size() ? List.of(words.get(at + 1).split(",")) : List.of("");
        if (!known.containsAll(values)) {
            out.println("bench tracking " + option + " " + String.join("|", known));
            System.exit(USAGE);
        }
        return new ArrayList<>(values);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }
}
