package dev.perennial.scoring.trees;

import java.util.List;

/**
 * What LightGBM makes of a sum of leaves.
 *
 * @param slope factor of the sum in a sigmoid
 */
record LightgbmObjective(Link link, double slope) {
    private static final String SIGMOID = "sigmoid:";

    /**
     * Reads the line as {@code binary sigmoid:1}; an empty line is an objective of the user's own, whose result is the sum.
     *
     * @param sums number of sums of a row
     */
    static LightgbmObjective of(String line, int sums) {
        List<String> words = List.of(line.strip().split("\\s+"));
        String name = words.getFirst();
        Link link = switch (name) {
            case "", "lambdarank", "rank_xendcg" -> Link.IDENTITY;
            case "regression", "regression_l1", "huber", "fair", "quantile", "mape" ->
                words.contains("sqrt") ? Link.SIGNED_SQUARE : Link.IDENTITY;
            case "poisson", "gamma", "tweedie" -> Link.EXP;
            case "binary", "multiclassova", "cross_entropy" -> Link.SIGMOID;
            case "cross_entropy_lambda" -> Link.SOFTPLUS;
            case "multiclass" -> Link.SOFTMAX;
            default -> throw Refusal.LIGHTGBM.of("objective '" + name + "' is not supported");
        };
        boolean several = name.startsWith("multiclass");
        if (several != (sums > 1)) {
            throw Refusal.LIGHTGBM.of("objective '" + name + "' with " + sums + " trees in an iteration");
        }
        return new LightgbmObjective(link, slope(words));
    }

    private static double slope(List<String> words) {
        for (String word : words) {
            if (word.startsWith(SIGMOID)) {
                try {
                    double slope = Double.parseDouble(word.substring(SIGMOID.length()));
                    if (slope > 0 && slope <= Double.MAX_VALUE) {
                        return slope;
                    }
                } catch (NumberFormatException e) {
                    throw Refusal.LIGHTGBM.of("its objective says '" + word + "', which is no number");
                }
                throw Refusal.LIGHTGBM.of("its objective says '" + word + "', which must be above zero");
            }
        }
        return 1;
    }
}
