package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.predictionlog.PredictionRecord;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** MLflow's scoring protocol over HTTP, byte by byte where clients look at bytes. */
class MlflowScoringIT {
    private static final String STRICT = "/serving/strict/invocations";
    private static final String LOOSE = "/serving/loose/invocations";
    private static final String TENSORS = "/serving/tensors/invocations";
    private static final String ROW = "{\"dataframe_split\":{\"columns\":[\"x\",\"c\"],\"data\":[[1.5,\"a\"]]}}";

    @TempDir
    static Path folder;

    private static MlflowScorer scorer;

    @BeforeAll
    static void start() throws Exception {
        scorer = new MlflowScorer(folder, "--default-endpoint", "strict", "--batch-rows", "5");
    }

    @AfterAll
    static void stop() {
        scorer.close();
    }

    private static JsonNode refused(int status, String code, HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        JsonNode body = Json.parse(response.body());
        assertThat(body.path("error_code").asText()).as(response.body()).isEqualTo(code);
        assertThat(body.properties()).hasSize(2);
        return body.get("message");
    }

    private static void scored(int rows, HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonNode body = Json.parse(response.body());
        assertThat(body.properties()).hasSize(1);
        assertThat(body.get("predictions"))
                .hasSize(rows)
                .allSatisfy(score ->
                        assertThat(score.asDouble()).isCloseTo(0.25, org.assertj.core.api.Assertions.within(1e-6)));
    }

    private static PredictionRecord logged(HttpResponse<String> response) throws InterruptedException {
        return scorer.logged()
                .get(response.headers().firstValue("X-Perennial-Prediction-Id").orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ping", "/health", "/serving/strict/ping", "/serving/tensors/health"})
    void aLoadedModelAnswersPingWithOneEmptyLine(String path) throws Exception {
        HttpResponse<String> response = scorer.get(path);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("\n");
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
    }

    @Test
    void anEndpointThatIsNotThereAnswersPingWith404AndTheSameLine() throws Exception {
        HttpResponse<String> response = scorer.get("/serving/nobody/ping");
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).isEqualTo("\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/version", "/serving/strict/version"})
    void theVersionIsThatOfTheProtocol(String path) throws Exception {
        HttpResponse<String> response = scorer.get(path);
        assertThat(response.body()).isEqualTo("3.11.1");
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ROW,
                "{\"dataframe_split\":{\"index\":[7],\"columns\":[\"c\",\"x\"],\"data\":[[\"a\",1.5]]}}",
                "{\"dataframe_records\":[{\"x\":1.5,\"c\":\"a\"}]}",
                "{\"instances\":[{\"x\":1.5,\"c\":\"a\"}]}",
                "{\"inputs\":[{\"x\":1.5,\"c\":\"a\"}]}",
                "{\"inputs\":{\"x\":[1.5],\"c\":[\"a\"]}}",
                "{\"inputs\":{\"x\":1.5,\"c\":\"a\"},\"params\":{},\"other\":1}",
            })
    void everyFormatGivesTheModelTheSameRow(String body) throws Exception {
        HttpResponse<String> response = scorer.json(STRICT, body);
        scored(1, response);
        assertThat(logged(response).features().asMap()).isEqualTo(Map.of("x", 1.5, "c", "a"));
    }

    @Test
    void theDefaultEndpointAnswersAtTheRoot() throws Exception {
        HttpResponse<String> response = scorer.json("/invocations", ROW);
        scored(1, response);
        assertThat(logged(response).version()).isEqualTo("strict/1");
    }

    @Test
    void csvHasItsColumnsByNameAndItsIndexIsDropped() throws Exception {
        HttpResponse<String> response = scorer.post(STRICT, "text/csv", ",c,x\r\n0,\"a\",1.5\r\n1,a,\r\n");
        scored(2, response);
        assertThat(scorer.get("/metrics").body())
                .contains("perennial_scorer_dropped_columns_total{endpoint=\"strict\",column=\"Unnamed: 0\"} 1");
    }

