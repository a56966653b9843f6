package dev.perennial.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.lifecycle.file.Features.Aggregate;
import dev.perennial.lifecycle.file.Features.Clip;
import dev.perennial.lifecycle.file.Features.Days;
import dev.perennial.lifecycle.file.Features.Latest;
import dev.perennial.lifecycle.file.Features.Output;
import dev.perennial.lifecycle.file.Features.Prior;
import dev.perennial.lifecycle.file.Features.Window;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each operator by itself, at its boundaries. Times are plain milliseconds where no calendar is asked. */
class OperatorsTest {
    private static final RowShape ROWS = new RowShape("rows", List.of("id", "place", "x"), List.of("id"));
    private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");
    private static final long HOUR = 3_600_000;

    private static SourceRow row(String id, @Nullable String place, @Nullable Double x, long event) {
        return new SourceRow(ROWS, new @Nullable Object[] {id, place, x}, event);
    }

    private static @Nullable Object asked(Operator operator, @Nullable String place, long t) {
        @Nullable Object[] features = new @Nullable Object[1];
        operator.features(row("asked", place, null, t), t, features);
        return features[0];
    }

    private static Window window(Aggregate aggregate, @Nullable Prior prior, @Nullable Clip clip, int atLeast) {
        return new Window("f", aggregate, "x", "rows", "place", null, 100L, prior, clip, atLeast);
    }

    private static SlidingOperator mean() {
        return new SlidingOperator(window(Aggregate.mean, null, null, 1), 100, 0);
    }

    private static LatestOperator latest(boolean happened) {
        return new LatestOperator(
                new Latest(List.of(new Output("x", "f")), "rows", "place", 100, Map.of()),
                List.of(new Output("x", "f")),
                new int[] {0},
                happened);
    }

