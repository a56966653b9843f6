package dev.perennial.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.events.EventLog;
import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PageRequest;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import dev.perennial.store.ledger.LedgerEvent;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** Writes a decision, its ledger entry and its event in the caller's transaction, and reads them back. Thread-safe. */
public final class Decisions {
    /** Who acts when nobody in person does. */
    public static final String LOOP = "system:loop";

    /** Sorts behind every id, hexadecimal as they are, by whatever rules a database compares texts. */
    private static final String AFTER_ALL = "g";

    /** Evidence of a gate is 80 kB: lists do without. */
    private static final String LISTED =
            "select id, model, at, recorded_at, kind, verdict, number, title, text, '{}' as evidence, entry, injected from decision";

    private final Database database;
    private final EventLog events;
    private final InstantSource clock;
    private final Ids ids;

    public Decisions(Database database, EventLog events, InstantSource clock, Ids ids) {
        this.database = database;
        this.events = events;
        this.clock = clock;
        this.ids = ids;
    }

    /** A decision before it has id, ledger entry and wall time. */
    public record Draft(
            ModelId model,
            long at,
            String actor,
            Decision.Kind kind,
            String verdict,
            @Nullable Integer version,
            String title,
            String text,
            JsonNode evidence,
            boolean injected) {}

    /**
     * Where a decision stands in the ledger.
     *
     * @param action one of the ledger's actions
     */
    record Place(String stream, String action, String object) {}

    public Decision record(Transaction tx, Draft draft) {
        String model = "model:" + draft.model();
        String object = model + (draft.version() == null ? "" : "/" + draft.version());
        return record(tx, draft, new Place(model, draft.kind().action(), object));
    }

    /** The same about something else than a model. */
    Decision record(Transaction tx, Draft draft, Place place) {
        String id = ids.next();
        ObjectNode payload = Json.object()
                .put("verdict", draft.verdict())
                .put("title", draft.title())
                .put("text", draft.text())
                .put("evidence", Json.digest(draft.evidence()).hex())
                .put("injected", Boolean.toString(draft.injected()));
        Decision decision = new Decision(
                id,
                draft.model(),
                draft.at(),
                clock.millis(),
                draft.kind(),
                draft.verdict(),
                draft.version(),
                draft.title(),
                draft.text(),
                draft.evidence(),
                null,
                draft.injected());
        insert(tx, decision);
        events.append(
                tx, draft.model(), draft.at(), draft.kind().name(), draft.title(), draft.text(), "decision:" + id);
        String entry = tx.ledger(
                new LedgerEvent(place.stream(), draft.actor(), place.action(), place.object(), draft.at(), payload));
        tx.sql()
                .createUpdate("update decision set entry = :entry where id = :id")
                .bind("entry", entry)
                .bind("id", id)
                .execute();
        return decision;
    }

    /** A decision with its whole evidence. */
    public Optional<Decision> find(ModelId model, String id) {
        return database.read(sql -> sql.createQuery("select * from decision where model = :model and id = :id")
                .bind("model", model.toString())
                .bind("id", id)
                .map(Decisions::decision)
                .findOne());
    }

    /** Newest first, without their evidence. */
    public Page<Decision> page(ModelId model, Optional<Decision.Kind> kind, PageRequest page) {
        return database.read(sql -> page.page(
                sql.createQuery(LISTED + " where model = :model and id < :before"
                                + (kind.isPresent() ? " and kind = :kind" : "") + " order by id desc limit :limit")
                        .bind("model", model.toString())
                        .bind("before", page.after().orElse(AFTER_ALL))
                        .bind("kind", kind.map(Enum::name).orElse(""))
                        .bind("limit", page.limit() + 1)
                        .map(Decisions::decision)
                        .list(),
                Decision::id));
    }

    /** All decisions of a model without their evidence, oldest first; a model has some thousands in a decade. */
    public List<Decision> all(ModelId model) {
        return database.read(sql -> sql.createQuery(LISTED + " where model = :model order by id")
                .bind("model", model.toString())
                .map(Decisions::decision)
                .list());
    }

    private void insert(Transaction tx, Decision decision) {
        tx.sql()
                .createUpdate(
                        "insert into decision (id, model, at, recorded_at, kind, verdict, number, title, text, evidence, injected)"
                                + " values (:id, :model, :at, :now, :kind, :verdict, :number, :title, :text, :evidence, :injected)")
                .bind("id", decision.id())
                .bind("model", decision.model().toString())
                .bind("at", decision.at())
                .bind("now", decision.recordedAt())
                .bind("kind", decision.kind().name())
                .bind("verdict", decision.verdict())
                .bind("number", decision.version())
                .bind("title", decision.title())
                .bind("text", decision.text())
                .bind("evidence", Json.canonical(decision.evidence()))
                .bind("injected", decision.injected() ? 1 : 0)
                .execute();
    }

    private static Decision decision(ResultSet row, StatementContext context) throws SQLException {
        int number = row.getInt("number");
        Integer version = row.wasNull() ? null : number;
        return new Decision(
                row.getString("id"),
                ModelId.parse(row.getString("model")),
                row.getLong("at"),
                row.getLong("recorded_at"),
                Decision.Kind.valueOf(row.getString("kind")),
                row.getString("verdict"),
                version,
                row.getString("title"),
                row.getString("text"),
                Json.parse(row.getString("evidence")),
                row.getString("entry"),
                row.getInt("injected") != 0);
    }
}