    @Test
    void anExtraColumnIsDroppedAndCounted() throws Exception {
        scored(1, scorer.json(STRICT, "{\"inputs\":{\"x\":[1],\"c\":[\"a\"],\"surplus\":[[1,2]]}}"));
        scored(1, scorer.json(STRICT, "{\"inputs\":{\"x\":[1],\"c\":[\"a\"],\"surplus\":[null]}}"));
        assertThat(scorer.get("/metrics").body())
                .contains("perennial_scorer_dropped_columns_total{endpoint=\"strict\",column=\"surplus\"} 2");
    }

    @Test
    void parametersThatTheModelDoesNotKnowAreDroppedAndCounted() throws Exception {
        scored(1, scorer.json(STRICT, "{\"inputs\":{\"x\":[1],\"c\":[\"a\"]},\"params\":{\"temperature\":1}}"));
        assertThat(scorer.get("/metrics").body())
                .contains(
                        "perennial_scorer_dropped_columns_total{endpoint=\"strict\",column=\"params.temperature\"} 1");
    }

    @Test
    void keyAndTimesAreTakenWhenTheyAreSent() throws Exception {
        HttpResponse<String> response = scorer.json(
                STRICT,
                "{\"dataframe_records\":[{\"x\":1,\"c\":\"a\",\"id\":17,\"event_time\":\"2013-04-01T08:15:00\","
                        + "\"predicted_at\":1000}]}");
        scored(1, response);
        PredictionRecord record = scorer.logged().get("17");
        assertThat(record.eventTime()).isEqualTo(1_364_804_100_000L);
        assertThat(record.predictedAt()).isEqualTo(1_000);
        assertThat(response.headers().firstValue("X-Perennial-Prediction-Id")).hasValue("17");
    }

    @Test
    void severalRowsHaveNoOnePredictionId() throws Exception {
        HttpResponse<String> response = scorer.json(STRICT, "{\"inputs\":{\"x\":[1,2],\"c\":[\"a\",\"b\"]}}");
        scored(2, response);
        assertThat(response.headers().firstValue("X-Perennial-Prediction-Id")).isEmpty();
    }

    @Test
    void anIdThatNoHeaderCanHoldIsPercentEncoded() throws Exception {
        HttpResponse<String> response =
                scorer.json(STRICT, "{\"inputs\":[{\"x\":1,\"c\":\"a\",\"id\":\"Zo\\u00eb 100%\"}]}");
        assertThat(response.headers().firstValue("X-Perennial-Prediction-Id")).hasValue("Zo%C3%AB%20100%25");
    }

    @Test
    void noRowsGiveNoPredictions() throws Exception {
        scored(0, scorer.json(STRICT, "{\"dataframe_split\":{\"columns\":[\"x\",\"c\"],\"data\":[]}}"));
    }

    @Test
    void aRefusalNamesColumnRowExpectedAndGot() throws Exception {
        HttpResponse<String> response =
                scorer.json(STRICT, "{\"inputs\":{\"x\":[1,\"1.5\",9007199254740993],\"c\":[\"a\",\"b\",\"c\"]}}");
        assertThat(refused(400, "INVALID_PARAMETER_VALUE", response).asText())
                .isEqualTo(
                        "Failed to enforce schema: x[1]: expected double, got the text '1.5'; x[2]: expected double, got"
                                + " the number 9007199254740993, which would become 9007199254740992");
    }

