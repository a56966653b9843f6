package dev.perennial.scoring.trees;

import dev.perennial.kernel.Json;
import dev.perennial.predictionlog.ColumnType;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.Signature;
import dev.perennial.scoring.TabularModel;
import dev.perennial.tensors.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/** A model that its library wrote, hard rows, and what the library predicts for them; see the folder's README. */
record Fixture(String file, String format, String rowsFile, String expectedFile) {
    static final int WIDTH = 6;
    /** Categories of the last two columns. */
    private static final Map<Integer, Integer> KNOWN = Map.of(4, 5, 5, 40);

    static List<Fixture> all() {
        return StreamSupport.stream(Json.parse(bytes("fixtures.json")).spliterator(), false)
                .map(fixture -> new Fixture(
                        fixture.get("file").asText(),
                        fixture.get("format").asText(),
                        fixture.get("rows").asText(),
                        fixture.get("expected").asText()))
                .toList();
    }

    static Fixture named(String file) {
        return all().stream()
                .filter(fixture -> fixture.file.equals(file))
                .findFirst()
                .orElseThrow();
    }

    static byte[] bytes(String file) {
        try (InputStream in = Fixture.class.getResourceAsStream("/trees/" + file)) {
            if (in == null) {
                throw new IllegalArgumentException("no fixture " + file);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static double[][] matrix(String file) {
        return new String(bytes(file), StandardCharsets.UTF_8)
                .lines()
                .map(line -> Arrays.stream(line.split(","))
                        .mapToDouble(Double::parseDouble)
                        .toArray())
                .toArray(double[][]::new);
    }

    byte[] bytes() {
        return bytes(file);
    }

    double[][] rows() {
        return matrix(rowsFile);
    }

    double[][] expected() {
        return matrix(expectedFile);
    }

    /** All columns are numbers, categories are given by their codes. */
    ModelManifest byCodes() {
        return ModelManifest.of(format, signature(false), Map.of());
    }

    /** The last two columns are categories with the texts v0, v1 and so on. */
    ModelManifest byTexts() {
        Map<String, List<String>> texts = new HashMap<>();
        KNOWN.forEach((column, known) -> texts.put(
                "f " + column,
                IntStream.range(0, known).mapToObj(code -> "v" + code).toList()));
        return ModelManifest.of(format, signature(true), texts);
    }

    static Signature signature(boolean texts) {
        List<Column> columns = new ArrayList<>();
        for (int column = 0; column < WIDTH; column++) {
            ColumnType type = texts && KNOWN.containsKey(column) ? ColumnType.CATEGORY : ColumnType.NUMBER;
            columns.add(new Column("f " + column, type, true));
        }
        return new Signature(columns);
    }

    Model load(ModelManifest manifest) {
        return TreeFormats.load(manifest, bytes());
    }

    static Row row(double[] values) {
        Row row = new Row(WIDTH);
        for (int i = 0; i < WIDTH; i++) {
            row.number(i, values[i]);
        }
        return row;
    }

    static Row rowOfTexts(double[] values) {
        Row row = row(values);
        for (int column : KNOWN.keySet()) {
            double code = values[column];
            if (!Double.isNaN(code)) {
                row.text(column, "v" + (long) code);
            }
        }
        return row;
    }

    static boolean hasTexts(double[] values) {
        return KNOWN.keySet().stream()
                .allMatch(column -> Double.isNaN(values[column])
                        || values[column] >= 0 && values[column] == Math.rint(values[column]));
    }

    static List<Tensor> columns(double[][] rows) {
        List<Tensor> columns = new ArrayList<>();
        for (int column = 0; column < WIDTH; column++) {
            int at = column;
            columns.add(Tensor.doubles(
                    "f " + column,
                    Arrays.stream(rows).mapToDouble(row -> row[at]).toArray()));
        }
        return columns;
    }

    /** Results of a model by row, each as wide as the library's. */
    static double[][] results(Model model, double[][] rows) {
        if (model instanceof TabularModel tabular) {
            return Arrays.stream(rows)
                    .map(row -> new double[] {tabular.score(row(row))})
                    .toArray(double[][]::new);
        }
        return rows(model.run(columns(rows), RunLimit.NONE).getFirst(), rows.length);
    }

    static double[][] rows(Tensor tensor, int rows) {
        double[][] results = new double[rows][rows == 0 ? 0 : tensor.elements() / rows];
        for (int i = 0; i < tensor.elements(); i++) {
            results[i / results[0].length][i % results[0].length] = tensor.number(i);
        }
        return results;
    }

    @Override
    public String toString() {
        return file;
    }
}
