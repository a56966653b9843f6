package dev.perennial.scorer.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.predictionlog.ColumnType;
import dev.perennial.predictionlog.Kept;
import dev.perennial.predictionlog.LogColumn;
import dev.perennial.predictionlog.LogPolicy;
import dev.perennial.predictionlog.LogPolicy.Inputs;
import dev.perennial.predictionlog.LoggedFeatures;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EndpointLogTest {
    private static final List<LogColumn> COLUMNS = List.of(
            new LogColumn("x", ColumnType.NUMBER),
            new LogColumn("name", ColumnType.CATEGORY),
            new LogColumn("c", ColumnType.CATEGORY));

    private static PredictionRecord row(int i, Role role, boolean control) {
        var features = new LoggedFeatures(COLUMNS, new double[] {i, 0, 0}, new String[] {null, "secret", "a"});
        var answer = new PredictionRecord.Answer("m/1", role, 0.5, control, 3);
        return new PredictionRecord("k" + i, answer, 1, 2, features, null, null);
    }

    private static List<PredictionRecord> rows(Role role, boolean control) {
        return IntStream.range(0, 1_000).mapToObj(i -> row(i, role, control)).toList();
    }

    private static EndpointLog log(Inputs inputs, double share, String... redact) {
        return new EndpointLog(new LogPolicy(inputs, share, List.of(redact)), COLUMNS);
    }

    @Test
    void withoutAPolicyTheVerySameRowsAreLogged() {
        List<PredictionRecord> rows = rows(Role.CHAMPION, false);
        EndpointLog log = new EndpointLog(null, COLUMNS);
        assertThat(log.kept(rows, false, true)).isSameAs(rows);
        assertThat(log.columns()).isSameAs(COLUMNS);
    }

    @Test
    void aShareIsDrawnById() {
        List<PredictionRecord> kept = log(Inputs.ALL, 0.25).kept(rows(Role.CHAMPION, false), false, true);
        assertThat(kept).hasSizeBetween(190, 310).allSatisfy(record -> {
            assertThat(Kept.drawn(record.id(), 0.25)).isTrue();
            assertThat(record.kept()).isEqualTo(new Kept(0.25, true));
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"CANARY", "FALLBACK"})
    void rowsOfACandidateAreLoggedWhateverTheShareAndSayWhetherTheyWereDrawn(Role role) {
        List<PredictionRecord> kept = log(Inputs.ALL, 0.25).kept(rows(role, false), false, true);
        assertThat(kept)
                .hasSize(1_000)
                .allSatisfy(record -> assertThat(record.kept()).isEqualTo(new Kept(1, Kept.drawn(record.id(), 0.25))));
    }

    @Test
    void rowsOfTheControlAreLoggedWhateverTheShare() {
        assertThat(log(Inputs.ALL, 0).kept(rows(Role.CHAMPION, true), false, true))
                .hasSize(1_000);
    }

    @Test
    void aControlRowIsOneOfManyWhileNobodyIsComparedWithIt() {
        assertThat(log(Inputs.ALL, 0).kept(rows(Role.CHAMPION, true), false, false))
                .isEmpty();
    }

    @Test
    void rowsThatAShadowScoresTooAreLoggedWhateverTheShare() {
        assertThat(log(Inputs.ALL, 0).kept(rows(Role.CHAMPION, false), true, true))
                .hasSize(1_000);
    }

    @Test
    void aRedactedColumnIsInNeitherTheColumnsNorTheValues() {
        EndpointLog log = log(Inputs.ALL, 1, "name", "unknown");
        assertThat(log.columns()).extracting(LogColumn::name).containsExactly("x", "c");
        assertThat(log.kept(List.of(row(4, Role.CHAMPION, false)), false, true))
                .singleElement()
                .satisfies(record -> assertThat(record.features().asMap()).isEqualTo(Map.of("x", 4.0, "c", "a")));
    }

    @Test
    void whereAnswersOnlyAreLoggedNoValueIs() {
        EndpointLog log = log(Inputs.OUTPUTS, 1);
        assertThat(log.columns()).isEmpty();
        assertThat(log.kept(List.of(row(4, Role.CHAMPION, false)), false, true))
                .singleElement()
                .satisfies(record -> {
                    assertThat(record.features().asMap()).isEmpty();
                    assertThat(record.score()).isEqualTo(0.5);
                });
    }

    @Test
    void whereNothingIsLoggedNotEvenRolloutsAre() {
        assertThat(log(Inputs.NONE, 1).kept(rows(Role.CANARY, false), true, true))
                .isEmpty();
    }
}
