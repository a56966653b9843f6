package dev.perennial.server.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.testkit.TemporaryPostgres;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A packaged server on SQLite and one on PostgreSQL, and short ways to ask either. */
abstract class BothDatabases extends MlflowFixture {
    static final String INVALID = "INVALID_PARAMETER_VALUE";
    static final String ABSENT = "RESOURCE_DOES_NOT_EXIST";

    @TempDir
    static Path other;

    static RunningServer postgres;

    @BeforeAll
    static void startTheOther() throws IOException, InterruptedException {
        postgres = RunningServer.start(
                Files.createDirectories(other.resolve("server")),
                List.of(
                        "perennial.database-url=" + TemporaryPostgres.freshDatabase(),
                        "perennial.database-user=" + TemporaryPostgres.USER,
                        "perennial.shared-dir=" + other.resolve("shared")));
    }

    @AfterAll
    static void stopTheOther() {
        if (postgres != null) {
            postgres.close();
        }
    }

    static Stream<RunningServer> both() {
        return Stream.of(server, postgres);
    }

    static JsonNode post(RunningServer at, String call, String body) throws IOException, InterruptedException {
        return done(at.send("POST", API + call, body));
    }

    static JsonNode get(RunningServer at, String call) throws IOException, InterruptedException {
        return done(at.send("GET", API + call, ""));
    }

    private static JsonNode done(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return Json.parse(answer.body());
    }

    static HttpResponse<String> tried(RunningServer at, String call, String body)
            throws IOException, InterruptedException {
        return at.send("POST", API + call, body);
    }

    /** An object of text fields, from names and values in turn. */
    static String body(String... fields) {
        var node = Json.object();
        for (int i = 0; i < fields.length; i += 2) {
            node.put(fields[i], fields[i + 1]);
        }
        return node.toString();
    }

    static String experiment(RunningServer at, String name) throws IOException, InterruptedException {
        return post(at, "experiments/create", body("name", name))
                .path("experiment_id")
                .asText();
    }

    static String run(RunningServer at, String experiment) throws IOException, InterruptedException {
        return post(at, "runs/create", "{\"experiment_id\":\"" + experiment + "\",\"start_time\":1000}")
                .at("/run/info/run_id")
                .asText();
    }

    static JsonNode data(RunningServer at, String run) throws IOException, InterruptedException {
        return get(at, "runs/get?run_id=" + run).at("/run/data");
    }

    /** The value of a key in a list of pairs; empty when it has none. */
    static String value(JsonNode pairs, String key) {
        for (JsonNode pair : pairs) {
            if (pair.path("key").asText().equals(key)) {
                return pair.path("value").asText();
            }
        }
        return "";
    }
}
