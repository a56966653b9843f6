package dev.perennial.scoring.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.ModelSchema;
import dev.perennial.scoring.Signature;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.TensorSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MlflowSignatureTest {
    private static MlflowSignature inputs(String json) {
        return MlflowSignature.parse(json, null);
    }

    @ParameterizedTest
    @EnumSource(ScalarType.class)
    void everyPlainTypeIsReadByItsWord(ScalarType type) {
        ColumnSpec column = inputs("[{\"name\":\"x\",\"type\":\"" + type.word() + "\"}]")
                .columns()
                .getFirst();
        assertThat(column).isEqualTo(ColumnSpec.of("x", type, true));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"name":"x","type":"long"}                     | true
            {"name":"x","type":"long","required":false}    | false
            {"name":"x","type":"long","optional":true}     | false
            {"name":"x","type":"long","optional":false}    | true
            """)
    void olderFilesSayOptionalForRequired(String column, boolean required) {
        assertThat(inputs("[" + column + "]").columns().getFirst().required()).isEqualTo(required);
    }

    @Test
    void columnsWithoutNamesAreToldByPosition() {
        MlflowSignature signature = inputs("[{\"type\":\"double\"},{\"type\":\"string\"}]");
        assertThat(signature.named()).isFalse();
        assertThat(signature.columns()).extracting(ColumnSpec::name).containsOnlyNulls();
    }

    @Test
    void nestedTypesAreReadToTheirParts() {
        FieldType type = inputs("""
                [{"name":"o","type":"object","properties":{
                   "a":{"type":"array","items":{"type":"long"},"required":true},
                   "m":{"type":"map","values":{"type":"any"},"required":false}}}]
                """).columns().getFirst().type();
        assertThat(type.word()).isEqualTo("object {a: array of long, m: map of any}");
        assertThat(((FieldType.ObjectOf) type).properties().get("m").required()).isFalse();
    }

    @Test
    void tensorsHaveTypeAndShape() {
        MlflowSignature signature =
                inputs("[{\"type\":\"tensor\",\"tensor-spec\":{\"dtype\":\"float64\",\"shape\":[-1,4]}}]");
        assertThat(signature.tensors()).containsExactly(new TensorField(null, "float64", List.of(-1L, 4L)));
        assertThat(signature.columns()).isEmpty();
    }

    @Test
    void aModelWithoutInputsTakesNothing() {
        assertThat(inputs("null").columns()).isEmpty();
        assertThat(MlflowSignature.parse(null, null).tensors()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            {}                                                         ~ are no list
            [1]                                                        ~ hold a number where an object must stand
            [{"name":"x","type":"complex"}]                            ~ the type 'complex' is not supported
            [{"name":"x"}]                                             ~ the type '' is not supported
            [{"name":"x","type":"long"},{"type":"long"}]               ~ some inputs have names and some have none
            [{"name":"x","type":"long"},{"name":"x","type":"long"}]    ~ the input 'x' stands twice
            [{"type":"long","required":false}]                         ~ without a name cannot be optional
            [{"name":"x","type":"long"},{"name":"t","type":"tensor","tensor-spec":{"dtype":"str","shape":[1]}}] ~ mixes columns and tensors
            [{"type":"tensor","tensor-spec":{"dtype":"str","shape":[1]}},{"type":"tensor","tensor-spec":{"dtype":"str","shape":[1]}}] ~ several tensors need names
            [{"type":"tensor"}]                                        ~ a tensor without 'tensor-spec'
            [{"type":"tensor","tensor-spec":{"dtype":"str","shape":[-2]}}] ~ a tensor of the shape [-2]
            """)
    void whatIsNoSignatureIsRefusedByName(String json, String why) {
        assertThatThrownBy(() -> inputs(json))
                .isInstanceOf(PerennialException.class)
                .hasMessageStartingWith("the model's MLflow signature cannot be used: ")
                .hasMessageContaining(why);
    }

    @Test
    void typesMayNotNestWithoutEnd() {
        String deep = "{\"type\":\"array\",\"items\":".repeat(30) + "{\"type\":\"long\"}" + "}".repeat(30);
        assertThatThrownBy(() -> inputs("[" + deep.replaceFirst("\\{", "{\"name\":\"x\",") + "]"))
                .hasMessageContaining("nested deeper than 16");
    }

    @Test
    void ourOwnColumnsAreDoublesAndStrings() {
        Signature own = new Signature(List.of(Column.number("x"), Column.category("c")));
        assertThat(MlflowSignature.of(own).columns())
                .containsExactly(
                        ColumnSpec.of("x", ScalarType.DOUBLE, true), ColumnSpec.of("c", ScalarType.STRING, true));
    }

    @ParameterizedTest
    @EnumSource(value = DataType.class, names = "BF16", mode = EnumSource.Mode.EXCLUDE)
    void everyElementTypeHasNumpysWord(DataType type) {
        List<TensorSpec> specs = List.of(TensorSpec.column("t", type));
        TensorField field = MlflowSignature.of(new ModelSchema(specs, specs, null))
                .tensors()
                .getFirst();
        assertThat(TensorField.type(field.dtype())).isEqualTo(type);
    }

    private static final MlflowSignature WITH_PARAMS = MlflowSignature.parse(null, """
            [{"name":"n","type":"integer","default":1,"shape":null},{"name":"d","dtype":"double","default":0.5},
             {"name":"t","type":"string","default":"a"},{"name":"f","type":"boolean","default":true},
             {"name":"l","type":"long","default":[1,2],"shape":[-1]},{"name":"w","type":"datetime","default":"2024-01-02"}]
            """);

    private static ParamSpec.Sent sent(String json) {
        return ParamSpec.check(WITH_PARAMS.params(), Json.parse(json));
    }

    @Test
    void parametersThatAreNotSentHaveTheirDefaults() {
        ParamSpec.Sent sent = ParamSpec.check(WITH_PARAMS.params(), null);
        assertThat(sent.values().get("l").toString()).isEqualTo("[1,2]");
        assertThat(sent.values().get("d").asDouble()).isEqualTo(0.5);
    }

    @Test
    void wholeNumbersPassForFractionsAndNullForAll() {
        assertThat(sent("{\"d\":2,\"n\":null,\"l\":[3]}").values().get("d").toString())
                .isEqualTo("2");
    }

    @Test
    void unknownParametersAreNamed() {
        assertThat(sent("{\"temperature\":1,\"n\":2}").unknown()).containsExactly("temperature");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"n":1.5}            | params.n: expected integer, got the number 1.5
            {"n":2147483648}     | params.n: expected integer, got the number 2147483648
            {"n":true}           | params.n: expected integer, got true
            {"d":"1"}            | params.d: expected double, got the text '1'
            {"t":1}              | params.t: expected string, got the number 1
            {"f":0}              | params.f: expected boolean, got the number 0
            {"l":1}              | params.l: expected a list of long, got a number
            {"l":[[1]]}          | params.l: expected long, got a list
            {"w":"soon"}         | params.w: expected datetime, got the text 'soon'
            """)
    void parametersOfAnotherTypeAreRefused(String json, String why) {
        assertThatThrownBy(() -> sent(json)).hasMessage("Failed to enforce schema: " + why);
    }

    @Test
    void parametersAreAnObject() {
        assertThatThrownBy(() -> sent("[1]")).hasMessageContaining("it must be an object, got a list");
    }
}
