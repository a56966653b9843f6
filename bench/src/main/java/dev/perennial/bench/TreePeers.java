package dev.perennial.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.Signature;
import dev.perennial.scoring.TabularModel;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/**
 * One forest in three evaluators: ours, XGBoost's predictor and ONNX Runtime, each with one thread. 21 columns of numbers, 5 % missing;
 * trees of full depth where the rows allow it.
 */
final class TreePeers implements AutoCloseable {
    static final int ROWS = 1_000;
    private static final int WIDTH = 21;
    private static final int TRAINED_ROWS = 8_000;

    private final float[] values;
    private final Booster booster;
    private final byte[] file;
    private final TabularModel ours;
    private final OrtEnvironment environment;
    private final OrtSession session;
    private final List<Row> rows;

    /** @param copies how often the trained trees stand in the forest */
    TreePeers(int trees, int depth, int copies) throws XGBoostError, OrtException, IOException {
        Random random = new Random(depth);
        values = numbers(random, ROWS);
        JsonNode model = repeated(Json.parse(trained(random, trees, depth)), copies);
        file = Json.write(model).getBytes(StandardCharsets.UTF_8);
        booster = XGBoost.loadModel(file);
        booster.setParam("nthread", "1");
        ours = new ModelLoader(Path.of("native"))
                .loadTabular(manifest(ModelManifest.XGBOOST_JSON).toJson(), file);
        environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            session = environment.createSession(new OnnxForest(model, WIDTH).file(), options);
        }
        rows = IntStream.range(0, ROWS).mapToObj(this::row).toList();
    }

    byte[] file() {
        return file;
    }

    byte[] ubj() throws XGBoostError {
        return booster.toByteArray("ubj");
    }

    static ModelManifest manifest(String format) {
        return ModelManifest.of(
                format,
                new Signature(IntStream.range(0, WIDTH)
                        .mapToObj(c -> Column.number("column_" + c))
                        .toList()),
                Map.of());
    }

    double oursOne(int row) {
        return ours.score(rows.get(row));
    }

    double[] oursAll() {
        return ours.scoreAll(rows);
    }

    float xgboostOne(int row) throws XGBoostError {
        float[] one = Arrays.copyOfRange(values, row * WIDTH, (row + 1) * WIDTH);
        return booster.inplace_predict(one, 1, WIDTH, Float.NaN)[0][0];
    }

    float[][] xgboostAll() throws XGBoostError {
        return booster.inplace_predict(values, ROWS, WIDTH, Float.NaN);
    }

    float onnxOne(int row) throws OrtException {
        return onnx(FloatBuffer.wrap(values, row * WIDTH, WIDTH).slice(), 1)[0][0];
    }

    float[][] onnxAll() throws OrtException {
        return onnx(FloatBuffer.wrap(values), ROWS);
    }

    private float[][] onnx(FloatBuffer input, int count) throws OrtException {
        try (OnnxTensor tensor = OnnxTensor.createTensor(environment, input, new long[] {count, WIDTH});
                OrtSession.Result result = session.run(Map.of(OnnxForest.INPUT, tensor))) {
            return (float[][]) result.get(0).getValue();
        }
    }

    private Row row(int number) {
        Row row = new Row(WIDTH);
        for (int c = 0; c < WIDTH; c++) {
            row.number(c, values[number * WIDTH + c]);
        }
        return row;
    }

    private static float[] numbers(Random random, int count) {
        float[] numbers = new float[count * WIDTH];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = random.nextInt(20) == 0 ? Float.NaN : (float) random.nextGaussian();
        }
        return numbers;
    }

    private static byte[] trained(Random random, int trees, int depth) throws XGBoostError {
        float[] numbers = numbers(random, TRAINED_ROWS);
        float[] labels = new float[TRAINED_ROWS];
        for (int r = 0; r < TRAINED_ROWS; r++) {
            double margin = 0;
            for (int c = 0; c < WIDTH; c++) {
                float value = numbers[r * WIDTH + c];
                margin += Float.isNaN(value) ? 0.2 : value * Math.sin(c + 1) + value * value * Math.cos(c) * 0.4;
            }
            labels[r] = random.nextDouble() < 1 / (1 + Math.exp(-margin)) ? 1 : 0;
        }
        DMatrix matrix = new DMatrix(numbers, TRAINED_ROWS, WIDTH, Float.NaN);
        matrix.setLabel(labels);
        Map<String, Object> parameters = new HashMap<>(Map.of(
                "objective",
                "binary:logistic",
                "tree_method",
                "hist",
                "max_depth",
                depth,
                "eta",
                0.05,
                "nthread",
                1,
                "min_child_weight",
                0.01,
                "seed",
                1,
                "verbosity",
                0));
        Booster booster = XGBoost.train(matrix, parameters, trees, Map.of(), null, null);
        try {
            return booster.toByteArray("json");
        } finally {
            matrix.dispose();
            booster.dispose();
        }
    }

    /** The same trees several times over: as large as a forest of so many trees, without their training. */
    private static JsonNode repeated(JsonNode model, int copies) {
        ObjectNode gbtree = (ObjectNode) model.at("/learner/gradient_booster/model");
        ArrayNode trees = Json.array();
        ArrayNode info = Json.array();
        ArrayNode ends = Json.array().add(0);
        for (int copy = 0; copy < copies; copy++) {
            for (JsonNode tree : gbtree.get("trees")) {
                ObjectNode same = Json.object();
                same.setAll((ObjectNode) tree);
                trees.add(same.put("id", trees.size()));
                info.add(0);
                ends.add(trees.size());
            }
        }
        gbtree.set("trees", trees);
        gbtree.set("tree_info", info);
        gbtree.set("iteration_indptr", ends);
        ((ObjectNode) gbtree.get("gbtree_model_param")).put("num_trees", Integer.toString(trees.size()));
        return model;
    }

    @Override
    public void close() throws OrtException {
        ours.close();
        session.close();
        booster.dispose();
    }
}
