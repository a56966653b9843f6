package dev.perennial.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.rollout.Learnt.EarlierPeriod;
import dev.perennial.rollout.Spread.Halves;
import dev.perennial.rollout.Spread.Sums;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the champion's own callers teach before a rollout without labels. */
class LearntHalvesTest {
    private static final int ROWS = 1_000;
    private static final int BLOCKS = 10;

    @Test
    void sevenPeriodsAreTooFewAndSaid() {
        Learnt learnt = Learnt.fromHalves(periods(7, 0, 0, 1), BLOCKS);
        assertThat(learnt.days()).isEqualTo(7);
        assertThat(learnt.latency().days()).isEqualTo(7);
        assertThat(Learnt.fromHalves(List.of(), BLOCKS).days()).isZero();
    }

    @Test
    void onePeriodAloneShowsNoVarianceAndIsNoFault() {
        Learnt learnt = Learnt.fromHalves(periods(1, 0.3, 0.02, 1), BLOCKS);
        assertThat(learnt.days()).isEqualTo(1);
        assertThat(learnt.scoreRho()).isZero();
        assertThat(learnt.errors().days()).isEqualTo(1);
        assertThat(Learnt.fromHalves(periods(2, 0.3, 0, 1), BLOCKS).scoreRho()).isPositive();
    }

    @Test
    void beforeEightBlocksScoresAreTakenToSwingAsMuchAsModelsDoFromDayToDay() {
        Learnt learnt = Learnt.fromHalves(periods(8, 0, 0, 2), BLOCKS);
        double deff = 1 + (ROWS / (double) BLOCKS - 1) * learnt.rhoOfScores(List.of());
        assertThat(deff).isCloseTo(1 + (ROWS - 1) * Learnt.SCORE_RHO_MIN, org.assertj.core.api.Assertions.within(1e-6));
    }

    @Test
    void halvesWhoseScoresDifferByMoreTeachMore() {
        double quiet = Learnt.fromHalves(periods(8, 0, 0, 3), BLOCKS).scoreRho();
        double loud = Learnt.fromHalves(periods(8, 0.3, 0, 3), BLOCKS).scoreRho();
        assertThat(loud).isGreaterThan(0.1).isGreaterThan(2 * quiet);
    }

