package dev.perennial.scoring.trees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import dev.perennial.kernel.PerennialException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From sums to results, and from base scores to sums. */
class ObjectivesTest {
    @ParameterizedTest
    @CsvSource({
        "IDENTITY,-2,-2",
        "SIGMOID,0,0.5",
        "SIGMOID,-800,0",
        "SIGMOID,800,1",
        "EXP,0,1",
        "STEP,0,0",
        "STEP,1e-9,1",
        "SIGNED_SQUARE,-3,-9",
        "SIGNED_SQUARE,3,9",
        "SOFTPLUS,0,0.6931471805599453"
    })
    void aLinkGivesItsResult(Link link, double sum, double result) {
        assertThat(link.of(sum, 1)).isEqualTo(result);
    }

    @Test
    void softmaxOfLargeSumsDoesNotOverflow() {
        double[] sums = {9, 1000, 1000, -1000};
        Link.SOFTMAX.all(sums, 1, 3, 1);
        assertThat(sums).containsExactly(9, 0.5, 0.5, 0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"5E-1|0", "[5E-1]|0", "2.5E-1|-1.0986123"})
    void theBaseOfALogisticModelIsAProbability(String text, double sum) {
        double[] bases = XgboostObjective.bases(text, 1, XgboostObjective.of("binary:logistic"));
        assertThat(bases).hasSize(1);
        assertThat(bases[0]).isCloseTo(sum, offset(1e-6));
    }

    @Test
    void theBaseOfACountIsACount() {
        assertThat(XgboostObjective.bases("[1E0]", 1, XgboostObjective.of("count:poisson")))
                .containsExactly(0);
    }

    @Test
    void oneBaseIsEveryClassesBase() {
        XgboostObjective softprob = XgboostObjective.of("multi:softprob");
        assertThat(XgboostObjective.bases("5E-1", 3, softprob)).containsExactly(0.5, 0.5, 0.5);
        assertThat(XgboostObjective.bases("[1E0,-2E0, 3E0]", 3, softprob)).containsExactly(1, -2, 3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1,2]", "[1,2,3,4]"})
    void basesOfAnotherNumberOfClassesAreRefused(String text) {
        assertThatThrownBy(() -> XgboostObjective.bases(text, 3, XgboostObjective.of("multi:softprob")))
                .isInstanceOf(PerennialException.class)
                .hasMessageEndingWith("numbers for 3 classes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "-1", "NaN", "2"})
    void aBaseThatIsNoProbabilityIsRefused(String text) {
        assertThatThrownBy(() -> XgboostObjective.bases(text, 1, XgboostObjective.of("reg:logistic")))
                .isInstanceOf(PerennialException.class)
                .hasMessage("cannot use this XGBoost model: base_score " + text
                        + " is no possible result of its objective");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "Infinity", "NaN"})
    void aBaseThatIsNoCountIsRefused(String text) {
        assertThatThrownBy(() -> XgboostObjective.bases(text, 1, XgboostObjective.of("reg:gamma")))
                .isInstanceOf(PerennialException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "binary sigmoid:1,SIGMOID,1", "binary sigmoid:0.7,SIGMOID,0.7", "regression,IDENTITY,1",
        "regression sqrt,SIGNED_SQUARE,1", "'',IDENTITY,1", "tweedie tweedie_variance_power:1.5,EXP,1",
        "cross_entropy_lambda,SOFTPLUS,1", "lambdarank,IDENTITY,1"
    })
    void linesOfLightgbmAreUnderstood(String line, Link link, double slope) {
        assertThat(LightgbmObjective.of(line, 1)).isEqualTo(new LightgbmObjective(link, slope));
    }

    @Test
    void classesOfLightgbmAreUnderstood() {
        assertThat(LightgbmObjective.of("multiclass num_class:3", 3)).isEqualTo(new LightgbmObjective(Link.SOFTMAX, 1));
        assertThat(LightgbmObjective.of("multiclassova num_class:3 sigmoid:2", 3))
                .isEqualTo(new LightgbmObjective(Link.SIGMOID, 2));
    }
}
