package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Files are scored by the programs that a user gets; command line, server and worker are killed under a job. */
@ExtendWith(Distribution.class)
class ScoreFilesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int MANY = 600_000;
    private static final int HALF = 400_000;

    @TempDir
    private static Path folder;

    private static Installation installation;

    @BeforeAll
    static void start() throws IOException {
        ScorableModel.into(folder.resolve("data"));
        installation = Installation.start(folder);
    }

    @AfterAll
    static void end() {
        if (installation != null) {
            installation.close();
        }
    }

    private static CommandLineRun perennial(String... arguments) {
        return CommandLineRun.of(folder, server(), arguments);
    }

    private static Map<String, String> server() {
        return Map.of("PERENNIAL_SERVER", "http://127.0.0.1:" + installation.port(), "HOME", folder.toString());
    }

    @Test
    void aFileIsScoredByTheChampionOfAnEndpoint() throws IOException {
        Path file = Files.writeString(folder.resolve("few.csv"), ScorableModel.csv(1_000));
        CommandLineRun run = perennial("score", file.toString(), "--endpoint", "frames");
        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.out()).isEqualTo("1,000 rows: " + folder.resolve("few.scored.csv") + "\n");
        assertThat(run.err()).contains("few.csv by version frames/1");
        assertThat(folder.resolve("few.scored.csv"))
                .content()
                .isEqualTo(String.join("\n", ScorableModel.scored(1_000)) + "\n");
        assertThat(perennial("scorings", "list").out()).contains("few.csv", "frames/1", "DONE", "1000");
    }

    @Test
    void aFileThatDoesNotFitIsRefusedWithTheReason() throws IOException {
        Files.writeString(folder.resolve("other.csv"), "a,b\n1,2\n");
        CommandLineRun run = perennial("score", "other.csv", "--model", "frames/1");
        assertThat(run.exit()).isEqualTo(3);
        assertThat(run.err()).contains("failed: score: the file has no column f 0, f 1,");
        assertThat(folder.resolve("other.scored.csv")).doesNotExist();
    }

    @Test
    void aJobOutlivesTheDeathOfCommandLineServerAndWorker() throws Exception {
        Path file = Files.writeString(folder.resolve("many.csv"), ScorableModel.csv(MANY));
        Process command = CommandLineRun.started(
                folder,
                server(),
                folder.resolve("out"),
                folder.resolve("err"),
                "score",
                file.toString(),
                "--endpoint",
                "frames");
        JsonNode job = Until.isThere(
                "the job",
                PATIENCE,
                () -> installation
                        .web()
                        .tryGet("/api/scorings?limit=1")
                        .map(list -> list.path("items").path(0))
                        .filter(item -> item.path("name").asText().equals("many.csv")));
        String id = job.path("id").asText();
        Path parts = folder.resolve("data").resolve("scorings").resolve(id).resolve("parts");
        awaitParts(parts, 2);
        command.destroyForcibly().onExit().join();
        assertThat(installation.killWorkers()).isPositive();
        awaitParts(parts, 5);
        installation.killServer();
        installation.killWorkers();
        installation.startServer();
        Until.isTrue("the job is done", PATIENCE, () -> state(id).equals("DONE"));
        assertThat(Files.readString(folder.resolve("many.scored.csv")))
                .isEqualTo(String.join("\n", ScorableModel.scored(MANY)) + "\n");
        assertThat(installation
                        .web()
                        .get("/api/scorings/" + id)
                        .json()
                        .path("rows")
                        .asInt())
                .isEqualTo(MANY);
        assertThat(folder.toFile().list((dir, name) -> name.startsWith("."))).isEmpty();
    }

    @Test
    void aJobIsCancelledInTheMiddleAndGoesOnLater() throws IOException {
        Path file = Files.writeString(folder.resolve("half.csv"), ScorableModel.csv(HALF));
        CommandLineRun begun = perennial("score", file.toString(), "--endpoint", "frames", "--no-wait");
        String id = begun.out().strip();
        Path parts = folder.resolve("data/scorings").resolve(id).resolve("parts");
        awaitParts(parts, 1);
        // not by the command line, which may take longer to start than the job has left
        assertThat(installation
                        .web()
                        .post("/api/scorings/" + id + "/cancel", "{}")
                        .status())
                .isEqualTo(200);
        Until.isTrue("the job has ended", PATIENCE, () -> state(id).equals("CANCELLED"));
        assertThat(perennial("scorings", "cancel", id).exit())
                .as("a second time")
                .isZero();
        assertThat(folder.resolve("half.scored.csv")).doesNotExist();
        assertThat(perennial("scorings", "resume", id).out()).contains("RUNNING");
        Until.isTrue("the job is done", PATIENCE, () -> state(id).equals("DONE"));
        assertThat(Files.readString(folder.resolve("half.scored.csv")))
                .isEqualTo(String.join("\n", ScorableModel.scored(HALF)) + "\n");
    }

    private static void awaitParts(Path parts, int count) {
        Until.isTrue(count + " parts", PATIENCE, () -> {
            String[] there = parts.toFile().list();
            return there != null && there.length >= count;
        });
    }

    private static String state(String id) {
        return installation
                .web()
                .tryGet("/api/scorings/" + id)
                .map(view -> view.path("state").asText())
                .orElse("");
    }

    @Test
    void aFileThatIsSentIsScoredAndTheResultIsKept() throws IOException {
        String text = ScorableModel.csv(10);
        JsonNode order = Json.object()
                .put("model", "models:/frames/1")
                .put("name", "sent.csv")
                .put("digest", dev.perennial.kernel.Digest.of(text).hex());
        String id = installation
                .web()
                .post("/api/scorings", order)
                .json()
                .path("id")
                .asText();
        assertThat(state(id)).isEqualTo("WAITING");
        Web.Answer taken = installation
                .web()
                .send(
                        "PUT",
                        "/api/scorings/" + id + "/input",
                        java.util.List.of("Content-Type: application/octet-stream"),
                        text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(taken.status()).as(taken.body()).isEqualTo(200);
        Until.isTrue("the job is done", PATIENCE, () -> state(id).equals("DONE"));
        CommandLineRun fetched = perennial("scorings", "fetch", id, "--to", "fetched.csv");
        assertThat(fetched.exit()).as(fetched.err()).isZero();
        assertThat(folder.resolve("fetched.csv"))
                .content()
                .isEqualTo(String.join("\n", ScorableModel.scored(10)) + "\n");
    }
}
