package dev.perennial.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.ledgerverifier.LedgerVerifier;
import dev.perennial.ledgerverifier.Report;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was acknowledged survives kill -9, and row and ledger entry are there together or not at all. */
class KillIT {
    private static final int KILLS = 20;
    private static final int ACKNOWLEDGED_MAX = 120;
    private static final int KILLED_BY_ITSELF = 137;

    @TempDir
    Path folder;

    private final int[] acknowledged = new int[KilledWriter.THREADS];

    @Test
    void nothingAcknowledgedIsLostByTwentyKills() throws Exception {
        SplittableRandom random = new SplittableRandom(20);
        for (int i = 0; i < KILLS; i++) {
            int after = 1 + random.nextInt(ACKNOWLEDGED_MAX);
            Process process = ChildJvm.of(KilledWriter.class, folder.toString()).start();
            try (BufferedReader out = process.inputReader()) {
                for (int seen = 0; seen < after; seen++) {
                    note(out.readLine());
                }
                // Through the handle: destroying the process object would close its output too.
                process.toHandle().destroyForcibly();
                // What it printed before it died was acknowledged too.
                for (String line = out.readLine(); line != null; line = out.readLine()) {
                    note(line);
                }
            }
            process.waitFor();
            checkAll();
        }
        assertThat(acknowledged).doesNotContain(0);
        try (var libraries = Files.list(folder.resolve("native"))) {
            assertThat(libraries).as("libraries of killed processes").hasSizeLessThanOrEqualTo(2);
        }
    }

    @Test
    void aDeathAroundTheCommitKeepsRowAndEntryTogether() throws Exception {
        for (String point :
                List.of("store.beforeCommit:4", "store.afterCommit:4", "store.beforeCommit:9", "store.afterCommit:9")) {
            Process process = ChildJvm.with(
                            List.of("-Dperennial.crash-at=" + point), KilledWriter.class, folder.toString())
                    .start();
            try (BufferedReader out = process.inputReader()) {
                for (String line = out.readLine(); line != null; line = out.readLine()) {
                    note(line);
                }
            }
            assertThat(process.waitFor()).isEqualTo(KILLED_BY_ITSELF);
            checkAll();
        }
    }

    /** A line may be cut by the kill; then it counts as not printed. */
    private void note(String line) {
        assertThat(line).as("the writer ended by itself").isNotNull();
        String[] parts = line.split(" ");
        if (parts.length == 2 && !parts[1].isEmpty()) {
            int thread = Integer.parseInt(parts[0]);
            acknowledged[thread] = Math.max(acknowledged[thread], Integer.parseInt(parts[1]));
        }
    }

    private void checkAll() throws SQLException, IOException {
        Report report = LedgerVerifier.verify(folder, Optional.empty());
        assertThat(report.status()).as(report.text()).isEqualTo(Report.Status.GOOD);
        try (Connection connection =
                        DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("perennial.db") + "?open_mode=1");
                Statement statement = connection.createStatement()) {
            for (int thread = 0; thread < KilledWriter.THREADS; thread++) {
                int rows = one(statement, "select count(*) from written where thread = " + thread);
                int highest = one(statement, "select coalesce(max(n), 0) from written where thread = " + thread);
                int entries =
                        one(statement, "select count(*) from ledger_entry where stream = 'model:m" + thread + "'");
                assertThat(rows).isEqualTo(highest).isEqualTo(entries).isGreaterThanOrEqualTo(acknowledged[thread]);
            }
        }
    }

    private static int one(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getInt(1);
        }
    }
}
