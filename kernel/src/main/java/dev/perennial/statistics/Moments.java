package dev.perennial.statistics;

/**
 * Count, mean, sum of squared deviations, minimum and maximum of finite values; merges without cancellation (Chan).
 *
 * @param mean 0 when empty
 * @param min 0 when empty, as is {@code max}
 */
public record Moments(long count, double mean, double m2, double min, double max) {
    public static final Moments EMPTY = new Moments(0, 0, 0, 0, 0);

    public static Moments of(double... values) {
        return of(values, 0, values.length);
    }

    /** Moments of a range of an array of finite values: two passes with four independent sums each. */
    public static Moments of(double[] values, int from, int to) {
        int n = to - from;
        if (n <= 0) {
            return EMPTY;
        }
        double a = 0;
        double b = 0;
        double min = values[from];
        double max = min;
        int i = from;
        for (; i + 1 < to; i += 2) {
            a += values[i];
            b += values[i + 1];
            min = Math.min(min, Math.min(values[i], values[i + 1]));
            max = Math.max(max, Math.max(values[i], values[i + 1]));
        }
        if (i < to) {
            a += values[i];
            min = Math.min(min, values[i]);
            max = Math.max(max, values[i]);
        }
        double mean = (a + b) / n;
        double p = 0;
        double q = 0;
        double off = 0;
        for (i = from; i + 1 < to; i += 2) {
            double d = values[i] - mean;
            double e = values[i + 1] - mean;
            p += d * d;
            q += e * e;
            off += d + e;
        }
        if (i < to) {
            double d = values[i] - mean;
            p += d * d;
            off += d;
        }
        // The deviations' own mean corrects what rounding did to the first pass.
        return new Moments(n, mean + off / n, Math.max(0, p + q - off * off / n), min, max);
    }

    public Moments merge(Moments other) {
        if (count == 0) {
            return other;
        }
        if (other.count == 0) {
            return this;
        }
        long n = count + other.count;
        double delta = other.mean - mean;
        double share = (double) other.count / n;
        return new Moments(
                n,
                mean + delta * share,
                m2 + other.m2 + delta * delta * count * share,
                Math.min(min, other.min),
                Math.max(max, other.max));
    }

    /** Mean squared deviation (ddof 0). */
    public double populationVariance() {
        return count == 0 ? 0 : m2 / count;
    }

    /** Unbiased variance (ddof 1); 0 for fewer than two values. */
    public double variance() {
        return count < 2 ? 0 : m2 / (count - 1);
    }

    public double standardDeviation() {
        return Math.sqrt(variance());
    }
}
