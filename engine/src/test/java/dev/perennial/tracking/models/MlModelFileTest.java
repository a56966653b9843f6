package dev.perennial.tracking.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MlModelFileTest {
    /** As the Python client 3.17 writes it for a scikit-learn model. */
    private static final String WRITTEN =
            """
            artifact_path: mlflow-artifacts:/1/models/m-1/artifacts
            flavors:
              python_function:
                env:
                  conda: conda.yaml
                  virtualenv: python_env.yaml
                loader_module: mlflow.sklearn
                model_path: model.pkl
                predict_fn: predict
                python_version: 3.11.7
              sklearn:
                code: null
                pickled_model: model.pkl
                serialization_format: cloudpickle
                sklearn_version: 1.9.1
            is_signature_from_type_hint: false
            mlflow_version: 3.17.2
            model_id: m-1
            model_size_bytes: 12345
            prompts: null
            run_id: 0190f3a2c1d24b7e8a5c6d7e8f901234
            saved_input_example_info:
              artifact_path: input_example.json
              pandas_orient: split
              type: dataframe
            signature:
              inputs: '[{"type": "double", "name": "distance", "required": true}, {"type": "long",
                "name": "hour", "required": false}]'
              outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
              params: null
            utc_time_created: '2026-11-21 23:46:29.123456'
            """;

    private static MlModelFile flavored(String more) {
        return MlModelFile.parse("flavors:\n  sklearn: {}\n" + more);
    }

    @Test
    void whatTheClientWroteIsRead() {
        MlModelFile read = MlModelFile.parse(WRITTEN);
        assertThat(read.runId()).hasValue("0190f3a2c1d24b7e8a5c6d7e8f901234");
        assertThat(read.created()).hasValue("2026-11-21 23:46:29.123456");
        assertThat(read.mlflowVersion()).hasValue("3.17.2");
        assertThat(read.example()).hasValue("input_example.json");
        assertThat(read.sizeBytes()).hasValue(12_345L);
        assertThat(read.inputs())
                .containsExactly(
                        new MlModelFile.Field("distance", "double", true), new MlModelFile.Field("hour", "long", false));
        assertThat(read.outputs()).containsExactly(new MlModelFile.Field(null, "int64 [-1]", true));
    }

    @Test
    void flavorsKeepTheirPlainSettings() {
        assertThat(MlModelFile.parse(WRITTEN).flavors())
                .containsOnlyKeys("python_function", "sklearn")
                .containsEntry(
                        "sklearn",
                        Map.of(
                                "pickled_model",
                                "model.pkl",
                                "serialization_format",
                                "cloudpickle",
                                "sklearn_version",
                                "1.9.1"));
    }

    @Test
    void withoutSignatureAndExampleThereAreNone() {
        MlModelFile read = flavored("");
        assertThat(read.inputs()).isEmpty();
        assertThat(read.example()).isEmpty();
        assertThat(read.sizeBytes()).isEmpty();
    }

    @Test
    void wordsThatOldYamlTookForOthersStayText() {
        assertThat(flavored("run_id: no\nmlflow_version: 0777\n").runId()).hasValue("no");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "[] | it is no object with keys",
                "run_id: x | it names no flavors",
                "flavors: [] | it names no flavors",
                "flavors: {} | it names no flavors",
                "flavors: {a: !!python/object:os.system {}} | it has tags",
                "flavors: {a: !!int 3} | it has tags",
                "flavors: {a: 1, a: 2} | not valid YAML",
                "flavors: {a: [ | not valid YAML",
                "flavors: {a: {}, signature: {}} | ",
                "{flavors: {a: {}}, signature: {inputs: '{'}} | its signature.inputs is not valid JSON",
                "{flavors: {a: {}}, signature: {outputs: '{}'}} | its signature.outputs is no list",
            })
    void whatIsNoSuchFileIsRefusedWithTheReason(String text, String told) {
        if (told == null) {
            assertThat(MlModelFile.parse(text).flavors()).containsKey("a");
            return;
        }
        assertThatThrownBy(() -> MlModelFile.parse(text))
                .isInstanceOfSatisfying(
                        PerennialException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
                .hasMessageStartingWith("the file MLmodel cannot be read: ")
                .hasMessageContaining(told);
    }

    @Test
    void aFileThatIsTooLargeOrTooDeepIsRefusedBeforeItIsBuilt() {
        assertThatThrownBy(() -> MlModelFile.parse("x".repeat((1 << 20) + 1)))
                .hasMessageContaining("characters, more than 1048576");
        assertThatThrownBy(() -> MlModelFile.parse("flavors: " + "[".repeat(100_000)))
                .hasMessageContaining("nested more than 32 deep");
    }

    @Test
    void aFileThatMultipliesItselfIsRefused() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
        for (int i = 1; i < 30; i++) {
            bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
        }
        assertThatThrownBy(() -> MlModelFile.parse(bomb + "flavors: {a: {}}"))
                .hasMessageContaining("it has more than 20 aliases");
    }

    @Test
    void aTwiceWrittenDocumentIsRefused() {
        assertThatThrownBy(() -> MlModelFile.parse("flavors: {a: {}}\n---\nflavors: {b: {}}\n"))
                .hasMessageContaining("not valid YAML");
    }
}
