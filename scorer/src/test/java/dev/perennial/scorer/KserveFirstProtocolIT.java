package dev.perennial.scorer;

import static dev.perennial.scorer.OpenAnswers.json;
import static dev.perennial.scorer.OpenAnswers.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** KServe's protocol V1 as a stranger sees it. */
class KserveFirstProtocolIT {
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

    private static HttpResponse<byte[]> predict(String model, String body) throws IOException, InterruptedException {
        return scorer.post("/v1/models/" + model + ":predict", body.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void modelsAreListedAndReadyInTheFirstProtocolToo() throws Exception {
        assertThat(scorer.look("/v1/models").get("models"))
                .extracting(JsonNode::asText)
                .containsExactly("all", "classes", "half", "m", "plain", "raw", "texts");
        assertThat(scorer.look("/v1/models/m").toString()).isEqualTo("{\"name\":\"m\",\"ready\":true}");
        refused(scorer.get("/v1/models/cold"), 503, "no loaded champion");
        refused(scorer.get("/v1/models/none"), 404, "no endpoint 'none'");
    }

    @Test
    void theRootSaysThatTheServerLives() throws Exception {
        assertThat(scorer.look("/").toString()).isEqualTo("{\"status\":\"alive\"}");
        assertThat(scorer.post("/", new byte[0]).statusCode()).isEqualTo(405);
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
}
