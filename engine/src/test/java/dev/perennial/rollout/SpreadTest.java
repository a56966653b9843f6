package dev.perennial.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.perennial.rollout.Spread.Halves;
import dev.perennial.rollout.Spread.Sums;
import dev.perennial.statistics.DesignEffect;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What two halves of the champion's callers teach. */
class SpreadTest {
    private static final int ROWS = 400;

    @Test
    void whatBothHalvesShareIsNoNoise() {
        Spread spread = Spread.of(days(200, 3, 0, 1), 1);
        assertThat(spread.sd()).isCloseTo(1, within(0.05));
        assertThat(1 + (ROWS - 1) * spread.rho()).as("design effect").isBetween(1.0, 1.4);
        assertThat(spread.days()).isEqualTo(200);
    }

    @Test
    void whatOneHalfHasAloneIsAndAddsToTheDesignEffect() {
        Spread spread = Spread.of(days(400, 3, 0.2, 2), 1);
        double truth = 1 + ROWS * 0.04;
        double estimated = 1 + (ROWS - 1) * spread.rho();
        assertThat(estimated / DesignEffect.caution(400)).isCloseTo(truth, within(2.5));
    }

    @Test
    void blocksOfADayShareItsCauseSoTheirRowsAreMoreAlike() {
        List<Halves> days = days(50, 0, 0.2, 3);
        Spread byDay = Spread.of(days, 1);
        Spread byBlock = Spread.of(days, 10);
        double deff = 1 + (ROWS - 1) * byDay.rho();
        assertThat(1 + (ROWS / 10.0 - 1) * byBlock.rho())
                .as("a block is taken for as doubtful as its day")
                .isCloseTo(deff, within(1e-6));
    }

    @Test
    void daysWithoutRowsInAHalfTeachNothing() {
        List<Halves> days = days(8, 0, 0, 4);
        days.add(new Halves(new Sums(0, 0, 0), new Sums(ROWS, 0, ROWS)));
        days.add(new Halves(new Sums(1, 1, 1), new Sums(ROWS, 0, ROWS)));
        assertThat(Spread.of(days, 1).days()).isEqualTo(8);
        assertThat(Spread.of(List.of(), 1)).isEqualTo(new Spread(0, 0, 0));
    }

    @Test
    void championsThatNeverFailTeachThatRowsDoNotSwing() {
        List<Halves> never = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            never.add(new Halves(new Sums(ROWS, 0, 0), new Sums(ROWS, 0, 0)));
        }
        assertThat(Spread.of(never, 1)).isEqualTo(new Spread(0, 0, 8));
    }

    private static List<Halves> days(int count, double common, double own, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Halves> days = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            double level = common * random.nextGaussian();
            days.add(new Halves(half(level, own, random), half(level, own, random)));
        }
        return days;
    }

    private static Sums half(double level, double own, SplittableRandom random) {
        double mean = level + own * random.nextGaussian() + random.nextGaussian() / Math.sqrt(ROWS);
        return new Sums(ROWS, ROWS * mean, ROWS * (mean * mean + 1));
    }
}
