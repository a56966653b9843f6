package dev.perennial.scorer.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Json;
import dev.perennial.scorer.SplitScorer;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever calls gets the same version, however the call comes and wherever it says who calls. */
class KeysIT {
    private static final String HEADER = "X-Perennial-Key";
    private static final String INPUT = "{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP64\",\"data\":[1.5]}";

    /** Keys that the split gives to different versions, as SHA-256 has it. */
    private static final List<String> KEYS = List.of("ann", "bob", "cid", "dan", "eve", "fay", "gus", "hal");

    @TempDir
    static Path folder;

    private static SplitScorer scorer;
    private static GrpcCaller grpc;

    @BeforeAll
    static void start() throws Exception {
        scorer = new SplitScorer(folder);
        grpc = new GrpcCaller(scorer.port());
    }

    @AfterAll
    static void stop() {
        grpc.close();
        scorer.close();
    }

    private static String body(String... more) {
        return "{\"inputs\":[" + INPUT + "]" + String.join("", more) + "}";
    }

    private static String parameter(String key) {
        return ",\"parameters\":{\"perennial_key\":\"" + key + "\"}";
    }

    private static String rest(String endpoint, String body, String... headers) throws Exception {
        HttpResponse<String> reply = scorer.infer(endpoint, body, headers);
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
        return Json.parse(reply.body()).path("model_version").asText();
    }

    private static Proto message(String endpoint) {
        return Proto.message()
                .text(1, endpoint)
                .message(
                        5,
                        InferRequestTest.input(
                                "x", "FP64", new long[] {1}, Proto.message().fixed64(7, 1.5)));
    }

    private static Proto keyed(String endpoint, String key) {
        return message(endpoint)
                .message(
                        4,
                        Proto.message()
                                .text(1, "perennial_key")
                                .message(2, Proto.message().text(3, key)));
    }

    private static String grpc(Proto message, String... metadata) {
        GrpcCaller.Reply reply = grpc.infer(message, metadata);
        assertThat(reply.status()).as(reply.message()).isZero();
        ProtoReader answer = reply.message1();
        while (answer.next()) {
            if (answer.field() == 2) {
                return answer.text();
            }
            answer.skip();
        }
        throw new AssertionError("no version");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rows", "tensors"})
    void theSameKeyLeadsToTheSameVersionOnAllFourWays(String endpoint) throws Exception {
        List<String> versions = new ArrayList<>();
        for (String key : KEYS) {
            String version = rest(endpoint, body(), HEADER, key);
            assertThat(rest(endpoint, body(parameter(key))))
                    .as("parameter of REST")
                    .isEqualTo(version);
            assertThat(grpc(message(endpoint), "x-perennial-key", key))
                    .as("metadata of gRPC")
                    .isEqualTo(version);
            assertThat(grpc(keyed(endpoint, key))).as("parameter of gRPC").isEqualTo(version);
            versions.add(version);
        }
        assertThat(versions).contains("1", "2");
    }

    @Test
    void rowsAndTensorsOfACallerAreDrawnByTheSameRule() throws Exception {
        for (String key : KEYS) {
            assertThat(rest("tensors", body(), HEADER, key)).isEqualTo(rest("rows", body(), HEADER, key));
        }
    }

    @Test
    void theHeaderWinsOverTheParameterAndTheParameterOverTheId() throws Exception {
        String one = KEYS.getFirst();
        String version = rest("tensors", body(), HEADER, one);
        String other = null;
        for (String key : KEYS) {
            other = rest("tensors", body(), HEADER, key).equals(version) ? other : key;
        }
        assertThat(other).isNotNull();
        String id = ",\"id\":\"" + other + "\"";
        assertThat(rest("tensors", body(id))).as("the id is drawn by").isNotEqualTo(version);
        assertThat(rest("tensors", body(id, parameter(one)))).isEqualTo(version);
        assertThat(rest("tensors", body(id, parameter(other)), HEADER, one)).isEqualTo(version);
        assertThat(grpc(keyed("tensors", other), "x-perennial-key", one)).isEqualTo(version);
        assertThat(grpc(keyed("tensors", one).text(3, other))).isEqualTo(version);
    }

    @Test
    void metadataForcesAVersionAndTheMessageItselfIsNearer() throws Exception {
        for (String key : KEYS) {
            assertThat(grpc(keyed("tensors", key), "x-perennial-version", "2")).isEqualTo("2");
            assertThat(grpc(keyed("tensors", key).text(2, "1"), "x-perennial-version", "2"))
                    .isEqualTo("1");
        }
        GrpcCaller.Reply unknown = grpc.infer(message("tensors"), "x-perennial-version", "9");
        assertThat(unknown.status()).isEqualTo(5);
        assertThat(unknown.message()).contains("no live version '9'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "true", "\"\"", "\" \"", "null", "[\"a\"]"})
    void aKeyThatIsNoTextIsRefused(String key) throws Exception {
        HttpResponse<String> reply = scorer.infer("tensors", body(",\"parameters\":{\"perennial_key\":" + key + "}"));
        assertThat(reply.statusCode()).isEqualTo(400);
        assertThat(reply.body()).contains("parameters.perennial_key: expected a text of 1 to 512 characters");
    }

    @Test
    void aKeyThatIsTooLongIsRefusedOnEachWay() throws Exception {
        String key = "k".repeat(513);
        assertThat(scorer.infer("rows", body(parameter(key))).statusCode()).isEqualTo(400);
        assertThat(scorer.infer("rows", body(), HEADER, key).statusCode()).isEqualTo(400);
        assertThat(grpc.infer(keyed("rows", key)).message())
                .isEqualTo("parameters.perennial_key: expected a text of 1 to 512 characters");
        assertThat(grpc.infer(message("rows"), "x-perennial-key", key).status()).isEqualTo(3);
    }

    @Test
    void aNumberIsNoKeyOverGrpcEither() {
        Proto number = message("rows")
                .message(
                        4,
                        Proto.message()
                                .text(1, "perennial_key")
                                .message(2, Proto.message().whole(2, 7)));
        assertThat(grpc.infer(number).message()).contains("expected a text of 1 to 512 characters");
    }
}
