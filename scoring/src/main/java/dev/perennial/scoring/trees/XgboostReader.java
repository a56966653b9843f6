package dev.perennial.scoring.trees;

import dev.perennial.kernel.PerennialException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads XGBoost's model format from its JSON or its UBJ, member by member in whatever order, as files of its versions 1.0 to 3 have them.
 * What does not describe sums of trees of one value for each leaf is refused by name.
 */
final class XgboostReader {
    private static final Refusal REFUSAL = Refusal.XGBOOST;

    private final Tokens tokens;
    private final Numbers numbers = new Numbers(REFUSAL);
    private final CategorySets sets = new CategorySets(REFUSAL);
    private final XgboostTrees trees = new XgboostTrees(numbers, sets);
    private final XgboostCategories categories = new XgboostCategories(numbers);
    private @Nullable String booster;
    private @Nullable String inner;
    private @Nullable String objective;
    private @Nullable String baseScore;
    private int features = -1;
    private int classes = 1;
    private int targets = 1;
    private int parallel = 1;
    private int bestIteration = -1;
    private boolean byScikit;
    private boolean model;
    private int[] classOf = {};
    private int[] iterations = {};
    private double[] drops = {};
    private final List<String> names = new ArrayList<>();

    private XgboostReader(Tokens tokens) {
        this.tokens = tokens;
    }

    static Ensemble json(byte[] file) {
        return new XgboostReader(new JsonTokens(file, REFUSAL)).read();
    }

    static Ensemble ubj(byte[] file) {
        return new XgboostReader(new UbjTokens(file, REFUSAL)).read();
    }

    private interface Member {
        void read(String name);
    }

    private void object(Member member) {
        tokens.beginObject();
        for (String name = tokens.name(); name != null; name = tokens.name()) {
            member.read(name);
        }
    }

    private Ensemble read() {
        boolean[] seen = {false};
        object(name -> {
            if (name.equals("learner")) {
                seen[0] = true;
                object(this::learner);
            } else {
                tokens.skip();
            }
        });
        tokens.end();
        if (!seen[0]) {
            throw lacks("learner");
        }
        return ensemble();
    }

    private void learner(String name) {
        switch (name) {
            case "gradient_booster" -> object(this::booster);
            case "objective" ->
                object(member -> {
                    if (member.equals("name")) {
                        objective = tokens.text();
                    } else {
                        tokens.skip();
                    }
                });
            case "learner_model_param" -> object(this::parameter);
            case "attributes" -> object(this::attribute);
            case "feature_names" -> {
                tokens.beginArray();
                while (tokens.element()) {
                    if (names.size() == Bounds.FEATURES_MAX) {
                        throw REFUSAL.of("more than " + Bounds.FEATURES_MAX + " feature names");
                    }
                    names.add(tokens.text());
                }
            }
            default -> tokens.skip();
        }
    }

    private void parameter(String name) {
        switch (name) {
            case "base_score" -> baseScore = tokens.text();
            case "num_class" -> classes = Math.max(1, whole(name, tokens.text()));
            case "num_target" -> targets = Math.max(1, whole(name, tokens.text()));
            case "num_feature" -> features = whole(name, tokens.text());
            default -> tokens.skip();
        }
    }

    private void attribute(String name) {
        switch (name) {
            case "best_iteration" -> bestIteration = whole(name, tokens.text());
            case "scikit_learn" -> {
                byScikit = true;
                tokens.skip();
            }
            default -> tokens.skip();
        }
    }

    private void booster(String name) {
        switch (name) {
            case "name" -> booster = tokens.text();
            case "model" -> object(this::model);
            case "weight_drop" -> drops = numbers();
            case "gbtree" ->
                object(member -> {
                    switch (member) {
                        case "name" -> inner = tokens.text();
                        case "model" -> object(this::model);
                        default -> tokens.skip();
                    }
                });
            default -> tokens.skip();
        }
    }

    private void model(String name) {
        switch (name) {
            case "trees" -> {
                if (model) {
                    throw REFUSAL.of("its trees stand twice");
                }
                model = true;
                trees.read(tokens);
            }
            case "cats" -> categories.read(tokens);
            case "tree_info" -> classOf = wholes(name);
            case "iteration_indptr" -> iterations = wholes(name);
            case "gbtree_model_param" ->
                object(member -> {
                    if (member.equals("num_parallel_tree")) {
                        parallel = Math.max(1, whole(member, tokens.text()));
                    } else {
                        tokens.skip();
                    }
                });
            default -> tokens.skip();
        }
    }

