package dev.perennial.statistics;

import java.util.Arrays;

/** Errors of predicted numbers; an error is prediction minus actual. Pairs with a NaN are left out. */
public final class Regression {
    private static final String NO_ROWS = "no rows";

    private Regression() {}

    /**
     * Mergeable sums of weighted errors.
     *
     * @param targets moments of the actual values, for R squared (of unweighted rows)
     */
    public record Sums(double weight, double squared, double absolute, double signed, Moments targets) {
        public static final Sums EMPTY = new Sums(0, 0, 0, 0, Moments.EMPTY);

        public static Sums of(double[] actual, double[] predicted) {
            double squared = 0;
            double absolute = 0;
            double signed = 0;
            double[] kept = new double[actual.length];
            int n = 0;
            for (int i = 0; i < actual.length; i++) {
                double error = predicted[i] - actual[i];
                if (!Double.isNaN(error)) {
                    kept[n++] = actual[i];
                    squared += error * error;
                    absolute += Math.abs(error);
                    signed += error;
                }
            }
            return new Sums(n, squared, absolute, signed, Moments.of(kept, 0, n));
        }

        public Sums merge(Sums other) {
            return new Sums(
                    weight + other.weight,
                    squared + other.squared,
                    absolute + other.absolute,
                    signed + other.signed,
                    targets.merge(other.targets));
        }

        public Metric mse() {
            return Metric.quotient(squared, weight, NO_ROWS);
        }

        public Metric rmse() {
            return weight == 0 ? Metric.undefined(NO_ROWS) : Metric.of(Math.sqrt(squared / weight));
        }

        public Metric mae() {
            return Metric.quotient(absolute, weight, NO_ROWS);
        }

        public Metric meanError() {
            return Metric.quotient(signed, weight, NO_ROWS);
        }

        public Metric r2() {
            return weight < 2 ? Metric.undefined("fewer than two rows") : r2Of(squared, targets.m2());
        }
    }

    public static Metric weightedRmse(double[] actual, double[] predicted, double[] weights) {
        Metric mse = weighted(actual, predicted, weights, true);
        return mse.isDefined() ? Metric.of(Math.sqrt(mse.value())) : mse;
    }

    public static Metric weightedMae(double[] actual, double[] predicted, double[] weights) {
        return weighted(actual, predicted, weights, false);
    }

    public static Metric weightedR2(double[] actual, double[] predicted, double[] weights) {
        double total = BinScores.sum(weights);
        if (total == 0 || actual.length < 2) {
            return Metric.undefined("fewer than two rows or no weight");
        }
        double mean = 0;
        for (int i = 0; i < actual.length; i++) {
            mean += weights[i] * actual[i] / total;
        }
        double spread = 0;
        double residual = 0;
        for (int i = 0; i < actual.length; i++) {
            spread += weights[i] * (actual[i] - mean) * (actual[i] - mean);
            residual += weights[i] * (actual[i] - predicted[i]) * (actual[i] - predicted[i]);
        }
        return r2Of(residual, spread);
    }

    public static Metric medianAbsoluteError(double[] actual, double[] predicted) {
        double[] errors = absoluteErrors(actual, predicted);
        return errors.length == 0 ? Metric.undefined(NO_ROWS) : Metric.of(Baselines.median(errors));
    }

    public static Metric maxError(double[] actual, double[] predicted) {
        double[] errors = absoluteErrors(actual, predicted);
        return errors.length == 0
                ? Metric.undefined(NO_ROWS)
                : Metric.of(Arrays.stream(errors).max().getAsDouble());
    }

    /** Mean of max(a (y - f), (a - 1)(y - f)). */
    public static Metric quantileLoss(double[] actual, double[] predicted, double alpha) {
        double sum = 0;
        for (int i = 0; i < actual.length; i++) {
            double error = actual[i] - predicted[i];
            sum += Math.max(alpha * error, (alpha - 1) * error);
        }
        return Metric.quotient(sum, actual.length, NO_ROWS);
    }

    /** Mean relative error over rows whose actual value is not 0; the note says how many were left out. */
    public static Metric mape(double[] actual, double[] predicted) {
        double sum = 0;
        int rows = 0;
        for (int i = 0; i < actual.length; i++) {
            if (actual[i] != 0) {
                sum += Math.abs((predicted[i] - actual[i]) / actual[i]);
                rows++;
            }
        }
        int excluded = actual.length - rows;
        return rows == 0
                ? Metric.undefined("no row with an actual value other than 0")
                : new Metric(sum / rows, excluded == 0 ? null : excluded + " rows with actual value 0 left out");
    }

    /** Relative error as scikit-learn has it: an actual value of 0 counts as 2.2e-16, so that one zero decides. */
    public static Metric mapeUnguarded(double[] actual, double[] predicted) {
        double sum = 0;
        for (int i = 0; i < actual.length; i++) {
            sum += Math.abs(predicted[i] - actual[i]) / Math.max(Math.abs(actual[i]), Probabilities.EPSILON);
        }
        return Metric.quotient(sum, actual.length, NO_ROWS);
    }

    /** Sum of absolute errors over sum of absolute actual values. */
    public static Metric wape(double[] actual, double[] predicted) {
        double errors = 0;
        double values = 0;
        for (int i = 0; i < actual.length; i++) {
            errors += Math.abs(predicted[i] - actual[i]);
            values += Math.abs(actual[i]);
        }
        return Metric.quotient(errors, values, "all actual values are 0");
    }

    /** Mean of 2|y - f| / (|y| + |f|), 0 to 2; 0 where both are 0. */
    public static Metric smape(double[] actual, double[] predicted) {
        double sum = 0;
        for (int i = 0; i < actual.length; i++) {
            double size = Math.abs(actual[i]) + Math.abs(predicted[i]);
            sum += size == 0 ? 0 : 2 * Math.abs(actual[i] - predicted[i]) / size;
        }
        return Metric.quotient(sum, actual.length, NO_ROWS);
    }

    private static Metric weighted(double[] actual, double[] predicted, double[] weights, boolean squared) {
        double sum = 0;
        double total = 0;
        for (int i = 0; i < actual.length; i++) {
            double error = Math.abs(predicted[i] - actual[i]);
            sum += weights[i] * (squared ? error * error : error);
            total += weights[i];
        }
        return Metric.quotient(sum, total, "no weight");
    }

    private static Metric r2Of(double residual, double spread) {
        if (spread == 0) {
            return new Metric(residual == 0 ? 1 : 0, "the actual values are constant");
        }
        return Metric.of(1 - residual / spread);
    }

    private static double[] absoluteErrors(double[] actual, double[] predicted) {
        double[] errors = new double[actual.length];
        int n = 0;
        for (int i = 0; i < actual.length; i++) {
            double error = Math.abs(predicted[i] - actual[i]);
            if (!Double.isNaN(error)) {
                errors[n++] = error;
            }
        }
        return Arrays.copyOf(errors, n);
    }
}
