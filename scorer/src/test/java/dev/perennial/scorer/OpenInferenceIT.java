package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.scorer.http.Coding;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The Open Inference Protocol over REST as a stranger sees it. */
class OpenInferenceIT {
    private static final String LENGTH = "Inference-Header-Content-Length";
    private static final int BODY_MAX = 2 << 20;
    /** Two elements of each datatype, least or most telling first. */
    private static final Map<String, String> VALUES = values();

    @TempDir
    static Path folder;

    private static OpenScorer scorer;

    private static Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("BOOL", "0100");
        values.put("UINT8", "ff00");
        values.put("UINT16", "ffff0100");
        values.put("UINT32", "ffffffff01000000");
        values.put("UINT64", "ffffffffffffffff0100000000002000");
        values.put("INT8", "807f");
        values.put("INT16", "0080ff7f");
        values.put("INT32", "00000080ffffff7f");
        values.put("INT64", "0000000000000080ffffffffffffff7f");
        values.put("FP16", "007c0100");
        values.put("BF16", "803f0100");
        values.put("FP32", "01000000cdcccc3d");
        values.put("FP64", "01000000000000009a9999999999b93f");
        values.put("BYTES", "0000000003000000c3a900");
        return values;
    }

    @BeforeAll
    static void start() throws Exception {
        scorer = new OpenScorer(folder, true, "--body-bytes", Integer.toString(BODY_MAX), "--batch-rows", "50");
    }

    @AfterAll
    static void stop() {
        scorer.close();
    }

    private static HttpResponse<byte[]> infer(String model, String json, String... headers) throws Exception {
        return scorer.post("/v2/models/" + model + "/infer", json.getBytes(StandardCharsets.UTF_8), headers);
    }

    private static JsonNode json(HttpResponse<byte[]> reply) {
        assertThat(reply.statusCode()).as(text(reply)).isEqualTo(200);
        assertThat(reply.headers().firstValue("Content-Type")).contains("application/json");
        return Json.parse(reply.body());
    }

    private static JsonNode get(String path) throws Exception {
        return json(scorer.get(path));
    }

    private static String text(HttpResponse<byte[]> reply) {
        return new String(reply.body(), StandardCharsets.UTF_8);
    }

    private static void refused(HttpResponse<byte[]> reply, int status, String message) {
        assertThat(reply.statusCode()).as(text(reply)).isEqualTo(status);
        assertThat(reply.headers().firstValue("Content-Type")).contains("application/json");
        JsonNode body = Json.parse(reply.body());
        assertThat(body.properties()).hasSize(1);
        assertThat(body.get("error").asText()).contains(message);
        assertThat(reply.headers().firstValue("Inference-Header-Content-Length"))
                .isEmpty();
    }

    private static byte[] joined(String json, byte[] binary) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(json.getBytes(StandardCharsets.UTF_8));
        all.writeBytes(binary);
        return all.toByteArray();
    }

    private static String row(String... more) {
        return "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP64\",\"data\":[1.5]},"
                + "{\"name\":\"c\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"a\"]}]" + String.join("", more)
                + "}";
    }

    // ---- metadata

    @Test
    void theServerTellsTheExtensionsThatWork() throws Exception {
        JsonNode server = get("/v2");
        assertThat(server.get("name").asText()).isEqualTo("perennial-scorer");
        assertThat(server.get("extensions"))
                .extracting(JsonNode::asText)
                .containsExactly("binary_tensor_data", "classification", "model_configuration", "statistics");
    }

    @Test
    void metadataShowTheModelAndNothingOfThePlatform() throws Exception {
        JsonNode metadata = get("/v2/models/m");
        assertThat(metadata.get("inputs"))
                .extracting(input -> input.get("name").asText())
                .containsExactly("x", "c");
        assertThat(metadata.get("outputs"))
                .extracting(output -> output.get("name").asText())
                .containsExactly("score");
        assertThat(metadata.get("versions")).extracting(JsonNode::asText).containsExactly("1", "2");
        assertThat(metadata.at("/inputs/1/datatype").asText()).isEqualTo("BYTES");
        assertThat(metadata.at("/inputs/0/shape/0").asInt()).isEqualTo(-1);
    }

    @Test
    void metadataOfAModelOfTensorsAreItsOwn() throws Exception {
        JsonNode metadata = get("/v2/models/raw/versions/1");
        assertThat(metadata.at("/inputs/0").toString())
                .isEqualTo("{\"name\":\"r\",\"datatype\":\"FP32\",\"shape\":[-1,2]}");
        assertThat(metadata.at("/outputs/0/name").asText()).isEqualTo("r_out");
    }

    @Test
    void aVersionInThePathIsLookedAtAlone() throws Exception {
        assertThat(get("/v2/models/m/versions/2").get("versions"))
                .extracting(JsonNode::asText)
                .containsExactly("2");
        assertThat(get("/v2/models/m/versions/2/ready").get("ready").asBoolean())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/ready", "/config", "/stats"})
    void anUnknownVersionIsNotFound(String action) throws Exception {
        refused(
                scorer.get("/v2/models/m/versions/9" + action),
                404,
                "endpoint 'm' has no live version '9'; there are [m/1, m/2]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/ready", "/config", "/stats"})
    void anUnknownModelIsNotFoundAndAColdOneNotReady(String action) throws Exception {
        refused(scorer.get("/v2/models/none" + action), 404, "there is no endpoint 'none'");
        HttpResponse<byte[]> cold = scorer.get("/v2/models/cold" + action);
        refused(cold, 503, "endpoint 'cold' has no loaded champion yet");
        assertThat(cold.headers().firstValue("Retry-After")).contains("1");
    }

    @Test
    void theServerIsNotReadyAsLongAsOneChampionIsCold() throws Exception {
        refused(scorer.get("/v2/health/ready"), 503, "champion cold/1 of cold cannot be loaded: blob 00");
        assertThat(get("/v2/health/live").get("live").asBoolean()).isTrue();
    }

    @Test
    void theConfigurationIsTritons() throws Exception {
        JsonNode config = get("/v2/models/m/config");
        assertThat(config.at("/input/1/data_type").asText()).isEqualTo("TYPE_STRING");
        assertThat(config.at("/output/0/data_type").asText()).isEqualTo("TYPE_FP64");
        assertThat(config.get("max_batch_size").asInt(-1)).isZero();
        assertThat(config.at("/model_transaction_policy/decoupled").asBoolean(true))
                .isFalse();
    }

    // ---- repository

    @Test
    void theIndexListsVersionsAndWhatIsNotReady() throws Exception {
        JsonNode index = json(scorer.post("/v2/repository/index", new byte[0]));
        assertThat(index.isArray()).isTrue();
        assertThat(index)
                .extracting(entry ->
                        entry.get("name").asText() + " " + entry.path("version").asText() + " "
                                + entry.get("state").asText())
                .containsExactly(
                        "all 1 READY",
                        "classes 1 READY",
                        "half 1 READY",
                        "m 1 READY",
                        "m 2 READY",
                        "plain 1 READY",
                        "raw 1 READY",
                        "texts 1 READY",
                        "cold  UNAVAILABLE");
    }

    @Test
    void theIndexOfWhatIsReadyLeavesTheRestOut() throws Exception {
        JsonNode index = json(scorer.post("/v2/repository/any/index", "{\"ready\":true}".getBytes()));
        assertThat(index).extracting(entry -> entry.get("state").asText()).containsOnly("READY");
    }

    @Test
    void anIndexIsAskedForByAnObject() throws Exception {
        refused(scorer.post("/v2/repository/index", "[]".getBytes()), 400, "'ready'");
        refused(scorer.post("/v2/repository/index", "{\"ready\":1}".getBytes()), 400, "'ready'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"load", "unload"})
    void loadingIsTheServersBusiness(String action) throws Exception {
        refused(scorer.post("/v2/repository/models/m/" + action, "{}".getBytes()), 501, action + ": which versions");
        refused(scorer.post("/v2/repository/models/none/" + action, new byte[0]), 404, "'none'");
    }

    // ---- inference on rows

    @Test
    void aRowIsAnsweredByItsScoreAndTheAnswerTellsOfItself() throws Exception {
        JsonNode answer = json(infer("m", row(",\"id\":\"call-7\"")));
        assertThat(answer.get("model_name").asText()).isEqualTo("m");
        assertThat(answer.get("model_version").asText()).isEqualTo("1");
        assertThat(answer.get("id").asText()).isEqualTo("call-7");
        assertThat(answer.get("outputs")).hasSize(1);
        assertThat(answer.at("/outputs/0/data/0").asDouble()).isEqualTo(0.25);
        assertThat(answer.get("parameters").toString())
                .isEqualTo("{\"prediction_id\":\"call-7\",\"version\":\"m/1\",\"role\":\"champion\"}");
    }

    @Test
    void withoutAnIdNoneIsEchoed() throws Exception {
        JsonNode answer = json(infer("m", row()));
        assertThat(answer.has("id")).isFalse();
        assertThat(answer.at("/parameters/prediction_id").asText()).isNotEmpty();
    }

    @Test
    void outputsComeByNameInTheOrderOfTheNames() throws Exception {
        JsonNode answer =
                json(infer("m", row(",\"outputs\":[{\"name\":\"role\"},{\"name\":\"score\"},{\"name\":\"version\"}]")));
        assertThat(answer.get("outputs"))
                .extracting(output -> output.get("name").asText() + output.get("data"))
                .containsExactly("role[\"champion\"]", "score[0.25]", "version[\"m/1\"]");
    }

    @Test
    void keyAndTimesAreTakenThoughTheyAreNoInputsOfTheModel() throws Exception {
        String body = row().replace(
                        "\"inputs\":[",
                        "\"inputs\":[{\"name\":\"id\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"k\"]},"
                                + "{\"name\":\"event_time\",\"shape\":[1],\"datatype\":\"INT64\",\"data\":[5]},");
        assertThat(json(infer("m", body)).at("/parameters/prediction_id").asText())
                .isEqualTo("k");
    }

    @Test
    void severalRowsHaveNoParameters() throws Exception {
        String body = row().replace("[1]", "[2,1]").replace("[1.5]", "[1.5,2]").replace("[\"a\"]", "[[\"a\"],[null]]");
        JsonNode answer = json(infer("m", body));
        assertThat(answer.has("parameters")).isFalse();
        assertThat(answer.at("/outputs/0/shape/0").asInt()).isEqualTo(2);
    }

    @Test
    void moreRowsThanAllowedAreTooLarge() throws Exception {
        String body = "{\"inputs\":[{\"name\":\"x\",\"shape\":[51],\"datatype\":\"FP64\",\"data\":[" + "1,".repeat(50)
                + "1]}]}";
        refused(infer("m", body), 413, "x: 51 rows; at most 50 are possible in one request");
    }

    @Test
    void anotherVersionAnswersWhenThePathNamesIt() throws Exception {
        HttpResponse<byte[]> reply =
                scorer.post("/v2/models/m/versions/2/infer", row().getBytes(StandardCharsets.UTF_8));
        JsonNode answer = json(reply);
        assertThat(answer.get("model_version").asText()).isEqualTo("2");
        assertThat(answer.at("/outputs/0/data/0").asDouble()).isEqualTo(0.75);
        assertThat(reply.headers().firstValue("X-Perennial-Logged")).contains("no");
    }

    @Test
    void theOnlyVersionOfASplitIsLoggedWhenThePathNamesIt() throws Exception {
        HttpResponse<byte[]> reply =
                scorer.post("/v2/models/m/versions/1/infer", row().getBytes(StandardCharsets.UTF_8));
        assertThat(json(reply).get("model_version").asText()).isEqualTo("1");
        assertThat(reply.headers().firstValue("X-Perennial-Logged")).isEmpty();
    }

    @Test
    void anUnknownVersionCannotAnswer() throws Exception {
        refused(scorer.post("/v2/models/m/versions/9/infer", row().getBytes()), 404, "no live version '9'");
    }

    @Test
    void aTimeoutThatIsOverIsToldAsSuch() throws Exception {
        HttpResponse<byte[]> reply = infer("m", row(",\"parameters\":{\"timeout\":1}"));
        refused(reply, 504, "the deadline passed before the model could begin");
        assertThat(json(infer("m", row(",\"parameters\":{\"timeout\":60000000,\"priority\":1}")))
                        .has("outputs"))
                .isTrue();
    }

    // ---- all datatypes, all forms

    private static String input(String type, boolean binary) throws Exception {
        int bytes = VALUES.get(type).length() / 2;
        String head = "{\"name\":\"" + type + "\",\"shape\":[2],\"datatype\":\"" + type + "\",";
        return head
                + (binary ? "\"parameters\":{\"binary_data_size\":" + bytes + "}}" : "\"data\":" + printed(type) + "}");
    }

    private static String printed(String type) {
        return switch (type) {
            case "BOOL" -> "[true,false]";
            case "UINT8" -> "[255,0]";
            case "UINT16" -> "[65535,1]";
            case "UINT32" -> "[4294967295,1]";
            case "UINT64" -> "[18446744073709551615,9007199254740993]";
            case "INT8" -> "[-128,127]";
            case "INT16" -> "[-32768,32767]";
            case "INT32" -> "[-2147483648,2147483647]";
            case "INT64" -> "[-9223372036854775808,9223372036854775807]";
            case "FP32" -> "[1.4E-45,0.1]";
            case "FP64" -> "[4.9E-324,0.1]";
            case "BYTES" -> "[\"\",\"\u00e9\\u0000\"]";
            default -> "";
        };
    }

    private static boolean half(String type) {
        return type.equals("FP16") || type.equals("BF16");
    }

    /** Sends all datatypes and checks that all come back to the bit. */
    private static void roundTrip(boolean binaryIn, boolean binaryOut, Coding up, Coding down) throws Exception {
        StringBuilder inputs = new StringBuilder();
        StringBuilder outputs = new StringBuilder();
        ByteArrayOutputStream tail = new ByteArrayOutputStream();
        for (String type : VALUES.keySet()) {
            boolean binary = binaryIn || half(type);
            inputs.append(inputs.isEmpty() ? "" : ",").append(input(type, binary));
            if (binary) {
                tail.writeBytes(HexFormat.of().parseHex(VALUES.get(type)));
            }
            outputs.append(outputs.isEmpty() ? "" : ",")
                    .append("{\"name\":\"" + type + "_out\",\"parameters\":{\"binary_data\":"
                            + (binaryOut || half(type)) + "}}");
        }
        String json = "{\"inputs\":[" + inputs + "],\"outputs\":[" + outputs + "]}";
        byte[] body = up.deflated(joined(json, tail.toByteArray()));
        HttpResponse<byte[]> reply = scorer.post(
                "/v2/models/all/infer",
                body,
                LENGTH,
                Integer.toString(json.getBytes(StandardCharsets.UTF_8).length),
                "Content-Encoding",
                up.word(),
                "Accept-Encoding",
                down.word());
        assertThat(reply.statusCode()).as(text(reply)).isEqualTo(200);
        check(reply, binaryOut);
    }

    private static void check(HttpResponse<byte[]> reply, boolean binaryOut) {
        Coding coding = Coding.of(reply.headers().firstValue("Content-Encoding").orElse(null));
        byte[] whole = coding.inflated(reply.body(), BODY_MAX);
        int length = Integer.parseInt(reply.headers().firstValue(LENGTH).orElseThrow());
        assertThat(reply.headers().firstValue("Content-Type")).contains("application/octet-stream");
        int at = length;
        for (JsonNode output : Json.parse(Arrays.copyOf(whole, length)).get("outputs")) {
            String type = output.get("datatype").asText();
            assertThat(output.get("shape").toString()).isEqualTo("[2]");
            if (binaryOut || half(type)) {
                int size = output.at("/parameters/binary_data_size").asInt();
                assertThat(HexFormat.of().formatHex(whole, at, at + size))
                        .as(type)
                        .isEqualTo(VALUES.get(type));
                at += size;
            } else {
                assertThat(output.get("data")).as(type).isEqualTo(Json.parse(printed(type)));
            }
        }
        assertThat(at).isEqualTo(whole.length);
    }

    @ParameterizedTest
    @CsvSource({"false,false", "false,true", "true,false", "true,true"})
    void allDatatypesComeBackToTheBitInEveryForm(boolean binaryIn, boolean binaryOut) throws Exception {
        roundTrip(binaryIn, binaryOut, Coding.IDENTITY, Coding.IDENTITY);
    }

    @ParameterizedTest
    @EnumSource(names = {"GZIP", "DEFLATE"})
    void compressedBodiesWithBinaryTensorsCountTheirJsonUncompressed(Coding coding) throws Exception {
        roundTrip(true, true, coding, coding);
        roundTrip(false, false, coding, coding);
    }

    @Test
    void bytesThatAreNoTextTravelInBinaryForm() throws Exception {
        String json = "{\"inputs\":[{\"name\":\"t\",\"shape\":[2],\"datatype\":\"BYTES\","
                + "\"parameters\":{\"binary_data_size\":11}}],\"parameters\":{\"binary_data_output\":true}}";
        byte[] tail = HexFormat.of().parseHex("00000000" + "03000000" + "ff00c3");
        HttpResponse<byte[]> reply =
                scorer.post("/v2/models/texts/infer", joined(json, tail), LENGTH, Integer.toString(json.length()));
        int length = Integer.parseInt(reply.headers().firstValue(LENGTH).orElseThrow());
        assertThat(Arrays.copyOfRange(reply.body(), length, reply.body().length))
                .isEqualTo(tail);
        refused(
                scorer.post(
                        "/v2/models/texts/infer",
                        joined(json.replace("output\":true", "output\":false"), tail),
                        LENGTH,
                        Integer.toString(json.length() + 1)),
                400,
                "holds bytes that are not UTF-8; ask for it with binary_data");
    }

    @Test
    void anEmptyTensorComesBackEmpty() throws Exception {
        String json = "{\"inputs\":[{\"name\":\"r\",\"shape\":[0,2],\"datatype\":\"FP32\",\"data\":[]}],"
                + "\"outputs\":[{\"name\":\"r_out\",\"parameters\":{\"binary_data\":true}}]}";
        HttpResponse<byte[]> reply = infer("raw", json);
        assertThat(json(reply).at("/outputs/0").toString())
                .isEqualTo(
                        "{\"name\":\"r_out\",\"datatype\":\"FP32\",\"shape\":[0,2],\"parameters\":{\"binary_data_size\":0}}");
        assertThat(reply.headers().firstValue(LENGTH)).isEmpty();
    }

    @Test
    void aTensorOfAMegabyteComesBackWhole() throws Exception {
        byte[] tail = new byte[1 << 20];
        for (int i = 0; i < tail.length; i++) {
            tail[i] = (byte) (i * 31);
        }
        String json = "{\"inputs\":[{\"name\":\"r\",\"shape\":[131072,2],\"datatype\":\"FP32\","
                + "\"parameters\":{\"binary_data_size\":1048576}}],\"parameters\":{\"binary_data_output\":true}}";
        HttpResponse<byte[]> reply =
                scorer.post("/v2/models/raw/infer", joined(json, tail), LENGTH, Integer.toString(json.length()));
        int length = Integer.parseInt(reply.headers().firstValue(LENGTH).orElseThrow());
        assertThat(Arrays.copyOfRange(reply.body(), length, reply.body().length))
                .isEqualTo(tail);
        assertThat(reply.headers().firstValue("Content-Length")).contains(Integer.toString(reply.body().length));
    }

    @Test
    void theHighestClassesAreGivenWhenAskedFor() throws Exception {
        JsonNode answer = json(infer(
                "classes",
                "{\"inputs\":[{\"name\":\"p\",\"shape\":[1,3],\"datatype\":\"FP32\",\"data\":[0.25,0.5,0.125]}],"
                        + "\"outputs\":[{\"name\":\"p_out\",\"parameters\":{\"classification\":2}}]}"));
        assertThat(answer.at("/outputs/0/datatype").asText()).isEqualTo("BYTES");
        assertThat(answer.at("/outputs/0/data").toString()).isEqualTo("[\"0.500000:1\",\"0.250000:0\"]");
        refused(
                infer("m", row(",\"outputs\":[{\"name\":\"score\",\"parameters\":{\"classification\":1}}]")),
                400,
                "classification needs an output of [rows, classes]; 'score' is FP64 [-1]");
    }

    // ---- raw

    @Test
    void aBodyThatIsTheTensorItselfNeedsNoJson() throws Exception {
        byte[] tensor = HexFormat.of().parseHex("0000803f000000400000404000008040");
        HttpResponse<byte[]> reply = scorer.post("/v2/models/raw/infer", tensor, LENGTH, "0");
        assertThat(reply.statusCode()).as(text(reply)).isEqualTo(200);
        int length = Integer.parseInt(reply.headers().firstValue(LENGTH).orElseThrow());
        assertThat(Json.parse(Arrays.copyOf(reply.body(), length))
                        .at("/outputs/0/shape")
                        .toString())
                .isEqualTo("[2,2]");
        assertThat(Arrays.copyOfRange(reply.body(), length, reply.body().length))
                .isEqualTo(tensor);
    }

    @Test
    void aTextWithoutJsonIsOneByteStringWithoutItsLength() throws Exception {
        HttpResponse<byte[]> reply = scorer.post("/v2/models/texts/infer", new byte[] {(byte) 0xff, 'a'}, LENGTH, "0");
        int length = Integer.parseInt(reply.headers().firstValue(LENGTH).orElseThrow());
        assertThat(HexFormat.of().formatHex(reply.body(), length, reply.body().length))
                .isEqualTo("02000000ff61");
    }

    @Test
    void aBodyWithoutJsonMustMakeAShapeOfTheOnlyInput() throws Exception {
        refused(
                scorer.post("/v2/models/raw/infer", new byte[12], LENGTH, "0"),
                400,
                "r: 12 bytes are no whole number of FP32[-1, 2]");
        refused(
                scorer.post("/v2/models/all/infer", new byte[12], LENGTH, "0"),
                400,
                "a request without JSON needs a model of one input; 'all' has [BOOL,");
    }

    // ---- refused

    @ParameterizedTest
    @ValueSource(strings = {"-1", "x", "1.5", "99999999999", "0x10", "10, 10", "+5"})
    void aHeaderLengthThatIsNoneIsRefused(String length) throws Exception {
        refused(infer("m", row(), LENGTH, length), 400, LENGTH + ": '" + length + "' must be a whole number from 0 to");
    }

    @Test
    void aHeaderLengthBeyondTheBodyIsRefused() throws Exception {
        refused(infer("m", row(), LENGTH, Integer.toString(row().length() + 1)), 400, "must be a whole number from 0");
        assertThat(json(infer("m", row(), LENGTH, Integer.toString(row().length())))
                        .has("outputs"))
                .isTrue();
    }

    @Test
    void bytesBehindTheJsonThatNoInputClaimsAreRefused() throws Exception {
        refused(
                scorer.post("/v2/models/m/infer", joined(row(), new byte[3]), LENGTH, Integer.toString(row().length())),
                400,
                "unexpected additional input data: 3 bytes");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[2,2]|[1,2,3]|its shape asks for 4 values, its data holds 3",
                "[2,2]|[[1,2],[3]]|a list of its data has 1 entries",
                "[1,2]|[1e400,1]|the value 1e400 is no FP32",
                "[1,2]|[NaN,1]|not valid JSON",
                "[1,2]|[\"1\",1]|the value \"1\" is no FP32",
                "[1,3]|[1,2,3]|r: expected FP32[-1,2], got FP32[1,3]"
            })
    void aTensorThatIsNoneIsTheCallersFaultAndTheNextOneIsAnswered(String shape, String data, String message)
            throws Exception {
        String body = "{\"inputs\":[{\"name\":\"r\",\"shape\":%s,\"datatype\":\"FP32\",\"data\":%s}]}";
        refused(infer("raw", body.formatted(shape, data)), 400, message);
        assertThat(json(infer("raw", body.formatted("[1,2]", "[1,2]")))
                        .at("/outputs/0/data")
                        .toString())
                .isEqualTo("[1.0,2.0]");
    }

    @Test
    void aWholeNumberOf65BitsIsRefused() throws Exception {
        String body =
                "{\"inputs\":[{\"name\":\"INT64\",\"shape\":[1],\"datatype\":\"INT64\",\"data\":[18446744073709551616]}]}";
        refused(infer("all", body), 400, "INT64: the value 18446744073709551616 is no INT64");
    }

    @Test
    void aNestOf101LevelsIsRefused() throws Exception {
        refused(infer("raw", "{\"a\":" + "[".repeat(100) + "]".repeat(100) + "}"), 400, "nesting depth (101)");
    }

    @Test
    void theWrongDatatypeIsToldWithBothSides() throws Exception {
        refused(
                infer("raw", "{\"inputs\":[{\"name\":\"r\",\"shape\":[1,2],\"datatype\":\"INT64\",\"data\":[1,2]}]}"),
                400,
                "r: expected FP32[-1,2], got INT64[1,2]");
    }

    @Test
    void halfFloatsAreRefusedInJsonInBothDirections() throws Exception {
        String in = "{\"inputs\":[{\"name\":\"FP16\",\"shape\":[1],\"datatype\":\"FP16\",\"data\":[1]}]}";
        refused(infer("all", in), 400, "FP16 cannot travel as JSON; send it as binary data");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v2/models/m/infer",
        "PUT, /v2/models/m/infer",
        "POST, /v2/models/m/ready",
        "POST, /v2/models/m",
        "DELETE, /v2/models/m/config",
        "GET, /v2/repository/index",
        "GET, /v2/repository/models/m/load",
        "POST, /v2/models/stats",
        "GET, /v1/models/m:predict",
        "POST, /v1/models",
        "POST, /v2"
    })
    void theWrongVerbIsToldWithTheRightOne(String verb, String path) throws Exception {
        HttpResponse<byte[]> reply = scorer.send(HttpRequest.newBuilder(URI.create(scorer.url() + path))
                .method(verb, HttpRequest.BodyPublishers.noBody()));
        refused(reply, 405, verb + " is not possible here");
        assertThat(reply.headers().firstValue("Allow")).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v2/",
                "/v2/models",
                "/v2/models/m/other",
                "/v2/models/m/versions",
                "/v2/models/m/versions/1/infer/x",
                "/v2/repository/models/m/other",
                "/v2/logging",
                "/v2/systemsharedmemory/status",
                "/v1/models/m:other",
                "/v1/models/m/metadata"
            })
    void routesThatAreNotThereAreNotFoundInTheShapeOfTheProtocol(String path) throws Exception {
        HttpResponse<byte[]> reply = scorer.get(path);
        if (path.equals("/v2/models")) {
            assertThat(json(reply).get("models")).hasSize(7);
        } else {
            refused(reply, 404, path.equals("/v2/models/m/versions") ? "" : "there is no");
        }
    }

    @Test
    void bodiesBeyondTheLimitAreTooLargeHoweverTheyCome() throws Exception {
        byte[] large = new byte[BODY_MAX + 1];
        new SplittableRandom(1).nextBytes(large);
        refused(scorer.post("/v2/models/m/infer", large), 413, "the body is larger than 2097152 bytes");
        refused(
                scorer.post(
                        "/v2/models/m/infer", Coding.GZIP.deflated(new byte[BODY_MAX + 1]), "Content-Encoding", "gzip"),
                413,
                "");
        refused(
                scorer.post("/v2/models/m/infer", Coding.DEFLATE.deflated(large), "Content-Encoding", "deflate"),
                413,
                "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "gzip, br"})
    void unknownEncodingsAreToldWithTheKnownOnes(String encoding) throws Exception {
        HttpResponse<byte[]> reply = infer("m", row(), "Content-Encoding", encoding);
        refused(reply, 415, "content encoding '" + encoding + "' is not supported; use gzip or deflate");
        assertThat(reply.headers().firstValue("Accept-Encoding")).contains("gzip, deflate");
    }

    @Test
    void aBodyThatIsNotWhatItsEncodingSaysIsMalformed() throws Exception {
        refused(infer("m", row(), "Content-Encoding", "gzip"), 400, "body: it is not whole gzip");
    }

    @Test
    void shortAnswersAreNotCompressedAndLongOnesAre() throws Exception {
        assertThat(infer("m", row(), "Accept-Encoding", "gzip").headers().firstValue("Content-Encoding"))
                .isEmpty();
        String large = "{\"inputs\":[{\"name\":\"r\",\"shape\":[500,2],\"datatype\":\"FP32\",\"data\":["
                + "1,".repeat(999) + "1]}]}";
        HttpResponse<byte[]> reply = infer("raw", large, "Accept-Encoding", "deflate");
        assertThat(reply.headers().firstValue("Content-Encoding")).contains("deflate");
        assertThat(reply.body().length).isLessThan(500);
    }

    @Test
    void chunkedBodiesAndContinueAreAnswered() throws Exception {
        String head =
                "POST /v2/models/m/infer HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n";
        String body = row();
        String chunks = Integer.toHexString(10) + "\r\n" + body.substring(0, 10) + "\r\n"
                + Integer.toHexString(body.length() - 10) + "\r\n" + body.substring(10) + "\r\n0\r\n\r\n";
        try (Socket socket = new Socket("127.0.0.1", scorer.port())) {
            socket.getOutputStream().write((head + chunks).getBytes(StandardCharsets.ISO_8859_1));
            String reply = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(reply)
                    .startsWith("HTTP/1.1 100 Continue")
                    .contains("HTTP/1.1 200 OK")
                    .contains("\"score\"");
        }
    }

    // ---- statistics

    @Test
    void statisticsCountRowsAndExecutionsByVersion() throws Exception {
        JsonNode before = statistics("classes");
        String one = "{\"inputs\":[{\"name\":\"p\",\"shape\":[2,3],\"datatype\":\"FP32\",\"data\":[1,2,3,4,5,6]}]}";
        json(infer("classes", one));
        json(infer("classes", one));
        infer("classes", "{}");
        JsonNode after = statistics("classes");
        assertThat(grown(before, after, "/inference_count")).isEqualTo(4);
        assertThat(grown(before, after, "/execution_count")).isEqualTo(2);
        assertThat(grown(before, after, "/inference_stats/success/count")).isEqualTo(2);
        assertThat(grown(before, after, "/inference_stats/fail/count")).isEqualTo(1);
        assertThat(grown(before, after, "/inference_stats/compute_infer/count")).isEqualTo(2);
        assertThat(after.get("version").asText()).isEqualTo("1");
        assertThat(after.get("last_inference").asLong()).isPositive();
        JsonNode batches = after.get("batch_stats");
        assertThat(batches)
                .anySatisfy(batch -> assertThat(batch.get("batch_size").asInt()).isEqualTo(2));
        assertThat(after.at("/inference_stats/success/ns").asLong()).isPositive();
    }

    private static JsonNode statistics(String model) throws Exception {
        return get("/v2/models/" + model + "/stats").at("/model_stats/0");
    }

    private static long grown(JsonNode before, JsonNode after, String path) {
        return after.at(path).asLong() - before.at(path).asLong();
    }

    @Test
    void statisticsOfAllModelsListEveryLiveVersion() throws Exception {
        assertThat(get("/v2/models/stats").get("model_stats"))
                .extracting(entry ->
                        entry.get("name").asText() + "/" + entry.get("version").asText())
                .containsExactly("all/1", "classes/1", "half/1", "m/1", "m/2", "plain/1", "raw/1", "texts/1");
        assertThat(get("/v2/models/m/versions/2/stats").get("model_stats")).hasSize(1);
    }

    // ---- strict clients

    private static final Map<String, Set<String>> MEMBERS = Map.of(
            "", Set.of("model_name", "model_version", "id", "parameters", "outputs"),
            "outputs", Set.of("name", "shape", "datatype", "parameters", "data"));

    @Test
    void anAnswerHasNoMemberThatAStrictClientDoesNotKnow() throws Exception {
        for (String more : List.of("", ",\"id\":\"a\"", ",\"outputs\":[{\"name\":\"role\"}]")) {
            ObjectNode answer = (ObjectNode) json(infer("m", row(more)));
            assertThat(MEMBERS.get(""))
                    .containsAll(
                            answer.properties().stream().map(Map.Entry::getKey).toList());
            for (JsonNode output : answer.get("outputs")) {
                assertThat(MEMBERS.get("outputs"))
                        .containsAll(output.properties().stream()
                                .map(Map.Entry::getKey)
                                .toList());
            }
        }
    }

    // ---- KServe V1

    private static HttpResponse<byte[]> predict(String model, String body) throws IOException, InterruptedException {
        return scorer.post("/v1/models/" + model + ":predict", body.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void modelsAreListedAndReadyInTheFirstProtocolToo() throws Exception {
        assertThat(get("/v1/models").get("models"))
                .extracting(JsonNode::asText)
                .containsExactly("all", "classes", "half", "m", "plain", "raw", "texts");
        assertThat(get("/v1/models/m").toString()).isEqualTo("{\"name\":\"m\",\"ready\":true}");
        refused(scorer.get("/v1/models/cold"), 503, "no loaded champion");
        refused(scorer.get("/v1/models/none"), 404, "no endpoint 'none'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"instances\":[{\"x\":1.5,\"c\":\"a\"},{\"c\":null,\"x\":2}]}",
                "{\"instances\":[[1.5,\"a\"],[2,null]]}",
                "{\"inputs\":{\"x\":[1.5,2],\"c\":[\"a\",\"b\"]}}",
                "{\"inputs\":[[1.5,\"a\"],[2,null]]}"
            })
    void rowsInTheFirstProtocolBecomePredictions(String body) throws Exception {
        assertThat(json(predict("m", body)).toString()).isEqualTo("{\"predictions\":[0.25,0.25]}");
    }

    @Test
    void theColonMayComeEncoded() throws Exception {
        byte[] body = "{\"instances\":[[1.5,\"a\"]]}".getBytes();
        assertThat(json(scorer.post("/v1/models/m%3Apredict", body)).get("predictions"))
                .hasSize(1);
    }

    @Test
    void tensorsInTheFirstProtocolKeepTheirShape() throws Exception {
        assertThat(json(predict("raw", "{\"instances\":[[1,2],[3,0.1]]}")).toString())
                .isEqualTo("{\"predictions\":[[1.0,2.0],[3.0,0.1]]}");
        assertThat(json(predict("raw", "{\"inputs\":{\"r\":[[1,2]]}}")).toString())
                .isEqualTo("{\"predictions\":[[1.0,2.0]]}");
        assertThat(json(predict("raw", "{\"instances\":[{\"r\":[1,2]}]}")).toString())
                .isEqualTo("{\"predictions\":[[1.0,2.0]]}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "m|{}|either 'instances' or 'inputs'",
                "m|{\"instances\":[]}|at least one row",
                "m|{\"instances\":[7]}|instances[0]: a row is an object, or a list of [x, c]",
                "m|{\"instances\":[[1]]}|instances[0]: a row is an object, or a list of [x, c]",
                "m|{\"instances\":[{\"x\":1,\"c\":\"a\",\"z\":1}]}|z: unknown column",
                "m|{\"instances\":[{\"x\":\"a\",\"c\":\"a\"}]}|x: expected a number",
                "m|{\"inputs\":{\"x\":[1],\"c\":[]}}|inputs.c: every input must be a list",
                "m|{\"inputs\":{\"x\":1}}|inputs.x: every input must be a list",
                "m|{\"instances\":[[1,\"a\"]],\"inputs\":[]}|either 'instances' or 'inputs'",
                "m|{\"instances\":|not valid JSON",
                "raw|{\"instances\":[[1,2],[3]]}|r: a list of its data has 1 entries",
                "raw|{\"instances\":[[1,2,3]]}|r: expected FP32[-1,2], got FP32[1,3]",
                "raw|{\"inputs\":{\"z\":[[1,2]]}}|z: unknown input",
                "all|{\"instances\":[[1]]}|instances[0]: a row must be an object with exactly [BOOL,"
            })
    void whatTheFirstProtocolCannotReadIsNamed(String model, String body, String message) throws Exception {
        refused(predict(model, body), 400, message);
    }

    @Test
    void explanationsAreNotGiven() throws Exception {
        refused(scorer.post("/v1/models/m:explain", "{}".getBytes()), 501, "explanations are not given");
    }

    // ---- fuzz

    @Test
    void woundedRequestsNeverBreakTheScorer() throws Exception {
        SplittableRandom random = new SplittableRandom(7);
        String json = "{\"inputs\":[{\"name\":\"r\",\"shape\":[1,2],\"datatype\":\"FP32\","
                + "\"parameters\":{\"binary_data_size\":8}}],\"parameters\":{\"binary_data_output\":true}}";
        byte[] good = joined(json, new byte[8]);
        for (int i = 0; i < 300; i++) {
            byte[] body = good.clone();
            int wounds = random.nextInt(4);
            for (int w = 0; w < wounds; w++) {
                body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            }
            int length = random.nextInt(4) == 0 ? random.nextInt(body.length + 20) : json.length();
            String model = List.of("raw", "m", "texts", "all").get(random.nextInt(4));
            String encoding = List.of("identity", "identity", "gzip", "deflate").get(random.nextInt(4));
            HttpResponse<byte[]> reply = scorer.post(
                    "/v2/models/" + model + "/infer",
                    body,
                    LENGTH,
                    Integer.toString(length),
                    "Content-Encoding",
                    encoding);
            assertThat(reply.statusCode()).as("case " + i + ": " + text(reply)).isIn(200, 400, 413, 501);
        }
        assertThat(scorer.post("/v2/models/raw/infer", good, LENGTH, Integer.toString(json.length()))
                        .statusCode())
                .isEqualTo(200);
    }
}
