package dev.perennial.store.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jdbi.v3.core.Handle;

/**
 * Appends entries in the transaction of the change that they tell. The head row of the stream is locked from here to the commit, so
 * numbers are without gaps and order is the order of commits. Cost: three statements and two hashes.
 */
public final class LedgerWriter implements LedgerAppender {
    private static final int NAME_LENGTH_MAX = 200;
    private static final int OBJECT_LENGTH_MAX = 1_000;
    private static final int PAYLOAD_BYTES_MAX = 1 << 20;
    private static final int SALT_BYTES = 32;
    private static final String EVENT_TIME = "event_time";

    private final boolean lockRows;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Unsealed unsealed = new Unsealed();

    /**
     * @param lockRows whether the database has row locks; SQLite has a single writer and needs none
     * @param random source of salts; not predictable outside tests
     */
    public LedgerWriter(boolean lockRows, InstantSource clock, RandomGenerator random) {
        this.lockRows = lockRows;
        this.clock = clock;
        this.random = random;
    }

    private record Head(long seq, String hash) {}

    @Override
    public String append(Handle transaction, LedgerEvent event) {
        byte[] payload = payload(event);
        Map<String, String> header = new HashMap<>();
        header.put("v", EntryFormat.VERSION);
        header.put("stream", EntryFormat.plain("stream", event.stream(), NAME_LENGTH_MAX));
        header.put("actor", EntryFormat.plain("actor", event.actor(), NAME_LENGTH_MAX));
        header.put("action", ActionCatalogue.check(event.action()));
        header.put("object", EntryFormat.plain("object", event.object(), OBJECT_LENGTH_MAX));
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        header.put("commit", EntryFormat.commitment(salt, payload).hex());
        header.put(
                "ledger",
                transaction
                        .createQuery("select ledger from ledger_identity")
                        .mapTo(String.class)
                        .one());
        Head head = lockHead(transaction, event.stream());
        header.put("prev", head.hash());
        header.put("seq", String.valueOf(head.seq() + 1));
        header.put("ts", EntryFormat.time(clock.millis()));
        return insert(transaction, header, salt, payload);
    }

    @Override
    public void committed(int entries) {
        unsealed.add(entries);
    }

    Unsealed unsealed() {
        return unsealed;
    }

    private Head lockHead(Handle transaction, String stream) {
        transaction
                .createUpdate(
                        "insert into ledger_stream(stream, seq, head) values (:stream, 0, :head) on conflict do nothing")
                .bind("stream", stream)
                .bind("head", EntryFormat.NO_ENTRY)
                .execute();
        return transaction
                .createQuery(
                        "select seq, head from ledger_stream where stream = :stream" + (lockRows ? " for update" : ""))
                .bind("stream", stream)
                .map((row, context) -> new Head(row.getLong(1), row.getString(2)))
                .one();
    }

    private static String insert(Handle transaction, Map<String, String> header, byte[] salt, byte[] payload) {
        byte[] bytes = EntryFormat.header(header);
        String hash = EntryFormat.entryHash(bytes).hex();
        String stream = String.valueOf(header.get("stream"));
        long seq = Long.parseLong(String.valueOf(header.get("seq")));
        transaction
                .createUpdate("insert into ledger_entry(stream, seq, header, entry_hash, prev_hash, commit_hash)"
                        + " values (:stream, :seq, :header, :hash, :prev, :commit)")
                .bind("stream", stream)
                .bind("seq", seq)
                .bind("header", bytes)
                .bind("hash", hash)
                .bind("prev", header.get("prev"))
                .bind("commit", header.get("commit"))
                .execute();
        transaction
                .createUpdate("insert into ledger_payload(entry_hash, salt, payload) values (:hash, :salt, :payload)")
                .bind("hash", hash)
                .bind("salt", salt)
                .bind("payload", payload)
                .execute();
        transaction
                .createUpdate("update ledger_stream set seq = :seq, head = :hash where stream = :stream")
                .bind("seq", seq)
                .bind("hash", hash)
                .bind("stream", stream)
                .execute();
        return hash;
    }

    private static byte[] payload(LedgerEvent event) {
        if (!(event.payload() instanceof ObjectNode given)) {
            throw PerennialException.invalid(
                    "payload",
                    "a ledger payload must be a JSON object, found "
                            + event.payload().getNodeType());
        }
        if (given.has(EVENT_TIME)) {
            throw PerennialException.invalid(
                    "payload", "'" + EVENT_TIME + "' in a ledger payload is set from the event itself; leave it out");
        }
        ObjectNode payload = (ObjectNode) texts(given);
        payload.put(EVENT_TIME, EntryFormat.time(event.eventTime()));
        byte[] bytes = Json.canonical(payload).getBytes(StandardCharsets.UTF_8);
        if (bytes.length > PAYLOAD_BYTES_MAX) {
            throw PerennialException.invalid(
                    "payload",
                    "a ledger payload of " + bytes.length + " bytes is larger than " + PAYLOAD_BYTES_MAX
                            + "; store a blob and put its digest here");
        }
        return bytes;
    }

    /** Numbers become text, so that no reader can print them differently. */
    private static JsonNode texts(JsonNode node) {
        if (node instanceof ObjectNode object) {
            ObjectNode result = Json.object();
            object.properties().forEach(field -> result.set(field.getKey(), texts(field.getValue())));
            return result;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode result = Json.array();
            array.forEach(item -> result.add(texts(item)));
            return result;
        }
        return node.isNumber() ? Json.object().textNode(node.asText()) : node;
    }
}
