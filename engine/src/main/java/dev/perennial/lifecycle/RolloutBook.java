package dev.perennial.lifecycle;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.rollout.Look;
import dev.perennial.rollout.RolloutPlan;
import dev.perennial.rollout.RolloutState;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * Every rollout with its looks and the decisions that moved it, kept after it has ended. What a running rollout does next follows from
 * {@link LoopState} alone; this is what people and charts read. Thread-safe.
 */
public final class RolloutBook {
    /** Newest rollouts that a list shows; a model has some dozens in a year. */
    public static final int LIST_MAX = 100;

    private final Database database;

    public RolloutBook(Database database) {
        this.database = database;
    }

    /**
     * One rollout.
     *
     * @param version number of the candidate
     * @param champion number of the version that it would replace
     * @param phase where it stands or how it ended
     * @param startedAt the model's clock
     * @param endedAt null while it runs
     */
    public record Entry(
            String id,
            ModelId model,
            int version,
            int champion,
            RolloutPlan plan,
            RolloutState.Phase phase,
            long startedAt,
            @Nullable Long endedAt) {}

    /** Opens the entry of a rollout; one that is open stays as it is. */
    void open(Transaction tx, ModelId model, LoopState.Rolling rolling, RolloutPlan plan) {
        tx.sql()
                .createUpdate(
                        "insert into rollout (id, model, number, champion, plan, phase, started_at)"
                                + " values (:id, :model, :number, :champion, :plan, :phase, :started) on conflict (id) do nothing")
                .bind("id", rolling.id())
                .bind("model", model.toString())
                .bind("number", rolling.version())
                .bind("champion", rolling.champion())
                .bind("plan", Json.canonical(plan))
                .bind("phase", rolling.state().phase().name())
                .bind("started", rolling.state().startedAt())
                .execute();
    }

    /** Where a rollout stands now. */
    void phase(Transaction tx, LoopState.Rolling rolling) {
        RolloutState state = rolling.state();
        tx.sql()
                .createUpdate("update rollout set phase = :phase, ended_at = :ended where id = :id")
                .bind("phase", state.phase().name())
                .bind("ended", state.ending() == null ? null : state.ending().at())
                .bind("id", rolling.id())
                .execute();
    }

    /** Keeps a look; a second one at the same moment replaces the first. */
    void look(Transaction tx, String rollout, Look look) {
        tx.sql()
                .createUpdate("insert into rollout_look (rollout, at, body) values (:rollout, :at, :body)"
                        + " on conflict (rollout, at) do update set body = excluded.body")
                .bind("rollout", rollout)
                .bind("at", look.at())
                .bind("body", Json.canonical(look))
                .execute();
    }

    /** A decision moved the rollout. */
    void transition(Transaction tx, String rollout, Decision decision) {
        tx.sql()
                .createUpdate("insert into rollout_transition (rollout, number, decision) select :rollout,"
                        + " coalesce(max(number), 0) + 1, :decision from rollout_transition where rollout = :rollout")
                .bind("rollout", rollout)
                .bind("decision", decision.id())
                .execute();
    }

    /** The newest {@link #LIST_MAX} rollouts of a model, newest first. */
    public List<Entry> list(ModelId model) {
        return database.read(sql -> sql.createQuery(
                        "select * from rollout where model = :model order by started_at desc, number desc limit :limit")
                .bind("model", model.toString())
                .bind("limit", LIST_MAX)
                .map(RolloutBook::entry)
                .list());
    }

    public Optional<Entry> find(ModelId model, String id) {
        return database.read(sql -> sql.createQuery("select * from rollout where model = :model and id = :id")
                .bind("model", model.toString())
                .bind("id", id)
                .map(RolloutBook::entry)
                .findOne());
    }

    /** All looks of a rollout, oldest first. */
    public List<Look> looks(String rollout) {
        return database.read(
                sql -> sql.createQuery("select body from rollout_look where rollout = :rollout order by at")
                        .bind("rollout", rollout)
                        .mapTo(String.class)
                        .map(body -> Json.read(body, Look.class))
                        .list());
    }

    /** Ids of the decisions that moved a rollout, oldest first. */
    public List<String> decisions(String rollout) {
        return database.read(sql -> sql.createQuery(
                        "select decision from rollout_transition where rollout = :rollout order by number")
                .bind("rollout", rollout)
                .mapTo(String.class)
                .list());
    }

    private static Entry entry(ResultSet row, StatementContext context) throws SQLException {
        long ended = row.getLong("ended_at");
        Long end = row.wasNull() ? null : ended;
        return new Entry(
                row.getString("id"),
                ModelId.parse(row.getString("model")),
                row.getInt("number"),
                row.getInt("champion"),
                Json.read(row.getString("plan"), RolloutPlan.class),
                RolloutState.Phase.valueOf(row.getString("phase")),
                row.getLong("started_at"),
                end);
    }
}
