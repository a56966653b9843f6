package dev.perennial.scorer;

import static dev.perennial.scorer.OpenAnswers.joined;
import static dev.perennial.scorer.OpenAnswers.json;
import static dev.perennial.scorer.OpenAnswers.refused;
import static dev.perennial.scorer.OpenAnswers.row;
import static dev.perennial.scorer.OpenAnswers.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.scorer.http.Coding;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Tensors of all datatypes in all forms over REST, to the bit. */
class OpenTensorsIT {
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
        scorer = new OpenScorer(
                folder, true, "--body-bytes", Integer.toString(OpenAnswers.BODY_MAX), "--batch-rows", "50");
    }

    @AfterAll
    static void stop() {
        scorer.close();
    }

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
                OpenAnswers.LENGTH,
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
        byte[] whole = coding.inflated(reply.body(), OpenAnswers.BODY_MAX);
        int length =
                Integer.parseInt(reply.headers().firstValue(OpenAnswers.LENGTH).orElseThrow());
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
        HttpResponse<byte[]> reply = scorer.post(
                "/v2/models/texts/infer", joined(json, tail), OpenAnswers.LENGTH, Integer.toString(json.length()));
        int length =
                Integer.parseInt(reply.headers().firstValue(OpenAnswers.LENGTH).orElseThrow());
        assertThat(Arrays.copyOfRange(reply.body(), length, reply.body().length))
                .isEqualTo(tail);
        refused(
                scorer.post(
                        "/v2/models/texts/infer",
                        joined(json.replace("output\":true", "output\":false"), tail),
                        OpenAnswers.LENGTH,
                        Integer.toString(json.length() + 1)),
                400,
                "holds bytes that are not UTF-8; ask for it with binary_data");
    }

    @Test
    void anEmptyTensorComesBackEmpty() throws Exception {
        String json = "{\"inputs\":[{\"name\":\"r\",\"shape\":[0,2],\"datatype\":\"FP32\",\"data\":[]}],"
                + "\"outputs\":[{\"name\":\"r_out\",\"parameters\":{\"binary_data\":true}}]}";
        HttpResponse<byte[]> reply = scorer.infer("raw", json);
        assertThat(json(reply).at("/outputs/0").toString())
                .isEqualTo(
                        "{\"name\":\"r_out\",\"datatype\":\"FP32\",\"shape\":[0,2],\"parameters\":{\"binary_data_size\":0}}");
        assertThat(reply.headers().firstValue(OpenAnswers.LENGTH)).isEmpty();
    }

    @Test
    void aTensorOfAMegabyteComesBackWhole() throws Exception {
        byte[] tail = new byte[1 << 20];
        for (int i = 0; i < tail.length; i++) {
            tail[i] = (byte) (i * 31);
        }
        String json = "{\"inputs\":[{\"name\":\"r\",\"shape\":[131072,2],\"datatype\":\"FP32\","
                + "\"parameters\":{\"binary_data_size\":1048576}}],\"parameters\":{\"binary_data_output\":true}}";
        HttpResponse<byte[]> reply = scorer.post(
                "/v2/models/raw/infer", joined(json, tail), OpenAnswers.LENGTH, Integer.toString(json.length()));
        int length =
                Integer.parseInt(reply.headers().firstValue(OpenAnswers.LENGTH).orElseThrow());
        assertThat(Arrays.copyOfRange(reply.body(), length, reply.body().length))
                .isEqualTo(tail);
        assertThat(reply.headers().firstValue("Content-Length")).contains(Integer.toString(reply.body().length));
    }

    @Test
    void theHighestClassesAreGivenWhenAskedFor() throws Exception {
        JsonNode answer = json(scorer.infer(
                "classes",
                "{\"inputs\":[{\"name\":\"p\",\"shape\":[1,3],\"datatype\":\"FP32\",\"data\":[0.25,0.5,0.125]}],"
                        + "\"outputs\":[{\"name\":\"p_out\",\"parameters\":{\"classification\":2}}]}"));
        assertThat(answer.at("/outputs/0/datatype").asText()).isEqualTo("BYTES");
        assertThat(answer.at("/outputs/0/data").toString()).isEqualTo("[\"0.500000:1\",\"0.250000:0\"]");
        refused(
                scorer.infer("m", row(",\"outputs\":[{\"name\":\"score\",\"parameters\":{\"classification\":1}}]")),
                400,
                "classification needs an output of [rows, classes]; 'score' is FP64 [-1]");
    }

    @Test
    void aBodyThatIsTheTensorItselfNeedsNoJson() throws Exception {
        byte[] tensor = HexFormat.of().parseHex("0000803f000000400000404000008040");
        HttpResponse<byte[]> reply = scorer.post("/v2/models/raw/infer", tensor, OpenAnswers.LENGTH, "0");
        assertThat(reply.statusCode()).as(text(reply)).isEqualTo(200);
        int length =
                Integer.parseInt(reply.headers().firstValue(OpenAnswers.LENGTH).orElseThrow());
        assertThat(Json.parse(Arrays.copyOf(reply.body(), length))
                        .at("/outputs/0/shape")
                        .toString())
                .isEqualTo("[2,2]");
        assertThat(Arrays.copyOfRange(reply.body(), length, reply.body().length))
                .isEqualTo(tensor);
    }

    @Test
    void aTextWithoutJsonIsOneByteStringWithoutItsLength() throws Exception {
        HttpResponse<byte[]> reply =
                scorer.post("/v2/models/texts/infer", new byte[] {(byte) 0xff, 'a'}, OpenAnswers.LENGTH, "0");
        int length =
                Integer.parseInt(reply.headers().firstValue(OpenAnswers.LENGTH).orElseThrow());
        assertThat(HexFormat.of().formatHex(reply.body(), length, reply.body().length))
                .isEqualTo("02000000ff61");
    }

    @Test
    void aBodyWithoutJsonMustMakeAShapeOfTheOnlyInput() throws Exception {
        refused(
                scorer.post("/v2/models/raw/infer", new byte[12], OpenAnswers.LENGTH, "0"),
                400,
                "r: 12 bytes are no whole number of FP32[-1, 2]");
        refused(
                scorer.post("/v2/models/all/infer", new byte[12], OpenAnswers.LENGTH, "0"),
                400,
                "a request without JSON needs a model of one input; 'all' has [BOOL,");
    }

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
                    OpenAnswers.LENGTH,
                    Integer.toString(length),
                    "Content-Encoding",
                    encoding);
            assertThat(reply.statusCode()).as("case " + i + ": " + text(reply)).isIn(200, 400, 413, 501);
        }
        assertThat(scorer.post("/v2/models/raw/infer", good, OpenAnswers.LENGTH, Integer.toString(json.length()))
                        .statusCode())
                .isEqualTo(200);
    }
}
