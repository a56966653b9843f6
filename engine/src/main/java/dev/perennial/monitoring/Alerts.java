package dev.perennial.monitoring;

import dev.perennial.events.EventLog;
import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.monitoring.alerts.Alert;
import dev.perennial.monitoring.alerts.AlertBoard;
import dev.perennial.monitoring.alerts.AlertChange;
import dev.perennial.monitoring.alerts.Signal;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import dev.perennial.store.ledger.LedgerEvent;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Keeps each model's alert board, its alerts and what people are to be told. Thread-safe. */
public final class Alerts {
    /** Sorts behind every id, hexadecimal as they are, by whatever rules a database compares texts. */
    private static final String AFTER_ALL = "g";

    /** What is no id cannot be asked for: a database may refuse the characters. */
    private static final Pattern ID = Pattern.compile("[0-9a-f]{1,64}");

    private final Database database;
    private final EventLog events;
    private final InstantSource clock;
    private final Ids ids;

    public Alerts(Database database, EventLog events, InstantSource clock, Ids ids) {
        this.database = database;
        this.events = events;
        this.clock = clock;
        this.ids = ids;
    }

    public AlertBoard board(ModelId model) {
        return database.read(sql -> board(sql, model));
    }

    /**
     * Takes the signals of one closed window; a window that was taken before changes nothing. Returns what changed.
     *
     * @param injected causes that somebody made on purpose
     */
    public List<AlertChange> step(ModelId model, long window, long at, List<Signal> signals, Set<String> injected) {
        return database.write(tx -> {
            AlertBoard.Step step = board(tx.sql(), model).step(window, at, signals);
            save(tx, model, step.board());
            for (AlertChange change : AlertChange.together(step.changes())) {
                Alert alert = injected.contains(change.alert().cause())
                                || injectedBefore(tx.sql(), change.alert().id())
                        ? change.alert().asInjected()
                        : change.alert();
                keep(tx, alert);
                tell(tx, model, at, change, alert);
            }
            return step.changes();
        });
    }

    public Page<Alert> page(Optional<ModelId> model, Optional<String> state, PageRequest page) {
        state.ifPresent(Alerts::checkState);
        return database.read(sql -> page.page(
                sql.createQuery("select id, body from alert where id < :before"
                                + (model.isPresent() ? " and model = :model" : "")
                                + (state.isPresent() ? " and state = :state" : "")
                                + " order by id desc limit :limit")
                        .bind("before", page.after().orElse(AFTER_ALL))
                        .bind("model", model.map(ModelId::toString).orElse(""))
                        .bind(
                                "state",
                                state.map(text -> text.toUpperCase(Locale.ROOT)).orElse(""))
                        .bind("limit", page.limit() + 1)
                        .map((row, context) -> Json.read(row.getString("body"), Alert.class))
                        .list(),
                Alert::id));
    }

    public Alert get(String id) {
        return database.read(sql -> find(sql, id))
                .orElseThrow(() -> PerennialException.notFound("no alert '" + id + "'; 'perennial alerts' lists them"));
    }

    /** Somebody looks after it. */
    public Alert acknowledge(String id, String by, String reason) {
        return change(id, by, "alert.ack", reason, alert -> alert.acknowledge(by));
    }

    /** Nothing is sent until then; what happens is still recorded. */
    public Alert silence(String id, String by, String reason, long until) {
        return change(id, by, "alert.silence", reason, alert -> alert.silence(until));
    }

    public long openCount(ModelId model) {
        return database.read(
                sql -> sql.createQuery("select count(*) from alert where model = :model and state = 'OPEN'")
                        .bind("model", model.toString())
                        .mapTo(Long.class)
                        .one());
    }

