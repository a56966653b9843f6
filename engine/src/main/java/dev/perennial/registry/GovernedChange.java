package dev.perennial.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.store.Transaction;
import dev.perennial.store.ledger.LedgerEvent;

/** Writes governed changes of the registry into the ledger, in the transaction of the change and as its last statement. */
public final class GovernedChange {
    private static final int STREAM_NAME_MAX = 190;

    private GovernedChange() {}

    static void ofModel(Transaction tx, String actor, String action, ModelName model, long at, ObjectNode payload) {
        append(tx, actor, action, model, "model:" + model.ref(), at, payload);
    }

    /**
     * Of a version.
     *
     * @param at wall clock
     */
    public static void ofVersion(
            Transaction tx, String actor, String action, ModelName model, int number, long at, ObjectNode payload) {
        append(tx, actor, action, model, "model:" + model.ref() + "/" + number, at, payload);
    }

    private static void append(
            Transaction tx, String actor, String action, ModelName model, String object, long at, ObjectNode payload) {
        String ref = model.ref();
        // The ledger's streams have short names: a longer one is told by its digest.
        String stream = ref.length() <= STREAM_NAME_MAX
                ? "model:" + ref
                : "model:sha256-" + Digest.of(ref).hex();
        tx.ledger(new LedgerEvent(stream, actor, action, object, at, payload));
    }
}
