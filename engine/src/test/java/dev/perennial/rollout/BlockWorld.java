package dev.perennial.rollout;

import dev.perennial.rollout.Learnt.EarlierPeriod;
import dev.perennial.rollout.RolloutEvidence.Comparison;
import dev.perennial.rollout.RolloutEvidence.Control;
import dev.perennial.rollout.RolloutEvidence.Day;
import dev.perennial.rollout.Spread.Halves;
import dev.perennial.rollout.Spread.Sums;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/**
 * An endpoint whose outcomes nobody learns, in blocks of two hours. A group of callers (canary, control, each half of the champion's) has
 * bursts of its own in each block and on each day, in failed calls and in time, such that the mean of half of the traffic has this design
 * effect; scores swing by day as the candidate's and the champion's errors do.
 *
 * @param deff design effect of a group's mean over a day
 * @param rate share of failed calls of the champion
 * @param moreErrors what the candidate adds to the share of failed calls
 * @param times how many times as long the candidate takes
 * @param harm what the candidate makes of its log-odds
 */
record BlockWorld(double deff, double rate, double moreErrors, double times, DoubleUnaryOperator harm) {

    /** A champion that fails as usual. */
    BlockWorld(double deff, double moreErrors, double times, DoubleUnaryOperator harm) {
        this(deff, ERROR_RATE, moreErrors, times, harm);
    }

    static final int BLOCKS_A_DAY = 12;
    static final long BLOCK_MILLIS = 7_200_000;

    private static final int CALLS = 3_000;

    /** Calls of each half of the champion's callers in a block. */
    static final int HALF = CALLS / 2;

    private static final int SCORED = 200;
    private static final double ERROR_RATE = 0.01;
    private static final double LOG_MICROS = Math.log(50_000);
    private static final double LOG_SD = 0.5;
    private static final double COMMON_SD = 0.1;
    private static final double DAY_ERROR = 0.12;
    private static final double ROW_ERROR = 0.3;

    static BlockWorld honest(double deff) {
        return new BlockWorld(deff, 0, 1, DoubleUnaryOperator.identity());
    }

    /** A champion that never fails, and a candidate that fails by half of what is tolerated. */
    static BlockWorld flawless(double deff) {
        return new BlockWorld(deff, 0, BlockRun.TOLERATED_ERRORS / 2, 1, DoubleUnaryOperator.identity());
    }

    /** Causes of a day, by group and model. */
    record Cause(
            double errorsFirst,
            double errorsSecond,
            double slowFirst,
            double slowSecond,
            double candidate,
            double champion) {}

    Cause cause(SplittableRandom random) {
        double part = (deff - 1) / 2 / BLOCKS_A_DAY;
        return new Cause(
                burst(part, usual(), random),
                burst(part, usual(), random),
                slow(part, random),
                slow(part, random),
                DAY_ERROR * random.nextGaussian(),
                DAY_ERROR * random.nextGaussian());
    }

    /** One block; in the shadow ({@code share} 0) the candidate is called for every row and answers nobody. */
    Day block(long start, double share, Cause cause, SplittableRandom random) {
        return block(start, share, 1, cause, random);
    }

    /** @param traffic calls of the block, over the usual ones */
    Day block(long start, double share, double traffic, Cause cause, SplittableRandom random) {
        double part = (share == 0 ? 1 : share) * traffic;
        long calls = Math.round(CALLS * part);
        double common = COMMON_SD * random.nextGaussian();
        long errors = errors(calls, rate + moreErrors, cause.errorsFirst, random);
        long others = errors(calls, rate, cause.errorsSecond, random);
        Sums own = share == 0 ? null : time(calls, Math.log(times) + common + cause.slowFirst, random);
        Sums control = share == 0 ? null : time(calls, common + cause.slowSecond, random);
        return new Day(
                Instant.ofEpochMilli(start).toString(),
                Math.round(CALLS * traffic),
                0,
                scores((int) Math.round(SCORED * part), cause, harm, random),
                calls,
                errors,
                errors,
                own,
                new Control(calls, others, control),
                null);
    }

    /** Days of the champion before the rollout, in two halves of its callers, as an endpoint's log shows them. */
    List<EarlierPeriod> earlier(int days, SplittableRandom random) {
        List<EarlierPeriod> earlier = new ArrayList<>();
        for (int i = 0; i < days; i++) {
            earlier.add(period(BLOCKS_A_DAY, new double[] {1, 1}, cause(random), random));
        }
        return earlier;
    }

