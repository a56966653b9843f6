package dev.perennial.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProportionsTest {
    @Test
    void noneOfAnythingIsCertainToBeReached() {
        assertThat(Proportions.atLeast(0, 0, 0.01)).isEqualTo(1);
        assertThat(Proportions.atLeast(0, 500, 0.5)).isEqualTo(1);
    }

    @Test
    void allOfNIsThePowerOfTheShare() {
        assertThat(Proportions.atLeast(3, 3, 0.2)).isCloseTo(0.008, within(1e-12));
        assertThat(Proportions.atLeast(1, 1, 0.01)).isCloseTo(0.01, within(1e-12));
    }

    @Test
    void oneOfNIsWhatIsLeftOfNone() {
        assertThat(Proportions.atLeast(1, 230, 0.01)).isCloseTo(1 - Math.pow(0.99, 230), within(1e-12));
    }

    @Test
    void falseAlarmsOfTheBinomialTestStayBelowItsLevel() {
        Random random = new Random(11);
        int alarms = 0;
        int days = 20_000;
        for (int day = 0; day < days; day++) {
            long unknown = IntStream.range(0, 230)
                    .filter(row -> random.nextDouble() < 0.01)
                    .count();
            alarms += Proportions.atLeast(unknown, 230, 0.01) <= 0.01 ? 1 : 0;
        }
        assertThat((double) alarms / days).isLessThanOrEqualTo(0.0125);
    }

    @ParameterizedTest
    @CsvSource({"-1, 5, 0.5", "6, 5, 0.5", "1, 5, 0", "1, 5, 1", "1, 5, NaN"})
    void whatIsNoShareOfRowsIsRefused(long k, long n, double share) {
        assertThatThrownBy(() -> Proportions.atLeast(k, n, share))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(k + " of " + n + " rows at a share of " + share);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.02, 0.3, 0.5, 0.9})
    void intervalsCoverTheTruthAsOftenAsTheySay(double share) {
        Random random = new Random(12);
        int wilson = 0;
        int exact = 0;
        int trials = 2_000;
        for (int trial = 0; trial < trials; trial++) {
            long k = IntStream.range(0, 200)
                    .filter(row -> random.nextDouble() < share)
                    .count();
            wilson += covers(Proportions.wilson(k, 200, 0.95), share) ? 1 : 0;
            exact += covers(Proportions.clopperPearson(k, 200, 0.95), share) ? 1 : 0;
        }
        assertThat((double) wilson / trials).isBetween(0.92, 0.98);
        assertThat((double) exact / trials).as("the exact one is conservative").isGreaterThanOrEqualTo(0.94);
    }

    private static boolean covers(Interval interval, double truth) {
        return interval.low() <= truth && truth <= interval.high();
    }

    @Test
    void noneAndAllHaveIntervalsThatEndAtTheBounds() {
        assertThat(Proportions.clopperPearson(0, 50, 0.95).low()).isZero();
        assertThat(Proportions.clopperPearson(50, 50, 0.95).high()).isEqualTo(1);
        assertThat(Proportions.wilson(0, 50, 0.95).low()).isZero();
        assertThat(Proportions.wilson(50, 50, 0.95).high()).isEqualTo(1);
    }

    @Test
    void noRowsDetermineNothing() {
        assertThat(Proportions.wilson(0, 0, 0.95).isDefined()).isFalse();
        assertThat(Proportions.clopperPearson(0, 0, 0.95).isDefined()).isFalse();
        assertThat(Proportions.newcombe(1, 0, 2, 5, 0.95).isDefined()).isFalse();
    }

    @Test
    void equalSharesDifferByNothing() {
        Proportions.Test same = Proportions.difference(5, 50, 50, 500);
        assertThat(same.z()).isCloseTo(0, within(1e-12));
        assertThat(same.p()).isCloseTo(1, within(1e-12));
        assertThat(Proportions.difference(0, 50, 0, 500).p())
                .as("no variance, no verdict")
                .isEqualTo(1);
    }
}
