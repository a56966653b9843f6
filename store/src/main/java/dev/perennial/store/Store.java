package dev.perennial.store;

import dev.perennial.kernel.Ids;
import dev.perennial.store.ledger.Ledger;
import dev.perennial.store.ledger.LedgerWriter;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** All durable state of one process: the locked data directory, the database, the ledger and the blobs. The single way to open them. */
public final class Store implements AutoCloseable {
    private final DataDirectory directory;
    private final Database database;
    private final Ledger ledger;
    private final FileBlobStore blobs;
    private final StoreSettings settings;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Store(StoreSettings settings, DataDirectory directory, Database database, Ledger ledger) {
        this.settings = settings;
        this.directory = directory;
        this.database = database;
        this.ledger = ledger;
        this.blobs = new FileBlobStore(directory.blobs());
    }

    /**
     * Locks the data directory, brings the database to this program's version and opens it.
     *
     * @param random makes the signing key and the salts of the ledger
     */
    public static Store open(StoreSettings settings, InstantSource clock, Ids ids, SecureRandom random) {
        DataDirectory directory =
                DataDirectory.open(settings.dataDir(), settings.sharedDir().orElse(settings.dataDir()));
        Database database = null;
        Store store = null;
        try {
            LedgerWriter writer = new LedgerWriter(settings.url().isPresent(), clock, random);
            database = openDatabase(settings, directory, writer);
            Ledger ledger = Ledger.open(database, directory, writer, clock, ids, random);
            RestoredNote.tell(directory, database, clock);
            store = new Store(settings, directory, database, ledger);
            return store;
        } finally {
            if (store == null) {
                if (database != null) {
                    database.close();
                }
                directory.close();
            }
        }
    }

    private static Database openDatabase(StoreSettings settings, DataDirectory directory, LedgerWriter writer) {
        if (settings.url().isPresent()) {
            String url = settings.url().get();
            Migrations.run(Database.Dialect.POSTGRESQL, url, settings.user(), settings.password(), Optional.empty());
            return PostgresDatabase.open(url, settings.user(), settings.password(), writer);
        }
        SqliteLibrary.prepare(directory.nativeLibraries());
        Migrations.run(
                Database.Dialect.SQLITE,
                SqliteDatabase.writerUrl(directory.database()),
                "",
                "",
                Optional.of(new BeforeUpgrade(directory)));
        return SqliteDatabase.open(directory.database(), settings.sizeLimitBytes(), writer);
    }

    public DataDirectory directory() {
        return directory;
    }

    public Database database() {
        return database;
    }

    public Ledger ledger() {
        return ledger;
    }

    public BlobStore blobs() {
        return blobs;
    }

    /** Decides which of several servers on this database leads; on SQLite there is one alone. */
    public Leadership leadership() {
        return settings.url().isPresent() ? new PostgresLeadership(settings) : Leadership.alone();
    }

    /** Tells the ledger of backups that were taken; only the server that leads does. */
    public void tellBackups(InstantSource clock) {
        BackupNotes.tell(directory.shared(), database, clock);
    }

    /** Finds and deletes blobs that nothing names. */
    public BlobSweep sweep() {
        return new BlobSweep(database, blobs);
    }

    /** What is closed already stays so. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        try (directory;
                database;
                ledger) {
            // Closed in reverse: the ledger seals into the open database, the lock is given up last.
        }
    }
}
