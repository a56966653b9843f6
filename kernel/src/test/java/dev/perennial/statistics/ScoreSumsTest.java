package dev.perennial.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScoreSumsTest {
    private record Row(int label, double score) {}

    private static List<Row> rows(long seed, int count) {
        Random random = new Random(seed);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            double score = random.nextDouble();
            rows.add(new Row(random.nextDouble() < score ? 1 : 0, score));
        }
        return rows;
    }

    private static ScoreSums sums(List<Row> rows) {
        ScoreSums sums = new ScoreSums();
        rows.forEach(row -> sums.add(row.label(), row.score()));
        return sums;
    }

    @Test
    void nothingAddedIsZeroEverywhere() {
        ScoreSums empty = new ScoreSums();
        assertThat(List.of(empty.logLoss(), empty.logLossSquares(), empty.brier(), empty.scores()))
                .containsOnly(0.0);
        assertThat(empty.positiveBins()).isEmpty();
        assertThat(empty.negativeBins()).isEmpty();
    }

    @Test
    void sumsAgreeWithTheMeansOfTheWholeSample() {
        List<Row> rows = rows(1, 500);
        boolean[] labels = new boolean[rows.size()];
        double[] scores = new double[rows.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = rows.get(i).label() == 1;
            scores[i] = rows.get(i).score();
        }
        assertThat(sums(rows).logLoss() / rows.size())
                .isCloseTo(Probabilities.logLoss(labels, scores).value(), within(1e-12));
    }

    @Test
    void orderOfRowsDoesNotMatter() {
        List<Row> rows = rows(2, 300);
        ScoreSums ordered = sums(rows);
        Collections.shuffle(rows, new Random(3));
        ScoreSums shuffled = sums(rows);
        assertThat(shuffled.positiveBins()).isEqualTo(ordered.positiveBins());
        assertThat(shuffled.negativeBins()).isEqualTo(ordered.negativeBins());
        assertThat(shuffled.logLoss()).isCloseTo(ordered.logLoss(), within(1e-9));
        assertThat(shuffled.brier()).isCloseTo(ordered.brier(), within(1e-9));
    }

    @Test
    void certaintyThatIsWrongCostsALotButNotEverything() {
        assertThat(ScoreSums.logLoss(1, 0)).isCloseTo(16.118, within(0.001));
        assertThat(ScoreSums.logLoss(0, 1)).isCloseTo(16.118, within(0.001));
        assertThat(ScoreSums.logLoss(1, 1)).isCloseTo(1e-7, within(1e-9));
    }

    @Test
    void bothEndsOfTheScaleHaveABin() {
        assertThat(ScoreSums.bin(0)).isZero();
        assertThat(ScoreSums.bin(0.0009999)).isZero();
        assertThat(ScoreSums.bin(0.001)).isEqualTo(1);
        assertThat(ScoreSums.bin(Math.nextDown(1.0))).isEqualTo(999);
        assertThat(ScoreSums.bin(1)).isEqualTo(999);
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -1e-9, 1.0000001})
    void whatIsNoProbabilityIsRefusedAndLeavesTheSumsAlone(double score) {
        ScoreSums sums = sums(rows(4, 10));
        double before = sums.logLoss();
        assertThatThrownBy(() -> sums.add(1, score))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("score " + score + " is no probability; it must lie between 0 and 1");
        assertThat(sums.logLoss()).isEqualTo(before);
        assertThat(sums.positiveBins()).isEqualTo(sums(rows(4, 10)).positiveBins());
    }

    @Test
    void pairsAreInTheOrderOfTheBins() {
        assertThat(ScoreSums.pairs(Map.of(17, 1, 12, 3, 900, 2))).containsExactly(12, 3, 17, 1, 900, 2);
    }

    @Test
    void aModelBesideItselfDiffersByNothing() {
        PairedSums same = new PairedSums();
        rows(5, 50).forEach(row -> same.add(row.label(), row.score(), row.score()));
        assertThat(List.of(same.logLoss(), same.logLossSquares(), same.brier(), same.brierSquares()))
                .containsOnly(0.0);
    }

    @Test
    void exchangingTheTwoModelsTurnsTheSign() {
        PairedSums there = new PairedSums();
        PairedSums back = new PairedSums();
        List<Row> others = rows(7, 80);
        List<Row> rows = rows(6, 80);
        for (int i = 0; i < rows.size(); i++) {
            there.add(rows.get(i).label(), rows.get(i).score(), others.get(i).score());
            back.add(rows.get(i).label(), others.get(i).score(), rows.get(i).score());
        }
        assertThat(there.logLoss()).isNotZero().isEqualTo(-back.logLoss());
        assertThat(there.logLossSquares()).isEqualTo(back.logLossSquares());
        assertThat(there.brier()).isEqualTo(-back.brier());
    }
}
