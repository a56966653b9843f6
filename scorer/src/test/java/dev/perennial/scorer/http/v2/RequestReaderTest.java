package dev.perennial.scorer.http.v2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.http.Payloads;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestReaderTest {
    private static InferRequest read(String json) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        return RequestReader.read(body, body.length);
    }

    private static InferRequest read(String json, String hex) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(json.getBytes(StandardCharsets.UTF_8));
        int length = body.size();
        body.writeBytes(HexFormat.of().parseHex(hex));
        return RequestReader.read(body.toByteArray(), length);
    }

    private static String input(String datatype, String shape, String data) {
        return "{\"name\":\"x\",\"shape\":%s,\"datatype\":\"%s\",\"data\":%s}".formatted(shape, datatype, data);
    }

    private static String binary(String name, String datatype, String shape, Object size) {
        return "{\"name\":\"%s\",\"shape\":%s,\"datatype\":\"%s\",\"parameters\":{\"binary_data_size\":%s}}"
                .formatted(name, shape, datatype, size);
    }

    private static String inputs(String... inputs) {
        return "{\"inputs\":[" + String.join(",", inputs) + "]}";
    }

    private static Tensor one(String datatype, String shape, String data) {
        return read(inputs(input(datatype, shape, data))).inputs().getFirst();
    }

    private static void refused(String json, String message) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOfSatisfying(
                        PerennialException.class,
                        e -> assertThat(e.code().httpStatus()).isEqualTo(400))
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource({
        "BOOL, 1, 01",
        "BOOL, true, 01",
        "BOOL, 0, 00",
        "INT8, -128, 80",
        "INT8, 127, 7f",
        "INT16, -32768, 0080",
        "INT16, 32767, ff7f",
        "INT32, -2147483648, 00000080",
        "INT32, 2147483647, ffffff7f",
        "INT64, -9223372036854775808, 0000000000000080",
        "INT64, 9223372036854775807, ffffffffffffff7f",
        "INT64, 9007199254740993, 0100000000002000",
        "UINT8, 255, ff",
        "UINT16, 65535, ffff",
        "UINT32, 4294967295, ffffffff",
        "UINT64, 18446744073709551615, ffffffffffffffff",
        "UINT64, 9223372036854775808, 0000000000000080",
        "FP32, 0.1, cdcccc3d",
        "FP32, 3.4028235e38, ffff7f7f",
        "FP32, 1e-45, 01000000",
        "FP32, -0.0, 00000080",
        "FP32, null, 0000c07f",
        "FP64, 0.1, 9a9999999999b93f",
        "FP64, 1.7976931348623157e308, ffffffffffffef7f",
        "FP64, 5e-324, 0100000000000000",
        "FP64, null, 000000000000f87f"
    })
    void everyValueThatADatatypeHoldsKeepsItsBits(String datatype, String value, String hex) {
        Tensor tensor = one(datatype, "[1]", "[" + value + "]");
        byte[] raw = new byte[tensor.raw().remaining()];
        tensor.raw().get(raw);
        assertThat(HexFormat.of().formatHex(raw)).isEqualTo(hex);
    }

    @ParameterizedTest
    @CsvSource({
        "INT8, 128",
        "INT8, -129",
        "INT16, 32768",
        "INT16, -32769",
        "INT32, 2147483648",
        "INT32, 1.0",
        "INT64, 9223372036854775808",
        "INT64, -9223372036854775809",
        "UINT8, -1",
        "UINT8, 256",
        "UINT16, 65536",
        "UINT32, 4294967296",
        "UINT32, -1",
        "UINT64, -1",
        "UINT64, 18446744073709551616",
        "INT64, null",
        "INT64, true",
        "BOOL, 2",
        "BOOL, -1",
        "BOOL, 1.0",
        "BOOL, null",
        "FP64, true",
        "FP64, 1e400",
        "FP64, -1e400",
        "FP32, 1e39",
        "FP32, 3.5e38",
        "BYTES, 1",
        "BYTES, true"
    })
    void whatADatatypeCannotHoldIsRefusedByName(String datatype, String value) {
        assertThatThrownBy(() -> one(datatype, "[1]", "[" + value + "]"))
                .isInstanceOf(PerennialException.class)
                .hasMessageMatching("x: the value \\S+ is no " + datatype);
    }

    @Test
    void aTextIsNoNumber() {
        refused(inputs(input("FP64", "[1]", "[\"1\"]")), "x: the value \"1\" is no FP64");
    }

    @Test
    void aLongValueIsShownShortened() {
        refused(
                inputs(input("FP64", "[1]", "[\"" + "y".repeat(100) + "\"]")),
                "x: the value \"" + "y".repeat(60) + "...\" is no FP64");
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "Infinity", "-Infinity", "1e", "01", "+1", ".5", "0x1"})
    void numbersThatJsonDoesNotHaveAreMalformed(String token) {
        assertThatThrownBy(() -> one("FP64", "[1]", "[" + token + "]"))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED_REQUEST))
                .hasMessageStartingWith("inputs[0].data");
    }

    @Test
    void aNumberOfManyDigitsIsRefusedBeforeItCostsAnything() {
        assertThatThrownBy(() -> one("INT64", "[1]", "[" + "9".repeat(1_000) + "]"))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("length (1000) exceeds");
    }

    @ParameterizedTest
    @EnumSource(names = {"FP16", "BF16"})
    void halfFloatsDoNotTravelAsJson(DataType type) {
        refused(
                inputs(input(type.name(), "[1]", "[1]")),
                "x: " + type + " cannot travel as JSON; send it as binary data with binary_data_size");
    }

    @ParameterizedTest
    @ValueSource(strings = {"fp64", "STRING", "TYPE_FP32"})
    void anUnknownDatatypeIsNamedWithThoseThereAre(String datatype) {
        refused(
                inputs(input(datatype, "[1]", "[1]")),
                "x: datatype '" + datatype + "' is none of [BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32,"
                        + " INT64, FP16, BF16, FP32, FP64, BYTES]");
    }

    @Test
    void textsAreTheirUtf8() {
        Tensor tensor = one("BYTES", "[4]", "[\"\",\"a\\u0000b\",\"\u00e9\\u20ac\",\"\\ud83d\\ude00\"]");
        assertThat(tensor.string(0)).isEmpty();
        assertThat(tensor.string(1)).containsExactly('a', 0, 'b');
        assertThat(tensor.text(2)).isEqualTo("\u00e9\u20ac");
        assertThat(tensor.string(3)).containsExactly(0xf0, 0x9f, 0x98, 0x80);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\ud83d", "\\ude00", "\\ud83dx", "\\ude00\\ud83d"})
    void halfACharacterIsNoText(String text) {
        refused(inputs(input("BYTES", "[1]", "[\"" + text + "\"]")), "x: a text holds half a surrogate pair");
    }

    @Test
    void nullAmongTextsIsAMissingValue() {
        InferRequest request = read(inputs(input("FP64", "[2]", "[1,2]"), input("BYTES", "[2]", "[\"a\",null]")));
        assertThat(request.missing().at(1, 1)).isTrue();
        assertThat(request.missing().at(1, 0)).isFalse();
        assertThat(request.missing().at(0, 1)).isFalse();
    }

    @Test
    void withoutNullNothingIsMissing() {
        assertThat(read(inputs(input("FP64", "[1]", "[1]"))).missing()).isSameAs(Payloads.Missing.NONE);
    }

    @Test
    void dataMayBeFlatOrNestedToTheFullShape() {
        Tensor flat = one("INT32", "[2,1,2]", "[1,2,3,4]");
        Tensor nested = one("INT32", "[2,1,2]", "[[[1,2]],[[3,4]]]");
        assertThat(nested.raw()).isEqualTo(flat.raw());
        assertThat(nested.shape()).containsExactly(2, 1, 2);
    }

    @Test
    void anEmptyDimensionMeansNoData() {
        assertThat(one("FP32", "[0]", "[]").elements()).isZero();
        assertThat(one("FP32", "[2,0]", "[]").shape()).containsExactly(2, 0);
        assertThat(one("FP32", "[2,0]", "[[],[]]").elements()).isZero();
        assertThat(one("BYTES", "[0,3]", "[]").elements()).isZero();
    }

    @Test
    void aScalarHasOneValueAndNoDimension() {
        assertThat(one("FP32", "[]", "[1.5]").number(0)).isEqualTo(1.5);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[2]|[1]|its shape asks for 2 values, its data holds 1",
                "[1]|[]|its shape asks for 1 values, its data holds 0",
                "[1]|[1,2,3,4]|its shape asks for 1 values, its data holds 4",
                "[0]|[1]|its shape asks for 0 values, its data holds 1",
                "[1]|7|its data must be a list",
                "[1]|null|its data must be a list",
                "[1]|{}|its data must be a list",
                "[2,2]|[[1,2],[3]]|a list of its data has 1 entries where its shape [2,2] says 2",
                "[2,2]|[[1,2],[3,4,5]]|a list of its data has 3 entries where its shape [2,2] says 2",
                "[2,2]|[[1,2]]|a list of its data has 1 entries where its shape [2,2] says 2",
                "[2,2]|[[1,2],3,4]|its data is neither flat nor nested as its shape [2,2] says",
                "[2,2]|[1,2,[3,4]]|the value [...] is no FP64",
                "[2,2]|[[1,[2]],[3,4]]|the value [...] is no FP64",
                "[1]|[[1]]|the value [...] is no FP64",
                "[1]|[{}]|the value {...} is no FP64"
            })
    void shapeAndDataMustAgree(String shape, String data, String why) {
        refused(inputs(input("FP64", shape, data)), "x: " + why);
    }

    @Test
    void aShapeThatIsLargerThanTheBodyCouldHoldCostsNoMemory() {
        refused(
                inputs(input("FP64", "[2000000000]", "[1]")),
                "x: its shape asks for 2000000000 values, more than its data can hold");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[99999999999]|its shape has more elements than 2147483647",
                "[4294967296,4294967296]|its shape has more elements than 2147483647",
                "[-1]|its shape must be a list of at most 32 whole numbers of 0 or more",
                "[1.5]|its shape must be a list of at most 32 whole numbers of 0 or more",
                "[99999999999999999999]|its shape must be a list of at most 32 whole numbers of 0 or more",
                "[\"1\"]|its shape must be a list of at most 32 whole numbers of 0 or more",
                "[[1]]|its shape must be a list of at most 32 whole numbers of 0 or more",
                "1|its shape must be a list of at most 32 whole numbers of 0 or more",
                "{}|its shape must be a list of at most 32 whole numbers of 0 or more",
                "null|its shape must be a list of at most 32 whole numbers of 0 or more"
            })
    void otherShapesAreRefused(String shape, String why) {
        refused(inputs(input("FP64", shape, "[1]")), "x: " + why);
    }

    @Test
    void aShapeOfTooManyDimensionsIsRefused() {
        String shape = "[" + "1,".repeat(32) + "1]";
        refused(
                inputs(input("FP64", shape, "[1]")),
                "x: its shape must be a list of at most 32 whole numbers of 0 or more");
    }

    @Test
    void nestingEndsAtTheHundredthLevel() {
        assertThatThrownBy(() -> read("[".repeat(101))).isInstanceOf(PerennialException.class);
        String deep = "{\"x\":" + "[".repeat(100) + "]".repeat(100) + ",\"inputs\":[]}";
        assertThatThrownBy(() -> read(deep))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED_REQUEST))
                .hasMessageContaining("nesting depth (101) exceeds the maximum allowed (100)");
    }

    @Test
    void theWayToWhatIsTooDeepIsNotToldWhole() {
        assertThatThrownBy(() -> read("{\"x\":" + "[".repeat(101)))
                .hasMessageStartingWith("x[0][0]")
                .hasMessageContaining("[0...: not valid JSON: ")
                .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(300));
    }

    @Test
    void anEmptyIdIsNone() {
        assertThat(read("{\"id\":\"\",\"inputs\":[" + input("FP64", "[1]", "[1]") + "]}")
                        .id())
                .isNull();
    }

    @Test
    void aMissingDatatypeIsToldAsMissing() {
        assertThatThrownBy(() -> read("{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"data\":[1]}]}"))
                .hasMessageStartingWith("x: its datatype is missing; it must be one of [BOOL, ");
    }

    @Test
    void membersOfAnInputMayComeInAnyOrder() {
        String request = "{\"outputs\":[],\"inputs\":[{\"data\":[[1],[2.5]],\"datatype\":\"FP32\",\"shape\":[2,1],"
                + "\"name\":\"x\"},{\"name\":\"y\",\"data\":[\"a\"],\"shape\":[1],\"datatype\":\"BYTES\"}],\"id\":\"7\"}";
        InferRequest read = read(request);
        assertThat(read.inputs()).extracting(Tensor::toString).containsExactly("x FP32[2, 1]", "y BYTES[1]");
        assertThat(read.inputs().getFirst().number(1)).isEqualTo(2.5);
        assertThat(read.inputs().getLast().text(0)).isEqualTo("a");
        assertThat(read.id()).isEqualTo("7");
    }

    @Test
    void unknownMembersArePassedOver() {
        InferRequest read = read(
                "{\"model_name\":\"m\",\"z\":[{\"inputs\":1}],\"inputs\":[{\"name\":\"x\",\"q\":{\"r\":[]},"
                        + "\"shape\":[1],\"datatype\":\"FP64\",\"data\":[1],\"parameters\":{\"content_type\":\"np\"}}]}");
        assertThat(read.inputs()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"name", "shape", "datatype", "data", "parameters"})
    void aMemberOfAnInputThatStandsTwiceIsRefused(String member) {
        String twice = input("FP64", "[1]", "[1]").replaceFirst("\\{", "{\"parameters\":{},");
        String value = twice.replaceFirst(".*\"" + member + "\":(\"[^\"]*\"|\\[[^]]*]|\\{}).*", "$1");
        refused(
                inputs(twice.replaceFirst("\\{", "{\"" + member + "\":" + value + ",")),
                "inputs[0]." + member + ": Duplicate member '" + member + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"id", "inputs", "outputs", "parameters"})
    void aMemberOfTheRequestThatStandsTwiceIsRefused(String member) {
        String all = "\"id\":\"a\",\"parameters\":{},\"outputs\":[],\"inputs\":[" + input("FP64", "[1]", "[1]") + "]";
        String value = member.equals("id") ? "\"b\"" : member.equals("parameters") ? "{}" : "[]";
        refused("{" + all + ",\"" + member + "\":" + value + "}", member + ": Duplicate member '" + member + "'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|inputs: the body must be an object with a list of 'inputs', at least one; got an object without 'inputs'",
                "{\"inputs\":[]}|inputs: the body must be an object with a list of 'inputs', at least one; got an empty list",
                "{\"inputs\":{}}|inputs: the body must be an object with a list of 'inputs', at least one; got 'inputs' as an object",
                "[]|inputs: the body must be an object with a list of 'inputs', at least one; got a list",
                "7|inputs: the body must be an object with a list of 'inputs', at least one; got the number 7",
                "{\"inputs\":[7]}|inputs[0].name: every input needs a name",
                "{\"inputs\":[{}]}|inputs[0].name: every input needs a name",
                "{\"inputs\":[{\"name\":5}]}|inputs[0].name: every input needs a name",
                "{\"inputs\":[{\"name\":\"x\"}]}|x: its shape is missing",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1]}]}|x: it has neither data nor binary_data_size",
                "{\"id\":5}|id: expected a text, got the number 5",
                "{\"outputs\":5}|outputs: it must be a list of outputs",
                "{\"outputs\":[5]}|outputs[0]: an output is an object with a 'name'",
                "{\"outputs\":[{}]}|outputs[0].name: every output needs a name",
                "{\"parameters\":5}|parameters: it must be an object"
            })
    void whatIsMissingIsToldByItsPlace(String body, String message) {
        refused(body, message);
    }

    @Test
    void anEmptyBodyIsNoRequest() {
        refused("", "inputs: the body must be an object with a list of 'inputs', at least one; got nothing");
    }

    @Test
    void somethingBehindTheEndIsRefused() {
        refused(inputs(input("FP64", "[1]", "[1]")) + " {}", "body: something follows the closing brace");
    }

    @Test
    void bytesThatAreNotUtf8AreNoJson() {
        byte[] body = inputs(input("BYTES", "[1]", "[\"X\"]")).getBytes(StandardCharsets.ISO_8859_1);
        body[body.length - 5] = (byte) 0xff;
        assertThatThrownBy(() -> RequestReader.read(body, body.length)).hasMessage("the body is not valid UTF-8");
    }

    @Test
    void binaryTensorsFollowInTheOrderOfTheInputs() {
        String json =
                inputs(binary("a", "INT16", "[2]", 4), input("FP64", "[1]", "[1]"), binary("b", "BYTES", "[2,1]", 9));
        InferRequest request = read(json, "0100ff7f" + "01000000ff00000000");
        assertThat(request.inputs()).extracting(Tensor::name).containsExactly("a", "x", "b");
        assertThat(request.inputs().get(0).whole(1)).isEqualTo(32_767);
        assertThat(request.inputs().get(2).string(0)).containsExactly(0xff);
        assertThat(request.inputs().get(2).string(1)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = "BYTES", mode = EnumSource.Mode.EXCLUDE)
    void everyDatatypeTravelsInBinaryForm(DataType type) {
        String hex = "01".repeat(type.bytes());
        Tensor tensor = read(inputs(binary("a", type.name(), "[1]", type.bytes())), hex)
                .inputs()
                .getFirst();
        assertThat(tensor.type()).isEqualTo(type);
        assertThat(tensor.raw().remaining()).isEqualTo(type.bytes());
    }

    @Test
    void anEmptyBinaryTensorIsLegal() {
        assertThat(read(inputs(binary("a", "FP32", "[0,4]", 0)), "")
                        .inputs()
                        .getFirst()
                        .elements())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "FP32|[1]|3|000000|a: its shape [1] of FP32 asks for 4 bytes, its data has 3",
                "FP32|[2]|4|00000000|a: its shape [2] of FP32 asks for 8 bytes, its data has 4",
                "FP32|[1]|8|00000000|a: its binary_data_size is 8, but 4 bytes are left in the body",
                "FP32|[1]|4|0000000000|body: unexpected additional input data: 1 bytes follow those that the inputs'"
                        + " binary_data_size tells",
                "FP32|[1]|-1|00000000|inputs[0].parameters.binary_data_size: expected a whole number from 0 to"
                        + " 2147483647",
                "FP32|[1]|1.5|00000000|inputs[0].parameters.binary_data_size: expected a whole number from 0 to"
                        + " 2147483647",
                "FP32|[1]|\"4\"|00000000|inputs[0].parameters.binary_data_size: expected a whole number from 0 to"
                        + " 2147483647",
                "BOOL|[2]|2|0102|a: the value 2 is no BOOL",
                "BOOL|[1]|1|ff|a: the value 255 is no BOOL",
                "BYTES|[1]|3|000000|a: its shape asks for 1 byte strings, its data of 3 bytes cannot hold them",
                "BYTES|[1]|5|0200000061|a: byte string 0 of 1 does not end within its data",
                "BYTES|[1]|4|ffffffff|a: byte string 0 of 1 does not end within its data",
                "BYTES|[2]|9|050000006100000000|a: byte string 1 of 2 does not end within its data",
                "BYTES|[1]|6|010000006162|a: 1 bytes follow the last of its 1 byte strings",
                "BYTES|[0]|1|00|a: 1 bytes follow the last of its 0 byte strings"
            })
    void bytesThatDoNotAddUpAreRefused(String type, String shape, String size, String hex, String message) {
        assertThatThrownBy(() -> read(inputs(binary("a", type, shape, size)), hex))
                .isInstanceOf(PerennialException.class)
                .hasMessage(message);
    }

    @Test
    void dataAndBinaryDataAtOnceAreRefused() {
        String both = "{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1],"
                + "\"parameters\":{\"binary_data_size\":4}}";
        assertThatThrownBy(() -> read(inputs(both), "00000000"))
                .hasMessage("x: it has both data and binary_data_size; send one of them");
    }

    @Test
    void moreByteStringsThanMemoryAllowsAreTooLarge() {
        int count = 1_000_001;
        assertThatThrownBy(
                        () -> read(inputs(binary("a", "BYTES", "[" + count + "]", 4 * count)), "00".repeat(4 * count)))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE))
                .hasMessage("a: more than 1000000 byte strings; send them in several requests");
    }
}
