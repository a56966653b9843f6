package dev.perennial.scorer;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.predictionlog.ColumnType;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.Signature;
import dev.perennial.tensors.TensorSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tiny models as blobs: one tree that splits on the first number column, and the wanted score on its right side. */
public final class Models {
    private final Path blobs;

    public Models(Path blobs) {
        this.blobs = blobs;
    }

    /**
     * A model that scores {@code score} unless its number {@code x} is below -1000.
     *
     * @param columns names; those that start with {@code c} are categories a, b
     */
    String model(double score, String... columns) throws IOException {
        List<Column> signature = new ArrayList<>();
        Map<String, List<String>> categories = new HashMap<>();
        for (String column : columns) {
            boolean category = column.startsWith("c");
            signature.add(new Column(column, category ? ColumnType.CATEGORY : ColumnType.NUMBER, true));
            if (category) {
                categories.put(column, List.of("a", "b"));
            }
        }
        int split = List.of(columns).indexOf("x");
        float margin = (float) Math.log(score / (1 - score));
        String file = """
                {"learner":{"feature_names":[],"objective":{"name":"binary:logistic"},
                 "learner_model_param":{"base_score":"5E-1","num_class":"0","num_feature":"%d","num_target":"1"},
                 "gradient_booster":{"name":"gbtree","model":{"trees":[{"left_children":[1,-1,-1],"right_children":[2,-1,-1],
                 "split_indices":[%d,0,0],"split_conditions":[-1000.0,-2.0,%s],"default_left":[0,0,0]}]}}}}
                """.formatted(columns.length, Math.max(split, 0), Float.toString(margin));
        ModelManifest manifest = ModelManifest.of(ModelManifest.XGBOOST_JSON, new Signature(signature), categories);
        String manifestDigest = put(manifest.toJson());
        return Json.object()
                .put("manifest", manifestDigest)
                .put("file", put(file.getBytes(StandardCharsets.UTF_8)))
                .toString();
    }

    /** An ONNX model with number columns. */
    public String onnx(byte[] file, String... columns) throws IOException {
        Signature signature =
                new Signature(List.of(columns).stream().map(Column::number).toList());
        ModelManifest manifest = ModelManifest.of(ModelManifest.ONNX, signature, Map.of());
        return Json.object()
                .put("manifest", put(manifest.toJson()))
                .put("file", put(file))
                .toString();
    }

    /** A model that gives back each of its inputs as the output of the same place. */
    public String identity(List<TensorSpec> inputs, List<TensorSpec> outputs) throws IOException {
        ModelManifest manifest = ModelManifest.ofTensors(ModelManifest.IDENTITY, inputs, outputs);
        return Json.object()
                .put("manifest", put(manifest.toJson()))
                .put("file", put(new byte[0]))
                .toString();
    }

    public static String variant(String version, String role, int weight, String model) {
        return "{\"version\":\"%s\",\"role\":\"%s\",\"weight\":%d,\"model\":%s}"
                .formatted(version, role, weight, model);
    }

    public static String config(long revision, long flush, String clock, String... variants) {
        return """
                {"revision":%d,"flush":%d,"endpoints":[{"name":"m","key":["id"],"salt":"salt","live":true,"clock":%s,"fuse":null,"variants":[%s]}]}
                """.formatted(revision, flush, clock, String.join(",", variants));
    }

    private String put(byte[] bytes) throws IOException {
        String hex = Digest.of(bytes).hex();
        Path file = blobs.resolve(hex.substring(0, 2)).resolve(hex.substring(2));
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
        return hex;
    }
}
