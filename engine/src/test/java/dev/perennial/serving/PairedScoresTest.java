package dev.perennial.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people see of a candidate's scores beside the champion's. */
class PairedScoresTest {
    private static BlockTally tally(int[] scores, int[] beside) {
        return new BlockTally(1, 0, 0, 0, 0, 0, 0, new int[0], scores, beside);
    }

    @Test
    void withoutARowThatBothScoredNothingIsTold() {
        assertThat(PairedScores.of(BlockTally.NONE)).isEmpty();
        assertThat(PairedScores.of(tally(new int[] {300, 0}, new int[] {300, 0})))
                .isEmpty();
        assertThat(PairedScores.of(tally(new int[] {300, 4}, new int[0])))
                .as("a version alone is no pair")
                .isEmpty();
    }

    @Test
    void eachShareIsToldByItsOwnBin() {
        int[] champion = {BlockTally.bin(0.1), 5, BlockTally.bin(0.5), 90, BlockTally.bin(0.9), 5};
        int[] candidate = {BlockTally.bin(0.3), 100};
        PairedScores told = PairedScores.of(tally(candidate, champion)).orElseThrow();
        assertThat(told.rows()).isEqualTo(100);
        assertThat(told.places()).extracting(PairedScores.Place::share).containsExactly(0.05, 0.25, 0.5, 0.75, 0.95);
        assertThat(told.places().getFirst().champion()).isCloseTo(0.1, within(0.001));
        assertThat(told.places().get(1).champion()).isCloseTo(0.5, within(0.001));
        assertThat(told.places().getLast().champion())
                .as("95 of 100 rows lie at or below")
                .isCloseTo(0.5, within(0.001));
        assertThat(told.places())
                .allSatisfy(place -> assertThat(place.candidate()).isCloseTo(0.3, within(0.001)));
    }

    @Test
    void oneRowIsAtEveryShare() {
        int[] one = {BlockTally.bin(0.25), 1};
        assertThat(PairedScores.of(tally(one, one)).map(PairedScores::places).orElseThrow())
                .allSatisfy(place -> assertThat(place.champion()).isEqualTo(place.candidate()));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1e5, -42, -1, -0.001, 0, 0.0004, 0.5, 0.9999, 1, 1.001, 2, 17.5, 99_999})
    void theMiddleOfABinFallsIntoItAndIsNearItsScores(double score) {
        int bin = BlockTally.bin(score);
        double middle = BlockTally.middle(bin);
        assertThat(BlockTally.bin(middle)).isEqualTo(bin);
        boolean inside = score >= 0 && score <= 1;
        double near = inside ? 1 / 1200.0 + 1e-12 : 0.04 * (1 + Math.abs(score));
        assertThat(middle).isCloseTo(score, within(near));
    }

    @Test
    void scoresBeyondTheLastBinAreToldByIt() {
        assertThat(BlockTally.bin(Double.MAX_VALUE)).isEqualTo(BlockTally.BINS - 1);
        assertThat(BlockTally.middle(BlockTally.BINS - 1)).isBetween(9e5, 1e6 + 1);
        assertThat(BlockTally.middle(0)).isBetween(-1e6 - 1, -9e5);
        assertThat(PairedScores.of(tally(new int[] {999, 1}, new int[] {0, 1})))
                .map(told -> told.places().size())
                .isEqualTo(Optional.of(5));
    }
}
