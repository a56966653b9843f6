package dev.perennial.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.perennial.rollout.RolloutEvidence.Comparison;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ScoreBinsTest {

    @Test
    void equalScoresDoNotShift() {
        ScoreBins bins = bins(1_000, 0);
        assertThat(bins.psi()).isZero();
        assertThat(bins.bins()).isEqualTo(10);
    }

    @Test
    void fewRowsGetFewBins() {
        assertThat(bins(30, 0).bins()).isEqualTo(2);
        assertThat(bins(100, 0).bins()).isEqualTo(5);
        assertThat(new ScoreBins().psi()).isZero();
    }

    @Test
    void theChampionsBinsHoldEqualShares() {
        ScoreBins bins = bins(10_000, 0.2);
        for (double share : bins.championShares(bins.edges(10), 10)) {
            assertThat(share).isCloseTo(0.1, within(0.01));
        }
        assertThat(bins.psi()).isGreaterThan(0.5);
    }

    @Test
    void aConstantScoreHasTheLargestIndex() {
        ScoreBins bins = new ScoreBins();
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 1_000; i++) {
            bins.add(new int[] {5, 1}, new int[] {random.nextInt(1_000), 1});
        }
        assertThat(bins.psi()).isCloseTo(0.9 * Math.log(10) + 9 * (0.1 - 1e-4) * Math.log(1_000), within(0.2));
    }

    @Test
    void aFewValuesThatMovedByAHairDidNotShift() {
        ScoreBins bins = new ScoreBins();
        bins.add(new int[] {188, 400, 800, 600}, new int[] {189, 400, 799, 600});
        assertThat(bins.psi()).isZero();
    }

    @Test
    void aFewValuesThatChangedTheirSharesDid() {
        ScoreBins bins = new ScoreBins();
        bins.add(new int[] {188, 700, 800, 300}, new int[] {189, 400, 799, 600});
        assertThat(bins.psi()).isCloseTo(0.3 * Math.log(0.7 / 0.4) + 0.3 * Math.log(0.6 / 0.3), within(1e-12));
    }

    @Test
    void scoresFarFromEachOfAFewValuesHaveLeftThem() {
        ScoreBins bins = new ScoreBins();
        bins.add(new int[] {189, 500, 900, 500}, new int[] {189, 1_000});
        assertThat(bins.psi()).as("beside one value").isGreaterThan(2);
        ScoreBins two = new ScoreBins();
        two.add(new int[] {250, 500, 650, 500}, new int[] {250, 500, 700, 500});
        assertThat(two.psi()).as("beside one of two").isGreaterThan(2);
    }

    @Test
    void whatLiesBetweenTwoValuesBelongsToTheNearer() {
        ScoreBins bins = new ScoreBins();
        bins.add(new int[] {100, 1}, new int[] {100, 500, 112, 500});
        int[] edges = bins.edges(10);
        assertThat(edges[106]).isEqualTo(edges[100]);
        assertThat(edges[107]).isEqualTo(edges[112]);
        assertThat(edges[90]).isEqualTo(edges[100]);
        assertThat(edges[122]).isEqualTo(edges[112]);
        assertThat(edges[89]).isZero();
        assertThat(edges[123]).isEqualTo(9);
    }

    @Test
    void sharesByPairsAreThoseByBinsToTheLastBit() {
        SplittableRandom random = new SplittableRandom(3);
        for (int rows : new int[] {0, 1, 7, 300, 5_000}) {
            ComparisonTally tally = new ComparisonTally();
            for (int i = 0; i < rows; i++) {
                tally.add(random.nextDouble(), Math.pow(random.nextDouble(), 3), null);
            }
            Comparison day = tally.comparison();
            ScoreBins dense = new ScoreBins();
            dense.add(day.candidateBins(), day.championBins());
            int[] edges = bins(900, 0.1).edges(7);
            assertThat(ScoreBins.shares(day.candidateBins(), edges, 7))
                    .containsExactly(dense.candidateShares(edges, 7));
            assertThat(ScoreBins.shares(day.championBins(), edges, 7)).containsExactly(dense.championShares(edges, 7));
        }
    }

    @Test
    void aBinThatComesTwiceCountsTwice() {
        int[] edges = new int[ScoreBins.FINE];
        edges[9] = 1;
        assertThat(ScoreBins.shares(new int[] {3, 2, 9, 5, 3, 1}, edges, 2)).containsExactly(3 / 8.0, 5 / 8.0);
    }

    private static ScoreBins bins(int rows, double shift) {
        ScoreBins bins = new ScoreBins();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < rows; i++) {
            int bin = random.nextInt(800);
            bins.add(new int[] {bin + (int) (1_000 * shift), 1}, new int[] {bin, 1});
        }
        return bins;
    }
}
