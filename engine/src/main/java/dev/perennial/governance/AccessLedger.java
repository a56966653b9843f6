package dev.perennial.governance;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import dev.perennial.store.ledger.LedgerEvent;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes who came in, who was turned away and who may do what into the ledger. Thread-safe. */
public final class AccessLedger {
    static final String STREAM = "access";
    private static final long MINUTE_MILLIS = 60_000;
    private static final int REMEMBERED_MAX = 10_000;

    private final Database database;
    private final InstantSource clock;
    private final Map<String, Long> told = new LinkedHashMap<>();

    AccessLedger(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** An entry in the transaction of the change; call it last. */
    void entry(Transaction tx, Caller by, String action, String object, ObjectNode payload) {
        tx.ledger(new LedgerEvent(STREAM, actor(by), action, object, clock.millis(), payload));
    }

    void entry(Caller by, String action, String object, ObjectNode payload) {
        database.writing(tx -> entry(tx, by, action, object, payload));
    }

    static String actor(Caller by) {
        return (by.how() == Caller.How.INTERNAL ? "system:" : "user:") + by.name();
    }

    /** A failed sign-in or a missing one: once a minute for each address, so that nobody fills the ledger by guessing. */
    void anonymous(String address, String name, String why) {
        if (first("anonymous " + address)) {
            database.writing(tx -> tx.ledger(new LedgerEvent(
                    STREAM,
                    "user:unknown",
                    "auth.login.fail",
                    "address:" + address,
                    clock.millis(),
                    Json.object().put("name", shortened(name)).put("why", why))));
        }
    }

    /** A governed action that was refused: once a minute for each caller and action. */
    public void denied(Caller by, String action, String object) {
        if (first("denied " + by.account() + " " + action + " " + object)) {
            entry(by, "auth.token.use_denied", object, Json.object().put("action", action));
        }
    }

    private synchronized boolean first(String key) {
        long now = clock.millis();
        Long last = told.get(key);
        if (last != null && now - last < MINUTE_MILLIS) {
            return false;
        }
        told.values().removeIf(at -> now - at >= MINUTE_MILLIS);
        if (told.size() >= REMEMBERED_MAX) {
            return false;
        }
        told.put(key, now);
        return true;
    }

    private static String shortened(String name) {
        String plain = name.replaceAll("\\p{Cntrl}", "?");
        return plain.length() > 100 ? plain.substring(0, 100) : plain;
    }
}
