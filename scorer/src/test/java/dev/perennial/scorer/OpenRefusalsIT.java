package dev.perennial.scorer;

import static dev.perennial.scorer.OpenAnswers.joined;
import static dev.perennial.scorer.OpenAnswers.json;
import static dev.perennial.scorer.OpenAnswers.refused;
import static dev.perennial.scorer.OpenAnswers.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.scorer.http.Coding;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the Open Inference Protocol over REST refuses, and in which words. */
class OpenRefusalsIT {
    @TempDir
    static Path folder;

    private static OpenScorer scorer;

    @BeforeAll
    static void start() throws Exception {
        scorer = new OpenScorer(
                folder, true, "--body-bytes", Integer.toString(OpenAnswers.BODY_MAX), "--batch-rows", "50");
    }

    @AfterAll
    static void stop() {
        scorer.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "x", "1.5", "99999999999", "0x10", "10, 10", "+5"})
    void aHeaderLengthThatIsNoneIsRefused(String length) throws Exception {
        refused(
                scorer.infer("m", row(), OpenAnswers.LENGTH, length),
                400,
                OpenAnswers.LENGTH + ": '" + length + "' must be a whole number from 0 to");
    }

    @Test
    void aHeaderLengthBeyondTheBodyIsRefused() throws Exception {
        refused(
                scorer.infer("m", row(), OpenAnswers.LENGTH, Integer.toString(row().length() + 1)),
                400,
                "must be a whole number from 0");
        assertThat(json(scorer.infer("m", row(), OpenAnswers.LENGTH, Integer.toString(row().length())))
                        .has("outputs"))
                .isTrue();
    }

    @Test
    void bytesBehindTheJsonThatNoInputClaimsAreRefused() throws Exception {
        refused(
                scorer.post(
                        "/v2/models/m/infer",
                        joined(row(), new byte[3]),
                        OpenAnswers.LENGTH,
                        Integer.toString(row().length())),
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
        refused(scorer.infer("raw", body.formatted(shape, data)), 400, message);
        assertThat(json(scorer.infer("raw", body.formatted("[1,2]", "[1,2]")))
                        .at("/outputs/0/data")
                        .toString())
                .isEqualTo("[1.0,2.0]");
    }

    @Test
    void aWholeNumberOf65BitsIsRefused() throws Exception {
        String body =
                "{\"inputs\":[{\"name\":\"INT64\",\"shape\":[1],\"datatype\":\"INT64\",\"data\":[18446744073709551616]}]}";
        refused(scorer.infer("all", body), 400, "INT64: the value 18446744073709551616 is no INT64");
    }

    @Test
    void aNestOf101LevelsIsRefused() throws Exception {
        refused(scorer.infer("raw", "{\"a\":" + "[".repeat(100) + "]".repeat(100) + "}"), 400, "nesting depth (101)");
    }

    @Test
    void theWrongDatatypeIsToldWithBothSides() throws Exception {
        refused(
                scorer.infer(
                        "raw", "{\"inputs\":[{\"name\":\"r\",\"shape\":[1,2],\"datatype\":\"INT64\",\"data\":[1,2]}]}"),
                400,
                "r: expected FP32[-1,2], got INT64[1,2]");
    }

    @Test
    void halfFloatsAreRefusedInJsonInBothDirections() throws Exception {
        String in = "{\"inputs\":[{\"name\":\"FP16\",\"shape\":[1],\"datatype\":\"FP16\",\"data\":[1]}]}";
        refused(scorer.infer("all", in), 400, "FP16 cannot travel as JSON; send it as binary data");
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
        byte[] large = new byte[OpenAnswers.BODY_MAX + 1];
        new SplittableRandom(1).nextBytes(large);
        refused(scorer.post("/v2/models/m/infer", large), 413, "the body is larger than 2097152 bytes (--body-bytes)");
        refused(
                scorer.post(
                        "/v2/models/m/infer",
                        Coding.GZIP.deflated(new byte[OpenAnswers.BODY_MAX + 1]),
                        "Content-Encoding",
                        "gzip"),
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
        HttpResponse<byte[]> reply = scorer.infer("m", row(), "Content-Encoding", encoding);
        refused(reply, 415, "content encoding '" + encoding + "' is not supported; use gzip or deflate");
        assertThat(reply.headers().firstValue("Accept-Encoding")).contains("gzip, deflate");
    }

    @Test
    void aBodyThatIsNotWhatItsEncodingSaysIsMalformed() throws Exception {
        refused(scorer.infer("m", row(), "Content-Encoding", "gzip"), 400, "body: it is not whole gzip");
    }

    @Test
    void shortAnswersAreNotCompressedAndLongOnesAre() throws Exception {
        assertThat(scorer.infer("m", row(), "Accept-Encoding", "gzip").headers().firstValue("Content-Encoding"))
                .isEmpty();
        String large = "{\"inputs\":[{\"name\":\"r\",\"shape\":[500,2],\"datatype\":\"FP32\",\"data\":["
                + "1,".repeat(999) + "1]}]}";
        HttpResponse<byte[]> reply = scorer.infer("raw", large, "Accept-Encoding", "deflate");
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
}
