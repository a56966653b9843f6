package dev.perennial.registry.webhooks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PageRequest;
import dev.perennial.registry.RegistryEvent;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * What is to be sent to webhooks, and the log of what was. The position in the stream of events moves in the transaction that notes the
 * deliveries, so each event is noted once for each webhook, whoever is killed, and by however many servers. Thread-safe.
 */
public final class Deliveries {
    /** The pauses between so many tries add up to about an hour and a half. */
    public static final int TRIES_MAX = 8;

    /** A server that ends while it sends leaves its messages to the next after this time. */
    private static final long LEASE_MILLIS = 60_000;

    private static final long PAUSE_MILLIS = 1_000;
    private static final int PAUSE_FACTOR_BITS = 2;
    private static final int EVENTS_AT_ONCE = 200;
    private static final int SENT_AT_ONCE = 20;
    private static final int LOG_MAX = 1_000;

    /** Behind every id. */
    private static final String AFTER_ALL = "g";

    private final Database database;
    private final InstantSource clock;
    private final Ids ids;

    public Deliveries(Database database, InstantSource clock, Ids ids) {
        this.database = database;
        this.clock = clock;
        this.ids = ids;
    }

    private record Noted(long seq, long at, RegistryEvent event, String project, String data) {}

    /** Notes a delivery of each new event for each webhook that wants it; true when there may be more. */
    public boolean plan() {
        boolean any = database.read(sql -> sql.createQuery("select 1 from registry_event limit 1")
                .mapTo(Integer.class)
                .findOne()
                .isPresent());
        return any && database.write(this::plan);
    }

    private boolean plan(Transaction tx) {
        long position = tx.sql()
                .createQuery("select value from counter where name = 'webhook_position'")
                .mapTo(Long.class)
                .one();
        List<Noted> events = tx.sql()
                .createQuery("select * from registry_event where seq > :position order by seq limit " + EVENTS_AT_ONCE)
                .bind("position", position)
                .map((row, context) -> new Noted(
                        row.getLong("seq"),
                        row.getLong("at"),
                        RegistryEvent.of(row.getString("entity"), row.getString("action")),
                        row.getString("project"),
                        row.getString("data")))
                .list();
        if (events.isEmpty()) {
            return false;
        }
        events.forEach(event -> note(tx, event));
        tx.sql()
                .createUpdate("update counter set value = :position where name = 'webhook_position'")
                .bind("position", events.getLast().seq())
                .execute();
        tx.sql()
                .createUpdate("delete from registry_event where seq <= :position")
                .bind("position", events.getLast().seq())
                .execute();
        return events.size() == EVENTS_AT_ONCE;
    }

    private void note(Transaction tx, Noted event) {
        List<String> webhooks = tx.sql()
                .createQuery("select h.id from webhook h join webhook_wish w on w.webhook = h.id where h.status ="
                        + " 'ACTIVE' and h.project = :project and w.entity = :entity and w.action = :action"
                        + " order by h.id")
                .bind("project", event.project())
                .bind("entity", event.event().entity())
                .bind("action", event.event().action())
                .mapTo(String.class)
                .list();
        String body = body(event.event(), event.at(), Json.parse(event.data()));
        for (String webhook : webhooks) {
            tx.sql()
                    .createUpdate("insert into webhook_delivery (id, webhook, entity, action, body, created_at, tries,"
                            + " next_at) values (:id, :webhook, :entity, :action, :body, :now, 0, :now)")
                    .bind("id", ids.next())
                    .bind("webhook", webhook)
                    .bind("entity", event.event().entity())
                    .bind("action", event.event().action())
                    .bind("body", body)
                    .bind("now", clock.millis())
                    .execute();
        }
    }

    /** The message of an event. */
    public static String body(RegistryEvent event, long at, JsonNode data) {
        var body = Json.object()
                .put("entity", event.entity().toLowerCase(Locale.ROOT))
                .put("action", event.action().toLowerCase(Locale.ROOT))
                .put(
                        "timestamp",
                        Instant.ofEpochMilli(at).truncatedTo(ChronoUnit.MILLIS).toString());
        body.set("data", data);
        return body.toString();
    }

    /** Takes deliveries that are due, the longest waiting first; they are this caller's for a minute. */
    public List<Delivery> take() {
        long now = clock.millis();
        String due = "select * from webhook_delivery where next_at <= :now order by next_at, id limit " + SENT_AT_ONCE;
        boolean any = database.read(sql -> sql.createQuery(due)
                .bind("now", now)
                .map(Deliveries::row)
                .findFirst()
                .isPresent());
        if (!any) {
            return List.of();
        }
        return database.write(tx -> {
            List<Delivery> taken = tx.sql()
                    .createQuery(due)
                    .bind("now", now)
                    .map(Deliveries::row)
                    .list();
            taken.forEach(delivery -> tx.sql()
                    .createUpdate("update webhook_delivery set next_at = :lease where id = :id")
                    .bind("lease", now + LEASE_MILLIS)
                    .bind("id", delivery.id())
                    .execute());
            return taken;
        });
    }

    /**
     * Notes how a delivery went.
     *
     * @param status of the answer; null when none came
     * @param error null when it arrived
     * @param again whether another try may help
     */
    public void settle(Delivery delivery, @Nullable Integer status, @Nullable String error, boolean again) {
        long now = clock.millis();
        int tries = delivery.tries() + 1;
        boolean open = error != null && again && tries < TRIES_MAX;
        database.writing(tx -> {
            tx.sql()
                    .createUpdate(
                            "update webhook_delivery set tries = :tries, next_at = :next, delivered_at = :delivered,"
                                    + " status = :status, error = :error where id = :id")
                    .bind("tries", tries)
                    .bind(
                            "next",
                            open ? Long.valueOf(now + (PAUSE_MILLIS << (PAUSE_FACTOR_BITS * delivery.tries()))) : null)
                    .bind("delivered", error == null ? Long.valueOf(now) : null)
                    .bind("status", status)
                    .bind("error", error)
                    .bind("id", delivery.id())
                    .execute();
            tx.sql()
                    .createUpdate("delete from webhook_delivery where webhook = :webhook and next_at is null and id <"
                            + " coalesce((select id from webhook_delivery where webhook = :webhook order by"
                            + " id desc limit 1 offset " + LOG_MAX + "), '')")
                    .bind("webhook", delivery.webhook())
                    .execute();
        });
    }

    /** The last deliveries to a webhook, newest first. */
    public Page<Delivery> log(String webhook, PageRequest page) {
        return database.read(sql -> {
            Webhooks.get(sql, webhook);
            return page.page(
                    sql.createQuery("select * from webhook_delivery where webhook = :webhook and id < :before"
                                    + " order by id desc limit :limit")
                            .bind("webhook", webhook)
                            .bind("before", page.after().orElse(AFTER_ALL))
                            .bind("limit", page.limit() + 1)
                            .map(Deliveries::row)
                            .list(),
                    Delivery::id);
        });
    }

    private static Delivery row(ResultSet row, StatementContext context) throws SQLException {
        return new Delivery(
                row.getString("id"),
                row.getString("webhook"),
                RegistryEvent.of(row.getString("entity"), row.getString("action")),
                row.getString("body"),
                row.getInt("tries"),
                row.getLong("created_at"),
                number(row, "next_at"),
                number(row, "delivered_at"),
                number(row, "status") == null ? null : row.getInt("status"),
                row.getString("error"));
    }

    private static @Nullable Long number(ResultSet row, String column) throws SQLException {
        long number = row.getLong(column);
        return row.wasNull() ? null : number;
    }
}
