package dev.perennial.monitoring.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AlertBoardTest {
    private static final long DAY = 86_400_000L;
    private final List<AlertChange> told = new ArrayList<>();
    private AlertBoard board = AlertBoard.empty("flight-delay");
    private long day;

    private static Signal signal(
            SignalKind kind, String cause, @Nullable String column, @Nullable Double value, long from) {
        return new Signal(kind, cause, column, value, from, Signal.Severity.WARNING, kind + " of " + cause, "day");
    }

    private Signal freshness(double value) {
        return signal(SignalKind.FRESHNESS, "weather", null, value, day * DAY);
    }

    private Signal missing(double value) {
        return signal(SignalKind.COLUMN_MISSING, "weather", "temp_f", value, day * DAY);
    }

    private Signal harm(@Nullable Double value) {
        return signal(SignalKind.PERFORMANCE, "performance", null, value, (day - 13) * DAY);
    }

    private Signal drift(double value) {
        return signal(SignalKind.DRIFT, "drift", "temp_f", value, (day - 27) * DAY);
    }

    private List<AlertChange> close(Signal... signals) {
        AlertBoard.Step step = board.step(day, day * DAY, List.of(signals));
        // What is stored must come back as it was.
        board = Json.read(Json.write(step.board()), AlertBoard.class);
        assertThat(Json.canonical(board)).isEqualTo(Json.canonical(step.board()));
        told.addAll(step.changes());
        day++;
        return step.changes();
    }

    @Test
    void outageOfAFeedIsOneAlertFromTheFirstMissingHourToTheHarmItDid() {
        day = 100;
        close(freshness(0), harm(0.0));
        List<AlertChange> first = close(missing(1), freshness(1), harm(0.0));
        assertThat(first)
                .extracting(AlertChange::kind)
                .containsExactly(AlertChange.Kind.OPENED, AlertChange.Kind.FINDING_ADDED);
        close(missing(1), freshness(1), harm(1.0));
        List<AlertChange> later = close(missing(1), freshness(1), harm(1.0), drift(1));
        assertThat(later).extracting(AlertChange::kind).containsExactly(AlertChange.Kind.FINDING_ADDED);
        close(missing(1), freshness(1), harm(1.0), drift(1));
        assertThat(board.open()).hasSize(1);
        Alert alert = board.open().getFirst();
        assertThat(alert.cause()).isEqualTo("weather");
        assertThat(alert.title()).isEqualTo("The weather feed is late");
        assertThat(alert.findings())
                .extracting(Alert.Finding::kind)
                .containsExactly(
                        SignalKind.FRESHNESS, SignalKind.COLUMN_MISSING, SignalKind.PERFORMANCE, SignalKind.DRIFT);
        assertThat(alert.findings().getFirst().lastSeen())
                .isGreaterThan(alert.findings().getFirst().at());

        close(missing(0), freshness(0), harm(1.0), drift(1));
        assertThat(board.open()).hasSize(1);
        List<AlertChange> over = close(missing(0), freshness(0), harm(1.0), drift(1));
        assertThat(over).extracting(AlertChange::kind).containsExactly(AlertChange.Kind.RESOLVED);
        for (int i = 0; i < 10; i++) {
            assertThat(close(missing(0), freshness(0), harm(1.0), drift(1))).isEmpty();
        }
        assertThat(board.open()).isEmpty();
    }

    @Test
    void consequenceFoundAfterTheFaultIsOverJoinsItWhileItsWindowHoldsTheFault() {
        day = 100;
        close(freshness(1));
        close(freshness(1));
        close(freshness(0));
        close(freshness(0));
        assertThat(board.open()).isEmpty();
        close(freshness(0), harm(1.0));
        assertThat(close(freshness(0), harm(1.0)))
                .extracting(AlertChange::kind)
                .containsExactly(AlertChange.Kind.FINDING_ADDED);
        assertThat(told.getLast().tell()).isFalse();
        assertThat(board.open()).isEmpty();
        // It clears, and comes again when the fault has left the window: then it is an alert of its own.
        close(harm(0.0));
        close(harm(0.0));
        day += 20;
        close(harm(1.0));
        close(harm(1.0));
        assertThat(board.open()).extracting(Alert::cause).containsExactly("performance");
    }

    @Test
    void oneBadDayOfDriftIsNoAlertAndTwoColumnsAreOne() {
        day = 100;
        close(drift(1));
        close(drift(0));
        assertThat(told).isEmpty();
        Signal other = signal(SignalKind.DRIFT, "drift", "carrier", 1.0, 0);
        close(drift(1), other);
        close(drift(1), other);
        assertThat(board.open()).hasSize(1);
        assertThat(board.open().getFirst().findings()).hasSize(2);
        close(drift(Signal.BETWEEN), signal(SignalKind.DRIFT, "drift", "carrier", null, 0));
        close(drift(Signal.BETWEEN), signal(SignalKind.DRIFT, "drift", "carrier", null, 0));
        assertThat(board.open()).as("warnings and missing windows hold").hasSize(1);
    }

    @Test
    void windowsWithoutDataChangeNothing() {
        day = 100;
        close(harm(1.0));
        close(harm(null));
        close(harm(null));
        assertThat(board.open()).isEmpty();
        close(harm(1.0));
        assertThat(board.open()).hasSize(1);
        for (int i = 0; i < 5; i++) {
            close(harm(null));
        }
        assertThat(board.open()).hasSize(1);
    }

    @Test
    void seeingAWindowAgainChangesNothing() {
        day = 100;
        close(freshness(1));
        AlertBoard.Step again = board.step(100, 100 * DAY, List.of(freshness(1)));
        assertThat(again.changes()).isEmpty();
        assertThat(again.board()).isEqualTo(board);
    }

    @Test
    void sameSignalsGiveTheSameIds() {
        AlertBoard.Step one = board.step(5, 5 * DAY, List.of(freshness(1), missing(1)));
        AlertBoard.Step two = board.step(5, 5 * DAY, List.of(missing(1), freshness(1)));
        assertThat(Json.canonical(one.board())).isEqualTo(Json.canonical(two.board()));
        assertThat(one.board().open().getFirst().id()).matches("[0-9a-f]{16}");
    }

    @Test
    void silencedAlertsGrowQuietlyAndAcknowledgementStays() {
        day = 100;
        close(freshness(1));
        Alert alert = board.open().getFirst().acknowledge("ana").silence(200 * DAY);
        board = board.with(alert);
        List<AlertChange> grown = close(freshness(1), missing(1));
        assertThat(grown.getFirst().tell()).isFalse();
        close(freshness(0), missing(0));
        List<AlertChange> over = close(freshness(0), missing(0));
        assertThat(over.getFirst().kind()).isEqualTo(AlertChange.Kind.RESOLVED);
        assertThat(over.getFirst().tell()).isFalse();
        assertThat(over.getFirst().alert().acknowledgedBy()).isEqualTo("ana");
    }

    @Test
    void flappingRuleIsToldOnce() {
        day = 100;
        for (int i = 0; i < 5; i++) {
            close(freshness(1));
            close(freshness(0));
            close(freshness(0));
        }
        assertThat(told.stream().filter(change -> change.kind() == AlertChange.Kind.FLAPPING))
                .hasSize(1);
        List<AlertChange> opened = told.stream()
                .filter(change -> change.kind() == AlertChange.Kind.OPENED)
                .toList();
        assertThat(opened.getFirst().tell()).isTrue();
        assertThat(opened.getLast().tell()).isFalse();
    }
}
