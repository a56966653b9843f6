package dev.perennial.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.Program;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.worker.StepHandler.StepInput;
import dev.perennial.worker.data.DuckDb;
import dev.perennial.worker.data.Sql;
import dev.perennial.worker.scoring.ScoreStep;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import ml.dmlc.xgboost4j.java.XGBoostError;

/**
 * Scores files of 21 columns with 100 trees in a worker's JVM, from its start to the finished result, beside what DuckDB needs to read the
 * same file and to write it again in a JVM of the same flags. Cost model: the input is read four times (digest, scores, result, digest) and
 * written once; reading text and the trees share most of the rest. Processor time of the whole process.
 */
public final class ScoreBench {
    private static final int ROWS = 500_000;
    private static final int ROWS_SHORT = 100_000;
    private static final int WIDTH = 21;
    private static final int ROUNDS = 3;

    private final Path folder;
    private final int rows;
    private final Table table = new Table("file", "rows/s of one core", "us of CPU a row", "DuckDB copies it", "ratio");

    private ScoreBench(Path folder, int rows) {
        this.folder = folder;
        this.rows = rows;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException, XGBoostError {
        Path folder = Files.createTempDirectory("perennial-score-bench").toRealPath();
        try {
            new ScoreBench(folder, List.of(arguments).contains("--short") ? ROWS_SHORT : ROWS).run();
        } finally {
            try (Stream<Path> all = Files.walk(folder)) {
                all.sorted(Comparator.reverseOrder())
                        .forEach(path -> path.toFile().delete());
            }
        }
    }

    private void run() throws IOException, InterruptedException, XGBoostError {
        try (BenchModel model = new BenchModel(1)) {
            Files.write(folder.resolve("manifest"), model.manifest().toJson());
            Files.write(folder.resolve("model"), model.file());
            write(model);
        }
        for (String kind : List.of("csv", "jsonl", "parquet")) {
            double best = Double.MAX_VALUE;
            double limit = Double.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                best = Math.min(best, micros(Score.class, kind));
                limit = Math.min(limit, micros(Copy.class, kind));
            }
            table.row(
                    kind,
                    Figure.number(1e6 / best),
                    Figure.number(best),
                    Figure.number(limit) + " us",
                    Figure.number(best / limit));
            Figure.of("scoring a file, " + kind, "us of CPU a row", best, "DuckDB copies it", limit, "printed", true)
                    .tell();
        }
        table.print();
    }

    /** The same rows in every form. */
    private void write(BenchModel model) throws IOException {
        Path csv = folder.resolve("in.csv");
        List<String> types = new ArrayList<>();
        try (var out = Files.newBufferedWriter(csv, StandardCharsets.UTF_8)) {
            List<String> names = model.manifest().signature().columns().stream()
                    .map(column -> column.name())
                    .toList();
            out.write(String.join(",", names) + "\n");
            for (int column = 0; column < WIDTH; column++) {
                types.add(Sql.text(names.get(column)) + ": "
                        + (column < BenchModel.CATEGORIES.length ? "'VARCHAR'" : "'DOUBLE'"));
            }
            for (int row = 0; row < rows; row++) {
                out.write(line(model, row % BenchModel.ROWS) + "\n");
            }
        }
        String read = "SELECT * FROM read_csv(" + Sql.text(csv.toString()) + ", auto_detect = false, header = true,"
                + " nullstr = '', columns = {" + String.join(", ", types) + "})";
        try (DuckDb db = open(folder)) {
            db.execute("COPY (" + read + ") TO " + text("in.jsonl") + " (FORMAT json)");
            db.execute("COPY (" + read + ") TO " + text("in.parquet") + " (FORMAT parquet)");
        }
    }

    private String text(String name) {
        return Sql.text(folder.resolve(name).toString());
    }

    private static String line(BenchModel model, int number) {
        var row = model.row(number);
        List<String> cells = new ArrayList<>();
        for (int column = 0; column < WIDTH; column++) {
            String text = row.text(column);
            boolean category = column < BenchModel.CATEGORIES.length;
            double value = row.number(column);
            cells.add(category ? text == null ? "" : text : Double.isNaN(value) ? "" : Float.toString((float) value));
        }
        return String.join(",", cells);
    }

    private static DuckDb open(Path folder) {
        return DuckDb.open(DuckDb.Settings.in(folder.resolve("tmp")), List.of(), Set.of(folder));
    }

    private double micros(Class<?> main, String kind) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(Program.WORKER.flags());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName(), folder.toString(), kind));
        double before = ProcessUse.childrenCpuMillis();
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
            throw new IllegalStateException(main + " broke");
        }
        return (ProcessUse.childrenCpuMillis() - before) * 1e3 / rows;
    }

    /** Scores a file. */
    static final class Score {
        private Score() {}

        public static void main(String[] arguments) throws IOException {
            Path folder = Path.of(arguments[0]);
            String kind = arguments[1];
            String id = "job-" + ProcessHandle.current().pid();
            ObjectNode parameters = Json.object()
                    .put("id", id)
                    .put("folder", folder.resolve(id).toString())
                    .put("input", folder.resolve("in." + kind).toString())
                    .put("format", kind)
                    .put("resultFormat", kind)
                    .put("output", folder.resolve("scored." + kind).toString())
                    .put("force", true)
                    .put("version", "bench/1");
            Path staging = Files.createDirectories(folder.resolve(id + "-staging"));
            new ScoreStep(new ModelLoader(folder.resolve("natives")))
                    .run(new StepInput(
                            parameters,
                            Map.of("manifest", folder.resolve("manifest"), "model", folder.resolve("model")),
                            staging,
                            (share, line) -> {}));
        }
    }

    /** Reads a file and writes it again. */
    static final class Copy {
        private Copy() {}

        public static void main(String[] arguments) {
            Path folder = Path.of(arguments[0]);
            String in = Sql.text(folder.resolve("in." + arguments[1]).toString());
            String out = Sql.text(folder.resolve("copy." + arguments[1]).toString());
            try (DuckDb db = open(folder)) {
                db.execute(
                        switch (arguments[1]) {
                            case "csv" ->
                                "COPY (SELECT * FROM read_csv(" + in + ", all_varchar = true)) TO " + out
                                        + " (FORMAT csv, HEADER)";
                            case "jsonl" -> "COPY (SELECT * FROM read_json(" + in + ")) TO " + out + " (FORMAT json)";
                            default ->
                                "COPY (SELECT * FROM read_parquet(" + in + ")) TO " + out
                                        + " (FORMAT parquet, COMPRESSION zstd)";
                        });
            }
        }
    }
}