    @Test
    void eightBlocksOfTheRolloutShowHowFarTheVersionsSwingApart() {
        Learnt learnt = Learnt.fromHalves(periods(8, 0, 0, 2), BLOCKS);
        SplittableRandom random = new SplittableRandom(9);
        List<RolloutEvidence.Day> blocks = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            assertThat(learnt.rhoOfScores(blocks)).as("%d blocks", i).isEqualTo(learnt.scoreFloor());
            ComparisonTally tally = new ComparisonTally();
            for (int row = 0; row < 100; row++) {
                double score = random.nextDouble();
                tally.add(score, score, null);
            }
            blocks.add(new RolloutEvidence.Day("1970-01-01T00:0" + i + ":00Z", 100, 0, tally.comparison(), 100, 0, 0));
        }
        assertThat(learnt.rhoOfScores(blocks)).isEqualTo(learnt.scoreRho()).isLessThan(learnt.scoreFloor());
    }

    @Test
    void failedCallsOfAChampionTeachHowTheyComeTogether() {
        Learnt learnt = Learnt.fromHalves(periods(8, 0, 0.02, 4), BLOCKS);
        assertThat(learnt.errors().sd()).isPositive();
        assertThat(learnt.errors().rho()).isNotEqualTo(learnt.scoreRho());
    }

    @Test
    void aChampionThatNeverFailedDoesNotShowHowFailuresComeTogether() {
        Learnt learnt = Learnt.fromHalves(periods(8, 0, 0, 5), BLOCKS);
        assertThat(learnt.errors().days()).isEqualTo(8);
        assertThat(learnt.errors().rho())
                .as("as scores or times do, whichever is more")
                .isEqualTo(Math.max(learnt.scoreRho(), learnt.latency().rho()));
    }

    @Test
    void anEndpointWithoutScoresLearnsFromItsCalls() {
        List<EarlierPeriod> periods = periods(9, 0, 0, 6).stream()
                .map(one -> new EarlierPeriod(new int[0], new int[0], one.errors(), one.latency()))
                .toList();
        Learnt learnt = Learnt.fromHalves(periods, BLOCKS);
        assertThat(learnt.days()).isEqualTo(9);
        assertThat(learnt.scoreRho()).isZero();
    }

    @Test
    void aPeriodWithOneHalfOnlyTeachesNothing() {
        List<EarlierPeriod> periods = periods(8, 0, 0, 7);
        EarlierPeriod one = periods.getFirst();
        periods.set(
                0,
                new EarlierPeriod(
                        one.first(),
                        new int[0],
                        new Halves(one.errors().first(), new Sums(0, 0, 0)),
                        new Halves(one.latency().first(), new Sums(0, 0, 0))));
        Learnt learnt = Learnt.fromHalves(periods, BLOCKS);
        assertThat(learnt.days()).isEqualTo(7);
        assertThat(learnt.errors().days()).isEqualTo(7);
    }

    /** Half of the calls from each half, or a hundredth from one: what rows of a period share is the same. */
    @Test
    void aSmallHalfDoesNotMakeCallersLookAlike() {
        double equal = errors(100_000, 100_000).rho();
        double unequal = errors(198_000, 2_000).rho();
        assertThat(unequal).isBetween(0.9 * equal, 1.1 * equal);
    }

    /** One half fails by 5 % or 15 %, in turn, the other by 10 %. */
    private static Spread errors(long first, long second) {
        List<Halves> halves = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            double rate = i % 2 == 0 ? 0.05 : 0.15;
            halves.add(new Halves(
                    new Sums(first, first * rate, first * rate), new Sums(second, second * 0.1, second * 0.1)));
        }
        return Spread.of(halves, 1);
    }

    @Test
    void periodsWithLessThanATenthOfTheBusiestOnesCallsTeachNothing() {
        List<EarlierPeriod> periods = periods(8, 0, 0, 8);
        Halves few = new Halves(new Sums(99, 0, 0), new Sums(99, 0, 0));
        Halves enough = new Halves(new Sums(101, 0, 0), new Sums(101, 0, 0));
        EarlierPeriod one = periods.getFirst();
        periods.set(0, new EarlierPeriod(one.first(), one.second(), few, one.latency()));
        Learnt seven = Learnt.fromHalves(periods, BLOCKS);
        assertThat(seven.days()).isEqualTo(7);
        assertThat(seven.enough()).isFalse();
        periods.set(0, new EarlierPeriod(one.first(), one.second(), enough, one.latency()));
        assertThat(Learnt.fromHalves(periods, BLOCKS).days()).isEqualTo(8);
    }

    /** @param apart by how much the scores of one half are moved in a period, up or down */
    private static List<EarlierPeriod> periods(int count, double apart, double failed, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<EarlierPeriod> periods = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            double moved = random.nextBoolean() ? apart : -apart;
            ComparisonTally tally = new ComparisonTally();
            double[] logs = new double[4];
            for (int row = 0; row < ROWS; row++) {
                tally.add(Math.clamp(random.nextDouble() + moved, 0, 1), random.nextDouble(), null);
                for (int half = 0; half < 2; half++) {
                    double log = 5 + 0.5 * random.nextGaussian();
                    logs[2 * half] += log;
                    logs[2 * half + 1] += log * log;
                }
            }
            var bins = tally.comparison();
            double errors = Math.round(failed * ROWS * 2 * random.nextDouble());
            periods.add(new EarlierPeriod(
                    bins.candidateBins(),
                    bins.championBins(),
                    new Halves(new Sums(ROWS, errors, errors), new Sums(ROWS, failed * ROWS, failed * ROWS)),
                    new Halves(new Sums(ROWS, logs[0], logs[1]), new Sums(ROWS, logs[2], logs[3]))));
        }
        return periods;
    }
}
