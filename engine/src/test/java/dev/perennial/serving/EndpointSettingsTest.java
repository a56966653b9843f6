package dev.perennial.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What may be said of an endpoint, and what is meant when nothing is. */
class EndpointSettingsTest {
    private static EndpointSettings with(String json) {
        return EndpointSettings.DEFAULT.with(Json.parse(json));
    }

    @Test
    void nothingMeansStrictAndEverythingLogged() {
        EndpointSettings settings = with("{}");
        assertThat(settings).isEqualTo(EndpointSettings.DEFAULT);
        assertThat(settings.mode()).isEqualTo(EndpointSettings.Mode.strict);
        assertThat(settings.log().inputs()).isEqualTo(EndpointSettings.LogPolicy.Inputs.all);
        assertThat(settings.limits().queueRows()).isNull();
    }

    @Test
    void aMemberThatIsNamedIsReplacedWholeAndNullSetsItBack() {
        EndpointSettings first = with("{\"log\":{\"share\":0.1,\"redact\":[\"name\"]},\"mode\":\"mlflow\"}");
        EndpointSettings second = first.with(Json.parse("{\"log\":{\"inputs\":\"outputs\"}}"));
        assertThat(second.log().share()).isEqualTo(1);
        assertThat(second.log().redact()).isEmpty();
        assertThat(second.mode()).isEqualTo(EndpointSettings.Mode.mlflow);
        assertThat(second.with(Json.parse("{\"mode\":null,\"log\":null}"))).isEqualTo(EndpointSettings.DEFAULT);
    }

    @Test
    void theNumberOfAWordIsNoNameOfIt() {
        assertThatThrownBy(() -> with("{\"mode\":0}")).hasMessage("'mode' is 0; it must be one of strict, mlflow");
        assertThatThrownBy(() -> with("{\"log\":{\"inputs\":1}}"))
                .hasMessage("'log.inputs' is 1; it must be one of all, outputs, none");
    }

    @Test
    void itIsTheSameAfterItWasWritten() {
        EndpointSettings settings = with("{\"fallback\":{\"version\":\"My model/2\"},\"limits\":{\"queueBytes\":5}}");
        assertThat(EndpointSettings.DEFAULT.with(Json.parse(Json.canonical(settings))))
                .isEqualTo(settings);
    }

    @Test
    void constantsOfOutputsAreTheSameAfterTheyWereWritten() {
        EndpointSettings settings =
                with("{\"fallback\":{\"outputs\":{\"p\":[0.5,0.5],\"label\":\"none\",\"sure\":false}}}");
        assertThat(EndpointSettings.DEFAULT.with(Json.parse(Json.canonical(settings))))
                .isEqualTo(settings);
        assertThat(settings.fallback().outputs()).containsOnlyKeys("label", "p", "sure");
    }

    @Test
    void aConstantOfMoreThanTenThousandValuesIsRefused() {
        String most = "[" + "0,".repeat(9_999) + "0";
        assertThat(with("{\"fallback\":{\"outputs\":{\"p\":" + most + "]}}}").fallback())
                .isNotNull();
        assertThatThrownBy(() -> with("{\"fallback\":{\"outputs\":{\"p\":" + most + ",0]}}}"))
                .hasMessageContaining("'fallback' has more than 10000 values for 'p'");
    }

    @Test
    void aValueThatIsRefusedIsToldInOurWordsAlone() {
        assertThatThrownBy(() -> with("{\"log\":{\"share\":1.5}}"))
                .hasMessage("'log.share' is 1.5; it must be more than 0 and at most 1")
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.field()).isEqualTo("log.share"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                    {"log":{"share":0}}                         | 'log.share' is 0.0; it must be more than 0
                    {"log":{"share":1.1}}                       | 'log.share' is 1.1; it must be more than 0
                    {"limits":{"deadlineMillis":0}}             | 'limits.deadlineMillis' is 0; it must be 1 or more
                    {"fallback":{}}                             | 'fallback' needs one of 'version', 'constant' and 'outputs'
                    {"fallback":{"constant":[1],"outputs":{"a":1}}} | 'fallback' needs one of 'version', 'constant' and 'outputs'
                    {"fallback":{"outputs":{}}}                 | 'fallback' has 'outputs' without any
                    {"fallback":{"outputs":{"a":null}}}         | 'fallback' has null for 'a'; a number, a text, true
                    {"fallback":{"outputs":{"a":[[]]}}}         | 'fallback' has [] for 'a'; a number, a text, true
                    {"fallback":{"outputs":{"a":{"b":1}}}}      | 'fallback' has {"b":1} for 'a'; a number, a text, true
                    {"fallback":{"constant":[]}}                | 'fallback' has the constant []
                    {"fallback":{"constant":[1,2]}}             | 'fallback' has the constant [1.0, 2.0]
                    {"fallback":{"version":"x"}}                | version 'x' must look like MODEL/NUMBER
                    {"log":[]}                                  | 'log' must be an object
                    {"mode":"loose"}                            | 'mode' is "loose"; it must be one of strict, mlflow
                    {"mode":"STRICT"}                           | 'mode' is "STRICT"; it must be one of strict, mlflow
                    {"mode":""}                                 | 'mode' is ""; it must be one of strict, mlflow
                    {"mode":"0"}                                | 'mode' is "0"; it must be one of strict, mlflow
                    {"mode":1.0}                                | 'mode' is
                    {"mode":true}                               | 'mode' is no text; it must be one of strict, mlflow
                    {"mode":{}}                                 | 'mode' is no text; it must be one of strict, mlflow
                    {"log":{"shar":1}}                          | shar
                    """)
    void nonsenseIsNamed(String json, String message) {
        assertThatThrownBy(() -> with(json))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining(message);
    }
}
