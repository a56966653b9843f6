package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.predictionlog.LogRecord;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.SegmentReader;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.TabularModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What was served in a replayed week is what is computed offline: every logged feature of every row equals the one that SQL makes of the
 * sources, and every logged score is the champion's own for these features.
 */
@ExtendWith(Distribution.class)
class ServedEqualsOfflineIT {
    private static final String MODEL = "parcels@week";
    private static final LocalDate FIRST = Parcels.REPLAY_FROM.plusDays(7);
    private static final LocalDate AFTER = FIRST.plusDays(7);
    private static final int ROWS_A_DAY = 72;
    private static final int FEATURES = 6;

    @TempDir
    private Path folder;

    @Test
    void everyRowOfAWeekWasServedAsItIsComputedOffline() throws IOException, SQLException {
        Parcels parcels = Parcels.in(folder.resolve("world"));
        try (Installation installation = Installation.start(folder)) {
            Web web = installation.web();
            LocalDate to = Parcels.REPLAY_FROM.plusDays(15);
            assertThat(web.post("/api/replays", parcels.replay("week", to)).status())
                    .isEqualTo(200);
            Until.isTrue(
                    "the replay has ended",
                    Duration.ofMinutes(6),
                    () -> web.tryGet("/api/replays/week")
                            .filter(replay -> !replay.path("state").asText().equals("RUNNING"))
                            .isPresent());
            assertThat(web.get("/api/replays/week").json().path("state").asText())
                    .as(installation.log())
                    .isEqualTo("DONE");
            featuresAreEqual(
                    web.get("/api/models/" + MODEL + "/versions/2").json().at("/evidence/skew"));
            JsonNode version = web.get("/api/models/" + MODEL + "/versions/1").json();
            scoresAreEqual(installation, version);
            filesAreDownloaded(web, version);
        }
    }

    /** As MLflow's client downloads {@code models:/parcels@week/1}: by the address of the version, file by file. */
    private static void filesAreDownloaded(Web web, JsonNode version) throws IOException {
        String uri = web.get(
                        "/api/2.0/mlflow/model-versions/get-download-uri?version=1&name=" + MODEL.replace("@", "%40"))
                .json()
                .path("artifact_uri")
                .asText();
        assertThat(uri).startsWith("mlflow-artifacts:/");
        String place = "/api/2.0/mlflow-artifacts/artifacts";
        String below = uri.substring(uri.indexOf('/') + 1);
        assertThat(web.get(place + "?path=" + below).json().path("files"))
                .extracting(file -> file.path("path").asText())
                .containsExactly("model.json", "model.perennial.json");
        for (var file :
                Map.of("model.json", "file", "model.perennial.json", "manifest").entrySet()) {
            String digest = version.path(file.getValue()).asText();
            assertThat(Digest.of(web.get(place + "/" + below + "/" + file.getKey())
                                    .body())
                            .hex())
                    .isEqualTo(digest);
            assertThat(Digest.of(web.get("/model-versions/get-artifact?version=1&path=" + file.getKey() + "&name="
                                            + MODEL.replace("@", "%40"))
                                    .body())
                            .hex())
                    .isEqualTo(digest);
        }
    }

    private static void featuresAreEqual(JsonNode skew) {
        assertThat(skew.path("unmatched").asLong()).isZero();
        int days = 0;
        for (JsonNode day : skew.path("days")) {
            LocalDate date = LocalDate.parse(day.path("day").asText());
            if (!date.isBefore(FIRST) && date.isBefore(AFTER)) {
                days++;
                assertThat(day.path("columns")).hasSize(FEATURES);
                for (var column : day.path("columns").properties()) {
                    assertThat(column.getValue().path("rows").asInt()).isEqualTo(ROWS_A_DAY);
                    assertThat(column.getValue().path("equal").asInt())
                            .as(date + " " + column.getKey() + " " + column.getValue())
                            .isEqualTo(ROWS_A_DAY);
                }
            }
        }
        assertThat(days).isEqualTo(7);
    }

    private static void scoresAreEqual(Installation installation, JsonNode version) throws IOException, SQLException {
        Path blobs = installation.data().resolve("blobs");
        long from = FIRST.atStartOfDay(Parcels.ZONE).toInstant().toEpochMilli();
        long to = AFTER.atStartOfDay(Parcels.ZONE).toInstant().toEpochMilli();
        Map<String, Double> served = new HashMap<>();
        try (TabularModel champion = new ModelLoader(installation.data().resolve("native"))
                .loadTabular(
                        blob(blobs, version.path("manifest").asText()),
                        blob(blobs, version.path("file").asText()))) {
            for (String segment : segments(installation.data())) {
                for (LogRecord record : SegmentReader.read(blob(blobs, segment))) {
                    if (record instanceof PredictionRecord prediction
                            && record.eventTime() >= from
                            && record.eventTime() < to) {
                        double offline = champion.score(Row.of(
                                champion.signature(), prediction.features().asMap()));
                        assertThat(prediction.score()).as(prediction.id()).isEqualTo(offline);
                        served.put(prediction.id(), offline);
                    }
                }
            }
        }
        assertThat(served).hasSize(7 * ROWS_A_DAY);
        assertThat(served.values().stream().distinct().count()).isGreaterThan(100);
    }

    private static List<String> segments(Path data) throws SQLException {
        List<String> segments = new ArrayList<>();
        try (Connection connection =
                        DriverManager.getConnection("jdbc:sqlite:file:" + data.resolve("perennial.db") + "?mode=ro");
                ResultSet rows = connection.createStatement().executeQuery("select blob from segment")) {
            while (rows.next()) {
                segments.add(rows.getString(1));
            }
        }
        return segments;
    }

    private static byte[] blob(Path blobs, String digest) throws IOException {
        return Files.readAllBytes(blobs.resolve(digest.substring(0, 2)).resolve(digest.substring(2)));
    }
}
