package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code gc} against a server that clients write to. */
@ExtendWith(Distribution.class)
class GarbageUnderWritesIT {
    @TempDir
    private static Path folder;

    private static Installation installation;

    @BeforeAll
    static void start() throws IOException {
        installation = Installation.start(folder);
    }

    @AfterAll
    static void end() {
        if (installation != null) {
            installation.close();
        }
    }

    private static CommandLineRun gc(String... more) {
        List<String> arguments =
                new ArrayList<>(List.of("gc", "--data-dir", installation.data().toString(), "-o", "json"));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(folder, Map.of("PERENNIAL_SERVER", url()), arguments.toArray(String[]::new));
    }

    private static String url() {
        return "http://127.0.0.1:" + installation.port();
    }

    private static JsonNode mlflow(String call, ObjectNode body) throws IOException {
        Web.Answer answer = installation.web().post("/api/2.0/mlflow/" + call, body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }

    @Test
    void deletedRunsGoWhileClientsWriteAndNothingElseDoes() throws Exception {
        List<String> deleted = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String run = mlflow("runs/create", Json.object().put("experiment_id", "0"))
                    .at("/run/info/run_id")
                    .asText();
            mlflow(
                    "runs/log-metric",
                    Json.object()
                            .put("run_id", run)
                            .put("key", "k")
                            .put("value", 1)
                            .put("timestamp", 1));
            mlflow("runs/delete", Json.object().put("run_id", run));
            deleted.add(run);
        }
        try (WritingClients clients = WritingClients.start(installation.port(), 4)) {
            clients.awaitAcknowledged(50);
            CommandLineRun told = gc("--older-than", "0d", "--dry-run");
            CommandLineRun done = gc("--older-than", "0d");
            clients.awaitAcknowledged(clients.acknowledged().size() + 50);
            clients.stop();

            assertThat(Json.parse(told.out()).path("runs").asInt())
                    .as(told.err())
                    .isEqualTo(20);
            assertThat(done.exit()).as(done.err()).isZero();
            assertThat(Json.parse(done.out()).path("runs").asInt()).isEqualTo(20);
            assertThat(Json.parse(done.out()).path("points").asInt()).isEqualTo(20);
            assertThat(clients.refused()).isZero();
            clients.check(clients.acknowledged());
        }
        assertThat(installation
                        .web()
                        .get("/api/2.0/mlflow/runs/get?run_id=" + deleted.getFirst())
                        .status())
                .isEqualTo(404);
    }

    @Test
    void anAgeThatIsNoneIsRefusedBeforeTheServerIsAsked() {
        CommandLineRun refused = gc("--older-than", "soon");

        assertThat(refused.exit()).isEqualTo(64);
        assertThat(refused.err()).contains("age 'soon' is not a number with s, m, h or d, for example 30d");
    }

    @Test
    void badBodiesAreRefusedByField() throws IOException {
        Web web = installation.web();

        assertThat(web.post("/api/gc", "{\"olderThanMillis\":-1}").status()).isEqualTo(400);
        assertThat(web.post("/api/gc", "{\"olderThanMillis\":0,\"dryRun\":\"yes\"}")
                        .body())
                .contains("'dryRun' must be true or false");
        assertThat(web.post("/api/gc", "{\"olderThan\":0}").status()).isEqualTo(400);
        assertThat(web.get("/api/gc").json().path("state").asText()).isIn("NONE", "DONE");
    }
}