    private double[] numbers() {
        tokens.numbers(numbers);
        return numbers.toDoubles();
    }

    private int[] wholes(String name) {
        tokens.numbers(numbers);
        return numbers.toInts(name);
    }

    private static int whole(String name, String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw REFUSAL.of("'" + name + "' is '" + text + "', which is no whole number");
        }
    }

    private Ensemble ensemble() {
        XgboostObjective kind = XgboostObjective.of(checkedObjective());
        List<Tree> used = trees.checked(features);
        int[] target = classOf.length == 0 ? new int[used.size()] : classOf;
        if (target.length != used.size()) {
            throw REFUSAL.of("'tree_info' has " + target.length + " numbers for " + used.size() + " trees");
        }
        if (classes > Bounds.CLASSES_MAX) {
            throw REFUSAL.of(classes + " classes; at most " + Bounds.CLASSES_MAX + " are possible");
        }
        if (kind.classes() != (classes > 1)) {
            throw REFUSAL.of("objective '" + objective + "' with 'num_class' " + classes);
        }
        for (int t = 0; t < target.length; t++) {
            if (target[t] < 0 || target[t] >= classes) {
                throw REFUSAL.of("tree " + t + " belongs to class " + target[t] + " of " + classes
                        + "; models of several targets are not supported");
            }
        }
        dropped(used);
        int limit = limit(used.size());
        return new Ensemble(
                REFUSAL,
                List.copyOf(used.subList(0, limit)),
                sets,
                Arrays.copyOf(target, limit),
                classes,
                XgboostObjective.bases(checked(baseScore, "base_score"), classes, kind),
                1,
                kind.link(),
                1,
                true,
                kind.label(),
                true,
                features,
                List.copyOf(names),
                categories.lists());
    }

    private String checkedObjective() {
        String kind = checked(booster, "gradient_booster.name");
        if (kind.equals("dart") ? inner != null && !inner.equals("gbtree") : !kind.equals("gbtree")) {
            throw REFUSAL.of(
                    "booster '" + (kind.equals("dart") ? inner : kind) + "' is not supported, only gbtree and dart");
        }
        if (!model) {
            throw lacks("trees");
        }
        if (targets > 1) {
            throw REFUSAL.of("models of several targets are not supported, it has " + targets);
        }
        if (features < 0) {
            throw lacks("num_feature");
        }
        if (features > Bounds.FEATURES_MAX) {
            throw REFUSAL.of(features + " features; at most " + Bounds.FEATURES_MAX + " are possible");
        }
        return checked(objective, "objective.name");
    }

    /** The weights of dart, multiplied into the leaves. */
    private void dropped(List<Tree> used) {
        if ("dart".equals(booster)) {
            if (drops.length != used.size()) {
                throw REFUSAL.of("'weight_drop' has " + drops.length + " numbers for " + used.size() + " trees");
            }
            for (int t = 0; t < drops.length; t++) {
                if (!Double.isFinite(drops[t])) {
                    throw REFUSAL.of("the weight of tree " + t + " is " + drops[t]);
                }
                used.get(t).scaleLeaves((float) drops[t]);
            }
        }
    }

    /** The classes of scikit-learn's interface predict with the best iteration only; a booster predicts with all trees. */
    private int limit(int all) {
        if (!byScikit || bestIteration < 0) {
            return all;
        }
        long end = bestIteration + 1L < iterations.length
                ? iterations[bestIteration + 1]
                : (bestIteration + 1L) * parallel * classes;
        if (end <= 0 || end > all) {
            throw REFUSAL.of(
                    "its best iteration is " + bestIteration + ", which would need " + end + " of " + all + " trees");
        }
        return (int) end;
    }

    private static String checked(@Nullable String value, String name) {
        if (value == null) {
            throw lacks(name);
        }
        return value;
    }

    private static PerennialException lacks(String name) {
        return REFUSAL.of("it has no '" + name + "'");
    }
}
