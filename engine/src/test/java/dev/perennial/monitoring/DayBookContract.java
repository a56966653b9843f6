package dev.perennial.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.predictionlog.Kept;
import dev.perennial.predictionlog.LogRecord;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;
import dev.perennial.predictionlog.ShadowRecord;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a closed day holds, whatever was delivered twice, late or broken. */
abstract class DayBookContract extends MonitoringFixture {
    private DayResult day(LocalDate date) {
        return book.days(MODEL, date, date).getFirst();
    }

    private void closeFirst() {
        book.close(MODEL, ZONE, FIRST, FIRST);
    }

    @Test
    void aDayOfNothingIsClosedAndCovered() {
        closeFirst();
        assertThat(day(FIRST).rows()).isZero();
        assertThat(day(FIRST).coverage()).isEqualTo(1);
        assertThat(day(FIRST).revision()).isEqualTo(1);
    }

    @Test
    void closingAgainChangesNothing() {
        soundDays(2);
        List<DayResult> before = book.days(MODEL, FIRST, FIRST.plusDays(9));
        book.close(MODEL, ZONE, FIRST, FIRST.plusDays(1));
        assertThat(book.days(MODEL, FIRST, FIRST.plusDays(9)))
                .extracting(DayResult::revision)
                .containsExactly(1, 1);
        assertThat(before).hasSize(2);
    }

    @Test
    void aPredictionDeliveredTwiceCountsOnce() {
        List<LogRecord> rows = List.of(answer(FIRST, 0, 0.3, 30.0), answer(FIRST, 1, 0.4, 30.0));
        deliver(rows);
        deliver(rows);
        outcomes(FIRST, 0, 2);
        closeFirst();
        assertThat(day(FIRST).rows()).isEqualTo(2);
        assertThat(day(FIRST).labelled()).isEqualTo(2);
        assertThat(day(FIRST).served().scoreSum()).isEqualTo(0.7);
    }

    @Test
    void outcomesThatComeLateReviseTheirDayAlone() {
        soundDays(2);
        LocalDate third = FIRST.plusDays(2);
        serve(third, 0, 35.0);
        outcomes(third, 0, 20);
        book.close(MODEL, ZONE, FIRST, third);
        assertThat(day(third).labelled()).isEqualTo(20);
        outcomes(third, 20, 60);
        book.close(MODEL, ZONE, FIRST, third);
        assertThat(day(third).labelled()).isEqualTo(60);
        assertThat(book.days(MODEL, FIRST, third))
                .extracting(DayResult::revision)
                .containsExactly(1, 1, 2);
    }

    @Test
    void predictionsThatComeLateReviseTheirDay() {
        deliver(List.of(answer(FIRST, 0, 0.3, 30.0)));
        closeFirst();
        deliver(List.of(answer(FIRST, 1, 0.3, 30.0)));
        closeFirst();
        assertThat(day(FIRST).rows()).isEqualTo(2);
        assertThat(day(FIRST).revision()).isEqualTo(2);
    }

    @Test
    void aDayEndsAtItsLocalMidnight() {
        long midnight = start(FIRST.plusDays(1));
        deliver(List.of(at("last", midnight - 1), at("first", midnight)));
        book.close(MODEL, ZONE, FIRST, FIRST.plusDays(1));
        assertThat(day(FIRST).rows()).isEqualTo(1);
        assertThat(day(FIRST.plusDays(1)).rows()).isEqualTo(1);
    }

    private static PredictionRecord at(String id, long eventTime) {
        return answer(id, "flight-delay/1", Role.CHAMPION, 0.5, eventTime, 30.0, null, null);
    }

    @Test
    void theDayOfTheClockChangeHasTwentyFiveHours() {
        LocalDate longDay = LocalDate.of(2013, 11, 3);
        deliver(List.of(at("a", start(longDay)), at("b", start(longDay.plusDays(1)) - 1)));
        book.close(MODEL, ZONE, longDay, longDay);
        DayResult day = day(longDay);
        assertThat(day.to() - day.from()).isEqualTo(25 * 3_600_000L);
        assertThat(day.rows()).isEqualTo(2);
    }

    @Test
    void aScoreThatIsNoProbabilityIsAnAnswerWithoutAnOutcome() {
        deliver(List.of(answer(FIRST, 0, Double.NaN, 30.0), answer(FIRST, 1, 0.3, 30.0)));
        outcomes(FIRST, 0, 2);
        closeFirst();
        assertThat(day(FIRST).rows()).isEqualTo(2);
        assertThat(day(FIRST).labelled()).isEqualTo(1);
        assertThat(day(FIRST).served().logLoss()).isFinite();
    }

    @Test
    void aRowThatARolloutNeedsAndTheDrawDoesNotIsNotAmongThoseThatTellOfAllRows() {
        PredictionRecord drawn = answer(FIRST, 0, 0.3, 30.0);
        PredictionRecord needed = answer(FIRST, 1, 0.9, 90.0);
        deliver(List.of(
                drawn.with(drawn.features(), new Kept(0.1, true)), needed.with(needed.features(), new Kept(1, false))));
        outcomes(FIRST, 0, 2);
        closeFirst();
        assertThat(day(FIRST).rows()).isEqualTo(2);
        assertThat(day(FIRST).labelled()).isEqualTo(2);
        assertThat(day(FIRST).served().scoreSum()).isEqualTo(0.3);
        assertThat(day(FIRST).versions().values())
                .singleElement()
                .satisfies(version -> assertThat(version.scoreSum()).isEqualTo(1.2));
    }

