package dev.perennial.scoring.trees;

/**
 * What XGBoost makes of a sum of leaves.
 *
 * @param link from the sum to the result
 * @param classes whether there is a sum for each class
 * @param label whether the result is the likeliest class
 */
record XgboostObjective(Link link, boolean classes, boolean label) {
    static XgboostObjective of(String name) {
        return switch (name) {
            case "binary:logistic", "reg:logistic" -> new XgboostObjective(Link.SIGMOID, false, false);
            case "reg:squarederror",
                    "reg:linear",
                    "reg:squaredlogerror",
                    "reg:absoluteerror",
                    "reg:pseudohubererror",
                    "reg:quantileerror",
                    "binary:logitraw",
                    "rank:pairwise",
                    "rank:ndcg",
                    "rank:map" -> new XgboostObjective(Link.IDENTITY, false, false);
            case "count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft" ->
                new XgboostObjective(Link.EXP, false, false);
            case "binary:hinge" -> new XgboostObjective(Link.STEP, false, false);
            case "multi:softprob" -> new XgboostObjective(Link.SOFTMAX, true, false);
            case "multi:softmax" -> new XgboostObjective(Link.SOFTMAX, true, true);
            default ->
                throw Refusal.XGBOOST.of("objective '" + name
                        + "' is not supported, only those of reg, binary, multi, count, rank and survival that its"
                        + " version 3.2 has");
        };
    }

    /** Base scores as a model has them: one number, or since version 3.1 one for each class in brackets; results, not sums. */
    static double[] bases(String text, int classes, XgboostObjective objective) {
        String list = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        String[] words = list.split(",", -1);
        if (words.length != 1 && words.length != classes) {
            throw Refusal.XGBOOST.of("base_score '" + text + "' has " + words.length + " numbers for " + classes
                    + (classes == 1 ? " sum" : " classes"));
        }
        double[] bases = new double[classes];
        for (int i = 0; i < classes; i++) {
            bases[i] = sum(words[words.length == 1 ? 0 : i].strip(), objective.link);
        }
        return bases;
    }

    private static float sum(String word, Link link) {
        float score;
        try {
            score = Float.parseFloat(word);
        } catch (NumberFormatException e) {
            throw Refusal.XGBOOST.of("base_score '" + word + "' is not one number");
        }
        boolean possible = switch (link) {
            case SIGMOID -> score > 0 && score < 1;
            case EXP -> score > 0 && score <= Float.MAX_VALUE;
            default -> Math.abs(score) <= Float.MAX_VALUE;
        };
        if (!possible) {
            throw Refusal.XGBOOST.of("base_score " + word + " is no possible result of its objective");
        }
        return switch (link) {
            case SIGMOID -> (float) -Math.log(1.0f / score - 1.0f);
            case EXP -> (float) Math.log(score);
            default -> score;
        };
    }
}
