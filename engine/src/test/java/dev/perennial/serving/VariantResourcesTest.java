package dev.perennial.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.serving.VariantResources.Runtime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Only what a runtime uses is taken, and only that is told to scorers. */
class VariantResourcesTest {
    private static final VersionRef VERSION = VersionRef.parse("iris/3");

    private static void check(Runtime runtime, String json) {
        VariantResources.check(VERSION, Json.parse(json), runtime);
    }

    @Test
    void nothingIsFineForEveryRuntime() {
        for (Runtime runtime : Runtime.values()) {
            assertThatCode(() -> VariantResources.check(VERSION, null, runtime)).doesNotThrowAnyException();
            assertThatCode(() -> check(runtime, "{}")).doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            ONNX   | {"threads":1,"instances":1}
            ONNX   | {"threads":64,"instances":16}
            PYTHON | {"threads":1,"instances":16,"memoryBytes":67108864}
            PYTHON | {"memoryBytes":1099511627776}
            """)
    void whatARuntimeUsesIsTakenUpToItsBounds(Runtime runtime, String json) {
        assertThatCode(() -> check(runtime, json)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            SCORER | {"threads":2}            | version 'iris/3' runs in the scorer itself, which takes no resources; 'resources' has [threads]
            SCORER | {"memoryBytes":67108864} | version 'iris/3' runs in the scorer itself, which takes no resources; 'resources' has [memoryBytes]
            ONNX   | {"memoryBytes":67108864} | version 'iris/3' runs in ONNX Runtime, which takes threads, instances; 'resources' has [memoryBytes]
            PYTHON | {"gpu":1,"cpu":2}        | version 'iris/3' runs in processes of Python, which takes threads, instances, memoryBytes; 'resources' has [cpu, gpu]
            ONNX   | {"threads":0}            | 'resources.threads' is 0; it must be a whole number from 1 to 64
            ONNX   | {"threads":65}           | 'resources.threads' is 65; it must be a whole number from 1 to 64
            ONNX   | {"instances":17}         | 'resources.instances' is 17; it must be a whole number from 1 to 16
            ONNX   | {"instances":1.5}        | 'resources.instances' is 1.5; it must be a whole number from 1 to 16
            ONNX   | {"instances":"2"}        | 'resources.instances' is "2"; it must be a whole number from 1 to 16
            PYTHON | {"memoryBytes":67108863} | 'resources.memoryBytes' is 67108863; it must be a whole number from 67108864 to 1099511627776
            PYTHON | {"memoryBytes":1e30}     | 'resources.memoryBytes' is 1.0E30; it must be a whole number from 67108864 to 1099511627776
            """)
    void whatItDoesNotUseOrCannotGiveIsRefusedByName(Runtime runtime, String json, String message) {
        assertThatThrownBy(() -> check(runtime, json))
                .isInstanceOf(PerennialException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource({
        "onnx,ONNX",
        "python,PYTHON",
        "xgboost-json,SCORER",
        "lightgbm-text,SCORER",
        "identity,SCORER",
        "'',SCORER"
    })
    void theFormatOfAManifestSaysWhatRunsIt(String format, Runtime runtime) {
        assertThat(Runtime.ofFormat(format)).isEqualTo(runtime);
    }

    @Test
    void whatWasStoredBeforeItWasCheckedIsToldAsFarAsItMakesSense() {
        assertThat(VariantResources.told(null)).isNull();
        assertThat(VariantResources.told(Json.parse("{\"gpu\":1,\"threads\":\"many\",\"instances\":99}")))
                .isNull();
        assertThat(VariantResources.told(Json.parse("[1]"))).isNull();
        assertThat(VariantResources.told(Json.parse("{\"gpu\":1,\"instances\":3}")))
                .isEqualTo(new VariantResources(null, 3, null));
        assertThat(Json.write(new VariantResources(2, null, null))).isEqualTo("{\"threads\":2}");
    }
}
