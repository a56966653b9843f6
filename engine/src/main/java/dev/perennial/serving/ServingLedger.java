package dev.perennial.serving;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.store.Transaction;
import dev.perennial.store.ledger.LedgerEvent;
import java.time.InstantSource;
import java.util.List;

/** Writes what happens to endpoints into the ledger, in the transaction of the change and as its last statement. */
final class ServingLedger {
    private final InstantSource clock;

    ServingLedger(InstantSource clock) {
        this.clock = clock;
    }

    void entry(Transaction tx, ServingAct act, String action, ModelId endpoint, ObjectNode payload) {
        payload.put("reason", act.reason());
        tx.ledger(new LedgerEvent(
                "endpoint:" + endpoint, act.actor(), action, "endpoint:" + endpoint, clock.millis(), payload));
    }

    /** Who gets what now. */
    static ObjectNode traffic(List<Variant> variants) {
        ObjectNode payload = Json.object();
        var list = payload.putArray("variants");
        variants.forEach(variant -> list.addObject()
                .put("version", variant.version().toString())
                .put("role", variant.role().name())
                .put("weight", String.valueOf(variant.weight()))
                .put("manifest", variant.manifest().hex())
                .put("file", variant.file().hex()));
        return payload;
    }
}
