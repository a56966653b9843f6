package dev.perennial.bench;

import dev.perennial.predictionlog.ColumnType;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.Signature;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/** A model of the example's size on seeded rows: 21 columns, three of them categories, 100 trees of 15 leaves. */
final class BenchModel implements AutoCloseable {
    static final int ROWS = 50_000;
    static final int[] CATEGORIES = {16, 3, 105};
    private static final int WIDTH = 21;
    private static final int TREES = 100;

    private final Booster booster;
    private final float[] values;

    BenchModel(long seed) throws XGBoostError {
        Random random = new Random(seed);
        values = new float[ROWS * WIDTH];
        float[] labels = new float[ROWS];
        for (int r = 0; r < ROWS; r++) {
            double margin = -1.2;
            for (int c = 0; c < WIDTH; c++) {
                boolean category = c < CATEGORIES.length;
                float value = category ? random.nextInt(CATEGORIES[c]) : (float) random.nextGaussian();
                margin += category ? Math.sin(value * (c + 2)) * 0.5 : value * Math.sin(c) * 0.4;
                values[r * WIDTH + c] = random.nextInt(20) == 0 ? Float.NaN : value;
            }
            labels[r] = random.nextDouble() < 1 / (1 + Math.exp(-margin)) ? 1 : 0;
        }
        DMatrix matrix = matrix();
        matrix.setLabel(labels);
        try {
            booster = XGBoost.train(matrix, parameters(), TREES, Map.of(), null, null);
        } finally {
            matrix.dispose();
        }
    }

    Booster booster() {
        return booster;
    }

    byte[] file() throws XGBoostError {
        return booster.toByteArray("json");
    }

    DMatrix matrix() throws XGBoostError {
        DMatrix matrix = new DMatrix(values, ROWS, WIDTH, Float.NaN);
        matrix.setFeatureTypes(IntStream.range(0, WIDTH)
                .mapToObj(c -> c < CATEGORIES.length ? "c" : "q")
                .toArray(String[]::new));
        return matrix;
    }

    ModelManifest manifest() {
        List<Column> columns = new ArrayList<>();
        Map<String, List<String>> categories = new HashMap<>();
        for (int c = 0; c < WIDTH; c++) {
            boolean category = c < CATEGORIES.length;
            columns.add(new Column("column_" + c, category ? ColumnType.CATEGORY : ColumnType.NUMBER, true));
            if (category) {
                categories.put(
                        "column_" + c,
                        IntStream.range(0, CATEGORIES[c]).mapToObj(i -> "C" + i).toList());
            }
        }
        return ModelManifest.of(ModelManifest.XGBOOST_JSON, new Signature(columns), categories);
    }

    Row row(int r) {
        Row row = new Row(WIDTH);
        for (int c = 0; c < WIDTH; c++) {
            float value = values[r * WIDTH + c];
            if (c >= CATEGORIES.length) {
                row.number(c, value);
            } else if (!Float.isNaN(value)) {
                row.text(c, "C" + (int) value);
            }
        }
        return row;
    }

    /** A request with one record, numbers of six digits. */
    String request(int r) {
        StringBuilder body = new StringBuilder("{\"records\":[{\"flight_id\":\"20130105-B6679-")
                .append(r)
                .append('"');
        Row row = row(r);
        for (int c = 0; c < WIDTH; c++) {
            body.append(",\"column_").append(c).append("\":");
            String text = row.text(c);
            if (c < CATEGORIES.length) {
                body.append(text == null ? "null" : '"' + text + '"');
            } else {
                body.append(
                        Double.isNaN(row.number(c))
                                ? "null"
                                : String.format(java.util.Locale.ROOT, "%.5f", row.number(c)));
            }
        }
        return body.append(",\"event_time\":1364800000000,\"predicted_at\":1364792800000}]}")
                .toString();
    }

    @Override
    public void close() {
        booster.dispose();
    }

    private static Map<String, Object> parameters() {
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("objective", "binary:logistic");
        parameters.put("tree_method", "hist");
        parameters.put("grow_policy", "lossguide");
        parameters.put("max_leaves", 15);
        parameters.put("max_depth", 0);
        parameters.put("eta", 0.1);
        parameters.put("nthread", 1);
        parameters.put("seed", 1);
        parameters.put("verbosity", 0);
        return parameters;
    }
}
