package dev.perennial.lifecycle;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.rollout.Learnt;
import dev.perennial.rollout.Look;
import dev.perennial.rollout.RolloutPlan;
import dev.perennial.rollout.RolloutState;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * Every rollout with its looks and the decisions that moved it, kept after it has ended. What a running rollout does next follows from
 * {@link LoopState} alone; this is what people and charts read. Thread-safe.
 */
public final class RolloutBook {
    /** Newest rollouts that a list shows; a model has some dozens in a year. */
    public static final int LIST_MAX = 100;

    private static final String RUNNING = "select * from rollout where state is not null and ended_at is null";

    private final Database database;

    public RolloutBook(Database database) {
        this.database = database;
    }

    /**
     * One rollout.
     *
     * @param candidate the version on trial, for an endpoint without a lifecycle file; null where its model names it
     * @param replaces the version that it would replace there
     * @param version number of the candidate
     * @param champion number of the version that it would replace
     * @param phase where it stands or how it ended
     * @param startedAt the model's clock
     * @param endedAt null while it runs
     */
    public record Entry(
            String id,
            ModelId model,
            @Nullable String candidate,
            @Nullable String replaces,
            int version,
            int champion,
            RolloutPlan plan,
            RolloutState.Phase phase,
            long startedAt,
            @Nullable Long endedAt) {}

    /**
     * A running rollout of an endpoint without a lifecycle file, with all that the next look needs.
     *
     * @param learnt what the champion's callers taught before it began
     * @param edition grows with each change of the state
     */
    record Running(String id, ModelId endpoint, RolloutPlan plan, RolloutState state, Learnt learnt, long edition) {
        Running with(RolloutState next) {
            return new Running(id, endpoint, plan, next, learnt, edition);
        }
    }

    /** Opens the entry of a rollout that has no lifecycle file to follow. */
    void open(Transaction tx, Running running) {
        RolloutState state = running.state();
        tx.sql()
                .createUpdate("insert into rollout (id, model, number, champion, plan, phase, started_at, candidate,"
                        + " replaces, state, learnt, edition) values (:id, :model, :number, :champion, :plan, :phase, :started,"
                        + " :candidate, :replaces, :state, :learnt, 1)")
                .bind("id", running.id())
                .bind("model", running.endpoint().toString())
                .bind("number", number(state.candidate()))
                .bind("champion", number(state.champion()))
                .bind("plan", Json.canonical(running.plan()))
                .bind("phase", state.phase().name())
                .bind("started", state.startedAt())
                .bind("candidate", state.candidate())
                .bind("replaces", state.champion())
                .bind("state", Json.canonical(state))
                .bind("learnt", Json.canonical(running.learnt()))
                .execute();
    }

    /** The number at the end of {@code MODEL/NUMBER}. */
    static int number(String version) {
        return Integer.parseInt(version.substring(version.lastIndexOf('/') + 1));
    }

    /** Writes the next state; fails with {@code CONFLICT}, undoing the transaction, when somebody else was faster. */
    void save(Transaction tx, Running before, RolloutState next) {
        int changed = tx.sql()
                .createUpdate(
                        "update rollout set state = :state, phase = :phase, ended_at = :ended, edition = edition + 1"
                                + " where id = :id and edition = :edition")
                .bind("state", Json.canonical(next))
                .bind("phase", next.phase().name())
                .bind("ended", next.ending() == null ? null : next.ending().at())
                .bind("id", before.id())
                .bind("edition", before.edition())
                .execute();
        if (changed == 0) {
            throw PerennialException.conflict("the rollout of " + before.state().candidate() + " behind '"
                    + before.endpoint() + "' moved on meanwhile; look at it and try again");
        }
    }

    /** Rollouts that run behind endpoints without a lifecycle file. */
    List<Running> running() {
        return database.read(sql -> sql.createQuery(RUNNING + " order by model")
                .map(RolloutBook::underWay)
                .list());
    }

    Optional<Running> running(Handle sql, ModelId endpoint) {
        return sql.createQuery(RUNNING + " and model = :model")
                .bind("model", endpoint.toString())
                .map(RolloutBook::underWay)
                .findOne();
    }

    /** How many rollouts of an endpoint began in this very millisecond. */
    int begun(Handle sql, ModelId endpoint, long at) {
        return sql.createQuery("select count(*) from rollout where model = :model and started_at = :at")
                .bind("model", endpoint.toString())
                .bind("at", at)
                .mapTo(Integer.class)
                .one();
    }

    /** When a rollout was last looked at; when it started, before the first look. */
    long lookedAt(Running running) {
        return database.read(sql -> sql.createQuery("select max(at) from rollout_look where rollout = :rollout")
                .bind("rollout", running.id())
                .mapTo(Long.class)
                .findOne()
                .orElse(running.state().startedAt()));
    }

    private static Running underWay(ResultSet row, StatementContext context) throws SQLException {
        return new Running(
                row.getString("id"),
                ModelId.parse(row.getString("model")),
                Json.read(row.getString("plan"), RolloutPlan.class),
                Json.read(row.getString("state"), RolloutState.class),
                Json.read(row.getString("learnt"), Learnt.class),
                row.getLong("edition"));
    }

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
                row.getString("candidate"),
                row.getString("replaces"),
                row.getInt("number"),
                row.getInt("champion"),
                Json.read(row.getString("plan"), RolloutPlan.class),
                RolloutState.Phase.valueOf(row.getString("phase")),
                row.getLong("started_at"),
                end);
    }
}
