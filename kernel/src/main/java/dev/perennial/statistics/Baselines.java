package dev.perennial.statistics;

import java.util.Arrays;
import org.apache.commons.statistics.distribution.TDistribution;

/** Expected values from a short history: robust z, prediction interval, control chart, error of quantile sketches. */
public final class Baselines {
    /** Turns the median absolute deviation of a normal law into its standard deviation. */
    public static final double MAD_TO_SD = 1.482602218505602;

    private Baselines() {}

    /** @param z infinite when the history does not vary and the value differs */
    public record RobustZ(double median, double mad, double z) {}

    /** State of an exponentially weighted chart after the last value; {@code firstSignal} is -1 when no value left the limits. */
    public record Chart(double last, double halfWidth, int firstSignal) {}

    /** (x - median) / (1.4826 MAD), with a floor for the deviation. */
    public static RobustZ robustZ(double[] history, double value, double madFloor) {
        double median = median(history);
        double[] deviations = new double[history.length];
        Arrays.setAll(deviations, i -> Math.abs(history[i] - median));
        double mad = history.length == 0 ? 0 : median(deviations);
        double scale = MAD_TO_SD * Math.max(mad, madFloor);
        double z = value == median ? 0 : (value - median) / scale;
        return new RobustZ(median, mad, z);
    }

    /** Where the next value is expected: mean +- t sd sqrt(1 + 1/k). Undefined for fewer than two values. */
    public static Interval prediction(double[] history, double alpha) {
        int k = history.length;
        if (k < 2) {
            return Interval.undefined(k);
        }
        Moments moments = Moments.of(history);
        double t = TDistribution.of(k - 1).inverseSurvivalProbability(alpha / 2);
        double half = t * moments.standardDeviation() * Math.sqrt(1 + 1.0 / k);
        return new Interval(moments.mean(), moments.mean() - half, moments.mean() + half, k);
    }

    /** Exponentially weighted moving average with time-dependent limits. */
    public static Chart ewma(double[] values, double mean, double sd, double lambda, double width) {
        double z = mean;
        double half = 0;
        int signal = -1;
        for (int i = 0; i < values.length; i++) {
            z = lambda * values[i] + (1 - lambda) * z;
            half = width * sd * Math.sqrt(lambda / (2 - lambda) * (1 - Math.pow(1 - lambda, 2.0 * (i + 1))));
            signal = signal < 0 && Math.abs(z - mean) > half ? i : signal;
        }
        return new Chart(z, half, signal);
    }

    /** The middle value, mean of the two middle ones for an even count; 0 for none. */
    public static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        return n == 0 ? 0 : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    }

    /** Error of a KLL sketch with parameter k in ranks, single-sided, 99 %. */
    public static double kllRankError(int k) {
        return 2.296 / Math.pow(k, 0.9723);
    }

    /** Error of a KLL sketch with parameter k in shares of bins. */
    public static double kllShareError(int k) {
        return 2.446 / Math.pow(k, 0.9433);
    }
}