    /**
     * One period of so many blocks.
     *
     * @param traffic calls of each half, over the usual ones
     */
    EarlierPeriod period(int blocks, double[] traffic, Cause cause, SplittableRandom random) {
        long first = Math.round(CALLS / 2 * traffic[0]);
        long second = Math.round(CALLS / 2 * traffic[1]);
        long[] failed = new long[2];
        Sums[] times = {new Sums(0, 0, 0), new Sums(0, 0, 0)};
        for (int b = 0; b < blocks; b++) {
            double common = COMMON_SD * random.nextGaussian();
            failed[0] += errors(first, rate, cause.errorsFirst, random);
            failed[1] += errors(second, rate, cause.errorsSecond, random);
            times[0] = plus(times[0], time(first, common + cause.slowFirst, random));
            times[1] = plus(times[1], time(second, common + cause.slowSecond, random));
        }
        int scored = SCORED / 2 * blocks;
        return new EarlierPeriod(
                scores((int) Math.round(scored * traffic[0]), cause, random),
                scores((int) Math.round(scored * traffic[1]), cause, random),
                new Halves(
                        new Sums(first * blocks, failed[0], failed[0]),
                        new Sums(second * blocks, failed[1], failed[1])),
                new Halves(times[0], times[1]));
    }

    /** The champion's scores of a group of callers on one day. */
    private static int[] scores(int rows, Cause cause, SplittableRandom random) {
        ComparisonTally tally = new ComparisonTally();
        for (int i = 0; i < rows; i++) {
            double score = championScore(cause, random);
            tally.add(score, score, null);
        }
        return tally.comparison().championBins();
    }

    private static double championScore(Cause cause, SplittableRandom random) {
        double truth = -1.25 + 0.9 * random.nextGaussian();
        return sigmoid(truth + cause.champion + ROW_ERROR * random.nextGaussian());
    }

    private Comparison scores(int rows, Cause cause, DoubleUnaryOperator effect, SplittableRandom random) {
        ComparisonTally tally = new ComparisonTally();
        for (int i = 0; i < rows; i++) {
            double truth = -1.25 + 0.9 * random.nextGaussian();
            double candidate = effect.applyAsDouble(truth + cause.candidate + ROW_ERROR * random.nextGaussian());
            double champion = truth + cause.champion + ROW_ERROR * random.nextGaussian();
            tally.add(sigmoid(candidate), sigmoid(champion), null);
        }
        return tally.comparison();
    }

    private long errors(long calls, double rate, double day, SplittableRandom random) {
        double level = Math.min(1, rate * day * burst((deff - 1) / 2, usual(), random));
        return poisson(calls * level, random);
    }

    private Sums time(long calls, double shift, SplittableRandom random) {
        if (calls == 0) {
            return new Sums(0, 0, 0);
        }
        double mean =
                LOG_MICROS + shift + slow((deff - 1) / 2, random) + LOG_SD * random.nextGaussian() / Math.sqrt(calls);
        return new Sums(calls, calls * mean, calls * (mean * mean + LOG_SD * LOG_SD));
    }

    /** A factor of mean 1 that adds {@code part} to the design effect of the failed calls of half a block. */
    private static double burst(double part, double usual, SplittableRandom random) {
        double variance = Math.log1p(part / (CALLS / 2.0 * usual));
        return Math.exp(Math.sqrt(variance) * random.nextGaussian() - variance / 2);
    }

    /** The share of failed calls whose bursts have the design effect. */
    private double usual() {
        return rate > 0 ? rate : moreErrors;
    }

    private static double slow(double part, SplittableRandom random) {
        return LOG_SD * Math.sqrt(part / (CALLS / 2.0)) * random.nextGaussian();
    }

    private static long poisson(double mean, SplittableRandom random) {
        if (mean > 30) {
            return Math.max(0, Math.round(mean + Math.sqrt(mean) * random.nextGaussian()));
        }
        double limit = Math.exp(-mean);
        long count = -1;
        double product = 1;
        do {
            count++;
            product *= random.nextDouble();
        } while (product > limit);
        return count;
    }

    private static Sums plus(Sums a, Sums b) {
        return new Sums(a.rows() + b.rows(), a.sum() + b.sum(), a.squares() + b.squares());
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
