package dev.perennial.statistics;

/** Drift of mean absolute attributions, one value for each feature. */
public final class Attribution {
    private Attribution() {}

    /** NDCG of the features in their current order with the reference attribution as gain; large swaps of small features hardly show. */
    public static Metric ndcg(double[] reference, double[] current) {
        return Ranking.ndcg(reference, current, 0);
    }

    /** Jensen-Shannon distance (bits) of attributions that are scaled to sum to one. */
    public static double jensenShannonDistance(double[] reference, double[] current) {
        return BinScores.jensenShannonDistance(reference, current);
    }
}
