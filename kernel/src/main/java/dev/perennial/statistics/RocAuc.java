package dev.perennial.statistics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Area under the ROC curve: the chance that a positive row scores above a negative one, ties half. Labels are true for positive. */
public final class RocAuc {
    private RocAuc() {}

    /** The area with DeLong's standard error and a normal interval (not clipped: it may pass 1 for few rows). */
    public record WithError(double auc, double standardError, Interval interval) {}

    public static Metric of(boolean[] labels, double[] scores) {
        return of(labels, scores, null);
    }

    /** With pair weights; O(n log n). Undefined for one class only. */
    public static Metric of(boolean[] labels, double[] scores, double @Nullable [] weights) {
        int[] order = Ranks.order(scores);
        double negatives = 0;
        double positives = 0;
        double pairs = 0;
        for (int from = 0; from < order.length; ) {
            double tiedPositive = 0;
            double tiedNegative = 0;
            int to = from;
            for (; to < order.length && scores[order[to]] == scores[order[from]]; to++) {
                double weight = weights == null ? 1 : weights[order[to]];
                if (labels[order[to]]) {
                    tiedPositive += weight;
                } else {
                    tiedNegative += weight;
                }
            }
            pairs += tiedPositive * (negatives + tiedNegative / 2);
            positives += tiedPositive;
            negatives += tiedNegative;
            from = to;
        }
        return Metric.quotient(pairs, positives * negatives, "one_class");
    }

    /** One class against the rest for each class, then the mean over the classes that are defined. */
    public static Metric oneVersusRestMacro(int[] classes, double[][] probabilities) {
        List<Double> defined = new ArrayList<>();
        int count = probabilities.length == 0 ? 0 : probabilities[0].length;
        for (int c = 0; c < count; c++) {
            boolean[] labels = new boolean[classes.length];
            double[] scores = new double[classes.length];
            for (int i = 0; i < classes.length; i++) {
                labels[i] = classes[i] == c;
                scores[i] = probabilities[i][c];
            }
            Metric auc = of(labels, scores);
            if (auc.isDefined()) {
                defined.add(auc.value());
            }
        }
        if (defined.isEmpty()) {
            return Metric.undefined("one_class");
        }
        double mean = defined.stream().mapToDouble(Double::doubleValue).sum() / defined.size();
        int undefined = count - defined.size();
        return new Metric(mean, undefined == 0 ? null : undefined + " classes undefined");
    }

    /** DeLong's variance from placement values. Needs two rows of each class. */
    public static WithError delong(boolean[] labels, double[] scores, double confidence) {
        Placements placements = placements(labels, scores);
        double auc = placements.auc();
        double variance = placements.positive().length < 2 || placements.negative().length < 2
                ? Double.NaN
                : Moments.of(placements.positive()).variance() / placements.positive().length
                        + Moments.of(placements.negative()).variance() / placements.negative().length;
        return withError(auc, variance, labels.length, confidence);
    }

    /** Difference of two models' areas on the same rows (first minus second) with DeLong's paired variance. */
    public static WithError pairedDelong(boolean[] labels, double[] first, double[] second, double confidence) {
        Placements a = placements(labels, first);
        Placements b = placements(labels, second);
        double variance = a.positive().length < 2 || a.negative().length < 2
                ? Double.NaN
                : differenceVariance(a.positive(), b.positive()) + differenceVariance(a.negative(), b.negative());
        return withError(a.auc() - b.auc(), variance, labels.length, confidence);
    }

    /** Standard error when only the area and the class counts are known (Hanley and McNeil). */
    public static double hanleyMcNeil(double auc, double positives, double negatives) {
        double q1 = auc / (2 - auc);
        double q2 = 2 * auc * auc / (1 + auc);
        double variance = auc * (1 - auc) + (positives - 1) * (q1 - auc * auc) + (negatives - 1) * (q2 - auc * auc);
        return Math.sqrt(Math.max(0, variance) / (positives * negatives));
    }

    private static WithError withError(double estimate, double variance, int rows, double confidence) {
        if (Double.isNaN(estimate) || Double.isNaN(variance)) {
            return new WithError(estimate, Double.NaN, Interval.undefined(rows));
        }
        double error = Math.sqrt(variance);
        double half = ChiSquare.normalQuantile(confidence) * error;
        return new WithError(estimate, error, new Interval(estimate, estimate - half, estimate + half, rows));
    }

    private static double differenceVariance(double[] a, double[] b) {
        double[] difference = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            difference[i] = a[i] - b[i];
        }
        return Moments.of(difference).variance() / a.length;
    }

    private record Placements(double[] positive, double[] negative) {
        double auc() {
            return negative.length == 0 || positive.length == 0
                    ? Double.NaN
                    : Moments.of(positive).mean();
        }
    }

    private static Placements placements(boolean[] labels, double[] scores) {
        double[] all = Ranks.midranks(scores);
        double[] high = select(labels, scores, true);
        double[] low = select(labels, scores, false);
        double[] ranksOfHigh = Ranks.midranks(high);
        double[] ranksOfLow = Ranks.midranks(low);
        double[] positive = new double[high.length];
        double[] negative = new double[low.length];
        int i = 0;
        int j = 0;
        for (int row = 0; row < labels.length; row++) {
            if (labels[row]) {
                positive[i] = (all[row] - ranksOfHigh[i]) / low.length;
                i++;
            } else {
                negative[j] = 1 - (all[row] - ranksOfLow[j]) / high.length;
                j++;
            }
        }
        return new Placements(positive, negative);
    }

    private static double[] select(boolean[] labels, double[] scores, boolean wanted) {
        int n = 0;
        double[] selected = new double[scores.length];
        for (int i = 0; i < scores.length; i++) {
            if (labels[i] == wanted) {
                selected[n++] = scores[i];
            }
        }
        return Arrays.copyOf(selected, n);
    }
}
