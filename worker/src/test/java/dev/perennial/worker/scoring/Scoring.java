package dev.perennial.worker.scoring;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.Signature;
import dev.perennial.scoring.TabularModel;
import dev.perennial.scoring.python.PythonLimits;
import dev.perennial.scoring.python.PythonRuntime;
import dev.perennial.worker.StepHandler.StepInput;
import dev.perennial.worker.StepHandler.StepOutput;
import dev.perennial.worker.data.DuckDb;
import dev.perennial.worker.data.Sql;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A scoring job in a folder, run the way a worker does. Its model takes the numbers {@code f 0} to {@code f 3} and the categories {@code
 * f 4} and {@code f 5}.
 */
final class Scoring {
    static final String HEADER = "f 0,f 1,f 2,f 3,f 4,f 5";
    static final String VERSION = "frames/7";

    private static final Path TREES =
            Path.of(System.getProperty("perennial.root"), "scoring", "src", "test", "resources", "trees");

    private final Path folder;
    private final ObjectNode parameters = Json.object();
    private Path manifest;
    private Path model;
    private ModelLoader loader;
    private int attempt;

    Scoring(Path folder, String input) throws IOException {
        this(folder, "job", input);
    }

    Scoring(Path folder, String id, String input) throws IOException {
        this.folder = folder;
        this.loader = new ModelLoader(folder.resolve("natives"));
        this.manifest = Files.write(folder.resolve(id + ".manifest.json"), frames().toJson());
        this.model = TREES.resolve("xgboost-3.2-frame.json");
        String extension = input.substring(input.indexOf('.') + 1);
        parameters
                .put("id", id)
                .put("folder", folder.resolve(id).toString())
                .put("input", folder.resolve(input).toString())
                .put("format", extension)
                .put("resultFormat", extension)
                .put("output", folder.resolve(id + ".out." + extension).toString())
                .put("version", VERSION);
    }

    private static ModelManifest frames() {
        return ModelManifest.of(
                ModelManifest.XGBOOST_JSON,
                new Signature(IntStream.range(0, 6)
                        .mapToObj(i -> i < 4 ? Column.number("f " + i) : Column.category("f " + i))
                        .toList()),
                Map.of());
    }

    Scoring with(String parameter, String value) {
        parameters.put(parameter, value);
        return this;
    }

    Scoring becoming(String format) {
        return with("resultFormat", format)
                .with("output", folder.resolve("job.out." + format).toString());
    }

    Scoring errorsMax(long most) {
        parameters.put("errorsMax", most);
        return this;
    }

    Scoring force() {
        parameters.put("force", true);
        return this;
    }

    Scoring model(ModelManifest otherManifest, Path otherModel) throws IOException {
        manifest = Files.write(folder.resolve("other.manifest.json"), otherManifest.toJson());
        model = otherModel;
        return this;
    }

    /** Loads Python models of this folder too. */
    Scoring python() {
        PythonRuntime python = new PythonRuntime(
                folder.resolve("blobs"), folder.resolve("environments"), folder.resolve("work"), PythonLimits.DEFAULT);
        loader = new ModelLoader(folder.resolve("natives"), python);
        return this;
    }

    static Path tree(String file) {
        return TREES.resolve(file);
    }

    ObjectNode parameters() {
        return parameters;
    }

    Path manifest() {
        return manifest;
    }

    Path model() {
        return model;
    }

    Path output() {
        return Path.of(parameters.get("output").asText());
    }

    Path jobFolder() {
        return Path.of(parameters.get("folder").asText());
    }

    List<Path> parts() throws IOException {
        try (var files = Files.list(jobFolder().resolve("parts"))) {
            return files.sorted().toList();
        }
    }

    /** One attempt. */
    StepOutput run() throws IOException {
        Path staging = Files.createDirectories(
                folder.resolve("staging").resolve(parameters.get("id").asText()).resolve("" + ++attempt));
        return new ScoreStep(loader)
                .run(new StepInput(parameters, Map.of("manifest", manifest, "model", model), staging, (s, line) -> {}));
    }

    /** The lines of the result after an attempt. */
    List<String> lines() throws IOException {
        run();
        return Files.readString(output()).lines().toList();
    }

    /** What the model itself says of a row; null for a missing value. */
    static double score(@Nullable Object... values) {
        ModelManifest manifest = frames();
        try (TabularModel model = ModelLoader.tabular(new ModelLoader(Path.of("unused"))
                .load(manifest, Files.readAllBytes(TREES.resolve("xgboost-3.2-frame.json"))))) {
            return model.score(row(values));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** What the model itself says of rows. */
    static double[] scores(List<Object[]> rows) {
        try (TabularModel model = ModelLoader.tabular(new ModelLoader(Path.of("unused"))
                .load(frames(), Files.readAllBytes(TREES.resolve("xgboost-3.2-frame.json"))))) {
            return rows.stream().mapToDouble(values -> model.score(row(values))).toArray();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Row row(@Nullable Object... values) {
        Row row = new Row(values.length);
        for (int i = 0; i < values.length; i++) {
            if (values[i] instanceof Number number) {
                row.number(i, number.doubleValue());
            } else {
                row.text(i, (String) values[i]);
            }
        }
        return row;
    }

    /** Values of a row of which no two neighbours are alike. */
    static Object[] values(int row) {
        return new Object[] {
            (row * 37 % 1000) / 250.0 - 2,
            (row * 91 % 1000) / 250.0 - 2,
            (row * 17 % 1000) / 250.0 - 2,
            (row * 53 % 1000) / 250.0 - 2,
            "v" + row % 5,
            "v" + row % 40
        };
    }

    static List<Object[]> rows(int count) {
        List<Object[]> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(values(i));
        }
        return rows;
    }

    /** The rows as lines of CSV below the header, with their number in a column of its own. */
    static String csv(int count) {
        StringBuilder text = new StringBuilder("n," + HEADER + "\n");
        for (int i = 0; i < count; i++) {
            text.append(i);
            for (Object value : values(i)) {
                text.append(',').append(value);
            }
            text.append('\n');
        }
        return text.toString();
    }

    static void write(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardCharsets.UTF_8);
    }

    /** Makes a Parquet file from a query. */
    static void parquet(Path file, String query) throws IOException {
        Path real = file.getParent().toRealPath();
        try (DuckDb db = DuckDb.open(DuckDb.Settings.in(real.resolve("tmp")), List.of(), List.of(real))) {
            db.execute("COPY (" + query + ") TO "
                    + Sql.text(real.resolve(file.getFileName()).toString())
                    + " (FORMAT parquet, ROW_GROUP_SIZE 20480)");
        }
    }

    /** The rows of a Parquet file as lists of values. */
    static List<List<Object>> read(Path file, String select) throws IOException {
        Path real = file.toRealPath();
        try (DuckDb db = DuckDb.open(DuckDb.Settings.in(real.resolveSibling("tmp")), List.of(real), List.of())) {
            return db.list("SELECT " + select + " FROM read_parquet(" + Sql.text(real.toString()) + ")", row -> {
                List<Object> values = new ArrayList<>();
                for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                    values.add(row.getObject(i));
                }
                return values;
            });
        }
    }
}
