package dev.perennial.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.predictionlog.ColumnType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library's own predictor is the truth. */
class TreeModelTest {
    private static final int ROWS = 24_000;

    @TempDir
    Path natives;

    @Test
    void equalsTheLibraryWithCategoriesMissingValuesAndUnseenCategories() throws XGBoostError {
        Table table = new Table(List.of(3, 0, 16, 0, 105, 0, 0), 1);
        for (String policy : List.of("lossguide", "depthwise")) {
            Map<String, Object> parameters = parameters();
            parameters.put("grow_policy", policy);
            parameters.put("max_leaves", policy.equals("lossguide") ? 15 : 0);
            parameters.put("max_depth", policy.equals("lossguide") ? 0 : 6);
            parameters.put("max_cat_to_onehot", 4);
            Booster booster = table.train(parameters, 100);
            try {
                assertEqualToLibrary(booster, table, 1e-6);
            } finally {
                booster.dispose();
            }
        }
    }

    @Test
    void equalsTheLibraryOnManyRandomModels() throws XGBoostError {
        for (int seed = 0; seed < 12; seed++) {
            Random random = new Random(seed);
            List<Integer> categories = IntStream.range(0, 1 + random.nextInt(6))
                    .map(i -> random.nextInt(3) == 0 ? 0 : 2 + random.nextInt(40))
                    .boxed()
                    .toList();
            Table table = new Table(categories, seed);
            Map<String, Object> parameters = parameters();
            parameters.put("objective", seed % 3 == 0 ? "reg:squarederror" : "binary:logistic");
            parameters.put("max_depth", random.nextInt(9));
            parameters.put("max_leaves", 2 + random.nextInt(60));
            parameters.put("grow_policy", random.nextBoolean() ? "lossguide" : "depthwise");
            parameters.put("max_cat_to_onehot", 1 + random.nextInt(30));
            Booster booster = table.train(parameters, 1 + random.nextInt(13));
            try {
                assertEqualToLibrary(booster, table, 1e-6);
            } finally {
                booster.dispose();
            }
        }
    }

    @Test
    void aModelOfRootsOnlyScoresItsBase() throws XGBoostError {
        Table table = new Table(List.of(0, 4), 9);
        Map<String, Object> parameters = parameters();
        parameters.put("min_child_weight", 1e9);
        Booster booster = table.train(parameters, 3);
        assertEqualToLibrary(booster, table, 1e-7);
        booster.dispose();
    }

    @Test
    void anUnknownCategoryIsServedAsTheLibraryServesACodeItNeverSaw() throws XGBoostError {
        Table table = new Table(List.of(5, 0), 3);
        Booster booster = table.train(parameters(), 20);
        TabularModel model = load(table, booster);
        Row row = new Row(2);
        row.text(0, "never seen");
        row.number(1, 0.5);
        DMatrix one = new DMatrix(new float[] {5, 0.5f}, 1, 2, Float.NaN);
        one.setFeatureTypes(new String[] {"c", "q"});
        assertThat(model.score(row)).isCloseTo(booster.predict(one)[0][0], within(1e-6));
        one.dispose();
        booster.dispose();
    }

    @Test
    void whatTheEvaluatorDoesNotUnderstandIsRefusedByName() throws XGBoostError {
        Table table = new Table(List.of(0, 0), 4);
        Booster booster = table.train(parameters(), 2);
        byte[] file = booster.toByteArray("json");
        booster.dispose();

        assertRefused(table, edited(file, l -> path(l, "objective").put("name", "rank:ndcg")), "rank:ndcg");
        assertRefused(table, edited(file, l -> path(l, "gradient_booster").put("name", "dart")), "dart");
        assertRefused(
                table, edited(file, l -> path(l, "learner_model_param").put("num_class", "3")), "several classes");
        assertRefused(
                table,
                edited(file, l -> path(l, "learner_model_param").put("base_score", "[1E-1,2E-1]")),
                "base_score");
        assertRefused(table, edited(file, l -> path(l, "learner_model_param").put("num_feature", "7")), "7 features");
        assertRefused(
                table,
                edited(file, l -> {
                    tree(l).withArray("left_children").removeAll().add(0);
                    return l;
                }),
                "differ in length");
        assertRefused(
                table,
                edited(file, l -> {
                    tree(l).withArray("right_children")
                            .set(0, Json.mapper().getNodeFactory().numberNode(1));
                    return l;
                }),
                "used twice");
        assertRefused(table, "[]".getBytes(StandardCharsets.UTF_8), "learner");
    }

    @Test
    void bracketsAroundTheBaseScoreAreRead() throws XGBoostError {
        Table table = new Table(List.of(0), 5);
        Booster booster = table.train(parameters(), 2);
        byte[] file = booster.toByteArray("json");
        booster.dispose();
        byte[] bracketed = edited(file, l -> {
            ObjectNode parameters = path(l, "learner_model_param");
            return parameters.put(
                    "base_score", "[" + parameters.get("base_score").asText() + "]");
        });
        Row row = new Row(1);
        row.number(0, 0.3);
        assertThat(load(table, bracketed).score(row))
                .isEqualTo(load(table, file).score(row));
    }

