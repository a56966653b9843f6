package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.testkit.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full: governed writes are refused clearly, scoring goes on and says what it cannot do. */
@ExtendWith(Distribution.class)
class FullDiskIT {
    private static final String MODEL = "parcels@disk";
    private static final int WRITES_MAX = 3_000;

    @TempDir
    private Path folder;

    @Test
    void governedWritesAreRefusedAndScoringGoesOn() throws IOException {
        Parcels parcels = Parcels.in(folder.resolve("world"));
        try (Installation installation = Installation.start(folder)) {
            serve(installation, parcels);
            installation.killServer();
            long size = Files.size(installation.data().resolve("perennial.db"));
            installation.startServer("-Dperennial.database-size-limit=" + (size + (256 << 10)));

            int acknowledged = writeUntilFull(installation.web());
            assertThat(new Web(installation.scorer().getPort())
                            .post("/endpoints/" + MODEL + "/predict", record("p1"))
                            .status())
                    .isEqualTo(200);
            assertThat(installation.web().get("/api/models/" + MODEL).status()).isEqualTo(200);

            installation.killServer();
            installation.startServer();
            assertThat(decisions(installation.web())).isEqualTo(acknowledged + 3);
            assertThat(act(installation.web(), "pause").status()).isIn(200, 400);
            Until.isTrue(
                    "the prediction arrives after all",
                    Duration.ofSeconds(60),
                    () -> installation
                            .web()
                            .tryGet("/api/models/" + MODEL)
                            .filter(model -> model.path("records").asLong() == 1)
                            .isPresent());
            scoringGoesOnWithAFullSpool(installation);
        }
    }

    /** A second scorer whose spool takes next to nothing, while no server takes its segments. */
    private void scoringGoesOnWithAFullSpool(Installation installation) throws IOException {
        Path spool = Files.createDirectories(folder.resolve("small-spool"));
        int port = FreePort.any();
        Process scorer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        Distribution.folder().resolve("scorer") + "/*",
                        "dev.perennial.scorer.ScorerMain",
                        "--server",
                        "http://127.0.0.1:" + installation.port(),
                        "--id",
                        "small",
                        "--port",
                        Integer.toString(port),
                        "--spool",
                        spool.toString(),
                        "--spool-bytes",
                        "20000",
                        "--segment-bytes",
                        "4000",
                        "--blobs",
                        installation.data().resolve("blobs").toString(),
                        "--token-file",
                        installation.data().resolve("internal.token").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("small.log").toFile())
                .start();
        try {
            Web web = new Web(port);
            Until.isTrue(
                    "the second scorer serves",
                    Duration.ofSeconds(60),
                    () -> web.tryGet("/v2/models/" + MODEL + "/ready").isPresent());
            installation.killServer();
            boolean said = false;
            for (int i = 0; i < WRITES_MAX && !said; i++) {
                Web.Answer answer = web.post("/endpoints/" + MODEL + "/predict", record("s" + i));
                assertThat(answer.status()).isEqualTo(200);
                said = answer.head().contains("X-Perennial-Logged: no");
            }
            assertThat(said).as("the scorer says that it cannot log").isTrue();
            assertThat(web.get("/healthz").json().path("log").asText()).isNotEqualTo("ok");
        } finally {
            scorer.destroyForcibly().onExit().join();
        }
    }

    private static void serve(Installation installation, Parcels parcels) throws IOException {
        assertThat(installation
                        .web()
                        .post("/api/lifecycle/apply", parcels.apply("disk", Parcels.REPLAY_FROM))
                        .status())
                .isEqualTo(200);
        Until.isTrue(
                "the first version serves",
                Duration.ofSeconds(180),
                () -> installation
                        .web()
                        .tryGet("/api/models/" + MODEL)
                        .filter(model -> model.path("state").asText().equals("SERVING"))
                        .isPresent());
        Until.isTrue(
                "the scorer serves it",
                Duration.ofSeconds(60),
                () -> new Web(installation.scorer().getPort())
                        .tryGet("/v2/models/" + MODEL + "/ready")
                        .isPresent());
    }

    /** Returns how many writes were acknowledged before the first was refused. */
    private static int writeUntilFull(Web web) throws IOException {
        for (int i = 0; i < WRITES_MAX; i++) {
            Web.Answer answer = act(web, i % 2 == 0 ? "pause" : "resume");
            if (answer.status() != 200) {
                JsonNode error = answer.json().path("error");
                assertThat(answer.status()).as(answer.body()).isEqualTo(507);
                assertThat(error.path("code").asText()).isEqualTo("STORAGE_FULL");
                assertThat(error.path("message").asText()).isNotBlank();
                return i;
            }
        }
        throw new AssertionError("the database took " + WRITES_MAX + " writes and was not full");
    }

    private static Web.Answer act(Web web, String act) throws IOException {
        return web.post(
                "/api/models/" + MODEL + "/" + act,
                Json.object().put("by", "ann").put("reason", "x".repeat(1900)));
    }

    private static int decisions(Web web) throws IOException {
        int count = 0;
        String token = "";
        do {
            JsonNode page = web.get("/api/models/" + MODEL + "/decisions?limit=1000" + token)
                    .json();
            count += page.path("items").size();
            token = page.hasNonNull("next") ? "&page_token=" + page.get("next").asText() : "";
        } while (!token.isEmpty());
        return count;
    }

    private static ObjectNode record(String id) {
        ObjectNode body = Json.object();
        body.putArray("records")
                .addObject()
                .put("parcel_id", id)
                .put("region", "north")
                .put("plan", "a")
                .put("weight", 0.25)
                .put("hour", 9)
                .put("load", 0.5)
                .put("region_late_3d", 0.5)
                .put("event_time", Parcels.six(Parcels.REPLAY_FROM));
        return body;
    }
}