    private Alert change(String id, String by, String action, String reason, UnaryOperator<Alert> change) {
        if (by.isBlank()) {
            throw PerennialException.invalid("by", "the name of the person who acts is needed");
        }
        return database.write(tx -> {
            Alert before = find(tx.sql(), id).orElseThrow(() -> PerennialException.notFound("no alert '" + id + "'"));
            Alert after = change.apply(before);
            ModelId model = ModelId.parse(after.model());
            save(tx, model, board(tx.sql(), model).with(after));
            keep(tx, after);
            events.append(tx, model, clock.millis(), "ALERT", after.title(), by + ": " + reason, "alert:" + id);
            tx.ledger(new LedgerEvent(
                    "model:" + model,
                    "user:" + by,
                    action,
                    "alert:" + id,
                    clock.millis(),
                    Json.object().put("reason", reason)));
            return after;
        });
    }

    private void tell(Transaction tx, ModelId model, long at, AlertChange change, Alert alert) {
        String title = alert.title() + " ("
                + change.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ') + ")";
        events.append(tx, model, at, "ALERT", title, change.text(), "alert:" + alert.id());
        if (change.tell()) {
            tx.sql()
                    .createUpdate(
                            "insert into notification (id, body, created_at, delivered_at, tries, next_at, last_error)"
                                    + " values (:id, :body, :now, null, 0, :now, null)")
                    .bind("id", ids.next())
                    .bind(
                            "body",
                            Json.object()
                                    .put("kind", change.kind().name())
                                    .put("text", change.text())
                                    .set("alert", Json.tree(alert))
                                    .toString())
                    .bind("now", clock.millis())
                    .execute();
        }
        if (change.kind() == AlertChange.Kind.OPENED || change.kind() == AlertChange.Kind.RESOLVED) {
            String action = change.kind() == AlertChange.Kind.OPENED ? "alert.raise" : "alert.resolve";
            tx.ledger(new LedgerEvent(
                    "model:" + model,
                    "system:loop",
                    action,
                    "alert:" + alert.id(),
                    at,
                    Json.object().put("text", change.text())));
        }
    }

    private static void keep(Transaction tx, Alert alert) {
        tx.sql()
                .createUpdate(
                        "insert into alert (id, model, state, opened_at, body) values (:id, :model, :state, :opened, :body)"
                                + " on conflict (id) do update set state = excluded.state, body = excluded.body")
                .bind("id", alert.id())
                .bind("model", alert.model())
                .bind("state", alert.state().name())
                .bind("opened", alert.openedAt())
                .bind("body", Json.canonical(alert))
                .execute();
    }

    private static void save(Transaction tx, ModelId model, AlertBoard board) {
        tx.sql()
                .createUpdate(
                        "insert into alert_board (model, body) values (:model, :body) on conflict (model) do update set body = excluded.body")
                .bind("model", model.toString())
                .bind("body", Json.canonical(board))
                .execute();
    }

    private static AlertBoard board(Handle sql, ModelId model) {
        return sql.createQuery("select body from alert_board where model = :model")
                .bind("model", model.toString())
                .mapTo(String.class)
                .findOne()
                .map(body -> Json.read(body, AlertBoard.class))
                .orElseGet(() -> AlertBoard.empty(model.toString()));
    }

    private static Optional<Alert> find(Handle sql, String id) {
        if (!ID.matcher(id).matches()) {
            return Optional.empty();
        }
        return sql.createQuery("select body from alert where id = :id")
                .bind("id", id)
                .mapTo(String.class)
                .findOne()
                .map(body -> Json.read(body, Alert.class));
    }

    /** A drill stays a drill, also after its cause is gone. */
    private static boolean injectedBefore(Handle sql, String id) {
        return find(sql, id).filter(Alert::injected).isPresent();
    }

    private static void checkState(@Nullable String state) {
        for (Alert.State known : Alert.State.values()) {
            if (known.name().equalsIgnoreCase(state)) {
                return;
            }
        }
        throw PerennialException.invalid(
                "state", "alert state '" + state + "' is none of " + List.of(Alert.State.values()));
    }
}
