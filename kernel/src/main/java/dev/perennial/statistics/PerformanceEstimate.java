package dev.perennial.statistics;

/**
 * Performance without labels: what calibrated probabilities say the confusion counts and the AUC are. Holds only while P(y|x) is
 * unchanged, so an estimate may warn and never acts alone.
 *
 * @param expected expected confusion counts
 * @param auc from cumulated probabilities, tied scores grouped
 */
public record PerformanceEstimate(Classification.Confusion expected, Metric auc) {

    /**
     * @param scores what the model said, for the order
     * @param calibrated probability that a row is positive
     * @param predicted the class that was answered
     */
    public static PerformanceEstimate of(double[] scores, double[] calibrated, boolean[] predicted) {
        double tp = 0;
        double fp = 0;
        double fn = 0;
        double tn = 0;
        double[] high = new double[scores.length];
        for (int i = 0; i < scores.length; i++) {
            double c = calibrated[i];
            tp += predicted[i] ? c : 0;
            fp += predicted[i] ? 1 - c : 0;
            fn += predicted[i] ? 0 : c;
            tn += predicted[i] ? 0 : 1 - c;
            high[i] = c;
        }
        return new PerformanceEstimate(new Classification.Confusion(tp, fp, fn, tn), auc(scores, high));
    }

    private static Metric auc(double[] scores, double[] positive) {
        int[] order = Ranks.order(scores);
        double negatives = 0;
        double positives = 0;
        double pairs = 0;
        for (int from = 0; from < order.length; ) {
            double up = 0;
            double down = 0;
            int to = from;
            for (; to < order.length && scores[order[to]] == scores[order[from]]; to++) {
                up += positive[order[to]];
                down += 1 - positive[order[to]];
            }
            pairs += up * (negatives + down / 2);
            positives += up;
            negatives += down;
            from = to;
        }
        return Metric.quotient(pairs, positives * negatives, "one_class");
    }
}
