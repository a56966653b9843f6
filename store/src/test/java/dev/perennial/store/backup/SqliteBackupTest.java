package dev.perennial.store.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.ledgerverifier.LedgerVerifier;
import dev.perennial.ledgerverifier.Report;
import dev.perennial.store.ChildJvm;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.TemporaryPostgres;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqliteBackupTest extends BackupContract {
    private static final int KILLED = 137;

    @Override
    StoreSettings settings(Path dataDir) {
        return StoreSettings.local(dataDir);
    }

    @Test
    void theIndependentVerifierFindsTheCopyGood() {
        write("one");
        Path set = backup().folder();

        Report report = LedgerVerifier.verify(set, Optional.of(set.resolve("files/ledger.pub")));

        assertThat(report.status()).as(report.text()).isEqualTo(Report.Status.GOOD);
    }

    @Test
    void aDamagedDatabaseIsNamed() throws IOException {
        Path database = backup().folder().resolve("perennial.db");
        try (RandomAccessFile file = new RandomAccessFile(database.toFile(), "rw")) {
            file.seek(5000);
            file.write(7);
        }

        assertThatThrownBy(() -> restore(settings(fresh))).hasMessageContaining(database + ": its digest is ");
        assertThat(fresh).doesNotExist();
    }

    @Test
    void anInstallationAtRestIsBackedUpToo() {
        write("one");
        store.close();
        backup();
        restore(settings(fresh));

        try (Store restored = open(settings(fresh))) {
            assertThat(ids(restored)).containsExactly("one");
        }
        store = open(source);
    }

    @Test
    void aDirectoryWithoutADatabaseIsRefused() {
        StoreSettings nothing = settings(folder.resolve("nothing"));

        assertThatThrownBy(() -> new Backup(nothing, backups, clock, line -> {}).run())
                .hasMessage("there is no data directory " + folder.resolve("nothing") + "; name one with --data-dir");
    }

    @Test
    void aSqliteBackupDoesNotGoIntoPostgres() {
        String name = backup().set().name();
        StoreSettings postgres =
                StoreSettings.postgres(fresh, "jdbc:postgresql://127.0.0.1:1/x", TemporaryPostgres.USER, "");

        assertThatThrownBy(() -> restore(postgres))
                .hasMessage("the backup " + name + " holds a database of SQLite; leave database-url out");
    }

    @ParameterizedTest
    @ValueSource(strings = {"backup.databaseCopied", "backup.beforeManifest"})
    void aKilledBackupIsNoBackupAndTheNextOneGoesOn(String point) throws Exception {
        write("one");
        Process killed = ChildJvm.with(
                        List.of("-Dperennial.crash-at=" + point),
                        BackupProgram.class,
                        "backup",
                        backups.toString(),
                        source.dataDir().toString())
                .start();
        assertThat(killed.waitFor()).isEqualTo(KILLED);

        assertThatThrownBy(() -> restore(settings(fresh)))
                .hasMessageStartingWith("the backup in " + backups + " was interrupted (")
                .hasMessageContaining("run 'perennial backup' again");
        Backup.Done done = backup();
        assertThat(done.newBlobs()).isEqualTo(point.equals("backup.beforeManifest") ? 0 : 1);
        assertThat(done.set().blobs()).isEqualTo(1);
        try (var left = Files.list(backups)) {
            assertThat(left.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "blobs", "perennial-backup", done.set().name());
        }
    }

    @Test
    void theProgramTellsProgressAndResultAsJson() throws Exception {
        write("one");
        Process program = ChildJvm.of(
                        BackupProgram.class,
                        "backup",
                        backups.toString(),
                        source.dataDir().toString())
                .start();
        List<String> lines = program.inputReader().lines().toList();

        assertThat(program.waitFor()).isZero();
        assertThat(lines.getFirst()).contains("\"event\":\"progress\"");
        assertThat(lines.getLast()).contains("\"event\":\"done\"").contains("\"blobs\":1");
    }

    @Test
    void theProgramTellsAFailureAsJson() throws Exception {
        Process program = ChildJvm.of(BackupProgram.class, "restore", backups.toString(), fresh.toString())
                .start();
        List<String> lines = program.inputReader().lines().toList();

        assertThat(program.waitFor()).isZero();
        assertThat(lines.getLast()).contains("\"event\":\"failed\"").contains("holds no backup; name the folder");
    }
}
