package dev.perennial.scoring.trees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.data.Offset.offset;

import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.TabularModel;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every model beside the predictions of the library that wrote it. */
class LibraryPredictionsTest {
    private static final double BOUND = 1e-6;

    static List<Fixture> fixtures() {
        return Fixture.all();
    }

    @Test
    void everyKindOfModelIsThere() {
        assertThat(Fixture.all()).hasSizeGreaterThan(55);
        assertThat(Fixture.all().stream().map(Fixture::format).distinct())
                .containsExactlyInAnyOrder(
                        ModelManifest.XGBOOST_JSON, ModelManifest.XGBOOST_UBJ, ModelManifest.LIGHTGBM_TEXT);
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void aRowAtATimeEqualsTheLibrary(Fixture fixture) {
        try (Model model = fixture.load(fixture.byCodes())) {
            assertClose(fixture, Fixture.results(model, fixture.rows()), fixture.expected());
        }
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void aBatchEqualsTheLibrary(Fixture fixture) {
        double[][] rows = fixture.rows();
        try (Model model = fixture.load(fixture.byCodes())) {
            Tensor result = model.run(Fixture.columns(rows), RunLimit.NONE).getFirst();
            assertClose(fixture, Fixture.rows(result, rows.length), fixture.expected());
        }
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void categoriesAsTextsAreTheSameAsTheirCodes(Fixture fixture) {
        try (Model codes = fixture.load(fixture.byCodes());
                Model texts = fixture.load(fixture.byTexts())) {
            double[][] rows =
                    Arrays.stream(fixture.rows()).filter(Fixture::hasTexts).toArray(double[][]::new);
            assertThat(rows.length).isGreaterThan(150);
            if (codes instanceof TabularModel byCodes && texts instanceof TabularModel byTexts) {
                for (double[] row : rows) {
                    assertThat(byTexts.score(Fixture.rowOfTexts(row))).isEqualTo(byCodes.score(Fixture.row(row)));
                }
            } else {
                assertThat(texts.schema().tabular()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void aBatchOfAnySizeEqualsItsRowsBitForBit(Fixture fixture) {
        try (Model model = fixture.load(fixture.byCodes())) {
            if (model instanceof TabularModel tabular) {
                List<Row> rows = Arrays.stream(fixture.rows()).map(Fixture::row).toList();
                double[] alone = rows.stream().mapToDouble(tabular::score).toArray();
                for (int size : new int[] {0, 1, 2, 3, 4, 5, 7, 255, 256, 257, rows.size()}) {
                    assertThat(tabular.scoreAll(rows.subList(0, size))).isEqualTo(Arrays.copyOf(alone, size));
                }
            }
        }
    }

    @Test
    void softmaxGivesTheLabelOfTheLibraryAndTheProbabilitiesToo() {
        Fixture fixture = Fixture.named("xgboost-3.2-softmax.ubj");
        try (Model model = fixture.load(fixture.byCodes())) {
            assertThat(model.schema().outputs().toString())
                    .isEqualTo("[TensorSpec[name=label, type=INT64, shape=[-1]],"
                            + " TensorSpec[name=probabilities, type=FP64, shape=[-1, 4]]]");
            List<Tensor> outputs = model.run(Fixture.columns(fixture.rows()), RunLimit.NONE);
            double[][] shares = Fixture.rows(outputs.get(1), fixture.rows().length);
            for (int row = 0; row < shares.length; row++) {
                double[] share = shares[row];
                double largest = Arrays.stream(share).max().orElseThrow();
                assertThat(share[(int) outputs.getFirst().whole(row)]).isEqualTo(largest);
                assertThat(Arrays.stream(share).sum()).isBetween(1 - BOUND, 1 + BOUND);
            }
        }
    }

    @Test
    void severalClassesTakeRowsOfColumnsAndGiveOneTensor() {
        Fixture fixture = Fixture.named("lightgbm-4.7-multiclass.txt");
        try (Model model = fixture.load(fixture.byTexts())) {
            assertThat(model).isNotInstanceOf(TabularModel.class);
            assertThat(model.schema().columns()).isEqualTo(Fixture.signature(true));
            assertThat(model.schema().inputs())
                    .extracting(spec -> spec.type())
                    .containsExactly(
                            DataType.FP64, DataType.FP64, DataType.FP64, DataType.FP64, DataType.BYTES, DataType.BYTES);
            assertThat(model.schema().outputs().getFirst().fits(new long[] {9, 4}))
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "lightgbm-4.7-frame.txt,lightgbm-text,lightgbm-4.7",
        "xgboost-3.2-frame.json,xgboost-json,xgboost-3.2",
        "xgboost-3.2-frame.ubj,xgboost-ubj,xgboost-3.2"
    })
    void theCategoriesOfADataFrameStandInTheModelFile(String file, String format, String library) {
        ModelManifest manifest = ModelManifest.of(format, Fixture.signature(true), Map.of());
        double[][] rows = Fixture.matrix("frame.rows.csv");
        double[][] expected = Fixture.matrix(library + "-frame.expected.csv");
        TabularModel model = (TabularModel) TreeFormats.load(manifest, Fixture.bytes(file));
        for (int row = 0; row < rows.length; row++) {
            assertThat(model.score(Fixture.rowOfTexts(rows[row]))).isCloseTo(expected[row][0], offset(BOUND));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "lightgbm-4.7-frame.txt,lightgbm-text,LightGBM",
        "xgboost-3.2-frame.json,xgboost-json,XGBoost",
        "xgboost-3.2-frame.ubj,xgboost-ubj,XGBoost"
    })
    void otherCategoriesThanTheFilesOwnAreRefused(String file, String format, String library) {
        Map<String, List<String>> wrong = Map.of("f 4", List.of("v1", "v0", "v2", "v3", "v4"));
        ModelManifest manifest = ModelManifest.of(format, Fixture.signature(true), wrong);
        assertThatThrownBy(() -> TreeFormats.load(manifest, Fixture.bytes(file)))
                .isInstanceOf(PerennialException.class)
                .hasMessage("cannot use this " + library
                        + " model: its categories of column 'f 4' are [v0, v1, v2, v3, v4],"
                        + " the manifest lists [v1, v0, v2, v3, v4]");
    }

    private static void assertClose(Fixture fixture, double[][] actual, double[][] expected) {
        double[][] rows = fixture.rows();
        assertThat(actual.length).isEqualTo(expected.length);
        for (int row = 0; row < expected.length; row++) {
            for (int i = 0; i < Math.max(expected[row].length, actual[row].length); i++) {
                double bound = BOUND * Math.max(1, Math.abs(expected[row][i]));
                if (!(Math.abs(actual[row][i] - expected[row][i]) <= bound)) {
                    fail(fixture + ", row " + row + " " + Arrays.toString(rows[row]) + ": " + actual[row][i]
                            + ", the library " + expected[row][i]);
                }
            }
        }
    }
}
