package dev.perennial.worker.training;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.worker.StepFailure;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Parameters of gradient boosting in the words of a lifecycle file. {@code leaves} set: trees grow where the loss falls most, up to that
 * many leaves; otherwise level by level to {@code depth}.
 */
record BoostingSettings(int trees, Map<String, Object> library) {
    private static final int TREES = 100;
    private static final int TREES_MAX = 10_000;
    private static final int LEAVES = 31;

    /** Names of a lifecycle file and of the library. */
    private static final Map<String, String> NAMES = Map.of(
            "learning-rate", "eta",
            "min-child-weight", "min_child_weight",
            "l1", "alpha",
            "l2", "lambda",
            "min-split-gain", "gamma",
            "row-share", "subsample",
            "column-share", "colsample_bytree",
            "bins", "max_bin");

    static BoostingSettings of(Map<String, JsonNode> parameters, long seed) {
        Map<String, Object> library = new LinkedHashMap<>();
        library.put("objective", "binary:logistic");
        library.put("eval_metric", "logloss");
        library.put("tree_method", "hist");
        library.put("nthread", 1);
        library.put("seed", Math.floorMod(seed, Integer.MAX_VALUE));
        library.put("verbosity", 0);
        int trees = TREES;
        boolean byDepth = parameters.containsKey("depth") && !parameters.containsKey("leaves");
        library.put("grow_policy", byDepth ? "depthwise" : "lossguide");
        library.put("max_leaves", byDepth ? 0 : LEAVES);
        library.put("max_depth", 0);
        for (Map.Entry<String, JsonNode> parameter : new java.util.TreeMap<>(parameters).entrySet()) {
            String name = parameter.getKey();
            JsonNode value = parameter.getValue();
            switch (name) {
                case "trees" -> trees = whole(name, value, 1, TREES_MAX);
                case "leaves" -> library.put("max_leaves", whole(name, value, 2, 1 << 16));
                case "depth" -> library.put("max_depth", whole(name, value, 1, 64));
                case "bins" -> library.put("max_bin", whole(name, value, 2, 1 << 16));
                default -> library.put(libraryName(name), number(name, value));
            }
        }
        return new BoostingSettings(trees, library);
    }

    private static String libraryName(String name) {
        String known = NAMES.get(name);
        if (known == null) {
            throw new StepFailure(
                    StepFailure.Kind.CONFIG,
                    "gradient-boosting has no parameter '" + name + "': it takes trees, leaves, depth and "
                            + String.join(", ", NAMES.keySet().stream().sorted().toList()));
        }
        return known;
    }

    private static double number(String name, JsonNode value) {
        if (!value.isNumber() || !Double.isFinite(value.asDouble()) || value.asDouble() < 0) {
            throw new StepFailure(
                    StepFailure.Kind.CONFIG,
                    "parameter '" + name + "' is " + value + ", expected a number of 0 or more");
        }
        return value.asDouble();
    }

    private static int whole(String name, JsonNode value, int low, int high) {
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.asInt() < low || value.asInt() > high) {
            throw new StepFailure(
                    StepFailure.Kind.CONFIG,
                    "parameter '" + name + "' is " + value + ", expected a whole number of " + low + " to " + high);
        }
        return value.asInt();
    }
}