    @Test
    void missingColumnsAreListed() throws Exception {
        HttpResponse<String> response = scorer.json(STRICT, "{\"inputs\":{\"y\":[1]}}");
        assertThat(refused(400, "INVALID_PARAMETER_VALUE", response).asText())
                .isEqualTo("Failed to enforce schema: x, c: Model is missing inputs x, c; there were others: y");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            [1]                                               ~ exactly one of
            7                                                 ~ exactly one of
            ``                                                ~ empty
            {}                                                ~ but holds none
            {"inputs":[],"instances":[]}                      ~ but holds [instances, inputs]
            {"inputs":{"x":1,"c":"a"},"signature_name":"s"}   ~ not supported
            {"dataframe_split":[]}                            ~ must be an object
            {"dataframe_split":{"columns":["x"]}}             ~ must be a list of rows
            {"dataframe_split":{"data":[],"rows":1}}          ~ unknown member 'rows'
            {"dataframe_split":{"columns":["x","c"],"data":[[1]]}} ~ it has 1 values for 2 columns
            {"dataframe_split":{"columns":["x","x"],"data":[]}}    ~ stands twice
            {"dataframe_split":{"columns":["x"],"index":[1],"data":[]}} ~ 1 labels for 0 rows
            {"dataframe_records":{"x":1}}                     ~ must be a list of records
            {"dataframe_records":[1]}                         ~ must be an object
            {"instances":[{"x":1,"c":"a"},{"x":1}]}           ~ not all instances have it
            {"inputs":{"x":[1,2],"c":["a"]}}                  ~ x has 2
            {"inputs":{"x":[1,2],"c":"a"}}                    ~ one value beside lists
            {"inputs":{"x":[1],"x":[2],"c":["a"]}}            ~ Duplicate
            {"inputs":{"x":[1],"c":["a"]}} x                  ~ not valid JSON
            {"inputs":{"x":[1],"c":["a"]}} {}                 ~ something follows
            """)
    void bodiesThatCannotBeReadAreBadRequests(String body, String why) throws Exception {
        assertThat(refused(400, "BAD_REQUEST", scorer.json(STRICT, body)).asText())
                .contains(why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"messages", "prompt", "input"})
    void requestsToLanguageModelsAreNotImplemented(String key) throws Exception {
        HttpResponse<String> response = scorer.json(STRICT, "{\"" + key + "\":[],\"inputs\":{}}");
        assertThat(refused(501, "NOT_IMPLEMENTED", response).asText()).contains("language models");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            application/json; charset=latin1   | only supports UTF-8
            application/json; foo=bar          | parameter 'foo'
            application/json;                  | parameter ''
            text/plain                         | 'text/plain' is not supported
            application/vnd.apache.parquet     | perennial score
            """)
    void otherContentTypesAreRefusedInPlainText(String type, String why) throws Exception {
        HttpResponse<String> response = scorer.post(STRICT, type, ROW);
        assertThat(response.statusCode()).isEqualTo(415);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/plain");
        assertThat(response.body()).contains(why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"})
    void utf8MayBeSaid(String type) throws Exception {
        scored(1, scorer.post(STRICT, type, ROW));
    }

    @Test
    void noContentTypeIsRefused() throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(scorer.url() + STRICT))
                .POST(HttpRequest.BodyPublishers.ofByteArray(ROW.getBytes(StandardCharsets.UTF_8)));
        HttpResponse<String> response = scorer.send(request);
        assertThat(response.statusCode()).isEqualTo(415);
        assertThat(response.body()).startsWith("there is no content type");
    }

    @Test
    void moreRowsThanTheLimitAreRefused() throws Exception {
        HttpResponse<String> response =
                scorer.json(STRICT, "{\"inputs\":{\"x\":[1,1,1,1,1,1],\"c\":[\"a\",\"a\",\"a\",\"a\",\"a\",\"a\"]}}");
        assertThat(refused(413, "INVALID_PARAMETER_VALUE", response).asText())
                .contains("6 rows; at most 5 are possible in one request (--batch-rows)");
        HttpResponse<String> csv = scorer.post(STRICT, "text/csv", "x,c\n" + "1,a\n".repeat(6));
        assertThat(refused(413, "INVALID_PARAMETER_VALUE", csv).asText()).contains("more than 5 rows (--batch-rows)");
    }

    @Test
    void theWrongVerbAndAnUnknownEndpointSpeakMlflowsWords() throws Exception {
        HttpResponse<String> get = scorer.get(STRICT);
        assertThat(refused(405, "BAD_REQUEST", get).asText()).contains("use POST");
        assertThat(get.headers().firstValue("Allow")).hasValue("POST");
        refused(404, "RESOURCE_DOES_NOT_EXIST", scorer.json("/serving/nobody/invocations", ROW));
        refused(404, "RESOURCE_DOES_NOT_EXIST", scorer.json("/serving/strict/explain", ROW));
    }