    @Test
    void anOutcomeThatNobodyAskedForCountsNothing() {
        deliver(List.of(answer(FIRST, 0, 0.3, 30.0)));
        outcomes(FIRST, 0, 5);
        closeFirst();
        assertThat(day(FIRST).labelled()).isEqualTo(1);
    }

    @Test
    void aShadowIsComparedWithWhatWasServedAndItsErrorsAreCounted() {
        PredictionRecord.Paired served = new PredictionRecord.Paired("flight-delay/1", 0.3);
        List<LogRecord> records = new ArrayList<>();
        records.add(answer(FIRST, 0, 0.3, 30.0));
        records.add(answer(FIRST, 1, 0.3, 30.0));
        for (int row = 0; row < 2; row++) {
            boolean failed = row == 1;
            records.add(new ShadowRecord(
                    id(FIRST, row),
                    "flight-delay/2",
                    start(FIRST),
                    start(FIRST) + row,
                    failed ? Double.NaN : 0.6,
                    failed ? "no such value" : null,
                    served));
        }
        records.add(records.getLast());
        deliver(records);
        outcomes(FIRST, 0, 2);
        closeFirst();
        DayResult.Pair pair = day(FIRST).pairs().get("2");
        assertThat(pair).isNotNull();
        assertThat(List.of(pair.calls(), pair.errors(), pair.rows(), pair.labelled()))
                .as("calls, errors, rows, labelled; the one delivered twice counts once")
                .containsExactly(2L, 1L, 1L, 1L);
        assertThat(pair.champion()).isEqualTo(1);
        assertThat(pair.paired().logLoss())
                .as("0.6 is better where the outcome is 1")
                .isNegative();
        assertThat(day(FIRST).rows()).as("a shadow answers nobody").isEqualTo(2);
    }

    @Test
    void whatTheChampionSaysOfACanarysRowAfterItsAnswerIsComparedAndIsNoCall() {
        List<LogRecord> records = new ArrayList<>();
        for (int row = 0; row < 2; row++) {
            records.add(answer(id(FIRST, row), "flight-delay/2", Role.CANARY, 0.6, start(FIRST), 30.0, null, null));
            records.add(new ShadowRecord(
                    id(FIRST, row),
                    "flight-delay/1",
                    start(FIRST),
                    start(FIRST) + row,
                    row == 1 ? Double.NaN : 0.3,
                    row == 1 ? "broken" : null,
                    new PredictionRecord.Paired("flight-delay/2", 0.6),
                    true));
        }
        records.add(records.get(1));
        deliver(records);
        outcomes(FIRST, 0, 2);
        closeFirst();
        DayResult.Pair pair = day(FIRST).pairs().get("2");
        assertThat(List.of(pair.calls(), pair.errors(), pair.rows(), pair.labelled()))
                .as("the champion's failure is not the candidate's")
                .containsExactly(2L, 0L, 1L, 1L);
        assertThat(pair.champion()).isEqualTo(1);
        assertThat(pair.paired().logLoss())
                .as("0.6 is better where the outcome is 1")
                .isNegative();
        assertThat(day(FIRST).pairs()).as("the champion is no candidate").containsOnlyKeys("2");
    }

    @Test
    void aCallThatNobodyCouldAnswerDoesNotHideTheAnswerToItsRepetition() {
        PredictionRecord.Failure failure = new PredictionRecord.Failure("flight-delay/2", "broken");
        deliver(List.of(
                answer(id(FIRST, 0), "flight-delay/1", Role.FALLBACK, Double.NaN, start(FIRST), 30.0, null, failure),
                answer(FIRST, 0, 0.3, 30.0)));
        outcomes(FIRST, 0, 1);
        closeFirst();
        assertThat(day(FIRST).rows()).isEqualTo(1);
        assertThat(day(FIRST).labelled()).isEqualTo(1);
    }

    @Test
    void aFallbackIsTheCanarysErrorAndTheChampionsAnswer() {
        PredictionRecord.Failure failure = new PredictionRecord.Failure("flight-delay/2", "broken");
        deliver(List.of(answer(id(FIRST, 0), "flight-delay/1", Role.FALLBACK, 0.3, start(FIRST), 30.0, null, failure)));
        closeFirst();
        DayResult.Pair pair = day(FIRST).pairs().get("2");
        assertThat(pair).isNotNull();
        assertThat(List.of(pair.calls(), pair.errors(), pair.fallbacks(), pair.rows()))
                .containsExactly(1L, 1L, 1L, 0L);
        assertThat(day(FIRST).answers()).containsOnlyKeys("1");
    }

    @Test
    void columnsAreCountedOnceARowAndOnlyWithAReference() {
        deliver(List.of(answer(FIRST, 0, 0.3, 30.0)));
        closeFirst();
        assertThat(book.atoms(MODEL, FIRST, FIRST)).isEmpty();
        anchor();
        LocalDate next = FIRST.plusDays(1);
        deliver(List.of(answer(next, 0, 0.3, null), answer(next, 0, 0.3, null), answer(next, 1, 0.3, 30.0)));
        book.close(MODEL, ZONE, FIRST, next);
        assertThat(book.atoms(MODEL, next, next))
                .filteredOn(atom -> atom.column().equals("temp_f"))
                .singleElement()
                .satisfies(atom -> {
                    assertThat(atom.rows()).isEqualTo(2);
                    assertThat(atom.missing()).isEqualTo(1);
                });
    }
}
