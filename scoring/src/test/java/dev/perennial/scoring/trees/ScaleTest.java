package dev.perennial.scoring.trees;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Integers that compare like the numbers do. */
class ScaleTest {
    private static final double[] ODD = {
        0.0,
        -0.0,
        1,
        -1,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Double.MIN_VALUE,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Math.nextDown(1.0),
        Math.nextUp(1.0),
        1e-36,
        0.1,
        (float) 0.1
    };

    @Test
    void floatsGoLeftBelowTheThresholdAndOnlyThere() {
        FloatScale scale = new FloatScale();
        for (double value : ODD) {
            for (double threshold : ODD) {
                assertThat(scale.level(0, value) <= scale.lastLeft(0, threshold))
                        .as("%s < %s", value, threshold)
                        .isEqualTo((float) value < (float) threshold);
            }
        }
    }

    @Test
    void doublesGoLeftAtTheThresholdToo() {
        RankScale scale = new RankScale(List.of(chain(ODD)), 1);
        for (double value : ODD) {
            double number = Math.abs(value) <= RankScale.ZERO ? 0 : value;
            for (double threshold : ODD) {
                assertThat(scale.level(0, value) <= scale.lastLeft(0, threshold))
                        .as("%s <= %s", value, threshold)
                        .isEqualTo(number <= threshold);
            }
        }
    }

    @Test
    void ranksAreRightForAnyNumberOfThresholds() {
        Random random = new Random(3);
        for (int count = 1; count < 40; count++) {
            double[] thresholds = random.doubles(count, -1, 1).toArray();
            RankScale scale = new RankScale(List.of(chain(thresholds)), 1);
            for (double value : random.doubles(50, -1.5, 1.5).toArray()) {
                for (double threshold : thresholds) {
                    assertThat(scale.level(0, value) <= scale.lastLeft(0, threshold))
                            .isEqualTo(value <= threshold);
                }
            }
        }
    }

    @Test
    void noNumberIsTakenForAMissingOne() {
        FloatScale floats = new FloatScale();
        RankScale ranks = new RankScale(List.of(chain(ODD)), 1);
        for (double value : ODD) {
            assertThat(floats.level(0, value)).isNotIn(Layout.LOWEST, Layout.HIGHEST);
            assertThat(ranks.level(0, value)).isNotIn(Layout.LOWEST, Layout.HIGHEST);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0,0,0",
        "7,7,7",
        "7.9,7,7",
        "-0.0,0,0",
        "-0.5,-1,0",
        "-1,-1,-1",
        "-7,-1,-1",
        "16777215,16777215,16777215",
        "16777216,-1,16777216",
        "1e12,-1,-1",
        "Infinity,-1,-1",
        "-Infinity,-1,-1"
    })
    void codesOfCategoriesAreThoseOfEachLibrary(double value, int xgboost, int lightgbm) {
        assertThat(new FloatScale().code(value)).isEqualTo(xgboost);
        assertThat(new RankScale(List.of(), 0).code(value)).isEqualTo(lightgbm);
    }

    /** A tree with a split at each threshold. */
    private static Tree chain(double[] thresholds) {
        int splits = thresholds.length;
        int size = 2 * splits + 1;
        Tree tree = new Tree(new int[size], new int[size], new int[size], new double[size], new byte[size]);
        for (int i = 0; i < size; i++) {
            tree.lefts()[i] = i < splits ? splits + i : -1;
            tree.values()[i] = i < splits ? thresholds[i] : 0;
        }
        return tree;
    }
}