    @Test
    void aTextThatIsNoUtf8IsRefused() throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(scorer.url() + STRICT))
                .header("Content-Type", "text/csv")
                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[] {'x', '\n', (byte) 0xff}));
        assertThat(refused(400, "BAD_REQUEST", scorer.send(request)).asText()).contains("UTF-8");
    }

    @Test
    void modeMlflowTakesWhatMlflowTakesAndCountsWhatItChanged() throws Exception {
        long numbers = lossy("x");
        long texts = lossy("c");
        HttpResponse<String> response = scorer.json(
                LOOSE,
                "{\"dataframe_records\":[{\"x\":\"1.5\",\"c\":2},{\"x\":true,\"c\":null},{\"x\":null,\"c\":\"a\"}]}");
        scored(3, response);
        assertThat(lossy("x") - numbers).isEqualTo(2);
        assertThat(lossy("c") - texts).isEqualTo(1);
    }

    private static long lossy(String column) throws Exception {
        String series = "perennial_scorer_lossy_casts_total{endpoint=\"loose\",column=\"" + column + "\"} ";
        return scorer.get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(series))
                .mapToLong(line -> Long.parseLong(line.substring(series.length())))
                .sum();
    }

    @Test
    void modeMlflowGivesTextColumnsPythonsTexts() throws Exception {
        HttpResponse<String> response = scorer.json(LOOSE, "{\"inputs\":{\"x\":\" 1_0 \",\"c\":3e10}}");
        scored(1, response);
        assertThat(logged(response).features().asMap()).isEqualTo(Map.of("x", 10.0, "c", "30000000000.0"));
    }

    @Test
    void modeMlflowRefusesWhatMlflowRefuses() throws Exception {
        HttpResponse<String> response = scorer.json(LOOSE, "{\"inputs\":{\"x\":[\"abc\"],\"c\":[\"a\"]}}");
        assertThat(refused(400, "BAD_REQUEST", response).asText())
                .isEqualTo("x: Failed to convert column to type double: the text 'abc' is no number");
    }

    @Test
    void modelsOfTensorsTakeArraysByName() throws Exception {
        HttpResponse<String> response = scorer.json(
                TENSORS, "{\"inputs\":{\"matrix\":[[1,2.5],[3,4]],\"whole\":[9007199254740993,-1],\"more\":0}}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.body())
                .isEqualTo("{\"predictions\":{\"matrix\":[[1.0,2.5],[3.0,4.0]],\"whole\":[9007199254740993,-1]}}");
    }

    @Test
    void modelsOfTensorsTakeInstances() throws Exception {
        HttpResponse<String> response = scorer.json(
                TENSORS, "{\"instances\":[{\"matrix\":[1,2],\"whole\":3},{\"matrix\":[null,5],\"whole\":6}]}");
        assertThat(response.body()).isEqualTo("{\"predictions\":{\"matrix\":[[1.0,2.0],[null,5.0]],\"whole\":[3,6]}}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            {"inputs":{"matrix":[[1,2]]}}                       ~ INVALID_PARAMETER_VALUE ~ missing inputs whole
            {"inputs":{"matrix":[[1,2],[3]],"whole":[1,2]}}     ~ BAD_REQUEST ~ not equally long
            {"inputs":{"matrix":[[1,2],3],"whole":[1,2]}}       ~ BAD_REQUEST ~ not equally long
            {"inputs":{"matrix":[1,[2]],"whole":[1,2]}}         ~ BAD_REQUEST ~ not equally deep
            {"inputs":{"matrix":[[1,2,3]],"whole":[1]}}         ~ INVALID_PARAMETER_VALUE ~ expected FP32[-1,2]
            {"inputs":{"matrix":[[1,"2"]],"whole":[1]}}         ~ BAD_REQUEST ~ expected float32, got the text '2'
            {"inputs":{"matrix":[[1,2]],"whole":[1.5]}}         ~ BAD_REQUEST ~ expected int64, got the number 1.5
            {"inputs":{"matrix":[[1,2]],"whole":[9223372036854775808]}} ~ BAD_REQUEST ~ expected int64
            {"inputs":[[1,2]]}                                  ~ INVALID_PARAMETER_VALUE ~ several tensors
            {"dataframe_records":[{"matrix":[1,2]}]}            ~ INVALID_PARAMETER_VALUE ~ 'inputs' or 'instances'
            """)
    void tensorsThatDoNotFitAreRefusedByName(String body, String code, String why) throws Exception {
        assertThat(refused(400, code, scorer.json(TENSORS, body)).asText()).contains(why);
    }
}
