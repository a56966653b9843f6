package dev.perennial.serving;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;

/**
 * Who scores, and what they were told. Scorers ask for the configuration by long poll; the poll is their sign of life and says which
 * revision they run. Thread-safe.
 */
public final class ScorerFleet implements AutoCloseable {
    /** A scorer that was silent for longer is not waited for. */
    static final Duration SILENT_AFTER = Duration.ofSeconds(30);

    private static final long WAKE_MILLIS = 50;

    private final Database database;
    private final Endpoints endpoints;
    private final InstantSource clock;
    private final Object changed = new Object();
    private volatile boolean closed;

    public ScorerFleet(Database database, Endpoints endpoints, InstantSource clock) {
        this.database = database;
        this.endpoints = endpoints;
        this.clock = clock;
    }

    /** One scorer as last seen. */
    public record Scorer(String id, String url, long applied, long flushed, long seenAt, boolean alive) {}

    /** Ends all waiting, so that a server that stops is not held up by scorers that ask. */
    @Override
    public void close() {
        closed = true;
        wake();
    }

    /** Wakes waiting scorers; call after a commit that changed endpoints. */
    public void wake() {
        synchronized (changed) {
            changed.notifyAll();
        }
    }

    /** The configuration once it is newer than {@code known}, or empty when {@code wait} has passed. */
    public Optional<ScorerConfig> poll(String id, String url, long known, long applied, Duration wait) {
        seen(id, url, applied);
        boolean newer = await(wait, () -> endpoints.revision() > known);
        return newer ? Optional.of(endpoints.config()) : Optional.empty();
    }

    /** A scorer has delivered all that it had logged when it heard of flush {@code number}. */
    public void flushed(String id, long number) {
        database.writing(tx -> tx.sql()
                .createUpdate("update scorer set flushed = :number where id = :id and flushed < :number")
                .bind("number", number)
                .bind("id", id)
                .execute());
        wake();
    }

    /** Lets every live scorer deliver its log and waits for it. Fails with {@code UNAVAILABLE} when one does not answer in time. */
    public void flush(Duration patience) {
        long number = endpoints.askForFlush();
        wake();
        if (!await(patience, () -> alive().stream().allMatch(scorer -> scorer.flushed() >= number))) {
            throw late("deliver their prediction log");
        }
    }

    /**
     * Lets every live scorer deliver its log. Returns the moment before which everything that was answered is here; empty when one does not
     * answer in time.
     */
    public OptionalLong delivered(Duration patience) {
        long asked = clock.millis();
        long number = endpoints.askForFlush();
        wake();
        boolean all = await(patience, () -> alive().stream().allMatch(scorer -> scorer.flushed() >= number));
        return all ? OptionalLong.of(asked) : OptionalLong.empty();
    }

    /** Waits until every live scorer runs the newest configuration. Fails with {@code UNAVAILABLE} when one does not in time. */
    public void settle(Duration patience) {
        if (!settled(patience)) {
            throw late("apply the newest configuration");
        }
    }

    /** Waits until every live scorer runs the newest configuration; false when one does not in time and will take it over later. */
    public boolean settled(Duration patience) {
        wake();
        long revision = endpoints.revision();
        return await(patience, () -> alive().stream().allMatch(scorer -> scorer.applied() >= revision));
    }

    public List<Scorer> scorers() {
        long now = clock.millis();
        return database.read(sql -> sql.createQuery("select * from scorer order by id")
                .map((row, context) -> new Scorer(
                        row.getString("id"),
                        row.getString("url"),
                        row.getLong("applied"),
                        row.getLong("flushed"),
                        row.getLong("seen_at"),
                        now - row.getLong("seen_at") < SILENT_AFTER.toMillis()))
                .list());
    }

    private List<Scorer> alive() {
        return scorers().stream().filter(Scorer::alive).toList();
    }

    private void seen(String id, String url, long applied) {
        long now = clock.millis();
        database.writing(tx -> {
            tx.sql()
                    .createUpdate(
                            "insert into scorer (id, url, applied, flushed, seen_at) values (:id, :url, :applied, 0, :now)"
                                    + " on conflict (id) do update set url = excluded.url, applied = excluded.applied, seen_at = excluded.seen_at")
                    .bind("id", id)
                    .bind("url", url)
                    .bind("applied", applied)
                    .bind("now", now)
                    .execute();
            endpoints.cool(tx, now);
        });
        wake();
    }

    private static PerennialException late(String what) {
        return new PerennialException(
                ErrorCode.UNAVAILABLE,
                "not every scorer could " + what + " in time; see 'perennial status' for the ones that are silent");
    }

    private boolean await(Duration wait, BooleanSupplier condition) {
        long deadline = System.nanoTime() + wait.toNanos();
        while (!condition.getAsBoolean()) {
            long left = deadline - System.nanoTime();
            if (left <= 0 || closed) {
                return false;
            }
            synchronized (changed) {
                try {
                    changed.wait(Math.max(1, Math.min(WAKE_MILLIS, left / 1_000_000)));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
        }
        return true;
    }
}
