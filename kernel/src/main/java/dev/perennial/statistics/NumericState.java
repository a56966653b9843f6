package dev.perennial.statistics;

import java.util.Arrays;

/**
 * What is kept of a numeric column in a window: counts by anchored bins, moments, and a counter for each kind of value that is no number.
 * Adds up: hours to days, replicas to one, in any order.
 *
 * @param rows all rows, missing ones too
 * @param missing NaN (null of the source)
 * @param counts by the bins of the reference; finite values only
 */
public record NumericState(
        long rows,
        long missing,
        long positiveInfinity,
        long negativeInfinity,
        long zeros,
        long negatives,
        Moments moments,
        long[] counts) {

    public static NumericState empty(int bins) {
        return new NumericState(0, 0, 0, 0, 0, 0, Moments.EMPTY, new long[bins]);
    }

    public static NumericState of(Bins bins, double... values) {
        Accumulator accumulator = new Accumulator(bins);
        accumulator.update(values, 0, values.length);
        return accumulator.state();
    }

    public NumericState merge(NumericState other) {
        if (counts.length != other.counts.length) {
            throw new IllegalArgumentException("states of " + counts.length + " and " + other.counts.length
                    + " bins; only states of the same reference add up");
        }
        long[] sum = counts.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other.counts[i];
        }
        return new NumericState(
                rows + other.rows,
                missing + other.missing,
                positiveInfinity + other.positiveInfinity,
                negativeInfinity + other.negativeInfinity,
                zeros + other.zeros,
                negatives + other.negatives,
                moments.merge(other.moments),
                sum);
    }

    /** Finite values. */
    public long values() {
        return moments.count();
    }

    /**
     * Collects values batch by batch; single-threaded.
     *
     * <p>Cost model: a batch is split into finite values and the others, then two passes for the moments and one table lookup for each
     * value, all within the first-level cache; no allocation for each value.
     */
    public static final class Accumulator {
        private static final int BATCH = 1024;

        private final Bins bins;
        private final double[] finite = new double[BATCH];
        private final double[] pending = new double[BATCH];
        private int waiting;
        private final long[] counts;
        private long rows;
        private long missing;
        private long positiveInfinity;
        private long negativeInfinity;
        private long zeros;
        private long negatives;
        private Moments moments = Moments.EMPTY;

        public Accumulator(Bins bins) {
            this.bins = bins;
            counts = new long[bins.size()];
        }

        /** Takes one value; values are worked off in batches. */
        public void add(double value) {
            pending[waiting++] = value;
            if (waiting == BATCH) {
                flush();
            }
        }

        private void flush() {
            int n = waiting;
            waiting = 0;
            batch(pending, 0, n);
        }

        public void update(double[] values, int from, int to) {
            for (int start = from; start < to; start += BATCH) {
                batch(values, start, Math.min(to, start + BATCH));
            }
        }

        private void batch(double[] values, int from, int to) {
            int n = 0;
            int negative = 0;
            int zero = 0;
            for (int i = from; i < to; i++) {
                double x = values[i];
                finite[n] = x;
                n += x - x == 0 ? 1 : 0;
                negative += x < 0 ? 1 : 0;
                zero += x == 0 ? 1 : 0;
            }
            rows += to - from;
            zeros += zero;
            negatives += negative;
            if (n < to - from) {
                special(values, from, to);
            }
            moments = moments.merge(Moments.of(finite, 0, n));
            bins.count(finite, 0, n, counts);
        }

        private void special(double[] values, int from, int to) {
            for (int i = from; i < to; i++) {
                if (Double.isNaN(values[i])) {
                    missing++;
                } else if (values[i] == Double.POSITIVE_INFINITY) {
                    positiveInfinity++;
                } else if (values[i] == Double.NEGATIVE_INFINITY) {
                    negativeInfinity++;
                    negatives--;
                }
            }
        }

        public NumericState state() {
            flush();
            return new NumericState(
                    rows,
                    missing,
                    positiveInfinity,
                    negativeInfinity,
                    zeros,
                    negatives,
                    moments,
                    Arrays.copyOf(counts, counts.length));
        }
    }
}
