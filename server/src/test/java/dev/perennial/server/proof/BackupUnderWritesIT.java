package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Json;
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
        Path fresh = folder.resolve("restored").resolve("data");
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

        String[] restore = {"restore", backups.toString(), "--data-dir", fresh.toString()};
        CommandLineRun unnamed = CommandLineRun.of(folder, restore);
        assertThat(unnamed.exit()).isEqualTo(1);
        assertThat(unnamed.err()).contains("name a new or empty folder for them with --artifacts-destination");
        String[] named = java.util.Arrays.copyOf(restore, restore.length + 2);
        named[restore.length] = "--artifacts-destination";
        named[restore.length + 1] = plainAgain.toString();
        CommandLineRun restored = CommandLineRun.of(folder, named);
        assertThat(restored.exit()).as(restored.err()).isZero();
        assertThat(restored.out())
                .contains("--artifacts-destination " + plainAgain)
                .contains("GOOD");

        try (Installation again = Installation.start(
                        folder.resolve("restored"), "-Dperennial.artifacts-destination=" + plainAgain);
                WritingClients reader = WritingClients.reader(again.port())) {
            reader.check(before);
        }
    }
}
