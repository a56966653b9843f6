package dev.perennial.serving;

import dev.perennial.predictionlog.CallTally;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;
import dev.perennial.predictionlog.ShadowRecord;
import java.util.Arrays;

/**
 * What the calls of one version in one minute and one part of the traffic add up to. Tallies of several segments add up to the tally of
 * all of them.
 *
 * @param calls failed ones included
 * @param errors calls that the version could not answer
 * @param invalid answers that are no number
 * @param fallbacks failed calls that the champion answered instead
 * @param timed calls whose time is known
 * @param logTime sum of the natural logarithms of their microseconds
 * @param logTimeSquares sum of the squares of these
 * @param times how many took so long, as {@code bucket, count} pairs; four buckets for each doubling of the microseconds
 * @param scores scores in {@link #BINS} bins, as {@code bin, count} pairs; of a candidate only rows that the champion scored too
 * @param beside the champion's scores of the same rows; empty for the champion itself
 * @param rows rows of tensors that these calls brought; 0 where calls are rows with scores, and in tallies of earlier releases
 */
@SuppressWarnings("ArrayRecordComponent")
public record BlockTally(
        long calls,
        long errors,
        long invalid,
        long fallbacks,
        long timed,
        double logTime,
        double logTimeSquares,
        int[] times,
        int[] scores,
        int[] beside,
        long rows) {
    /** Bins of scores over the whole line: 600 for [0, 1], 200 for what lies below and 200 for what lies above. */
    public static final int BINS = 1_000;

    private static final int OUTSIDE = 200;
    private static final int INSIDE = BINS - 2 * OUTSIDE;
    private static final double FAR = Math.log1p(1e6);
    private static final int BUCKETS_A_DOUBLING = 4;

    public static final BlockTally NONE = new BlockTally(0, 0, 0, 0, 0, 0, 0, new int[0], new int[0], new int[0]);

    /** Of calls that are rows with scores. */
    public BlockTally(
            long calls,
            long errors,
            long invalid,
            long fallbacks,
            long timed,
            double logTime,
            double logTimeSquares,
            int[] times,
            int[] scores,
            int[] beside) {
        this(calls, errors, invalid, fallbacks, timed, logTime, logTimeSquares, times, scores, beside, 0);
    }

    /** Of calls of tensors, which have no scores. */
    static BlockTally of(CallTally tally) {
        CallTally.Counts counts = tally.counts();
        CallTally.Times times = tally.times();
        return new BlockTally(
                counts.calls(),
                counts.errors(),
                0,
                counts.fallbacks(),
                times.timed(),
                times.log(),
                times.logSquares(),
                new int[0],
                new int[0],
                new int[0],
                counts.rows());
    }

    /** Both together. */
    public BlockTally plus(BlockTally other) {
        return new BlockTally(
                calls + other.calls,
                errors + other.errors,
                invalid + other.invalid,
                fallbacks + other.fallbacks,
                timed + other.timed,
                logTime + other.logTime,
                logTimeSquares + other.logTimeSquares,
                plus(times, other.times),
                plus(scores, other.scores),
                plus(beside, other.beside),
                rows + other.rows);
    }

    /** The bin of a score: finer in [0, 1], where probabilities are, and by magnitude elsewhere. Never falls as the score grows. */
    static int bin(double score) {
        if (score >= 0 && score <= 1) {
            return OUTSIDE + (int) Math.min(INSIDE - 1, score * INSIDE);
        }
        double far = Math.min(1, Math.log1p(score < 0 ? -score : score - 1) / FAR);
        int steps = (int) Math.min(OUTSIDE - 1, far * OUTSIDE);
        return score < 0 ? OUTSIDE - 1 - steps : OUTSIDE + INSIDE + steps;
    }

    /** The middle of a bin: within a 1,200th of each score in [0, 1] that fell into it, within 4 % of those far outside. */
    static double middle(int bin) {
        if (bin >= OUTSIDE && bin < OUTSIDE + INSIDE) {
            return (bin - OUTSIDE + 0.5) / INSIDE;
        }
        int steps = bin < OUTSIDE ? OUTSIDE - 1 - bin : bin - OUTSIDE - INSIDE;
        double far = Math.expm1((steps + 0.5) / OUTSIDE * FAR);
        return bin < OUTSIDE ? -far : 1 + far;
    }

    static int bucket(long micros) {
        return (int) (BUCKETS_A_DOUBLING * Math.log(Math.max(1, micros)) / Math.log(2));
    }

    /** A call of the champion that it answered or, with a failure, did not. */
    static BlockTally champion(PredictionRecord record) {
        if (record.failure() != null) {
            return failed(0);
        }
        double score = record.score();
        return timed(record, Double.isFinite(score) ? new int[] {bin(score), 1} : new int[0], new int[0]);
    }

    /** A call that a canary answered, or that the champion answered in its place. */
    static BlockTally candidate(PredictionRecord record) {
        if (record.role() == Role.FALLBACK) {
            return failed(1);
        }
        PredictionRecord.Paired paired = record.paired();
        if (paired == null || !Double.isFinite(paired.score()) || !Double.isFinite(record.score())) {
            return timed(record, new int[0], new int[0]);
        }
        return timed(record, new int[] {bin(record.score()), 1}, new int[] {bin(paired.score()), 1});
    }

    /** A copy that a shadow scored or could not; nobody measured its time. */
    static BlockTally shadow(ShadowRecord record) {
        if (record.error() != null) {
            return failed(0);
        }
        double score = record.score();
        boolean both = Double.isFinite(score) && Double.isFinite(record.served().score());
        return new BlockTally(
                1,
                0,
                Double.isFinite(score) ? 0 : 1,
                0,
                0,
                0,
                0,
                new int[0],
                both ? new int[] {bin(score), 1} : new int[0],
                both ? new int[] {bin(record.served().score()), 1} : new int[0]);
    }

    /** What the champion says of a candidate's call that was counted already. */
    static BlockTally pair(ShadowRecord record) {
        double score = record.served().score();
        boolean both = record.error() == null && Double.isFinite(score) && Double.isFinite(record.score());
        return both
                ? new BlockTally(
                        0, 0, 0, 0, 0, 0, 0, new int[0], new int[] {bin(score), 1}, new int[] {bin(record.score()), 1})
                : NONE;
    }

    private static BlockTally failed(int fallbacks) {
        return new BlockTally(1, 1, 0, fallbacks, 0, 0, 0, new int[0], new int[0], new int[0]);
    }

    private static BlockTally timed(PredictionRecord record, int[] scores, int[] beside) {
        long micros = record.answer().latencyMicros();
        double log = Math.log(Math.max(1, micros));
        int[] times = {bucket(micros), 1};
        int invalid = Double.isFinite(record.score()) ? 0 : 1;
        return new BlockTally(1, 0, invalid, 0, 1, log, log * log, times, scores, beside);
    }

    /** Adds sorted {@code key, count} pairs. */
    private static int[] plus(int[] a, int[] b) {
        int[] sum = new int[a.length + b.length];
        int size = 0;
        int i = 0;
        int j = 0;
        while (i < a.length || j < b.length) {
            int left = i < a.length ? a[i] : Integer.MAX_VALUE;
            int right = j < b.length ? b[j] : Integer.MAX_VALUE;
            sum[size] = Math.min(left, right);
            sum[size + 1] = (left <= right ? a[i + 1] : 0) + (right <= left ? b[j + 1] : 0);
            i += left <= right ? 2 : 0;
            j += right <= left ? 2 : 0;
            size += 2;
        }
        return Arrays.copyOf(sum, size);
    }
}
