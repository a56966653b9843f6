package dev.perennial.store.ledger;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Makes committed entries leaves of the tree and signs its root. Before it signs, the tree that it has grown must still have the root
 * of the previous checkpoint, and every new entry must hash to what it claims: a ledger that was changed behind its back is not signed.
 */
final class Sealer {
    private final Database database;
    private final String ledger;
    private final LedgerKey key;
    private final InstantSource clock;
    private MerkleFrontier tree = new MerkleFrontier();

    Sealer(Database database, String ledger, LedgerKey key, InstantSource clock) {
        this.database = database;
        this.ledger = ledger;
        this.key = key;
        this.clock = clock;
    }

    static Optional<Checkpoint> newest(Handle sql) {
        return sql.createQuery("select size, root, note, sealed_at from ledger_checkpoint order by size desc limit 1")
                .map((row, context) ->
                        new Checkpoint(row.getLong(1), new Digest(row.getString(2)), row.getString(3), row.getLong(4)))
                .findOne();
    }

    synchronized Optional<Checkpoint> seal() {
        boolean nothingNew = database.read(
                sql -> !hasUnsealed(sql) && newest(sql).map(Checkpoint::size).orElse(0L) == tree.size());
        if (nothingNew) {
            return database.read(Sealer::newest);
        }
        Sealed sealed = database.write(tx -> seal(tx.sql()));
        tree = sealed.tree();
        return sealed.checkpoint();
    }

    private record Sealed(MerkleFrontier tree, Optional<Checkpoint> checkpoint) {}

    private record Waiting(String stream, long seq, String hash, byte[] header) {}

    private static boolean hasUnsealed(Handle sql) {
        return sql.createQuery("select 1 from ledger_entry where leaf_index is null limit 1")
                .mapTo(Integer.class)
                .findOne()
                .isPresent();
    }

    private Sealed seal(Handle sql) {
        Optional<Checkpoint> previous = newest(sql);
        MerkleFrontier grown = tree.copy();
        grow(sql, grown, previous.map(Checkpoint::size).orElse(0L));
        previous.ifPresent(checkpoint -> requireConsistent(grown, checkpoint));
        List<Waiting> waiting = sql.createQuery(
                        "select stream, seq, entry_hash, header from ledger_entry where leaf_index is null")
                .map((row, context) -> new Waiting(row.getString(1), row.getLong(2), row.getString(3), row.getBytes(4)))
                .list();
        if (waiting.isEmpty()) {
            return new Sealed(grown, previous);
        }
        waiting.sort(Comparator.comparing(Waiting::stream).thenComparingLong(Waiting::seq));
        PreparedBatch batch = sql.prepareBatch(
                "update ledger_entry set leaf_index = :leaf where stream = :stream and seq = :seq and leaf_index is null");
        for (Waiting entry : waiting) {
            requireGenuine(entry);
            batch.bind("leaf", grown.size())
                    .bind("stream", entry.stream())
                    .bind("seq", entry.seq())
                    .add();
            grown.add(entry.hash());
        }
        batch.execute();
        Checkpoint checkpoint = sign(grown);
        sql.createUpdate("insert into ledger_checkpoint(size, root, note, sealed_at) values (:size, :root, :note, :at)")
                .bind("size", checkpoint.size())
                .bind("root", checkpoint.root().hex())
                .bind("note", checkpoint.note())
                .bind("at", checkpoint.sealedAt())
                .execute();
        return new Sealed(grown, Optional.of(checkpoint));
    }

    /** Adds the leaves that were sealed since this tree was last looked at: by an earlier process, or by another server. */
    private static void grow(Handle sql, MerkleFrontier tree, long size) {
        if (tree.size() >= size) {
            return;
        }
        sql.createQuery(
                        "select leaf_index, entry_hash from ledger_entry where leaf_index >= :from and leaf_index < :to order by leaf_index")
                .bind("from", tree.size())
                .bind("to", size)
                .map((row, context) -> {
                    if (row.getLong(1) != tree.size()) {
                        throw changed("the entry with leaf index " + tree.size() + " is missing");
                    }
                    tree.add(row.getString(2));
                    return tree.size();
                })
                .forEach(grownSize -> {});
    }

    private static void requireConsistent(MerkleFrontier tree, Checkpoint checkpoint) {
        if (tree.size() != checkpoint.size() || !tree.root().equals(checkpoint.root())) {
            throw changed("its first " + checkpoint.size() + " entries have the root " + tree.root() + " (found "
                    + tree.size() + " of them), the checkpoint says " + checkpoint.root());
        }
    }

    private static void requireGenuine(Waiting entry) {
        Digest found = EntryFormat.entryHash(entry.header());
        if (!found.hex().equals(entry.hash())) {
            throw changed("entry " + entry.stream() + " " + entry.seq() + " hashes to " + found + ", stored is "
                    + entry.hash());
        }
    }

    private static PerennialException changed(String what) {
        return PerennialException.state("the ledger was changed outside the product: " + what
                + "; nothing is signed until it is restored from a copy");
    }

    private Checkpoint sign(MerkleFrontier grown) {
        Digest root = grown.root();
        String text = ledger + "\n" + grown.size() + "\n"
                + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(root.hex())) + "\n";
        return new Checkpoint(grown.size(), root, key.signNote(ledger, text), clock.millis());
    }
}
