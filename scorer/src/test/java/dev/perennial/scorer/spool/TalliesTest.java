package dev.perennial.scorer.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.predictionlog.LoggedFeatures;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;
import dev.perennial.predictionlog.Tally;
import java.util.List;
import org.junit.jupiter.api.Test;

class TalliesTest {
    private static final PredictionRecord CHAMPION = row("m/1", Role.CHAMPION);
    private static final PredictionRecord CANARY = row("m/2", Role.CANARY);

    private final Tallies tallies = new Tallies();

    private static PredictionRecord row(String version, Role role) {
        var features = new LoggedFeatures(List.of(), new double[0], new String[0]);
        return new PredictionRecord(
                "id", new PredictionRecord.Answer(version, role, 0.5, false, 1), 0, 0, features, null, null);
    }

    @Test
    void rowsCountByMinuteVersionAndRole() {
        tallies.answered("m", 7, List.of(CHAMPION, CHAMPION, CANARY), List.of(CANARY));
        tallies.answered("m", 7, List.of(CHAMPION), List.of(CHAMPION));
        tallies.answered("m", 8, List.of(CHAMPION), List.of());
        assertThat(tallies.take("m", true, Long.MAX_VALUE))
                .containsExactly(
                        new Tally(7, "m/1", Role.CHAMPION, 3, 1, 0),
                        new Tally(7, "m/2", Role.CANARY, 1, 1, 0),
                        new Tally(8, "m/1", Role.CHAMPION, 1, 0, 0));
    }

    @Test
    void rowsThatTheChampionAnsweredTogetherCountAsEachDoes() {
        tallies.answered("m", 7, "m/1", 1_000, 0);
        tallies.answered("m", 7, List.of(CHAMPION), List.of(CHAMPION));
        tallies.answered("m", 7, "m/1", 10, 10);
        assertThat(tallies.take("m", true, Long.MAX_VALUE))
                .containsExactly(new Tally(7, "m/1", Role.CHAMPION, 1_011, 11, 0));
    }

    @Test
    void whatTheLogHoldsWhollyIsToldOnlyWhereAllIsToBeTold() {
        tallies.answered("m", 7, List.of(CHAMPION), List.of(CHAMPION));
        assertThat(tallies.take("m", false, Long.MAX_VALUE)).isEmpty();
        tallies.answered("m", 7, List.of(CHAMPION), List.of(CHAMPION));
        assertThat(tallies.take("m", true, Long.MAX_VALUE)).hasSize(1);
    }

    @Test
    void aFailureIsToldAlthoughNoRowIsMissing() {
        tallies.failed("m", 7, "m/1");
        assertThat(tallies.take("m", false, Long.MAX_VALUE))
                .containsExactly(new Tally(7, "m/1", Role.CHAMPION, 0, 0, 1));
    }

    @Test
    void minutesThatAreNotOverStay() {
        tallies.answered("m", 7, List.of(CHAMPION), List.of());
        tallies.answered("m", 8, List.of(CHAMPION), List.of());
        assertThat(tallies.take("m", true, 8)).extracting(Tally::minute).containsExactly(7L);
        assertThat(tallies.endpoints()).containsExactly("m");
        assertThat(tallies.take("m", true, 9)).extracting(Tally::minute).containsExactly(8L);
        assertThat(tallies.endpoints()).isEmpty();
    }

    @Test
    void whatCouldNotBeToldIsAddedToWhatCameMeanwhile() {
        tallies.answered("m", 7, List.of(CHAMPION), List.of());
        List<Tally> untold = tallies.take("m", true, 8);
        tallies.answered("m", 7, List.of(CHAMPION), List.of());
        tallies.back("m", untold);
        assertThat(tallies.take("m", true, 8)).containsExactly(new Tally(7, "m/1", Role.CHAMPION, 2, 0, 0));
    }

    @Test
    void endpointsAreCountedApart() {
        tallies.answered("a", 7, List.of(CHAMPION), List.of());
        tallies.answered("b", 7, List.of(CHAMPION), List.of());
        assertThat(tallies.take("a", true, 8)).hasSize(1);
        assertThat(tallies.endpoints()).containsExactly("b");
    }

    @Test
    void moreMinutesThanFitAreAddedUpAndNoRowIsLost() {
        for (int minute = 0; minute < 10_100; minute++) {
            tallies.answered("m", minute, List.of(CHAMPION), List.of());
        }
        List<Tally> told = tallies.take("m", true, Long.MAX_VALUE);
        assertThat(told).hasSize(10_000);
        assertThat(told.stream().mapToLong(Tally::rows).sum()).isEqualTo(10_100);
    }
}
