package dev.perennial.events;

import dev.perennial.kernel.ModelId;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * Appends events in the transaction of the change they tell, and lets readers follow them. Sequence numbers are given under the
 * counter's row lock, so a reader that has seen {@code n} never misses one below it. Thread-safe.
 */
public final class EventLog implements AutoCloseable {
    private static final int PAGE = 500;

    private final Database database;
    private final InstantSource clock;
    private final Object arrived = new Object();
    private long wakes;
    private volatile boolean closed;

    public EventLog(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** Adds an event; readers are woken after the commit. */
    public void append(
            Transaction tx, ModelId model, long at, String kind, String title, String text, @Nullable String ref) {
        long seq = tx.sql()
                .createQuery("update counter set value = value + 1 where name = 'event' returning value")
                .mapTo(Long.class)
                .one();
        tx.sql()
                .createUpdate("insert into event (seq, at, recorded_at, model, kind, title, text, ref)"
                        + " values (:seq, :at, :now, :model, :kind, :title, :text, :ref)")
                .bind("seq", seq)
                .bind("at", at)
                .bind("now", clock.millis())
                .bind("model", model.toString())
                .bind("kind", kind)
                .bind("title", title)
                .bind("text", text)
                .bind("ref", ref)
                .execute();
        tx.afterCommit(this::wake);
    }

    /** At most 500 events after {@code seq}, oldest first; waits up to {@code wait} for the first one. */
    public List<Event> after(long seq, Optional<ModelId> model, Duration wait) {
        return follow(seq, model, wait, any -> true).events();
    }

    /**
     * What a reader may see, and how far it was read.
     *
     * @param position where to ask from the next time; events up to here that are not among these are not for the reader
     */
    public record Followed(List<Event> events, long position) {
        public Followed {
            events = List.copyOf(events);
        }
    }

    /**
     * As above, of the models that the reader may see. Events that are not shown end no waiting: else a reader who sees none of them
     * would be answered at once with nothing, and ask again. They are read once by whoever asks from the position that comes back.
     *
     * @param shown asked with the name of each model that has events, again after each waiting; empty for text that names no model
     */
    public Followed follow(long seq, Optional<ModelId> model, Duration wait, Predicate<String> shown) {
        long deadline = System.nanoTime() + wait.toNanos();
        long from = seq;
        while (true) {
            long seen = wakes();
            List<Event> events = read(from, model);
            Map<String, Boolean> known = new HashMap<>();
            List<Event> visible = events.stream()
                    .filter(event -> known.computeIfAbsent(event.model(), shown::test))
                    .toList();
            from = events.isEmpty() ? from : events.getLast().seq();
            if (!visible.isEmpty()) {
                return new Followed(visible, from);
            }
            long left = deadline - System.nanoTime();
            boolean more = events.size() == PAGE;
            if (!more && (left <= 0 || closed || !awaitWake(seen, left))) {
                return new Followed(visible, from);
            }
        }
    }

    /** Ends all waiting. */
    @Override
    public void close() {
        closed = true;
        wake();
    }

    private List<Event> read(long seq, Optional<ModelId> model) {
        return database.read(sql -> sql.createQuery("select * from event where seq > :seq"
                        + (model.isPresent() ? " and model = :model" : "") + " order by seq limit " + PAGE)
                .bind("seq", seq)
                .bind("model", model.map(ModelId::toString).orElse(""))
                .map(EventLog::event)
                .list());
    }

    private static Event event(ResultSet row, StatementContext context) throws SQLException {
        return new Event(
                row.getLong("seq"),
                row.getLong("at"),
                row.getLong("recorded_at"),
                row.getString("model"),
                row.getString("kind"),
                row.getString("title"),
                row.getString("text"),
                row.getString("ref"));
    }

    private long wakes() {
        synchronized (arrived) {
            return wakes;
        }
    }

    private void wake() {
        synchronized (arrived) {
            wakes++;
            arrived.notifyAll();
        }
    }

    /** False when interrupted: the reader gives back what it has. */
    private boolean awaitWake(long seen, long nanos) {
        synchronized (arrived) {
            try {
                if (wakes == seen) {
                    arrived.wait(Math.max(1, nanos / 1_000_000));
                }
                return true;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }
}
