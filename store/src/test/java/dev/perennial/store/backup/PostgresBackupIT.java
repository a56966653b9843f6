package dev.perennial.store.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.ledgerverifier.LedgerVerifier;
import dev.perennial.ledgerverifier.Report;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.TemporaryPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PostgresBackupIT extends BackupContract {
    @Override
    StoreSettings settings(Path dataDir) {
        return StoreSettings.postgres(
                dataDir, TemporaryPostgres.freshDatabase(), TemporaryPostgres.USER, TemporaryPostgres.PASSWORD);
    }

    @Test
    void theIndependentVerifierFindsTheExportedLedgerGood() {
        write("one");
        store.ledger().seal();
        Path set = backup().folder();

        Report report = LedgerVerifier.verify(set.resolve("ledger"), Optional.of(set.resolve("files/ledger.pub")));

        assertThat(report.status()).as(report.text()).isEqualTo(Report.Status.GOOD);
    }

    @Test
    void textThatLooksLikeTheFormatComesBackAsItWas() {
        String odd = "tab\there\\N \\. line\nend \u00e4 \ud83d\ude00";
        store.database().writing(tx -> tx.sql().execute("insert into note (id, blob) values (?, null)", odd));
        backup();
        StoreSettings target = settings(fresh);
        restore(target);

        try (Store restored = open(target)) {
            assertThat(ids(restored)).containsExactly(odd);
        }
    }

    @Test
    void aDatabaseWithTablesIsRefused() {
        write("one");
        backup();
        StoreSettings used = new StoreSettings(fresh, source.url(), source.user(), source.password(), 0);

        assertThatThrownBy(() -> restore(used))
                .hasMessageStartingWith("the database " + source.url().orElseThrow() + " is not empty, it has ");
        assertThat(fresh).doesNotExist();
    }

    @Test
    void aDamagedTableIsNamed() throws IOException {
        write("one");
        Path table = backup().folder().resolve("tables/note.copy");
        Files.writeString(table, "two\t\\N\n");

        assertThatThrownBy(() -> restore(settings(fresh))).hasMessageContaining(table + ": its digest is ");
    }

    @Test
    void aPostgresBackupDoesNotGoIntoAFile() {
        String name = backup().set().name();

        assertThatThrownBy(() -> restore(StoreSettings.local(fresh)))
                .hasMessage("the backup " + name
                        + " holds a database of PostgreSQL; name an empty PostgreSQL database with database-url");
    }

    @Test
    void aDatabaseThatNoServerUsedIsRefused() throws IOException {
        Path dataDir = Files.createDirectories(folder.resolve("unused"));

        assertThatThrownBy(() -> new Backup(settings(dataDir), backups, clock, line -> {}).run())
                .hasMessageEndingWith(" was never used by a server; check database-url");
    }
}
