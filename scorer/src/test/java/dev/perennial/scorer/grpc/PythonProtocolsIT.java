package dev.perennial.scorer.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.scorer.PythonScorer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every protocol serves Python models, and says clearly what became of a call. */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PythonProtocolsIT {
    private static final String OBEDIENT = "/endpoints/obedient/predict";

    @TempDir
    static Path folder;

    private static PythonScorer scorer;

    @BeforeAll
    static void start() throws Exception {
        scorer = new PythonScorer(folder, "--python-timeout-millis", "3000", "--default-endpoint", "obedient");
    }

    @AfterAll
    static void stop() {
        if (scorer != null) {
            scorer.close();
        }
    }

    private static JsonNode answer(String path, String json) throws IOException, InterruptedException {
        HttpResponse<String> response = scorer.post(path, json);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return Json.parse(response.body());
    }

    private static String record(double a) {
        return "{\"records\":[{\"a\":%s,\"n\":1,\"c\":\"x\",\"event_time\":1364800000000}]}".formatted(a);
    }

    private static void fails(String path, String json, int status, String why)
            throws IOException, InterruptedException {
        HttpResponse<String> response = scorer.post(path, json);
        assertThat(response.body()).contains(why).doesNotContain("Traceback");
        assertThat(response.statusCode()).isEqualTo(status);
    }

    /** Answers as soon as the process is back that a call may have ended. */
    private static void answers() throws IOException, InterruptedException {
        HttpResponse<String> response = scorer.post(OBEDIENT, record(1));
        while (response.statusCode() == 503) {
            assertThat(response.headers().firstValue("Retry-After")).isPresent();
            response = scorer.post(OBEDIENT, record(1));
        }
        assertThat(answer(OBEDIENT, record(1))
                        .path("predictions")
                        .get(0)
                        .path("score")
                        .asDouble())
                .isEqualTo(3.1);
    }

    @Test
    void plainRecordsAreScored() throws Exception {
        answers();
    }

    @Test
    void mlflowsProtocolIsAnsweredByColumns() throws Exception {
        String body = "{\"dataframe_split\":{\"columns\":[\"c\",\"a\",\"n\"],\"data\":[[\"x\",1,1],[\"yy\",2,3]]}}";
        assertThat(answer("/invocations", body).path("predictions")).hasToString("[3.1,7.2]");
    }

    @Test
    void theOpenProtocolTakesATensorForEachColumn() throws Exception {
        JsonNode answer = answer("/v2/models/obedient/infer", """
                {"inputs":[{"name":"a","datatype":"FP64","shape":[2],"data":[1,2]},
                 {"name":"n","datatype":"INT64","shape":[2],"data":[1,3]},
                 {"name":"c","datatype":"BYTES","shape":[2],"data":["x","yy"]}]}
                """);
        assertThat(answer.path("outputs").get(0).path("data")).hasToString("[3.1,7.2]");
        assertThat(answer.path("outputs").get(0).path("name").asText()).isEqualTo("score");
    }

    @Test
    void severalOutputsAreTensorsOfTheirNames() throws Exception {
        String input = "{\"inputs\":[{\"name\":\"a\",\"datatype\":\"FP64\",\"shape\":[2],\"data\":[1,2]}]}";
        JsonNode outputs = answer("/v2/models/frame/infer", input).path("outputs");
        assertThat(outputs.get(0).path("data")).hasToString("[0.5,1.0]");
        assertThat(outputs.get(1).path("data")).hasToString("[\"r0\",\"r1\"]");
        JsonNode predictions =
                answer("/serving/frame/invocations", "{\"inputs\":{\"a\":[3]}}").path("predictions");
        assertThat(predictions).hasToString("{\"half\":[1.5],\"label\":[\"r0\"]}");
    }

    @Test
    void grpcIsAnswered() {
        try (GrpcCaller caller = new GrpcCaller(scorer.port())) {
            Proto request = Proto.message().text(1, "obedient");
            for (String column : new String[] {"a", "n"}) {
                request.message(
                        5,
                        InferRequestTest.input(
                                column, "FP64", new long[] {1}, Proto.message().fixed64(7, 1)));
            }
            request.message(
                    5,
                    InferRequestTest.input(
                            "c", "BYTES", new long[] {1}, Proto.message().text(8, "x")));
            assertThat(GrpcIT.score(caller.infer(request))).isEqualTo(3.1);
        }
    }

    @Test
    void aCrashAnErrorAndAHangFailTheirCallsAndNoOther() throws Exception {
        fails(OBEDIENT, record(666), 500, "the model obedient/1 failed: its process ended with exit code 3");
        answers();
        fails(OBEDIENT, record(444), 500, "the model obedient/1 failed: ValueError: the value is not liked");
        answers();
        fails(OBEDIENT, record(777), 504, "the model obedient/1 failed: it did not answer within 3000 ms");
        answers();
    }

    @Test
    void aValueThatTheSignatureDoesNotTakeIsTheCallersFault() throws Exception {
        fails(
                OBEDIENT,
                "{\"records\":[{\"a\":1,\"n\":1.5,\"c\":\"x\",\"event_time\":1364800000000}]}",
                400,
                "the model obedient/1 does not take this: column 'n' is long and cannot be 1.5");
    }

    @Test
    void aModelWhoseEnvironmentIsNotThereIsNotReadyAndHarmsNoOther() throws Exception {
        fails("/endpoints/unprepared/predict", record(1), 503, "endpoint 'unprepared' has no loaded champion yet");
        answers();
    }
}
