package dev.perennial.monitoring;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.monitoring.atoms.Reference;
import dev.perennial.monitoring.atoms.ServedRules;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What each model's served rows are compared with: the frozen profile of the snapshot behind its first champion. Anchoring again is an
 * act of its own; retraining does not move the reference. Thread-safe.
 */
public final class References {
    private final Database database;
    private final Map<ModelId, Anchored> known = new ConcurrentHashMap<>();

    public References(Database database) {
        this.database = database;
    }

    /** A model's reference and the contract's rules on its features. */
    public record Anchored(Reference reference, ServedRules rules) {}

    /** Anchors a model that has no reference yet. */
    public void anchor(Transaction tx, ModelId model, long at, Reference reference, ServedRules rules) {
        tx.sql()
                .createUpdate(
                        "insert into monitor_reference (model, anchored_at, reference, rules) values (:model, :at, :reference, :rules)"
                                + " on conflict (model) do nothing")
                .bind("model", model.toString())
                .bind("at", at)
                .bind("reference", Json.canonical(reference))
                .bind("rules", Json.canonical(rules))
                .execute();
    }

    public Optional<Anchored> find(ModelId model) {
        Anchored cached = known.get(model);
        if (cached != null) {
            return Optional.of(cached);
        }
        Optional<Anchored> found = database.read(sql -> sql.createQuery(
                        "select reference, rules from monitor_reference where model = :model")
                .bind("model", model.toString())
                .map((row, context) -> new Anchored(
                        Json.read(row.getString("reference"), Reference.class),
                        Json.read(row.getString("rules"), ServedRules.class)))
                .findOne());
        found.ifPresent(anchored -> known.put(model, anchored));
        return found;
    }
}
