package dev.perennial.scoring;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads XGBoost's JSON model format, as far as it describes one score per row by a sum of trees; anything else is refused by name.
 *
 * @param logistic whether the score is the sigmoid of the sum; otherwise the sum itself
 * @param baseMargin what the sum starts with
 * @param featureNames names in the model file, empty when it has none
 */
record XgboostJson(
        List<XgboostTree> trees, boolean logistic, float baseMargin, int features, List<String> featureNames) {
    private static final int TREES_MAX = 10_000;
    private static final int NODES_MAX = 10_000_000;
    private static final int DEPTH_MAX = 512;
    private static final int CATEGORICAL = 1;

    static XgboostJson parse(byte[] file) {
        JsonNode learner = member(Json.parse(file), "learner");
        String booster = member(member(learner, "gradient_booster"), "name").asText();
        if (!booster.equals("gbtree")) {
            throw refused("booster '" + booster + "' is not supported, only gbtree");
        }
        String objective = member(member(learner, "objective"), "name").asText();
        boolean logistic = switch (objective) {
            case "binary:logistic", "reg:logistic" -> true;
            case "reg:squarederror", "binary:logitraw" -> false;
            default ->
                throw refused(
                        "objective '" + objective
                                + "' is not supported, only binary:logistic, reg:logistic, binary:logitraw and reg:squarederror");
        };
        JsonNode parameters = member(learner, "learner_model_param");
        if (parameters.path("num_class").asInt(0) > 1
                || parameters.path("num_target").asInt(1) > 1) {
            throw refused("models of several classes or targets are not supported");
        }
        int features = member(parameters, "num_feature").asInt();
        JsonNode list = member(member(member(learner, "gradient_booster"), "model"), "trees");
        if (list.size() > TREES_MAX) {
            throw refused(list.size() + " trees; at most " + TREES_MAX + " are possible");
        }
        List<XgboostTree> trees = new ArrayList<>(list.size());
        long nodes = 0;
        for (JsonNode tree : list) {
            trees.add(tree(tree, trees.size(), features));
            nodes += trees.getLast().lefts().length;
            if (nodes > NODES_MAX) {
                throw refused("more than " + NODES_MAX + " nodes");
            }
        }
        List<String> names = new ArrayList<>();
        learner.path("feature_names").forEach(name -> names.add(name.asText()));
        float base = baseScore(member(parameters, "base_score").asText());
        return new XgboostJson(trees, logistic, logistic ? logit(base) : base, features, List.copyOf(names));
    }

    private static float baseScore(String text) {
        String number = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        try {
            return Float.parseFloat(number);
        } catch (NumberFormatException e) {
            throw refused("base_score '" + text + "' is not one number");
        }
    }

    private static float logit(float probability) {
        if (!(probability > 0 && probability < 1)) {
            throw refused("base_score " + probability + " of a logistic objective must lie between 0 and 1");
        }
        return (float) -Math.log(1.0f / probability - 1.0f);
    }

    private static XgboostTree tree(JsonNode json, int number, int features) {
        if (json.path("tree_param").path("size_leaf_vector").asInt(0) > 1) {
            throw refused("tree " + number + " has vector leaves");
        }
        int[] lefts = integers(json, "left_children");
        int[] rights = integers(json, "right_children");
        int[] splits = integers(json, "split_indices");
        int[] defaults = integers(json, "default_left");
        float[] conditions = floats(json, "split_conditions");
        int[] types = json.has("split_type") ? integers(json, "split_type") : new int[lefts.length];
        int nodes = lefts.length;
        if (nodes == 0
                || rights.length != nodes
                || splits.length != nodes
                || defaults.length != nodes
                || conditions.length != nodes
                || types.length != nodes) {
            throw refused("the arrays of tree " + number + " differ in length");
        }
        boolean[] defaultLefts = new boolean[nodes];
        for (int i = 0; i < nodes; i++) {
            defaultLefts[i] = defaults[i] != 0;
            if (lefts[i] >= 0 && (splits[i] < 0 || splits[i] >= features)) {
                throw refused("tree " + number + " splits on feature " + splits[i] + " of " + features);
            }
        }
        int depth = depth(number, lefts, rights);
        return new XgboostTree(lefts, rights, splits, conditions, defaultLefts, categories(json, number, types), depth);
    }

    /** Walks the tree once: every node at most once, every child inside. */
    private static int depth(int number, int[] lefts, int[] rights) {
        int[] depths = new int[lefts.length];
        int[] stack = new int[lefts.length + 1];
        int top = 0;
        stack[top++] = 0;
        int visited = 0;
        int deepest = 0;
        while (top > 0) {
            int node = stack[--top];
            deepest = Math.max(deepest, depths[node]);
            if (++visited > lefts.length || depths[node] > DEPTH_MAX) {
                throw refused("tree " + number + " is no tree, or deeper than " + DEPTH_MAX);
            }
            if (lefts[node] < 0) {
                continue;
            }
            for (int child : new int[] {lefts[node], rights[node]}) {
                if (child <= 0 || child >= lefts.length || depths[child] != 0 || top >= stack.length) {
                    throw refused("node " + node + " of tree " + number + " has child " + child
                            + ", which is outside or used twice");
                }
                depths[child] = depths[node] + 1;
                stack[top++] = child;
            }
        }
        return deepest;
    }

    private static Map<Integer, int[]> categories(JsonNode json, int number, int[] types) {
        Map<Integer, int[]> byNode = new HashMap<>();
        int[] nodes = json.has("categories_nodes") ? integers(json, "categories_nodes") : new int[0];
        if (nodes.length > 0) {
            int[] all = integers(json, "categories");
            int[] starts = integers(json, "categories_segments");
            int[] sizes = integers(json, "categories_sizes");
            for (int i = 0; i < nodes.length; i++) {
                boolean inside = i < starts.length
                        && i < sizes.length
                        && nodes[i] >= 0
                        && nodes[i] < types.length
                        && starts[i] >= 0
                        && sizes[i] >= 0
                        && (long) starts[i] + sizes[i] <= all.length;
                if (!inside) {
                    throw refused("the category sets of tree " + number + " do not fit together");
                }
                byNode.put(nodes[i], Arrays.copyOfRange(all, starts[i], starts[i] + sizes[i]));
            }
        }
        for (int i = 0; i < types.length; i++) {
            if ((types[i] == CATEGORICAL) != byNode.containsKey(i)) {
                throw refused("node " + i + " of tree " + number + " lacks its category set");
            }
        }
        return byNode;
    }

    private static int[] integers(JsonNode json, String name) {
        JsonNode array = member(json, name);
        int[] values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).isBoolean()
                    ? (array.get(i).asBoolean() ? 1 : 0)
                    : array.get(i).asInt();
        }
        return values;
    }

    private static float[] floats(JsonNode json, String name) {
        JsonNode array = member(json, name);
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) array.get(i).asDouble();
        }
        return values;
    }

    private static JsonNode member(JsonNode json, String name) {
        JsonNode member = json.get(name);
        if (member == null) {
            throw refused("it has no '" + name + "'");
        }
        return member;
    }

    static PerennialException refused(String why) {
        return PerennialException.invalid("model", "cannot use this XGBoost model: " + why);
    }
}
