package dev.perennial.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Json;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final Pace MINUTES = Pace.blocks(Duration.ofMinutes(1));

    @Test
    void aStepOfBlocksBeginsWithTheNextWholeBlock() {
        RolloutStep three = RolloutStep.ofBlocks(0.1, 3);
        assertThat(MINUTES.stepEnd(0, three)).isEqualTo(180_000);
        assertThat(MINUTES.stepEnd(1, three)).isEqualTo(240_000);
        assertThat(MINUTES.counts("1970-01-01T00:00:00Z", 1)).as("it had begun").isFalse();
        assertThat(MINUTES.counts("1970-01-01T00:01:00Z", 1)).isTrue();
    }

    @Test
    void aBlockIsClosedWhenItsLastMillisecondHasPassed() {
        assertThat(MINUTES.closed("1970-01-01T00:01:00Z", 119_999)).isFalse();
        assertThat(MINUTES.closed("1970-01-01T00:01:00Z", 120_000)).isTrue();
    }

    @Test
    void anExtendedStepLastsAsManyBlocksAgain() {
        assertThat(MINUTES.extended(120_000, RolloutStep.ofBlocks(0.1, 3))).isEqualTo(300_000);
        assertThat(MINUTES.extended(119_999, RolloutStep.ofBlocks(0.1, 1))).isEqualTo(120_000);
        assertThat(MINUTES.extension(RolloutStep.ofBlocks(0.1, 1))).isEqualTo("1 block");
        assertThat(MINUTES.waited(2, RolloutStep.ofBlocks(0.1, 3))).isEqualTo("6 blocks");
    }

    @Test
    void daysCloseAtThePublicationHourOfTheModel() {
        Pace days = Pace.days(RolloutRun.CALENDAR);
        long six = Instant.parse("2013-06-18T10:00:00Z").toEpochMilli();
        assertThat(days.closed("2013-06-17", six - 1)).isFalse();
        assertThat(days.closed("2013-06-17", six)).isTrue();
        assertThat(days.counts("2013-06-17", RolloutRun.MONDAY))
                .as("the day it is entered on")
                .isTrue();
        assertThat(days.counts("2013-06-16", RolloutRun.MONDAY)).isFalse();
    }

    @Test
    void itIsEitherDaysOrBlocks() {
        assertThatThrownBy(() -> new Pace(null, 0)).hasMessage("either days or blocks of a length");
        assertThatThrownBy(() -> new Pace(RolloutRun.CALENDAR, 5)).hasMessage("either days or blocks of a length");
    }

    @Test
    void itIsReadBackAsItWasStored() {
        for (Pace pace : new Pace[] {MINUTES, Pace.days(RolloutRun.CALENDAR)}) {
            assertThat(Json.read(Json.canonical(pace), Pace.class)).isEqualTo(pace);
        }
    }
}
