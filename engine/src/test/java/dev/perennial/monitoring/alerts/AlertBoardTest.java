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

    @Test
    void driftThatComesWithHarmIsPartOfItsAlert() {
        day = 100;
        close(drift(1), harm(1.0));
        List<AlertChange> second = close(drift(1), harm(1.0));
        assertThat(second)
                .extracting(AlertChange::kind)
                .containsExactly(AlertChange.Kind.OPENED, AlertChange.Kind.FINDING_ADDED);
        assertThat(board.open()).singleElement().satisfies(alert -> {
            assertThat(alert.title()).isEqualTo("Answers became worse");
            assertThat(alert.findings())
                    .extracting(Alert.Finding::kind)
                    .containsExactly(SignalKind.PERFORMANCE, SignalKind.DRIFT);
        });
    }

    @Test
    void driftThatStaysWhenTheHarmIsOverHoldsNothingOpen() {
        day = 100;
        close(drift(1), harm(1.0));
        close(drift(1), harm(1.0));
        close(drift(1), harm(0.0));
        List<AlertChange> over = close(drift(1), harm(0.0));
        assertThat(over).extracting(AlertChange::kind).containsExactly(AlertChange.Kind.RESOLVED);
        assertThat(close(drift(1), harm(0.0))).isEmpty();
    }

    @Test
    void aFaultThatBeginsWhileHarmIsOpenIsAnAlertOfItsOwn() {
        day = 100;
        close(harm(1.0));
        close(harm(1.0));
        close(harm(1.0), freshness(1));
        assertThat(board.open()).extracting(Alert::cause).containsExactlyInAnyOrder("performance", "weather");
    }

    @Test
    void twoFeedsAreTwoAlertsAndEndEachForItself() {
        day = 100;
        Signal flights = signal(SignalKind.VOLUME, "flights", null, 1.0, day * DAY);
        close(freshness(1), flights);
        assertThat(board.open()).extracting(Alert::cause).containsExactlyInAnyOrder("weather", "flights");
        close(freshness(0), flights);
        close(freshness(0), flights);
        assertThat(board.open()).extracting(Alert::cause).containsExactly("flights");
    }

    @Test
    void aCauseThatComesBackAfterItsEndIsANewAlertThatNobodyTookYet() {
        day = 100;
        close(freshness(1));
        Alert first = board.open().getFirst();
        board = board.with(first.acknowledge("ana"));
        close(freshness(0));
        close(freshness(0));
        close(freshness(1));
        Alert second = board.open().getFirst();
        assertThat(second.id()).isNotEqualTo(first.id());
        assertThat(second.acknowledgedBy()).isNull();
        assertThat(board.alert(first.id())).isNotNull().satisfies(alert -> {
            assertThat(alert.open()).isFalse();
            assertThat(alert.acknowledgedBy()).isEqualTo("ana");
        });
    }

    @Test
    void oneClearWindowDoesNotResolveAndABadOneBeginsTheCountAgain() {
        day = 100;
        close(freshness(1));
        close(freshness(0));
        close(freshness(1));
        close(freshness(0));
        assertThat(board.open()).hasSize(1);
        close(freshness(0));
        assertThat(board.open()).isEmpty();
    }

    @Test
    void silenceEndsByItself() {
        day = 100;
        close(freshness(1));
        board = board.with(board.open().getFirst().silence(102 * DAY));
        assertThat(close(freshness(1), missing(1)).getFirst().tell())
                .as("day 101")
                .isFalse();
        Signal other = signal(SignalKind.COLUMN_MISSING, "weather", "dewpoint_f", 1.0, day * DAY);
        assertThat(close(freshness(1), missing(1), other).getFirst().tell())
                .as("day 102, the first moment after the silence")
                .isTrue();
    }

    @Test
    void whatBeganInAWindowIsToldForThatWindowAlone() {
        day = 100;
        close(harm(1.0));
        assertThat(board.began(100)).as("one bad window is none yet").isEmpty();
        close(harm(1.0), freshness(1));
        assertThat(board.began(101)).containsExactlyInAnyOrder(SignalKind.PERFORMANCE, SignalKind.FRESHNESS);
        close(harm(1.0), freshness(1));
        assertThat(board.began(102)).as("it goes on").isEmpty();
        assertThat(board.began(101)).as("asked again").hasSize(2);
        close(harm(0.0));
        close(harm(0.0));
        assertThat(board.began(104)).as("an end is no beginning").isEmpty();
    }

    @Test
    void allFindingsOfOneAlertAndOneWindowAreOneMessage() {
        day = 100;
        List<AlertChange> changes = close(freshness(1), missing(1), harm(0.0));
        assertThat(AlertChange.together(changes)).singleElement().satisfies(change -> {
            assertThat(change.kind()).isEqualTo(AlertChange.Kind.OPENED);
            assertThat(change.text()).isEqualTo("FRESHNESS of weather; and 1 finding more");
            assertThat(change.alert().findings()).as("as it stands at the end").hasSize(2);
            assertThat(change.tell()).isTrue();
        });
        close(freshness(0), missing(0));
        assertThat(AlertChange.together(close(freshness(0), missing(0))))
                .extracting(AlertChange::kind)
                .containsExactly(AlertChange.Kind.RESOLVED);
        assertThat(AlertChange.together(List.of())).isEmpty();
    }

    @Test
    void moreFindingsThanAreKeptDoNotGrowTheAlert() {
        day = 100;
        Signal[] many = new Signal[Alert.FINDINGS_MAX + 5];
        for (int i = 0; i < many.length; i++) {
            many[i] = signal(SignalKind.COLUMN_MISSING, "weather", "c" + i, 1.0, day * DAY);
        }
        close(many);
        assertThat(board.open().getFirst().findings()).hasSize(Alert.FINDINGS_MAX);
    }
}
