package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Loading and unloading by clients: the server decides, and this scorer follows before it answers. */
class LoadingIT {
    private static final String LOAD = "/v2/repository/models/m/load";
    private static final String UNLOAD = "/v2/repository/models/m/unload";

    @TempDir
    Path folder;

    private ControlServer server;
    private ScorerProcess scorer;
    private Caller caller;
    private String champion = "";
    private String warm = "";

    @BeforeEach
    void start() throws Exception {
        server = new ControlServer();
        Models models = new Models(folder.resolve("blobs"));
        champion = Models.variant("m/1", "champion", 10_000, models.model(0.25, "x", "c"));
        warm = Models.variant("m/2", "warm", 0, models.model(0.75, "x", "c"));
        scorer = server.scorer(folder);
        caller = new Caller(scorer.url());
        server.apply(1, Models.config(1, 0, "null", champion, warm));
    }

    @AfterEach
    void stop() {
        caller.close();
        scorer.close();
        server.close();
        assertThat(server.violations()).isEmpty();
    }

    private String unloaded() {
        return warm.substring(0, warm.length() - 1) + ",\"unloadedBy\":\"user:ann\"}";
    }

    private int asked(String version) throws IOException, InterruptedException {
        return caller.get("/v2/models/m/versions/" + version + "/ready").status();
    }

    @Test
    void theCallReturnsWhenThisScorerHasFollowed() throws Exception {
        server.ahead(1);
        CompletableFuture<Caller.Reply> answer = CompletableFuture.supplyAsync(() -> {
            try {
                return caller.post(UNLOAD, "{\"parameters\":{\"versions\":[\"2\"]}}");
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        server.await("the wish", () -> !server.wishes().isEmpty());
        assertThat(answer).isNotDone();
        server.configure(2, Models.config(2, 0, "null", champion, unloaded()));
        assertThat(answer.get(30, TimeUnit.SECONDS).status()).isEqualTo(200);
        assertThat(asked("2")).isEqualTo(503);
        assertThat(server.wishes()).containsExactly("null {\"endpoint\":\"m\",\"load\":false,\"versions\":[\"2\"]}");
    }

    @Test
    void whatWasUnloadedAnswersNobodyAndSaysWhoUnloadedIt() throws Exception {
        server.apply(2, Models.config(2, 0, "null", champion, unloaded()));
        Caller.Reply refused = caller.get("/v2/models/m/versions/2");
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.json().path("error").asText())
                .isEqualTo("version m/2 of endpoint 'm' was unloaded by user:ann; load it again first");
        assertThat(asked("1")).isEqualTo(200);
        assertThat(asked("3")).isEqualTo(404);
        assertThat(caller.get("/metrics").text()).contains("perennial_scorer_models_loaded{} 1");
        server.apply(3, Models.config(3, 0, "null", champion, warm));
        assertThat(asked("2")).isEqualTo(200);
    }

    @Test
    void theIndexTellsWhatIsUnloadedUnlessOnlyWhatIsReadyIsWanted() throws Exception {
        server.apply(2, Models.config(2, 0, "null", champion, unloaded()));
        JsonNode all = caller.post("/v2/repository/index", "").json();
        assertThat(all.toString())
                .isEqualTo(
                        "[{\"name\":\"m\",\"version\":\"1\",\"state\":\"READY\",\"reason\":\"\"},"
                                + "{\"name\":\"m\",\"version\":\"2\",\"state\":\"UNAVAILABLE\",\"reason\":\"unloaded by user:ann\"}]");
        assertThat(caller.post("/v2/repository/index", "{\"ready\":true}").json())
                .hasSize(1);
    }

    @Test
    void theServersRefusalIsTheCallers() throws Exception {
        Caller.Reply refused = caller.post(UNLOAD, "");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.json().path("error").asText()).isEqualTo("version m/1 is its champion and takes traffic");
    }

    @Test
    void withoutItsServerNothingIsLoadedOrUnloaded() throws Exception {
        server.stop();
        Caller.Reply refused = caller.post(LOAD, "");
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.json().path("error").asText())
                .startsWith("the server, which decides what is loaded, is away; ask again");
        assertThat(asked("2")).isEqualTo(200);
        server.start();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "load | {} | []",
                "load | {\"parameters\":{}} | []",
                "load | {\"parameters\":{\"config\":\"{}\"}} | []",
                "load | {\"parameters\":{\"config\":\"{\\\"version_policy\\\":{\\\"all\\\":{}}}\"}} | []",
                "load | {\"parameters\":{\"config\":\"{\\\"version_policy\\\":{\\\"specific\\\":{\\\"versions\\\":[1,2]}}}\"}} | [\"1\",\"2\"]",
                "unload | {\"parameters\":{\"unload_dependents\":true,\"versions\":\"2, 3\"}} | [\"2\",\"3\"]",
            })
    void whichVersionsAreMeantIsPassedOn(String action, String body, String versions) throws Exception {
        caller.post(action.equals("load") ? LOAD : UNLOAD, body);
        String wish = server.wishes().getFirst();
        assertThat(Json.parse(wish.substring(5)).path("versions")).hasToString(versions);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "load | {\"parameters\":{\"file:1/m.onnx\":\"eA==\"}} | 501 | files are never taken",
                "load | {\"parameters\":{\"config\":\"{\\\"backend\\\":\\\"onnx\\\"}\"}} | 501 | of a configuration cannot be chosen",
                "load | {\"parameters\":{\"config\":\"{\\\"version_policy\\\":{\\\"latest\\\":{}}}\"}} | 501 | version policy 'latest'",
                "load | {\"parameters\":{\"config\":\"{\"}} | 400 | ",
                "load | {\"parameters\":{\"versions\":[1]}} | 400 | unknown parameter 'versions'; config is known",
                "unload | {\"parameters\":{\"versions\":[]}} | 400 | must name at least one",
                "unload | {\"parameters\":[]} | 400 | an object 'parameters'",
                "unload | [] | 400 | an object 'parameters'",
            })
    void whatCannotBeMeantIsRefusedHere(String action, String body, int status, String why) throws Exception {
        Caller.Reply refused = caller.post(action.equals("load") ? LOAD : UNLOAD, body);
        assertThat(refused.status()).as(refused.text()).isEqualTo(status);
        assertThat(refused.text()).contains(why == null ? "" : why);
        assertThat(server.wishes()).isEmpty();
    }
}
