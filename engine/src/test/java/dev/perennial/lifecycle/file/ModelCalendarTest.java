package dev.perennial.lifecycle.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelCalendarTest {
    private static final ModelCalendar NEW_YORK = new ModelCalendar("America/New_York", "06:00");

    @Test
    void aDayIsLocal() {
        assertThat(NEW_YORK.day(at("2013-06-17T03:59:59Z"))).isEqualTo(LocalDate.of(2013, 6, 16));
        assertThat(NEW_YORK.day(at("2013-06-17T04:00:00Z"))).isEqualTo(LocalDate.of(2013, 6, 17));
    }

    @Test
    void outcomesOfADayArePublishedTheMorningAfter() {
        LocalDate day = LocalDate.of(2013, 6, 16);
        assertThat(Instant.ofEpochMilli(NEW_YORK.published(day))).hasToString("2013-06-17T10:00:00Z");
        assertThat(NEW_YORK.closed(day, at("2013-06-17T09:59:59Z"))).isFalse();
        assertThat(NEW_YORK.closed(day, at("2013-06-17T10:00:00Z"))).isTrue();
    }

    @Test
    void theDayOfEntryIsTheFirstOfAStep() {
        assertThat(Instant.ofEpochMilli(NEW_YORK.stepEnd(at("2013-06-17T10:00:00Z"), 2)))
                .hasToString("2013-06-19T10:00:00Z");
    }

    @Test
    void theNextPublicationLiesStrictlyAfter() {
        assertThat(next(NEW_YORK, "2013-06-17T09:59:59.999Z")).isEqualTo("2013-06-17T10:00:00Z");
        assertThat(next(NEW_YORK, "2013-06-17T10:00:00Z")).isEqualTo("2013-06-18T10:00:00Z");
        assertThat(next(NEW_YORK, "2013-06-17T03:30:00Z")).isEqualTo("2013-06-17T10:00:00Z");
    }

    @Test
    void clockChangesMoveTheInstantAndNotTheHour() {
        assertThat(next(NEW_YORK, "2013-03-09T11:00:00Z")).isEqualTo("2013-03-10T10:00:00Z");
        assertThat(next(NEW_YORK, "2013-11-02T10:00:00Z")).isEqualTo("2013-11-03T11:00:00Z");
    }

    @ParameterizedTest
    @CsvSource({
        "America/New_York, 06:00",
        "America/New_York, 02:30",
        "America/New_York, 01:30",
        "Europe/Berlin, 00:00",
        "America/Sao_Paulo, 00:15",
        "Australia/Lord_Howe, 01:45",
        "Asia/Kathmandu, 23:59",
        "UTC, 12:00"
    })
    void everyDayOfAYearIsPublishedOnceInOrder(String zone, String hour) {
        ModelCalendar calendar = new ModelCalendar(zone, hour);
        List<Long> published = new ArrayList<>();
        long end = at("2014-06-01T00:00:00Z");
        for (long at = calendar.nextPublication(at("2013-06-01T00:00:00Z"));
                at < end;
                at = calendar.nextPublication(at)) {
            published.add(at);
        }
        assertThat(published).hasSize(365).isSorted().doesNotHaveDuplicates();
        for (int i = 1; i < published.size(); i++) {
            assertThat(Duration.ofMillis(published.get(i) - published.get(i - 1)))
                    .isBetween(Duration.ofHours(23), Duration.ofHours(25));
        }
        LocalDate first = calendar.day(published.getFirst()).minusDays(1);
        assertThat(published.get(100)).isEqualTo(calendar.published(first.plusDays(100)));
    }

    @Test
    void theCalendarOfAFileIsItsZoneAndItsHour() {
        assertThat(ExampleFile.parsed().calendar()).isEqualTo(NEW_YORK);
    }

    @Test
    void wrongZonesAndHoursAreRefused() {
        assertThatThrownBy(() -> new ModelCalendar("Mars/Olympus", "06:00"))
                .isInstanceOf(DateTimeException.class)
                .hasMessageContaining("Mars/Olympus");
        assertThatThrownBy(() -> new ModelCalendar("UTC", "6 o'clock"))
                .isInstanceOf(DateTimeException.class)
                .hasMessageContaining("6 o'clock");
    }

    private static String next(ModelCalendar calendar, String after) {
        return Instant.ofEpochMilli(calendar.nextPublication(at(after))).toString();
    }

    private static long at(String instant) {
        return Instant.parse(instant).toEpochMilli();
    }
}
