package dev.perennial.scorer.telemetry;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts values in the fixed buckets of Prometheus' classic histograms and in the exponential ones of its native histograms, eight to each
 * doubling. All memory is taken at the beginning, 2 KB; a value costs two searches of a few steps, three additions and no object.
 * Thread-safe.
 */
public final class Histogram {
    /** Buckets of a doubling: 2 to the power of this. */
    static final int SCHEMA = 3;

    private static final int PER_DOUBLING = 1 << SCHEMA;
    /** Lower halves of the bounds within a doubling, as the mantissa in [0.5, 1) is compared with them. */
    private static final double[] BOUNDS = bounds();

    private final Scale scale;
    private final AtomicLongArray classic;
    private final AtomicLongArray exponential;
    private final LongAdder sum = new LongAdder();

    /**
     * What is measured, and in which buckets.
     *
     * @param unit recorded whole numbers that make one of what is told
     * @param edges upper ends of the classic buckets
     * @param lowest exponent of two up to which values count as zero
     * @param highest exponent of two beyond which values count in the last exponential bucket
     */
    public record Scale(double unit, double[] edges, int lowest, int highest) {
        /** Nanoseconds, told in seconds; from a microsecond to four minutes. */
        public static final Scale SECONDS = new Scale(
                1e9,
                new double[] {
                    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
                    2.5
                },
                -20,
                8);
        /** Numbers of rows or calls. */
        public static final Scale COUNTS =
                new Scale(1, new double[] {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024}, -1, 20);
    }

    /**
     * The state at one moment.
     *
     * @param edges upper ends of the classic buckets but the last
     * @param below values up to each edge, and last all
     * @param zeros values up to {@code zeroUpTo}
     * @param offset index of the first exponential bucket
     * @param exponential values by exponential bucket
     */
    record Snapshot(
            double[] edges, long[] below, double sum, long zeros, double zeroUpTo, int offset, long[] exponential) {
        long count() {
            return below[below.length - 1];
        }
    }

    public Histogram(Scale scale) {
        this.scale = scale;
        this.classic = new AtomicLongArray(scale.edges.length + 1);
        this.exponential = new AtomicLongArray((scale.highest - scale.lowest) * PER_DOUBLING + 1); // first: zeros
    }

    public void record(long value) {
        double told = value / scale.unit;
        exponential.incrementAndGet(Math.clamp(index(told) - first() + 1L, 0, exponential.length() - 1));
        int bucket = 0;
        while (bucket < scale.edges.length && told > scale.edges[bucket]) {
            bucket++;
        }
        classic.incrementAndGet(bucket);
        sum.add(value);
    }

    /** Index of the first bucket above what counts as zero. */
    private int first() {
        return scale.lowest * PER_DOUBLING + 1;
    }

    /** Bucket {@code i} holds the values above {@code 2^((i-1)/8)} up to {@code 2^(i/8)}. */
    static int index(double value) {
        if (value <= 0) {
            return Integer.MIN_VALUE / 2;
        }
        int exponent = Math.getExponent(value) + 1;
        double mantissa = Math.scalb(value, -exponent);
        int within = 0;
        while (within < PER_DOUBLING && mantissa > BOUNDS[within]) {
            within++;
        }
        return (exponent - 1) * PER_DOUBLING + within;
    }

    Snapshot snapshot() {
        long[] below = new long[classic.length()];
        long all = 0;
        for (int i = 0; i < below.length; i++) {
            all += classic.get(i);
            below[i] = all;
        }
        long[] buckets = new long[exponential.length() - 1];
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = exponential.get(i + 1);
        }
        return new Snapshot(
                scale.edges,
                below,
                sum.sum() / scale.unit,
                exponential.get(0),
                Math.scalb(1.0, scale.lowest),
                first(),
                buckets);
    }

    private static double[] bounds() {
        double[] bounds = new double[PER_DOUBLING];
        for (int i = 0; i < PER_DOUBLING; i++) {
            bounds[i] = 0.5 * Math.pow(2, (double) i / PER_DOUBLING);
        }
        return bounds;
    }
}
