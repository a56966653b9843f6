package dev.perennial.scorer.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.predictionlog.ChampionBatch;
import dev.perennial.predictionlog.ColumnType;
import dev.perennial.predictionlog.LogPolicy.Inputs;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.config.ScorerConfig.LogConfig;
import dev.perennial.scoring.Column;
import dev.perennial.tensors.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rows in columns beside the same rows one by one: answers, records, ids. */
class ColumnRunTest {
    private static final Column OPTIONAL = new Column("o", ColumnType.NUMBER, false);

    private final AtomicInteger made = new AtomicInteger();
    private final ColumnRun run = new ColumnRun(null, new Metrics(), () -> 0);
    private final Endpoint endpoint = Endpoints.rows(Column.number("x"), Column.number("y"), OPTIONAL);

    private ColumnRows rows(@Nullable String request, Tensor... tensors) {
        return new ColumnRows(
                endpoint.schema(), List.of(tensors), 1_000, request, () -> "made-" + made.incrementAndGet());
    }

    private ColumnRows three() {
        return rows(null, Tensor.doubles("y", new double[] {1, Double.NaN, 3}), Tensor.doubles("x", new double[] {
            0.5, 0.25, -0.0
        }));
    }

    private ChampionBatch scored(ColumnRows rows) {
        return Objects.requireNonNull(run.scored(endpoint, rows));
    }

    @Test
    void rowsInColumnsAreTheRowsThatTheyWouldBeOneByOne() {
        ColumnRows rows = three();
        assertThat(rows).hasSize(3);
        assertThat(rows.get(0).row().numbers()).containsExactly(0.5, 1, Double.NaN);
        assertThat(rows.get(1).row().numbers()).containsExactly(0.25, Double.NaN, Double.NaN);
        assertThat(rows.get(2).given()).containsExactly(true, true, false);
        assertThat(rows.get(2).predictedAt()).isEqualTo(1_000);
        assertThat(rows.get(2).eventTime()).isEqualTo(1_000);
    }

    @Test
    void theBatchHoldsWhatTheRecordsOfTheRowsHold() {
        ColumnRows rows = three();
        ChampionBatch batch = scored(rows);
        BatchRun oneByOne = new BatchRun(null, endpoint, () -> 0);
        oneByOne.add(new ArrayList<>(rows));
        oneByOne.score();
        List<PredictionRecord> records = oneByOne.records(0);
        for (int i = 0; i < 3; i++) {
            PredictionRecord record = records.get(i);
            assertThat(batch.ids().get(i)).isEqualTo(record.id());
            assertThat(batch.scores()[i]).isEqualTo(record.score());
            assertThat(batch.version()).isEqualTo(record.version());
            assertThat(batch.millis()).isEqualTo(record.predictedAt()).isEqualTo(record.eventTime());
            assertThat(batch.micros()).isEqualTo(record.answer().latencyMicros());
        }
        assertThat(batch.columns()).isEqualTo(records.getFirst().features().columns());
    }

    @Test
    void anIdIsMadeOnceAndOnlyWhenAskedFor() {
        ColumnRows rows = three();
        ChampionBatch batch = scored(rows);
        assertThat(made).hasValue(0);
        assertThat(batch.ids()).containsExactly("made-1", "made-2", "made-3");
        assertThat(new ColumnAnswers(rows, "m/7", batch.scores()).get(1).id()).isEqualTo("made-2");
        assertThat(rows.get(1).id()).isEqualTo("made-2");
        assertThat(made).hasValue(3);
    }

    @Test
    void aRequestsNameNamesItsRowsByNumber() {
        assertThat(rows("q", Tensor.doubles("x", new double[] {1, 2})).ids()).containsExactly("q#0", "q#1");
    }

    @Test
    void answersAreTheChampions() {
        ColumnRows rows = three();
        assertThat(new ColumnAnswers(rows, "m/7", scored(rows).scores()))
                .extracting(Answer::score, Answer::version, Answer::fallback)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(1.5, "m/7", false),
                        org.assertj.core.groups.Tuple.tuple(0.25, "m/7", false),
                        org.assertj.core.groups.Tuple.tuple(3.0, "m/7", false));
    }

    @Test
    void aRequiredColumnMustBeThereAndNumbersFinite() {
        assertThat(three().complete()).isTrue();
        assertThat(three().finite())
                .as("a missing number is none that is infinite")
                .isTrue();
        Tensor x = Tensor.doubles("x", new double[] {1, 2});
        assertThat(rows(null, x).complete()).isFalse();
        assertThat(rows(null, x, Tensor.doubles("y", new double[] {1, Double.POSITIVE_INFINITY}))
                        .finite())
                .isFalse();
    }

    @Test
    void scoresThatAreNoneSendTheRowsTheOtherWay() {
        double large = Double.MAX_VALUE;
        ColumnRows rows =
                rows(null, Tensor.doubles("x", new double[] {1, large}), Tensor.doubles("y", new double[] {1, large}));
        assertThat(run.scored(endpoint, rows))
                .as("the sum of the second row is infinite")
                .isNull();
    }

    @Test
    void whatIsLoggedInPartIsLoggedRowByRow() {
        Column x = Column.number("x");
        assertThat(ColumnRun.possible(endpoint)).isTrue();
        assertThat(ColumnRun.possible(Endpoints.logged(new LogConfig(Inputs.ALL, 0.0, null), x)))
                .isTrue();
        assertThat(ColumnRun.possible(Endpoints.logged(new LogConfig(Inputs.NONE, null, null), x)))
                .isTrue();
        assertThat(ColumnRun.possible(Endpoints.logged(new LogConfig(Inputs.ALL, 0.5, null), x)))
                .isFalse();
        assertThat(ColumnRun.possible(Endpoints.logged(new LogConfig(Inputs.OUTPUTS, null, null), x)))
                .isFalse();
        assertThat(ColumnRun.possible(Endpoints.logged(new LogConfig(null, null, List.of("x")), x)))
                .isFalse();
    }
}
