package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The commands {@code backup} and {@code restore} against a server that clients write to. */
@ExtendWith(Distribution.class)
class BackupUnderWritesIT {
    private static final int CLIENTS = 4;
    private static final int WRITES_BEFORE = 200;

    @TempDir
    private Path folder;

    @Test
    void theRestoredServerHasEveryWriteThatWasAcknowledgedBeforeTheBackup() throws Exception {
        Path backups = folder.resolve("backups");
        Path fresh = folder.resolve("restored").resolve("data");
        List<WritingClients.Written> before;
        try (Installation installation = Installation.start(folder);
                WritingClients clients = WritingClients.start(installation.port(), CLIENTS)) {
            before = clients.awaitAcknowledged(WRITES_BEFORE);
            String data = installation.data().toString();

            CommandLineRun first = CommandLineRun.of(folder, "backup", backups.toString(), "--data-dir", data);
            int during = clients.acknowledged().size();
            CommandLineRun second =
                    CommandLineRun.of(folder, "backup", backups.toString(), "--data-dir", data, "-o", "json");

            assertThat(first.exit()).as(first.err()).isZero();
            assertThat(first.out()).contains("ledger    GOOD");
            assertThat(first.err()).contains("the copy holds the signing keys");
            assertThat(during).as("clients went on writing").isGreaterThan(before.size());
            assertThat(second.exit()).as(second.err()).isZero();
            theLedgerTellsOf(installation, Json.parse(second.out()).path("set").asText());
            assertThat(Json.parse(second.out()).path("newBlobs").asLong())
                    .isPositive()
                    .isLessThan(Json.parse(second.out()).path("blobs").asLong());
            clients.stop();
            assertThat(clients.refused()).isZero();
            assertThat(installation.stopServer(Duration.ofSeconds(60))).isIn(0, 143);
        }

        CommandLineRun restored =
                CommandLineRun.of(folder, "restore", backups.toString(), "--data-dir", fresh.toString());

        assertThat(restored.exit()).as(restored.err()).isZero();
        assertThat(restored.out()).contains("perennial server --data-dir " + fresh);
        try (Installation again = Installation.start(folder.resolve("restored"));
                WritingClients reader = WritingClients.reader(again.port())) {
            reader.check(before);
            assertThat(again.web().get("/api/ledger").status()).isEqualTo(200);
        }
        CommandLineRun twice = CommandLineRun.of(folder, "restore", backups.toString(), "--data-dir", fresh.toString());
        assertThat(twice.exit()).isEqualTo(6);
        assertThat(twice.err()).contains(fresh + " is not empty");
    }

    /** Restores into a new data directory, with a folder that it first refuses to do without. */
    private void restoredWith(String option, Path place) throws IOException, InterruptedException {
        String backups = folder.resolve("backups").toString();
        String fresh = folder.resolve("restored").resolve("data").toString();
        CommandLineRun unnamed = CommandLineRun.of(folder, "restore", backups, "--data-dir", fresh);
        assertThat(unnamed.exit()).isEqualTo(1);
        assertThat(unnamed.err()).contains("name a new or empty folder for them with " + option);
        CommandLineRun restored =
                CommandLineRun.of(folder, "restore", backups, "--data-dir", fresh, option, place.toString());
        assertThat(restored.exit()).as(restored.err()).isZero();
        assertThat(restored.out()).contains(option + " " + place).contains("GOOD");
    }

    @Test
    void whatClientsWroteIntoTheDefaultRootIsThereAgainWhereItsRunNamesIt() throws Exception {
        Path backups = folder.resolve("backups");
        Path root = folder.resolve("root");
        String[] option = {"-Dperennial.default-artifact-root=" + root};
        String run;
        Path file;
        try (Installation installation = Installation.start(folder, option)) {
            String experiment = installation
                    .web()
                    .post("/api/2.0/mlflow/experiments/create", "{\"name\":\"own files\"}")
                    .json()
                    .path("experiment_id")
                    .asText();
            JsonNode info = installation
                    .web()
                    .post("/api/2.0/mlflow/runs/create", "{\"experiment_id\":\"" + experiment + "\"}")
                    .json()
                    .at("/run/info");
            run = info.path("run_id").asText();
            file = Path.of(URI.create(info.path("artifact_uri").asText())).resolve("model/weights.txt");
            Files.createDirectories(file.getParent());
            Files.writeString(file, "1234");
            String data = installation.data().toString();

            CommandLineRun done = CommandLineRun.of(folder, "backup", backups.toString(), "--data-dir", data);

            assertThat(done.exit()).as(done.err()).isZero();
            assertThat(done.out()).contains("root      1 plain files with 4 bytes of " + root);
        }
        Files.move(root, folder.resolve("lost"));
        restoredWith("--default-artifact-root", root);
        assertThat(file).hasContent("1234");
        try (Installation again = Installation.start(folder.resolve("restored"), option)) {
            assertThat(again.web()
                            .get("/api/2.0/mlflow/artifacts/list?path=model&run_id=" + run)
                            .json()
                            .at("/files/0/path")
                            .asText())
                    .isEqualTo("model/weights.txt");
        }
    }

    private static void theLedgerTellsOf(Installation installation, String set) {
        Until.isTrue(
                "the ledger tells of the backup " + set,
                Duration.ofSeconds(30),
                () -> installation
                        .web()
                        .tryGet("/api/ledger/entries?stream=system")
                        .filter(page -> page.toString().contains("backup:" + set))
                        .isPresent());
    }

    @Test
    void plainFilesOfADestinationAreRestoredWithTheRunsThatTheyBelongTo() throws Exception {
        Path backups = folder.resolve("backups");
        Path plain = folder.resolve("mlartifacts");
        Path plainAgain = folder.resolve("restored").resolve("mlartifacts");
        List<WritingClients.Written> before;
        try (Installation installation = Installation.start(folder, "-Dperennial.artifacts-destination=" + plain);
                WritingClients clients = WritingClients.start(installation.port(), CLIENTS)) {
            before = clients.awaitAcknowledged(WRITES_BEFORE);
            String data = installation.data().toString();

            CommandLineRun done = CommandLineRun.of(folder, "backup", backups.toString(), "--data-dir", data);

            assertThat(done.exit()).as(done.err()).isZero();
            assertThat(done.out()).contains("plain files with").contains(plain.toString());
            clients.stop();
        }

        restoredWith("--artifacts-destination", plainAgain);

        try (Installation again = Installation.start(
                        folder.resolve("restored"), "-Dperennial.artifacts-destination=" + plainAgain);
                WritingClients reader = WritingClients.reader(again.port())) {
            reader.check(before);
        }
    }
}
