package dev.perennial.store;

import dev.perennial.kernel.Ids;
import dev.perennial.store.ledger.LedgerWriter;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/** All durable state of one process: the locked data directory, the database and the blobs. The single way to open them. */
public final class Store implements AutoCloseable {
    private final DataDirectory directory;
    private final Database database;
    private final BlobStore blobs;

    private Store(DataDirectory directory, Database database) {
        this.directory = directory;
        this.database = database;
        this.blobs = new FileBlobStore(directory.blobs());
    }

    /**
     * Locks the data directory, brings the database to this program's version and opens it.
     *
     * @param random must be a {@link java.security.SecureRandom} outside tests
     */
    public static Store open(StoreSettings settings, InstantSource clock, Ids ids, RandomGenerator random) {
        DataDirectory directory = DataDirectory.open(settings.dataDir());
        Database database = null;
        try {
            LedgerWriter writer = new LedgerWriter(settings.url().isPresent(), clock, random);
            database = openDatabase(settings, directory, writer);
            identify(database, ids);
            return new Store(directory, database);
        } finally {
            if (database == null) {
                directory.close();
            }
        }
    }

    private static Database openDatabase(StoreSettings settings, DataDirectory directory, LedgerWriter writer) {
        if (settings.url().isPresent()) {
            String url = settings.url().get();
            Migrations.run(Database.Dialect.POSTGRESQL, url, settings.user(), settings.password());
            return PostgresDatabase.open(url, settings.user(), settings.password(), writer);
        }
        Migrations.run(Database.Dialect.SQLITE, SqliteDatabase.writerUrl(directory.database()), "", "");
        return SqliteDatabase.open(directory.database(), settings.sizeLimitBytes(), writer);
    }

    private static void identify(Database database, Ids ids) {
        database.writing(tx -> tx.sql()
                .createUpdate("insert into ledger_identity(one, ledger, verifier_key) values (1, :ledger, '') on conflict do nothing")
                .bind("ledger", ids.next())
                .execute());
    }

    public DataDirectory directory() {
        return directory;
    }

    public Database database() {
        return database;
    }

    public BlobStore blobs() {
        return blobs;
    }

    @Override
    public void close() {
        database.close();
        directory.close();
    }
}
