package dev.perennial.scoring.trees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.predictionlog.ColumnType;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.Signature;
import dev.perennial.scoring.TabularModel;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Batches of columns. */
class BatchTest {
    private static final Fixture SCORES = Fixture.named("xgboost-3.2-logistic.ubj");
    private static final Fixture CLASSES = Fixture.named("xgboost-3.2-softprob.ubj");

    @Test
    void aBatchWithoutRowsHasNoResults() {
        try (Model scores = SCORES.load(SCORES.byCodes());
                Model classes = CLASSES.load(CLASSES.byCodes())) {
            List<Tensor> none = Fixture.columns(new double[0][]);
            assertThat(scores.run(none, RunLimit.NONE).getFirst().shape()).containsExactly(0);
            assertThat(classes.run(none, RunLimit.NONE).getFirst().shape()).containsExactly(0, 4);
        }
    }

    @Test
    void aModelOfSeveralClassesGivesTheSameForOneRowAndForMany() {
        double[][] rows = SCORES.rows();
        try (Model model = CLASSES.load(CLASSES.byCodes())) {
            Tensor all = model.run(Fixture.columns(rows), RunLimit.NONE).getFirst();
            for (int size : new int[] {1, 2, 3, 4, 5}) {
                Tensor few = model.run(Fixture.columns(Arrays.copyOf(rows, size)), RunLimit.NONE)
                        .getFirst();
                assertThat(Fixture.rows(few, size)).isDeepEqualTo(Arrays.copyOf(Fixture.rows(all, rows.length), size));
            }
        }
    }

    @Test
    void aBatchThatNobodyWaitsForStopsBetweenBlocks() {
        double[][] rows = new double[5_000][];
        Arrays.fill(rows, SCORES.rows()[0]);
        AtomicInteger asked = new AtomicInteger();
        RunLimit limit = new RunLimit(Long.MAX_VALUE, () -> asked.incrementAndGet() > 2);
        try (Model model = SCORES.load(SCORES.byCodes())) {
            List<Tensor> columns = Fixture.columns(rows);
            assertThatThrownBy(() -> model.run(columns, limit))
                    .isInstanceOf(ModelFailure.class)
                    .hasMessageMatching("stopped after \\d+ of 5000 rows: nobody waits");
            assertThat(asked).hasValue(3);
        }
    }

    @Test
    void floatsAndWholeNumbersAreColumnsToo() {
        double[][] rows = {{1, -2, 3, 0, 2, 7}, {0, 5, -1, 2, 4, 39}};
        List<Tensor> floats = new ArrayList<>();
        List<Tensor> whole = new ArrayList<>();
        for (int c = 0; c < Fixture.WIDTH; c++) {
            ByteBuffer four = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            ByteBuffer eight = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
            for (double[] row : rows) {
                four.putFloat((float) row[c]);
                eight.putLong((long) row[c]);
            }
            floats.add(Tensor.of("f " + c, DataType.FP32, new long[] {2}, four.flip()));
            whole.add(Tensor.of("f " + c, DataType.INT64, new long[] {2}, eight.flip()));
        }
        try (Model model = SCORES.load(SCORES.byCodes())) {
            double[] expected = numbers(model.run(Fixture.columns(rows), RunLimit.NONE));
            assertThat(numbers(model.run(floats, RunLimit.NONE))).isEqualTo(expected);
            assertThat(numbers(model.run(whole.reversed(), RunLimit.NONE))).isEqualTo(expected);
        }
    }

    @Test
    void aColumnThatIsNotRequiredMayBeLeftOutAndIsMissing() {
        List<Column> columns = new ArrayList<>(Fixture.signature(false).columns());
        columns.set(2, new Column("f 2", ColumnType.NUMBER, false));
        ModelManifest manifest = ModelManifest.of(SCORES.format(), new Signature(columns), Map.of());
        double[][] rows = Arrays.copyOf(SCORES.rows(), 7);
        for (double[] row : rows) {
            row[2] = Double.NaN;
        }
        try (Model model = SCORES.load(manifest)) {
            List<Tensor> all = Fixture.columns(rows);
            List<Tensor> fewer =
                    all.stream().filter(t -> !t.name().equals("f 2")).toList();
            assertThat(numbers(model.run(fewer, RunLimit.NONE))).isEqualTo(numbers(model.run(all, RunLimit.NONE)));
        }
    }

    @Test
    void columnsThatDoNotFitAreRefused() {
        try (Model model = SCORES.load(SCORES.byTexts())) {
            List<Tensor> numbers = Fixture.columns(Arrays.copyOf(SCORES.rows(), 3));
            assertThatThrownBy(() -> model.run(numbers, RunLimit.NONE))
                    .isInstanceOf(ModelFailure.class)
                    .hasMessage("input f 4 FP64[3] is no category");
            assertThatThrownBy(() -> model.run(numbers.subList(0, 4), RunLimit.NONE))
                    .isInstanceOf(ModelFailure.class)
                    .hasMessage("column 'f 4' is missing");
        }
    }

    @Test
    void textsOfABatchAreCategories() {
        double[][] rows = Arrays.stream(SCORES.rows())
                .filter(row -> row[4] >= 0 && row[5] >= 0 && Fixture.hasTexts(row))
                .toArray(double[][]::new);
        try (Model model = SCORES.load(SCORES.byTexts())) {
            List<Tensor> columns = new ArrayList<>(Fixture.columns(rows).subList(0, 4));
            for (int c : new int[] {4, 5}) {
                byte[][] texts = Arrays.stream(rows)
                        .map(row -> ("v" + (long) row[c]).getBytes(StandardCharsets.UTF_8))
                        .toArray(byte[][]::new);
                columns.add(Tensor.bytes("f " + c, new long[] {rows.length}, texts));
            }
            double[] alone = Arrays.stream(rows)
                    .mapToDouble(row -> ((TabularModel) model).score(Fixture.rowOfTexts(row)))
                    .toArray();
            assertThat(numbers(model.run(columns, RunLimit.NONE))).isEqualTo(alone);
        }
    }

    @Test
    void manyThreadsShareOneModel() throws Exception {
        double[][] rows = SCORES.rows();
        double[][] expected = SCORES.expected();
        try (TabularModel model = (TabularModel) SCORES.load(SCORES.byCodes());
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Callable<Double>> work = IntStream.range(0, 16)
                    .<Callable<Double>>mapToObj(i -> () -> IntStream.range(0, rows.length)
                            .mapToDouble(r -> Math.abs(model.score(Fixture.row(rows[r])) - expected[r][0]))
                            .max()
                            .orElseThrow())
                    .toList();
            for (Future<Double> worst : threads.invokeAll(work)) {
                assertThat(worst.get()).isLessThan(1e-6);
            }
        }
    }

    private static double[] numbers(List<Tensor> outputs) {
        Tensor only = outputs.getFirst();
        return IntStream.range(0, only.elements()).mapToDouble(only::number).toArray();
    }
}
