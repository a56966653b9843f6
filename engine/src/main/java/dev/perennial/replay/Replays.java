package dev.perennial.replay;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.CrashPoint;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.LifecycleLoop;
import dev.perennial.lifecycle.Lifecycles;
import dev.perennial.serving.Endpoints;
import dev.perennial.serving.ScorerFleet;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * Keeps replays and lets their drivers advance. A barrier is passed once every prediction up to it was delivered, the loop has done all
 * that is due, and every scorer runs the configuration that follows from it; so a story that is disturbed by kills ends like one that
 * is not. Thread-safe.
 */
public final class Replays {
    /** Each driver holds a worker; one more must be left for the trainings that the drivers wait for. */
    private static final int UNDER_WAY_MAX = 2;

    private static final Duration FLUSH_PATIENCE = Duration.ofSeconds(40);

    private final Database database;
    private final Lifecycles lifecycles;
    private final Endpoints endpoints;
    private final ScorerFleet fleet;
    private final LifecycleLoop loop;

    public Replays(
            Database database, Lifecycles lifecycles, Endpoints endpoints, ScorerFleet fleet, LifecycleLoop loop) {
        this.database = database;
        this.lifecycles = lifecycles;
        this.endpoints = endpoints;
        this.fleet = fleet;
        this.loop = loop;
    }

    /** Writes a new replay; its driver is started by the caller after the commit. */
    public Replay create(ModelId model, Replay.Plan plan) {
        if (!model.replayed()) {
            throw PerennialException.invalid(
                    "name", "a replay needs a name of its own; a live model cannot be replayed in place");
        }
        if (plan.from() >= plan.to()) {
            throw PerennialException.invalid("from", "the replay's first clock must lie before its last");
        }
        return database.write(tx -> {
            if (find(tx.sql(), model.scope()).isPresent()) {
                throw PerennialException.conflict(
                        "there is a replay '" + model.scope() + "' already; give another name");
            }
            if (underWay(tx.sql()) >= UNDER_WAY_MAX) {
                throw PerennialException.conflict(
                        UNDER_WAY_MAX
                                + " replays are under way, and their drivers leave no worker for more; wait for one or cancel it");
            }
            tx.sql()
                    .createUpdate(
                            "insert into replay (name, model, state, body, clock, released) values (:name, :model, 'RUNNING', :body, :clock, 0)")
                    .bind("name", model.scope())
                    .bind("model", model.toString())
                    .bind("body", Json.canonical(plan))
                    .bind("clock", plan.from())
                    .execute();
            return find(tx.sql(), model.scope()).orElseThrow();
        });
    }

    public Replay get(String name) {
        return database.read(sql -> find(sql, name))
                .orElseThrow(() ->
                        PerennialException.notFound("no replay '" + name + "'; 'perennial replay --list' shows them"));
    }

    public Page<Replay> page(PageRequest page) {
        return database.read(sql -> page.page(
                sql.createQuery("select * from replay where name > :after order by name limit :limit")
                        .bind("after", page.after().orElse(""))
                        .bind("limit", page.limit() + 1)
                        .map(Replays::replay)
                        .list(),
                Replay::name));
    }

    /**
     * Moves a replay's clock to {@code to} and lets predictions up to {@code opens} come. Returns whether the barrier is passed; when it is
     * not within {@code wait}, ask again with the same arguments.
     */
    public boolean advance(String name, long to, long opens, Duration wait) {
        long deadline = System.nanoTime() + wait.toNanos();
        Replay replay = get(name);
        if (replay.state() == Replay.State.CANCELLED || replay.state() == Replay.State.FAILED) {
            throw PerennialException.conflict(
                    "replay '" + name + "' was " + replay.state().name().toLowerCase(java.util.Locale.ROOT));
        }
        if (replay.clock() < to || endpoints.clock(replay.model()) < opens) {
            fleet.flush(FLUSH_PATIENCE);
            CrashPoint.hit("replay.advance.afterFlush");
            database.writing(tx -> move(tx, replay, to, opens));
            CrashPoint.hit("replay.advance.afterCommit");
            fleet.wake();
        }
        loop.wake(replay.model());
        if (!loop.awaitIdle(replay.model(), Duration.ofNanos(Math.max(0, deadline - System.nanoTime())))) {
            return false;
        }
        fleet.settle(FLUSH_PATIENCE);
        if (replay.plan().stops().contains(to)) {
            hold(name, to);
        }
        return get(name).state() == Replay.State.RUNNING;
    }

    /** Lets a held replay go on. */
    public void release(String name) {
        get(name);
        database.writing(tx -> tx.sql()
                .createUpdate(
                        "update replay set state = 'RUNNING', released = clock where name = :name and state = 'HELD'")
                .bind("name", name)
                .execute());
    }

    /** Waits at a stop, once: a driver that asks again after the release goes on. */
    private void hold(String name, long stop) {
        database.writing(tx -> tx.sql()
                .createUpdate(
                        "update replay set state = 'HELD' where name = :name and state = 'RUNNING' and released < :stop")
                .bind("name", name)
                .bind("stop", stop)
                .execute());
    }

    public void finish(String name) {
        state(name, Replay.State.RUNNING, Replay.State.DONE);
    }

    /** Ends a replay that was computed offline, with its table by month. */
    public void finish(String name, JsonNode result) {
        long to = get(name).plan().to();
        database.writing(tx -> tx.sql()
                .createUpdate(
                        "update replay set state = 'DONE', clock = :to, result = :result where name = :name and state = 'RUNNING'")
                .bind("to", to)
                .bind("result", Json.canonical(result))
                .bind("name", name)
                .execute());
    }

    public void cancel(String name) {
        database.writing(tx -> tx.sql()
                .createUpdate(
                        "update replay set state = 'CANCELLED' where name = :name and state in ('RUNNING', 'HELD')")
                .bind("name", name)
                .execute());
    }

    public void fail(String name, String error) {
        database.writing(tx -> tx.sql()
                .createUpdate(
                        "update replay set state = 'FAILED', error = :error where name = :name and state in ('RUNNING', 'HELD')")
                .bind("name", name)
                .bind("error", error)
                .execute());
    }

    private void move(Transaction tx, Replay replay, long to, long opens) {
        lifecycles.advanceClock(tx, replay.model(), to);
        endpoints.clock(tx, replay.model(), opens);
        tx.sql()
                .createUpdate("update replay set clock = :to where name = :name and state = 'RUNNING'")
                .bind("to", to)
                .bind("name", replay.name())
                .execute();
    }

    private void state(String name, Replay.State from, Replay.State to) {
        database.writing(tx -> tx.sql()
                .createUpdate("update replay set state = :to where name = :name and state = :from")
                .bind("to", to.name())
                .bind("from", from.name())
                .bind("name", name)
                .execute());
    }

    private static int underWay(Handle sql) {
        return sql.createQuery("select count(*) from replay where state in ('RUNNING', 'HELD')")
                .mapTo(Integer.class)
                .one();
    }

    private static Optional<Replay> find(Handle sql, String name) {
        return sql.createQuery("select * from replay where name = :name")
                .bind("name", name)
                .map(Replays::replay)
                .findOne();
    }

    private static Replay replay(ResultSet row, StatementContext context) throws SQLException {
        return new Replay(
                ModelId.parse(row.getString("model")),
                Replay.State.valueOf(row.getString("state")),
                Json.read(row.getString("body"), Replay.Plan.class),
                row.getLong("clock"),
                row.getString("error"),
                row.getString("result") == null ? null : Json.parse(row.getString("result")));
    }
}
