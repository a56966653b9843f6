package dev.perennial.store.ledger;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.DataDirectory;
import dev.perennial.store.Database;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the ledger and seals it. New entries become leaves of one tree over all streams at the latest after 256 entries or 10 seconds,
 * when the store closes, and on demand; each time a checkpoint over the whole tree is signed. Entries are added through
 * {@link dev.perennial.store.Transaction#ledger}. Thread-safe.
 */
public final class Ledger implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);
    private static final String KEY_FILE = "ledger.key";
    private static final String ENTRY_COLUMNS =
            "select e.entry_hash, e.header, e.leaf_index, p.payload from ledger_entry e left join ledger_payload p"
                    + " on p.entry_hash = e.entry_hash ";

    private final Database database;
    private final String id;
    private final String verifierKey;
    private final Sealer sealer;
    private final LedgerKey key;
    private final Unsealed unsealed;
    private final Thread sealing;

    private Ledger(Database database, Identity identity, LedgerKey key, InstantSource clock, Unsealed unsealed) {
        this.database = database;
        this.id = identity.ledger();
        this.verifierKey = identity.verifierKey();
        this.key = key;
        this.sealer = new Sealer(database, id, key, clock);
        this.unsealed = unsealed;
        this.sealing = Thread.ofVirtual().name("ledger-sealer").unstarted(this::sealWhenDue);
    }

    /**
     * Opens the ledger of a database, making its identity and its signing key the first time, and seals what an earlier process left.
     * Database, signing key and {@code ledger.pub} must belong together; otherwise the start is refused.
     */
    public static Ledger open(
            Database database,
            DataDirectory directory,
            LedgerWriter writer,
            InstantSource clock,
            Ids ids,
            SecureRandom random) {
        Path keyFile = directory.keys().resolve(KEY_FILE);
        Optional<Identity> known = database.read(Identity::find);
        LedgerKey key;
        Identity identity;
        if (known.isPresent()) {
            identity = known.get();
            key = existingKey(keyFile, identity);
        } else {
            refuseForeign(directory.ledgerPublicKey());
            key = Files.exists(keyFile) ? LedgerKey.load(keyFile) : LedgerKey.create(keyFile, random);
            String ledger = ids.next();
            Identity fresh = new Identity(ledger, key.verifierKey(ledger));
            identity = database.write(tx -> Identity.insert(tx.sql(), fresh));
        }
        identity.check(key, keyFile, directory.ledgerPublicKey());
        Ledger opened = new Ledger(database, identity, key, clock, writer.unsealed());
        opened.seal();
        opened.sealing.start();
        return opened;
    }

    private static LedgerKey existingKey(Path keyFile, Identity identity) {
        if (!Files.exists(keyFile)) {
            throw PerennialException.state("the signing key " + keyFile + " of ledger " + identity.ledger()
                    + " is missing; restore it from a copy of the data directory");
        }
        return LedgerKey.load(keyFile);
    }

    private static void refuseForeign(Path publicKeyFile) {
        if (Files.exists(publicKeyFile)) {
            throw PerennialException.state(publicKeyFile + " belongs to a ledger, but the database is new:"
                    + " restore the database, or move ledger.pub away to begin a new ledger");
        }
    }

    /** The identity of this ledger, the origin of its checkpoints. */
    public String id() {
        return id;
    }

    /** The line that a verifier needs, also in {@code DATA/ledger.pub}. */
    public String verifierKey() {
        return verifierKey;
    }

    /** Makes every committed entry a leaf and signs a checkpoint; returns the newest one, empty while there are no entries. */
    public Optional<Checkpoint> seal() {
        return sealer.seal();
    }

    /** How far the ledger is. */
    public record Status(String ledger, long entries, long sealed, Optional<Checkpoint> checkpoint) {}

    public Status status() {
        return database.read(sql -> {
            Optional<Checkpoint> checkpoint = Sealer.newest(sql);
            long entries = sql.createQuery("select count(*) from ledger_entry")
                    .mapTo(Long.class)
                    .one();
            return new Status(id, entries, checkpoint.map(Checkpoint::size).orElse(0L), checkpoint);
        });
    }

    /** The entries of one stream in order. */
    public Page<LedgerEntry> entries(String stream, PageRequest request) {
        long after = after(request);
        return database.read(sql -> request.page(
                sql.createQuery(ENTRY_COLUMNS
                                + "where e.stream = :stream and e.seq > :after order by e.seq limit :limit")
                        .bind("stream", stream)
                        .bind("after", after)
                        .bind("limit", request.limit() + 1)
                        .map((row, context) -> entry(row))
                        .list(),
                entry -> String.valueOf(entry.seq())));
    }

    private static long after(PageRequest request) {
        try {
            return request.after().map(Long::parseLong).orElse(0L);
        } catch (NumberFormatException e) {
            throw PerennialException.invalid(
                    "page_token", "the page token was not made for this list; start without one");
        }
    }

    /** One entry by its hash. */
    public Optional<LedgerEntry> entry(Digest hash) {
        return database.read(sql -> sql.createQuery(ENTRY_COLUMNS + "where e.entry_hash = :hash")
                .bind("hash", hash.hex())
                .map((row, context) -> entry(row))
                .findOne());
    }

    private static LedgerEntry entry(ResultSet row) throws SQLException {
        long leaf = row.getLong("leaf_index");
        OptionalLong index = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(leaf);
        return LedgerEntry.of(row.getString("entry_hash"), row.getBytes("header"), row.getBytes("payload"), index);
    }

    /** The names of the streams, sorted, with the number of their entries. */
    public Page<StreamHead> streams(PageRequest request) {
        return database.read(sql -> request.page(
                sql.createQuery(
                                "select stream, seq from ledger_stream where stream > :after order by stream limit :limit")
                        .bind("after", request.after().orElse(""))
                        .bind("limit", request.limit() + 1)
                        .map((row, context) -> new StreamHead(row.getString(1), row.getLong(2)))
                        .list(),
                StreamHead::stream));
    }

    /** A stream and the number of its entries. */
    public record StreamHead(String stream, long entries) {}

    /**
     * Seals and writes everything up to the newest checkpoint as one zip archive that can be verified without this product. The same
     * ledger gives the same bytes.
     */
    public void export(OutputStream zip) {
        new Export(files()).writeZip(zip);
    }

    /** As {@link #export}, but as files in a new or empty folder. */
    public void exportTo(Path folder) {
        new Export(files()).writeFolder(folder);
    }

    /**
     * Writes an export of the ledger as one transaction sees it, up to its newest checkpoint, into a new or empty folder.
     *
     * @param sql a consistent snapshot; nothing is sealed
     * @param keys the folder of the installation's keys
     */
    public static void exportTo(Path folder, Handle sql, Path keys) {
        Identity identity = Identity.find(sql)
                .orElseThrow(() ->
                        PerennialException.state("the database holds no ledger; was a server ever started on it?"));
        LedgerKey key = existingKey(keys.resolve(KEY_FILE), identity);
        new Export(new ExportFiles(identity.ledger(), identity.verifierKey(), key).collect(sql)).writeFolder(folder);
    }

    private SortedMap<String, byte[]> files() {
        seal();
        return database.read(sql -> new ExportFiles(id, verifierKey, key).collect(sql));
    }

    private void sealWhenDue() {
        try {
            while (unsealed.awaitDue()) {
                sealAndLog();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void sealAndLog() {
        try {
            seal();
        } catch (RuntimeException e) {
            // The entries are safe; the next round tries again.
            LOG.error("the ledger could not be sealed", e);
            unsealed.add(1);
        }
    }

    /** Seals what is left. The database must still be open. */
    @Override
    public void close() {
        unsealed.close();
        try {
            sealing.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        seal();
    }

    /** Which ledger a database holds and which key signs it. */
    record Identity(String ledger, String verifierKey) {
        static Optional<Identity> find(Handle sql) {
            return sql.createQuery("select ledger, verifier_key from ledger_identity")
                    .map((row, context) -> new Identity(row.getString(1), row.getString(2)))
                    .findOne();
        }

        static Identity insert(Handle sql, Identity identity) {
            sql.createUpdate(
                            "insert into ledger_identity(one, ledger, verifier_key) values (1, :ledger, :key) on conflict do nothing")
                    .bind("ledger", identity.ledger())
                    .bind("key", identity.verifierKey())
                    .execute();
            return find(sql).orElse(identity);
        }

        void check(LedgerKey key, Path keyFile, Path publicKeyFile) {
            if (!key.verifierKey(ledger).equals(verifierKey)) {
                throw PerennialException.state("the signing key " + keyFile + " is not that of ledger " + ledger
                        + "; restore the key from a copy of the data directory");
            }
            if (!Files.exists(publicKeyFile)) {
                SmallFile.write(publicKeyFile, verifierKey + "\n", "rw-r--r--");
            }
            String published = SmallFile.read(publicKeyFile).strip();
            if (!published.equals(verifierKey)) {
                throw PerennialException.state(publicKeyFile + " names '" + published + "', the database '"
                        + verifierKey + "': one of them was replaced; restore both from the same copy");
            }
        }
    }
}
