package dev.perennial.lifecycle;

import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.time.InstantSource;
import java.util.Optional;

/** Keeps proposals until the loop takes them. Thread-safe. */
final class Proposals {
    private final Database database;
    private final InstantSource clock;
    private final Ids ids;

    Proposals(Database database, InstantSource clock, Ids ids) {
        this.database = database;
        this.clock = clock;
        this.ids = ids;
    }

    record Kept(String id, Proposal proposal) {}

    String add(Transaction tx, ModelId model, Proposal proposal) {
        String id = ids.next();
        tx.sql()
                .createUpdate(
                        "insert into candidate_request (id, model, requested_at, state, body) values (:id, :model, :now, 'OPEN', :body)")
                .bind("id", id)
                .bind("model", model.toString())
                .bind("now", clock.millis())
                .bind("body", Json.canonical(proposal))
                .execute();
        return id;
    }

    Optional<Kept> next(ModelId model) {
        return database.read(sql -> sql.createQuery(
                        "select id, body from candidate_request where model = :model and state = 'OPEN' order by id limit 1")
                .bind("model", model.toString())
                .map((row, context) -> new Kept(row.getString("id"), Json.read(row.getString("body"), Proposal.class)))
                .findOne());
    }

    Optional<Proposal> find(String id) {
        return database.read(sql -> sql.createQuery("select body from candidate_request where id = :id")
                .bind("id", id)
                .mapTo(String.class)
                .findOne()
                .map(body -> Json.read(body, Proposal.class)));
    }

    void taken(Transaction tx, String id) {
        tx.sql()
                .createUpdate("update candidate_request set state = 'TAKEN' where id = :id")
                .bind("id", id)
                .execute();
    }
}
