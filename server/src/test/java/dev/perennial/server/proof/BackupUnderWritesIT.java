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
}
