package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 in the middle of eight writing clients: what was acknowledged is there, and nothing is there twice. */
@ExtendWith(Distribution.class)
class KillRoundsIT {
    private static final int CLIENTS = 8;
    private static final int ROUNDS = 5;
    private static final int ROUNDS_LONG = 50;
    private static final int WRITES_MAX = 400;

    @TempDir
    private Path folder;

    @Test
    void fiveKillsLoseNothing() throws Exception {
        kill(ROUNDS, 5);
    }

    @Test
    @Tag("long")
    void fiftyKillsLoseNothing() throws Exception {
        kill(ROUNDS_LONG, 50);
    }

    private void kill(int rounds, long seed) throws IOException, InterruptedException {
        SplittableRandom random = new SplittableRandom(seed);
        int writes = 0;
        try (Installation installation = Installation.start(folder)) {
            for (int round = 1; round <= rounds; round++) {
                List<WritingClients.Written> acknowledged;
                try (WritingClients clients = WritingClients.start(installation.port(), CLIENTS)) {
                    clients.awaitAcknowledged(1 + random.nextInt(WRITES_MAX));
                    installation.killServer();
                    clients.stop();
                    acknowledged = clients.acknowledged();
                    assertThat(clients.refused())
                            .as("answers that were refusals")
                            .isZero();
                }
                writes += acknowledged.size();
                installation.startServer();
                try (WritingClients reader = WritingClients.reader(installation.port())) {
                    reader.check(acknowledged);
                }
                System.out.println("round " + round + ": " + acknowledged.size() + " acknowledged writes are there");
            }
            String data = installation.data().toString();
            CommandLineRun ledger = CommandLineRun.of(folder, "ledger", "verify", data);
            assertThat(ledger.exit()).as(ledger.out()).isZero();
        }
        System.out.println(rounds + " kills, " + writes + " acknowledged writes, none lost, none twice");
    }
}
