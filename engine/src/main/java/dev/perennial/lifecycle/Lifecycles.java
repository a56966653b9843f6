package dev.perennial.lifecycle;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.registry.Registry;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** The lifecycle files in force and the clock of each model: the wall clock, or inside a replay the clock of its driver. Thread-safe. */
public final class Lifecycles {
    private final Database database;
    private final InstantSource clock;

    public Lifecycles(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    public Optional<AppliedLifecycle> find(ModelId model) {
        return database.read(sql -> find(sql, model));
    }

    public Optional<AppliedLifecycle> find(Handle sql, ModelId model) {
        return sql.createQuery(
                        "select l.*, b.body from lifecycle l join lifecycle_body b on b.digest = l.digest where model = :model")
                .bind("model", model.toString())
                .map(Lifecycles::applied)
                .findOne();
    }

    public AppliedLifecycle get(ModelId model) {
        return find(model)
                .orElseThrow(() -> PerennialException.notFound("no model '" + model
                        + "'; 'perennial models' lists the models, 'perennial apply FILE' makes one"));
    }

    public Page<AppliedLifecycle> page(PageRequest page) {
        return database.read(sql -> page.page(
                sql.createQuery("select l.*, b.body from lifecycle l join lifecycle_body b on b.digest = l.digest"
                                + " where model > :after order by model limit :limit")
                        .bind("after", page.after().orElse(""))
                        .bind("limit", page.limit() + 1)
                        .map(Lifecycles::applied)
                        .list(),
                applied -> applied.model().toString()));
    }

    /** Keeps a file under its digest, for candidates that are made by another file than the one in force. */
    public Digest keep(Transaction tx, LifecycleFile file) {
        Digest digest = file.digest();
        tx.sql()
                .createUpdate(
                        "insert into lifecycle_body (digest, body) values (:digest, :body) on conflict (digest) do nothing")
                .bind("digest", digest.hex())
                .bind("body", Json.canonical(file))
                .execute();
        return digest;
    }

    /** A kept file. */
    public LifecycleFile body(Digest digest) {
        return database.read(sql -> sql.createQuery("select body from lifecycle_body where digest = :digest")
                .bind("digest", digest.hex())
                .mapTo(String.class)
                .findOne()
                .map(body -> Json.read(body, LifecycleFile.class))
                .orElseThrow(() -> PerennialException.notFound("no lifecycle file with digest " + digest)));
    }

    /** Puts a file into force; {@code replayClock} is the first clock inside a replay, empty for a live model. */
    public AppliedLifecycle apply(
            Transaction tx, ModelId model, LifecycleFile file, String folder, String text, Optional<Long> replayClock) {
        Digest digest = keep(tx, file);
        Registry.adopt(tx, model, file.title(), clock.millis());
        tx.sql()
                .createUpdate(
                        "insert into lifecycle (model, revision, digest, folder, source_text, applied_at, clock_mode, clock)"
                                + " values (:model, 1, :digest, :folder, :text, :now, :mode, :clock)"
                                + " on conflict (model) do update set revision = lifecycle.revision + 1, digest = excluded.digest,"
                                + " folder = excluded.folder, source_text = excluded.source_text, applied_at = excluded.applied_at")
                .bind("model", model.toString())
                .bind("digest", digest.hex())
                .bind("folder", folder)
                .bind("text", text)
                .bind("now", clock.millis())
                .bind("mode", replayClock.isPresent() ? "replay" : "wall")
                .bind("clock", replayClock.orElse(0L))
                .execute();
        return find(tx.sql(), model).orElseThrow();
    }

    /** Milliseconds of the model's clock. */
    public long clock(ModelId model) {
        if (!model.replayed()) {
            return clock.millis();
        }
        return database.read(sql -> sql.createQuery("select clock from lifecycle where model = :model")
                .bind("model", model.toString())
                .mapTo(Long.class)
                .findOne()
                .orElse(0L));
    }

    /** Moves a replay's clock; it never goes back. */
    public void advanceClock(Transaction tx, ModelId model, long to) {
        if (!model.replayed()) {
            throw PerennialException.state(
                    "model '" + model + "' is live: its clock is the wall clock and cannot be moved");
        }
        tx.sql()
                .createUpdate("update lifecycle set clock = :to where model = :model and clock < :to")
                .bind("to", to)
                .bind("model", model.toString())
                .execute();
    }

    private static AppliedLifecycle applied(ResultSet row, StatementContext context) throws SQLException {
        return new AppliedLifecycle(
                ModelId.parse(row.getString("model")),
                row.getInt("revision"),
                new Digest(row.getString("digest")),
                row.getString("folder"),
                row.getString("source_text"),
                row.getLong("applied_at"),
                Json.read(row.getString("body"), LifecycleFile.class));
    }
}
