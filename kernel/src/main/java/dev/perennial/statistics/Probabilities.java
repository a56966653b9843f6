package dev.perennial.statistics;

import java.util.Arrays;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** Losses and calibration of predicted probabilities. Rows whose probability is NaN or weight 0 count nothing; no rows: undefined. */
public final class Probabilities {
    /** The clip of scikit-learn: the smallest relative step of a double. */
    public static final double EPSILON = Math.ulp(1.0);

    private Probabilities() {}

    /** @param clipped rows whose probability had to be moved off 0 or 1 */
    public record LogLoss(Metric loss, int clipped) {}

    /** Weighted mean gap between predicted and observed rates, and the largest gap of a bin. */
    public record CalibrationError(double expected, double maximum) {}

    /** Mean of -ln(probability of what happened). */
    public static LogLoss logLoss(
            boolean[] labels, double[] probabilities, double @Nullable [] weights, double epsilon) {
        double sum = 0;
        double total = 0;
        int clipped = 0;
        for (int i = 0; i < labels.length; i++) {
            double p = probabilities[i];
            if (Double.isNaN(p)) {
                continue;
            }
            double weight = weight(weights, i);
            double used = Math.min(1 - epsilon, Math.max(epsilon, p));
            clipped += used == p ? 0 : 1;
            sum += weight * logLossOf(labels[i], used);
            total += weight;
        }
        return new LogLoss(Metric.quotient(sum, total, "no rows"), clipped);
    }

    public static Metric logLoss(boolean[] labels, double[] probabilities) {
        return logLoss(labels, probabilities, null, EPSILON).loss();
    }

    /** Loss of one row; the probability lies strictly between 0 and 1. */
    public static double logLossOf(boolean label, double p) {
        return label ? -Math.log(p) : -Math.log1p(-p);
    }

    /** Log loss over several classes; rows are not renormalised. */
    public static Metric logLossMulti(int[] classes, double[][] probabilities) {
        double sum = 0;
        for (int i = 0; i < classes.length; i++) {
            sum -= Math.log(Math.min(1 - EPSILON, Math.max(EPSILON, probabilities[i][classes[i]])));
        }
        return Metric.quotient(sum, classes.length, "no rows");
    }

    /** Mean squared error of the probability: 0 to 1. */
    public static Metric brier(boolean[] labels, double[] probabilities) {
        double sum = 0;
        int rows = 0;
        for (int i = 0; i < labels.length; i++) {
            if (!Double.isNaN(probabilities[i])) {
                double error = probabilities[i] - (labels[i] ? 1 : 0);
                sum += error * error;
                rows++;
            }
        }
        return Metric.quotient(sum, rows, "no rows");
    }

    /** Brier score over several classes: 0 to 2. */
    public static Metric brierMulti(int[] classes, double[][] probabilities) {
        double sum = 0;
        for (int i = 0; i < classes.length; i++) {
            for (int c = 0; c < probabilities[i].length; c++) {
                double error = probabilities[i][c] - (classes[i] == c ? 1 : 0);
                sum += error * error;
            }
        }
        return Metric.quotient(sum, classes.length, "no rows");
    }

    /** Entropy of a label rate in nats: the log loss of always saying the rate. */
    public static double entropy(double rate) {
        return rate <= 0 || rate >= 1 ? 0 : -rate * Math.log(rate) - (1 - rate) * Math.log1p(-rate);
    }

    /** 1 - log loss / entropy of the label rate; undefined for one class only. */
    public static Metric skill(double logLoss, double rate) {
        double entropy = entropy(rate);
        return entropy == 0 ? Metric.undefined("one_class") : Metric.of(1 - logLoss / entropy);
    }

    /** Calibration error over bins of equal width; a probability falls into bin min(floor(p B), B - 1). */
    public static CalibrationError calibrationEqualWidth(boolean[] labels, double[] probabilities, int bins) {
        int[] bin = new int[labels.length];
        Arrays.setAll(bin, i -> Math.min((int) Math.floor(probabilities[i] * bins), bins - 1));
        return calibration(labels, probabilities, bin, bins);
    }

    /** Calibration error over bins of equal mass; row i of n in the order of probability falls into bin floor(i B / n). */
    public static CalibrationError calibrationEqualMass(boolean[] labels, double[] probabilities, int bins) {
        Integer[] order = new Integer[labels.length];
        Arrays.setAll(order, i -> i);
        // Ties are ordered by label, so that the order of rows does not matter.
        Arrays.sort(
                order,
                Comparator.comparingDouble((Integer i) -> probabilities[i]).thenComparing(i -> labels[i]));
        int[] bin = new int[labels.length];
        for (int i = 0; i < order.length; i++) {
            bin[order[i]] = (int) ((long) i * bins / order.length);
        }
        return calibration(labels, probabilities, bin, bins);
    }

    private static CalibrationError calibration(boolean[] labels, double[] probabilities, int[] bin, int bins) {
        double[] rows = new double[bins];
        double[] predicted = new double[bins];
        double[] observed = new double[bins];
        for (int i = 0; i < labels.length; i++) {
            rows[bin[i]]++;
            predicted[bin[i]] += probabilities[i];
            observed[bin[i]] += labels[i] ? 1 : 0;
        }
        double expected = 0;
        double maximum = 0;
        for (int b = 0; b < bins; b++) {
            if (rows[b] > 0) {
                double gap = Math.abs(observed[b] - predicted[b]) / rows[b];
                expected += gap * rows[b] / labels.length;
                maximum = Math.max(maximum, gap);
            }
        }
        return new CalibrationError(expected, maximum);
    }

    private static double weight(double @Nullable [] weights, int i) {
        double weight = weights == null ? 1 : weights[i];
        if (weight < 0) {
            throw new IllegalArgumentException(
                    "weight " + weight + " of row " + i + " is negative; weights are 0 or more");
        }
        return weight;
    }
}
