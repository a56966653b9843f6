package dev.perennial.lifecycle;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.util.List;
import java.util.Optional;

/** The loop's rows: one a model, changed by compare-and-set. Thread-safe. */
final class LoopStates {
    private final Database database;

    LoopStates(Database database) {
        this.database = database;
    }

    /** A state and the version that the next write must find. */
    record Stored(LoopState state, long version) {}

    Optional<Stored> find(ModelId model) {
        return database.read(sql -> sql.createQuery("select version, body from loop_state where model = :model")
                .bind("model", model.toString())
                .map((row, context) ->
                        new Stored(Json.read(row.getString("body"), LoopState.class), row.getLong("version")))
                .findOne());
    }

    Stored get(ModelId model) {
        return find(model)
                .orElseThrow(() -> PerennialException.notFound(
                        "no loop for model '" + model + "'; apply its lifecycle file first"));
    }

    void create(Transaction tx, ModelId model, LoopState state) {
        tx.sql()
                .createUpdate(
                        "insert into loop_state (model, version, body) values (:model, 1, :body) on conflict (model) do nothing")
                .bind("model", model.toString())
                .bind("body", Json.canonical(state))
                .execute();
    }

    /** Writes the next state; fails with {@code CONFLICT}, undoing the transaction, when somebody else was faster. */
    void save(Transaction tx, ModelId model, Stored before, LoopState next) {
        int changed = tx.sql()
                .createUpdate(
                        "update loop_state set version = version + 1, body = :body where model = :model and version = :version")
                .bind("body", Json.canonical(next))
                .bind("model", model.toString())
                .bind("version", before.version())
                .execute();
        if (changed == 0) {
            throw PerennialException.conflict(
                    "the loop of '" + model + "' moved on meanwhile; look at its state and try again");
        }
    }

    List<ModelId> models() {
        return database.read(sql -> sql.createQuery("select model from loop_state order by model")
                .map((row, context) -> ModelId.parse(row.getString("model")))
                .list());
    }
}