    @Test
    void aManifestWhoseExampleScoresDifferentlyIsRefused() throws XGBoostError {
        Table table = new Table(List.of(0), 6);
        Booster booster = table.train(parameters(), 2);
        ModelManifest plain = table.manifest();
        ModelManifest wrong = plain.withExample(Map.of("f0", 0.5), 0.999);
        byte[] file = booster.toByteArray("json");
        booster.dispose();
        assertThat(ModelManifest.parse(wrong.toJson())).isEqualTo(wrong);
        assertThatThrownBy(() -> new ModelLoader(natives).load(wrong, file))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("0.999");
    }

    private void assertEqualToLibrary(Booster booster, Table table, double tolerance) throws XGBoostError {
        TabularModel model = load(table, booster);
        float[] values = table.values(new Random(77), true);
        DMatrix matrix = table.matrix(values);
        float[][] expected = booster.predict(matrix);
        matrix.dispose();
        double worst = 0;
        for (int r = 0; r < ROWS; r++) {
            worst = Math.max(worst, Math.abs(model.score(table.row(values, r)) - expected[r][0]));
        }
        assertThat(worst).isLessThanOrEqualTo(tolerance);
    }

    private TabularModel load(Table table, Booster booster) throws XGBoostError {
        return load(table, booster.toByteArray("json"));
    }

    private TabularModel load(Table table, byte[] file) {
        return new ModelLoader(natives).loadTabular(table.manifest().toJson(), file);
    }

    private void assertRefused(Table table, byte[] file, String text) {
        assertThatThrownBy(() -> load(table, file))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining(text);
    }

    private static byte[] edited(byte[] file, UnaryOperator<ObjectNode> change) {
        ObjectNode model = (ObjectNode) Json.parse(file);
        change.apply((ObjectNode) model.get("learner"));
        return Json.write(model).getBytes(StandardCharsets.UTF_8);
    }

    private static ObjectNode path(ObjectNode learner, String name) {
        return (ObjectNode) learner.get(name);
    }

    private static ObjectNode tree(ObjectNode learner) {
        return (ObjectNode) learner.at("/gradient_booster/model/trees/0");
    }

    private static Map<String, Object> parameters() {
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("objective", "binary:logistic");
        parameters.put("tree_method", "hist");
        parameters.put("nthread", 1);
        parameters.put("seed", 1);
        parameters.put("eta", 0.1);
        parameters.put("max_leaves", 15);
        parameters.put("grow_policy", "lossguide");
        parameters.put("max_depth", 0);
        parameters.put("verbosity", 0);
        return parameters;
    }

    /** Seeded rows; a column with n > 0 categories holds codes. */
    private record Table(List<Integer> categories, int seed) {
        int width() {
            return categories.size();
        }

        float[] values(Random random, boolean unseen) {
            float[] values = new float[ROWS * width()];
            for (int i = 0; i < values.length; i++) {
                int known = categories.get(i % width());
                if (random.nextInt(15) == 0) {
                    values[i] = Float.NaN;
                } else if (known > 0) {
                    values[i] = random.nextInt(unseen ? known + 1 : known);
                } else {
                    values[i] = random.nextInt(9) == 0 ? random.nextInt(3) - 1 : (float) random.nextGaussian();
                }
            }
            return values;
        }

        DMatrix matrix(float[] values) throws XGBoostError {
            DMatrix matrix = new DMatrix(values, ROWS, width(), Float.NaN);
            matrix.setFeatureTypes(
                    categories.stream().map(n -> n > 0 ? "c" : "q").toArray(String[]::new));
            return matrix;
        }

        Booster train(Map<String, Object> parameters, int rounds) throws XGBoostError {
            Random random = new Random(seed);
            float[] values = values(random, false);
            float[] effects = new float[1000];
            for (int i = 0; i < effects.length; i++) {
                effects[i] = (float) random.nextGaussian();
            }
            float[] labels = new float[ROWS];
            for (int r = 0; r < ROWS; r++) {
                double sum = -0.5;
                for (int c = 0; c < width(); c++) {
                    float value = values[r * width() + c];
                    if (!Float.isNaN(value)) {
                        sum += categories.get(c) > 0 ? effects[c * 120 + (int) value] : value * effects[c];
                    }
                }
                labels[r] = random.nextDouble() < 1 / (1 + Math.exp(-sum)) ? 1 : 0;
            }
            DMatrix matrix = matrix(values);
            matrix.setLabel(labels);
            try {
                return XGBoost.train(matrix, parameters, rounds, Map.of(), null, null);
            } finally {
                matrix.dispose();
            }
        }

        Row row(float[] values, int r) {
            Row row = new Row(width());
            for (int c = 0; c < width(); c++) {
                float value = values[r * width() + c];
                if (categories.get(c) == 0) {
                    row.number(c, value);
                } else if (!Float.isNaN(value)) {
                    row.text(c, "v" + (int) value);
                }
            }
            return row;
        }

        ModelManifest manifest() {
            List<Column> columns = new ArrayList<>();
            Map<String, List<String>> texts = new HashMap<>();
            for (int c = 0; c < width(); c++) {
                int known = categories.get(c);
                columns.add(new Column("f" + c, known > 0 ? ColumnType.CATEGORY : ColumnType.NUMBER, true));
                if (known > 0) {
                    texts.put(
                            "f" + c,
                            IntStream.range(0, known).mapToObj(i -> "v" + i).toList());
                }
            }
            return ModelManifest.of(ModelManifest.XGBOOST_JSON, new Signature(columns), texts);
        }
    }
}
