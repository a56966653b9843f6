package dev.perennial.store.backup;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.store.ledger.LedgerEvent;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An installation whose rows each name a blob and have a ledger entry, and a place for its backups. */
abstract class BackupFixture {
    @TempDir
    Path folder;

    final TestClock clock = TestClock.fixed();
    StoreSettings source;
    Store store;
    Path backups;
    Path fresh;

    /** Settings of an empty installation. */
    abstract StoreSettings settings(Path dataDir);

    @BeforeEach
    void open() {
        source = settings(folder.resolve("data"));
        backups = folder.resolve("backups");
        fresh = folder.resolve("fresh");
        store = open(source);
    }

    @AfterEach
    void close() {
        store.close();
    }

    Store open(StoreSettings settings) {
        return Store.open(settings, clock, SeededIds.of(1, clock), new SecureRandom());
    }

    Digest write(String id) {
        return write(store, id, ("text of " + id).getBytes(StandardCharsets.UTF_8));
    }

    static Digest write(Store store, String id, byte[] bytes) {
        Digest blob = store.blobs().put(bytes);
        store.database().writing(tx -> {
            tx.sql().execute("insert into note (id, blob) values (?, ?)", id, blob.hex());
            tx.ledger(new LedgerEvent(
                    "model:notes",
                    "user:test",
                    "tag.set",
                    "note:" + id,
                    1,
                    Json.object().put("blob", blob.hex())));
        });
        return blob;
    }

    Backup.Done backup() {
        return new Backup(source, backups, clock, line -> {}).run();
    }

    BackupSet restore(StoreSettings target) {
        return new Restore(backups, Optional.empty(), target, line -> {}).run();
    }

    static List<String> ids(Store opened) {
        return opened.database()
                .read(sql -> sql.createQuery("select id from note order by id")
                        .mapTo(String.class)
                        .list());
    }

    Path blobOf(Path installation, Digest blob) {
        return new BlobFolder(installation.resolve("blobs")).file(blob);
    }
}
