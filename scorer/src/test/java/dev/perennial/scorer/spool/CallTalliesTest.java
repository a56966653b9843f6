package dev.perennial.scorer.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.predictionlog.CallTally;
import dev.perennial.predictionlog.CallTally.Counts;
import dev.perennial.predictionlog.CallTally.Group;
import dev.perennial.predictionlog.CallTally.Times;
import org.junit.jupiter.api.Test;

class CallTalliesTest {
    private final CallTallies tallies = new CallTallies();

    private static CallTally call(long minute, String version, Group group) {
        return new CallTally(minute, version, group, new Counts(1, 2, 0, 0), Times.of(10));
    }

    @Test
    void callsCountByMinuteVersionAndGroup() {
        tallies.add("m", call(7, "m/1", Group.CONTROL));
        tallies.add("m", call(7, "m/1", Group.REST));
        tallies.add("m", call(7, "m/1", Group.CONTROL));
        tallies.add("m", call(8, "m/1", Group.CONTROL));
        tallies.add("m", call(7, "m/2", Group.CANDIDATE));
        assertThat(tallies.take("m", Long.MAX_VALUE))
                .extracting(tally -> tally.minute() + " " + tally.version() + " " + tally.group() + " "
                        + tally.counts().calls())
                .containsExactly("7 m/1 CONTROL 2", "7 m/1 REST 1", "8 m/1 CONTROL 1", "7 m/2 CANDIDATE 1");
        assertThat(tallies.endpoints()).isEmpty();
    }

    @Test
    void minutesThatAreNotOverStay() {
        tallies.add("m", call(7, "m/1", Group.REST));
        tallies.add("m", call(8, "m/1", Group.REST));
        assertThat(tallies.take("m", 8)).extracting(CallTally::minute).containsExactly(7L);
        assertThat(tallies.endpoints()).containsExactly("m");
        assertThat(tallies.take("m", 9)).extracting(CallTally::minute).containsExactly(8L);
    }

    @Test
    void endpointsDoNotMix() {
        tallies.add("m", call(7, "m/1", Group.REST));
        tallies.add("n", call(7, "m/1", Group.REST));
        assertThat(tallies.take("m", Long.MAX_VALUE)).hasSize(1);
        assertThat(tallies.endpoints()).containsExactly("n");
        assertThat(tallies.take("unknown", Long.MAX_VALUE)).isEmpty();
    }

    @Test
    void whatCouldNotBeToldIsTakenBack() {
        tallies.add("m", call(7, "m/1", Group.REST));
        tallies.take("m", Long.MAX_VALUE).forEach(tally -> tallies.add("m", tally));
        tallies.add("m", call(7, "m/1", Group.REST));
        assertThat(tallies.take("m", Long.MAX_VALUE))
                .extracting(tally -> tally.counts().rows())
                .containsExactly(4L);
    }

    @Test
    void aFullSpoolLosesMinutesAndNoCall() {
        for (int minute = 0; minute < CallTallies.CELLS_MAX + 500; minute++) {
            tallies.add("m", call(minute, "m/1", Group.REST));
        }
        var told = tallies.take("m", Long.MAX_VALUE);
        assertThat(told).hasSize(CallTallies.CELLS_MAX);
        assertThat(told.stream().mapToLong(tally -> tally.counts().calls()).sum())
                .isEqualTo(CallTallies.CELLS_MAX + 500L);
    }
}