    @Test
    void anyOrderOfArrivalGivesTheSameWindow() {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            order.add(i);
        }
        for (int round = 0; round < 20; round++) {
            Collections.shuffle(order, new Random(round));
            SlidingOperator operator = mean();
            order.forEach(i -> operator.arrive(row("r" + i, "p", (double) i, 0), i * 5L));
            assertThat(asked(operator, "p", 250)).isEqualTo(40.5);
            assertThat(asked(operator, "p", 495)).isEqualTo(89.5);
        }
    }

    @Test
    void rowsOfOneMomentCountAll() {
        SlidingOperator operator = mean();
        operator.arrive(row("a", "p", 1.0, 0), 50);
        operator.arrive(row("b", "p", 2.0, 0), 50);
        operator.arrive(row("c", "p", 6.0, 0), 50);
        assertThat(asked(operator, "p", 49)).isNull();
        assertThat(asked(operator, "p", 50)).isEqualTo(3.0);
        assertThat(asked(operator, "p", 149)).isEqualTo(3.0);
        assertThat(asked(operator, "p", 150)).isNull();
    }

    @Test
    void missingValuesAndKeysAreNotCounted() {
        SlidingOperator operator = mean();
        operator.arrive(row("a", "p", null, 0), 1);
        operator.arrive(row("b", null, 5.0, 0), 1);
        assertThat(operator.held()).isZero();
        assertThat(asked(operator, "p", 1)).isNull();
        assertThat(asked(operator, null, 1)).isNull();
    }

    @Test
    void whatIsForgottenIsNotMissedLater() {
        SplittableRandom random = new SplittableRandom(3);
        SlidingOperator forgetting = mean();
        SlidingOperator keeping = mean();
        for (int t = 0; t < 2000; t++) {
            SourceRow row = row("r" + t, "p" + random.nextInt(3), (double) random.nextInt(9), 0);
            long known = Math.max(0, t - random.nextInt(20));
            forgetting.arrive(row, known);
            keeping.arrive(row, known);
            if (t % 37 == 0) {
                forgetting.forgetBefore(t);
            }
            assertThat(asked(forgetting, "p1", t)).isEqualTo(asked(keeping, "p1", t));
        }
        assertThat(forgetting.held()).isLessThan(200);
        assertThat(keeping.held()).isEqualTo(2000);
    }

    @ParameterizedTest
    @CsvSource({"mean, 0, 100, 100", "mean, -5, 5, 0", "mean, 3, 3, 9", "mean, 200, 300, 600", "share, 0, 0, 2"})
    void valuesAreClippedForMeansAndCountedForShares(Aggregate aggregate, double low, double high, double sum) {
        SlidingOperator operator = new SlidingOperator(window(aggregate, null, new Clip(low, high), 1), 100, 0);
        operator.arrive(row("a", "p", -50.0, 0), 1);
        operator.arrive(row("b", "p", 0.0, 0), 1);
        operator.arrive(row("c", "p", 150.0, 0), 1);
        assertThat(asked(operator, "p", 1)).isEqualTo((double) (float) (sum / 3));
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0.25", "0, 1, 0.25", "0, 2, ", "1, 2, ", "2, 2, 0.625", "1, 1, 0.5"})
    void aPriorFillsInUntilThereAreEnoughRows(int rows, int atLeast, @Nullable Double expected) {
        SlidingOperator operator =
                new SlidingOperator(window(Aggregate.mean, new Prior(0.25, 2), null, atLeast), 100, 0);
        for (int i = 0; i < rows; i++) {
            operator.arrive(row("r" + i, "p", 1.0, 0), 1);
        }
        assertThat(asked(operator, "p", 1)).isEqualTo(expected);
    }

    @Test
    void theNewestRowIsTakenWhateverCameFirst() {
        LatestOperator operator = latest(false);
        operator.arrive(row("b", "p", 2.0, 0), 20);
        operator.arrive(row("a", "p", 1.0, 0), 10);
        assertThat(asked(operator, "p", 9)).isNull();
        assertThat(asked(operator, "p", 10)).isEqualTo(1.0);
        assertThat(asked(operator, "p", 19)).isEqualTo(1.0);
        assertThat(asked(operator, "p", 20)).isEqualTo(2.0);
        assertThat(asked(operator, "p", 120)).isEqualTo(2.0);
        assertThat(asked(operator, "p", 121)).isNull();
    }

    @Test
    void anOldRowDoesNotStandInForANewerOneThatIsNull() {
        LatestOperator reported = latest(false);
        LatestOperator happened = latest(true);
        for (LatestOperator operator : List.of(reported, happened)) {
            operator.arrive(row("a", "p", 1.0, 0), 10);
            operator.arrive(row("b", "p", null, 0), 20);
        }
        assertThat(asked(reported, "p", 20)).isNull();
        assertThat(asked(happened, "p", 20)).isEqualTo(1.0);
    }

    @Test
    void keysDoNotMixAndAnUnknownKeyHasNothing() {
        LatestOperator operator = latest(false);
        operator.arrive(row("a", "p", 1.0, 0), 10);
        operator.arrive(row("b", null, 9.0, 0), 10);
        assertThat(asked(operator, "q", 10)).isNull();
        assertThat(asked(operator, null, 10)).isNull();
        assertThat(operator.held()).isEqualTo(1);
    }

    @Test
    void theLastRowOfTheAgeLimitIsKeptWhenOlderOnesAreForgotten() {
        LatestOperator operator = latest(false);
        operator.arrive(row("a", "p", 1.0, 0), 10);
        operator.arrive(row("b", "p", 2.0, 0), 11);
        operator.forgetBefore(111);
        assertThat(operator.held()).isEqualTo(1);
        assertThat(asked(operator, "p", 111)).isEqualTo(2.0);
        operator.forgetBefore(112);
        assertThat(operator.held()).isZero();
    }

    private static long local(String time) {
        return LocalDateTime.parse(time).atZone(NEW_YORK).toInstant().toEpochMilli();
    }

    @ParameterizedTest
    @CsvSource({"2013-03-09, 23", "2013-03-10, 24", "2013-11-02, 25", "2013-11-03, 24", "2013-06-01, 24"})
    void dayToDayAPublicationTakesTheHoursOfTheLocalDay(String day, int hours) {
        PublishedDays days = new PublishedDays(NEW_YORK, LocalTime.of(6, 0));
        long number = days.dayOf(local(day + "T12:00"));
        assertThat(days.publication(number) - days.publication(number - 1)).isEqualTo(hours * HOUR);
    }

    @ParameterizedTest
    @CsvSource({
        "2013-03-10T00:00, 2013-03-10T23:59",
        "2013-11-03T00:00, 2013-11-03T23:59",
        "2013-11-03T01:30, 2013-11-03T02:30"
    })
    void allHoursOfALocalDayBelongToIt(String first, String last) {
        PublishedDays days = new PublishedDays(NEW_YORK, LocalTime.of(6, 0));
        long day = days.dayOf(local(first));
        assertThat(days.dayOf(local(last))).isEqualTo(day);
        for (long t = local(first); t <= local(last); t += HOUR / 2) {
            assertThat(days.dayOf(t)).isEqualTo(day);
        }
    }

    @ParameterizedTest
    @CsvSource({"2013-03-11T06:00", "2013-11-04T06:00", "2013-06-01T06:00"})
    void aDayIsPublishedFromItsMomentOn(String moment) {
        PublishedDays days = new PublishedDays(NEW_YORK, LocalTime.of(6, 0));
        long t = local(moment);
        assertThat(days.lastPublished(t)).isEqualTo(days.dayOf(t) - 1);
        assertThat(days.lastPublished(t - 1)).isEqualTo(days.dayOf(t) - 2);
    }

    @Test
    void aPublicationInTheHourThatDoesNotExistComesWithTheNextOne() {
        PublishedDays days = new PublishedDays(NEW_YORK, LocalTime.of(2, 30));
        long ninth = days.dayOf(local("2013-03-09T12:00"));
        assertThat(days.publication(ninth)).isEqualTo(local("2013-03-10T03:30"));
        assertThat(days.lastPublished(local("2013-03-10T03:29"))).isEqualTo(ninth - 1);
    }

    private static DayOperator shares(int... lengths) {
        Window any = new Window(
                "f", Aggregate.share, "x", "rows", "place", new Days(lengths[0], "06:00"), null, null, null, 1);
        DayOperator operator = new DayOperator(any, new PublishedDays(NEW_YORK, LocalTime.of(6, 0)));
        for (int i = 0; i < lengths.length; i++) {
            operator.ask(any, lengths[i], i);
        }
        return operator;
    }

    @Test
    void windowsOfDifferentLengthsShareTheirDays() {
        DayOperator operator = shares(1, 2, 3);
        operator.arrive(row("a", "p", 1.0, local("2013-06-01T10:00")), local("2013-06-01T11:00"));
        operator.arrive(row("b", "p", 0.0, local("2013-06-02T10:00")), local("2013-06-02T11:00"));
        @Nullable Object[] features = new @Nullable Object[3];
        long t = local("2013-06-03T06:00");
        operator.features(row("asked", "p", null, t), t, features);
        assertThat(features).containsExactly(0.0, 0.5, 0.5);
        assertThat(operator.held()).isEqualTo(2);
    }

    @Test
    void theDaysOfAClockChangeCountAsOneDayEach() {
        DayOperator operator = shares(2);
        for (String day : List.of("2013-11-02", "2013-11-03")) {
            operator.arrive(row(day, "p", 1.0, local(day + "T23:59")), local(day + "T23:59") + 1);
        }
        operator.arrive(row("early", "p", 0.0, local("2013-11-02T00:00")), local("2013-11-02T00:01"));
        assertThat(asked(operator, "p", local("2013-11-04T06:00"))).isEqualTo((double) (float) (2.0 / 3));
        assertThat(asked(operator, "p", local("2013-11-05T06:00"))).isEqualTo(1.0);
        assertThat(asked(operator, "p", local("2013-11-06T06:00"))).isNull();
    }

    @Test
    void aDayIsKeptAsLongAsAWindowCanAskForIt() {
        DayOperator operator = shares(2);
        operator.arrive(row("a", "p", 1.0, local("2013-06-01T10:00")), local("2013-06-01T11:00"));
        operator.forgetBefore(local("2013-06-03T06:00"));
        assertThat(asked(operator, "p", local("2013-06-03T06:00"))).isEqualTo(1.0);
        operator.forgetBefore(local("2013-06-04T06:00"));
        assertThat(operator.held()).isZero();
    }

    @Test
    void rowsOfEqualTimesAreOrderedByTheirKeysBytes() {
        assertThat(SourceRow.compareIdentity(row("b", "p", 1.0, 5), row("a", "p", 1.0, 5)))
                .isPositive();
        assertThat(SourceRow.compareIdentity(row("a", "p", 1.0, 6), row("b", "p", 1.0, 5)))
                .isPositive();
        assertThat(SourceRow.compareIdentity(row("a", "p", 1.0, 5), row("a", "q", 2.0, 5)))
                .isZero();
        assertThat(SourceRow.compareIdentity(row("\uD83D\uDE00", "p", 1.0, 5), row("\uFF5E", "p", 1.0, 5)))
                .as("as UTF-8, like the set-wise engine, not as UTF-16")
                .isPositive();
    }

    @Test
    void aRowTellsWhatItHasAndItsKeyAsOneText() {
        RowShape two = new RowShape("rows", List.of("day", "place", "x"), List.of("day", "place"));
        SourceRow row = new SourceRow(two, new @Nullable Object[] {"mon", "p", null}, 5);
        assertThat(row.id()).isEqualTo("mon|p");
        assertThat(row.present()).containsOnlyKeys("day", "place");
        assertThat(row.value("unknown")).isNull();
        assertThatThrownBy(() -> new SourceRow(two, new @Nullable Object[] {"mon"}, 5))
                .hasMessageContaining("1 values for the columns");
    }
}
