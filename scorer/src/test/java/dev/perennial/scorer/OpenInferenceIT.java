package dev.perennial.scorer;

import static dev.perennial.scorer.OpenAnswers.json;
import static dev.perennial.scorer.OpenAnswers.refused;
import static dev.perennial.scorer.OpenAnswers.row;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Open Inference Protocol over REST as a stranger sees it: what is told of models, rows, statistics. */
class OpenInferenceIT {
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

    @Test
    void theServerTellsTheExtensionsThatWork() throws Exception {
        JsonNode server = scorer.look("/v2");
        assertThat(server.get("name").asText()).isEqualTo("perennial-scorer");
        assertThat(server.get("extensions"))
                .extracting(JsonNode::asText)
                .containsExactly("binary_tensor_data", "classification", "model_configuration", "statistics");
    }

    @Test
    void metadataShowTheModelAndNothingOfThePlatform() throws Exception {
        JsonNode metadata = scorer.look("/v2/models/m");
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
        JsonNode metadata = scorer.look("/v2/models/raw/versions/1");
        assertThat(metadata.at("/inputs/0").toString())
                .isEqualTo("{\"name\":\"r\",\"datatype\":\"FP32\",\"shape\":[-1,2]}");
        assertThat(metadata.at("/outputs/0/name").asText()).isEqualTo("r_out");
    }

    @Test
    void aVersionInThePathIsLookedAtAlone() throws Exception {
        assertThat(scorer.look("/v2/models/m/versions/2").get("versions"))
                .extracting(JsonNode::asText)
                .containsExactly("2");
        assertThat(scorer.look("/v2/models/m/versions/2/ready").get("ready").asBoolean())
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
        assertThat(scorer.look("/v2/health/live").get("live").asBoolean()).isTrue();
    }

    @Test
    void theConfigurationIsTritons() throws Exception {
        JsonNode config = scorer.look("/v2/models/m/config");
        assertThat(config.at("/input/1/data_type").asText()).isEqualTo("TYPE_STRING");
        assertThat(config.at("/output/0/data_type").asText()).isEqualTo("TYPE_FP64");
        assertThat(config.get("max_batch_size").asInt(-1)).isZero();
        assertThat(config.at("/model_transaction_policy/decoupled").asBoolean(true))
                .isFalse();
    }

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
        String file = "{\"parameters\":{\"file:1/model.onnx\":\"eHh4\"}}";
        refused(scorer.post("/v2/repository/models/m/" + action, file.getBytes()), 501, "files are never taken");
        refused(scorer.post("/v2/repository/models/none/" + action, new byte[0]), 404, "'none'");
    }

    @Test
    void aRowIsAnsweredByItsScoreAndTheAnswerTellsOfItself() throws Exception {
        JsonNode answer = json(scorer.infer("m", row(",\"id\":\"call-7\"")));
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
        JsonNode answer = json(scorer.infer("m", row()));
        assertThat(answer.has("id")).isFalse();
        assertThat(answer.at("/parameters/prediction_id").asText()).isNotEmpty();
    }

    @Test
    void outputsComeByNameInTheOrderOfTheNames() throws Exception {
        JsonNode answer = json(scorer.infer(
                "m", row(",\"outputs\":[{\"name\":\"role\"},{\"name\":\"score\"},{\"name\":\"version\"}]")));
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
        assertThat(json(scorer.infer("m", body)).at("/parameters/prediction_id").asText())
                .isEqualTo("k");
    }

    @Test
    void severalRowsHaveNoParameters() throws Exception {
        String body = row().replace("[1]", "[2,1]").replace("[1.5]", "[1.5,2]").replace("[\"a\"]", "[[\"a\"],[null]]");
        JsonNode answer = json(scorer.infer("m", body));
        assertThat(answer.has("parameters")).isFalse();
        assertThat(answer.at("/outputs/0/shape/0").asInt()).isEqualTo(2);
    }

    @Test
    void moreRowsThanAllowedAreTooLarge() throws Exception {
        String body = "{\"inputs\":[{\"name\":\"x\",\"shape\":[51],\"datatype\":\"FP64\",\"data\":[" + "1,".repeat(50)
                + "1]}]}";
        refused(scorer.infer("m", body), 413, "x: 51 rows; at most 50 are possible in one request (--batch-rows)");
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
    void aHeaderForcesAVersionAsThePathDoes() throws Exception {
        assertThat(json(scorer.infer("m", row(), "X-Perennial-Version", "2"))
                        .get("model_version")
                        .asText())
                .isEqualTo("2");
        assertThat(json(scorer.post(
                                "/v2/models/m/versions/1/infer",
                                row().getBytes(StandardCharsets.UTF_8),
                                "X-Perennial-Version",
                                "2"))
                        .get("model_version")
                        .asText())
                .as("the path is nearer")
                .isEqualTo("1");
        refused(scorer.infer("m", row(), "X-Perennial-Version", "9"), 404, "no live version '9'");
        refused(
                scorer.infer("m", row(), "X-Perennial-Key", "k".repeat(513)),
                400,
                "the header has 513 characters; at most 512 are possible");
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
        HttpResponse<byte[]> reply = scorer.infer("m", row(",\"parameters\":{\"timeout\":1}"));
        refused(reply, 504, "the deadline passed before the model could begin");
        assertThat(json(scorer.infer("m", row(",\"parameters\":{\"timeout\":60000000,\"priority\":1}")))
                        .has("outputs"))
                .isTrue();
    }

    @Test
    void statisticsCountRowsAndExecutionsByVersion() throws Exception {
        JsonNode before = statistics("classes");
        String one = "{\"inputs\":[{\"name\":\"p\",\"shape\":[2,3],\"datatype\":\"FP32\",\"data\":[1,2,3,4,5,6]}]}";
        json(scorer.infer("classes", one));
        json(scorer.infer("classes", one));
        scorer.infer("classes", "{}");
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
        return scorer.look("/v2/models/" + model + "/stats").at("/model_stats/0");
    }

    private static long grown(JsonNode before, JsonNode after, String path) {
        return after.at(path).asLong() - before.at(path).asLong();
    }

    @Test
    void statisticsOfAllModelsListEveryLiveVersion() throws Exception {
        assertThat(scorer.look("/v2/models/stats").get("model_stats"))
                .extracting(entry ->
                        entry.get("name").asText() + "/" + entry.get("version").asText())
                .containsExactly("all/1", "classes/1", "half/1", "m/1", "m/2", "plain/1", "raw/1", "texts/1");
        assertThat(scorer.look("/v2/models/m/versions/2/stats").get("model_stats"))
                .hasSize(1);
    }

    private static final Map<String, Set<String>> MEMBERS = Map.of(
            "", Set.of("model_name", "model_version", "id", "parameters", "outputs"),
            "outputs", Set.of("name", "shape", "datatype", "parameters", "data"));

    @Test
    void anAnswerHasNoMemberThatAStrictClientDoesNotKnow() throws Exception {
        for (String more : List.of("", ",\"id\":\"a\"", ",\"outputs\":[{\"name\":\"role\"}]")) {
            ObjectNode answer = (ObjectNode) json(scorer.infer("m", row(more)));
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
}
