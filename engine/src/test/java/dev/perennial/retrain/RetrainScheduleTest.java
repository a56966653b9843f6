package dev.perennial.retrain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.lifecycle.file.Retrain;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetrainScheduleTest {
    private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");

    @Test
    void mondaysAtSixFollowTheLocalClock() {
        RetrainSchedule schedule = schedule(DayOfWeek.MONDAY, "06:00");
        assertThat(times(schedule, "2013-03-01T00:00:00Z", "2013-03-19T00:00:00Z"))
                .containsExactly("2013-03-04T11:00:00Z", "2013-03-11T10:00:00Z", "2013-03-18T10:00:00Z");
        assertThat(times(schedule, "2013-10-28T10:00:00Z", "2013-11-11T11:00:00Z"))
                .containsExactly("2013-11-04T11:00:00Z", "2013-11-11T11:00:00Z");
        assertThat(times(schedule, "2013-04-14T00:00:00Z", "2013-12-31T00:00:00Z"))
                .hasSize(38);
    }

    @Test
    void aTimeThatDoesNotExistFiresAfterTheGapAndOneThatOccursTwiceFiresOnce() {
        RetrainSchedule gap = schedule(null, "02:30");
        assertThat(times(gap, "2013-03-09T12:00:00Z", "2013-03-11T12:00:00Z"))
                .containsExactly("2013-03-10T07:00:00Z", "2013-03-11T06:30:00Z");
        RetrainSchedule overlap = schedule(null, "01:30");
        assertThat(times(overlap, "2013-11-02T12:00:00Z", "2013-11-04T12:00:00Z"))
                .containsExactly("2013-11-03T05:30:00Z", "2013-11-04T06:30:00Z");
    }

    private static List<String> times(RetrainSchedule schedule, String after, String until) {
        return schedule
                .between(
                        Instant.parse(after).toEpochMilli(),
                        Instant.parse(until).toEpochMilli())
                .stream()
                .map(at -> Instant.ofEpochMilli(at).toString())
                .toList();
    }

    private static RetrainSchedule schedule(DayOfWeek weekday, String time) {
        return new RetrainSchedule(new Retrain(weekday, time, List.of(), 0, 3), NEW_YORK);
    }
}
