package dev.perennial.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells people: every notification goes to the log, and to the webhook when one is set, at least once and with its id as
 * {@code Idempotency-Key}. A webhook that fails is tried again with growing pauses for about a day. Addresses of private networks are
 * refused unless the installation allows them. Thread-safe.
 */
final class Notifier implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Notifier.class);
    private static final String WEBHOOK = "webhook";
    /** The pauses between so many tries add up to 23 hours. */
    static final int TRIES_MAX = 15;

    private static final int BATCH = 50;
    private static final long PAUSE_MILLIS = 5_000;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Database database;
    private final InstantSource clock;
    private final GuardedHttp http;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("notifier").factory());

    Notifier(Database database, InstantSource clock, GuardedHttp http) {
        this.database = database;
        this.clock = clock;
        this.http = http;
    }

    private record Due(String id, String body, int tries) {}

    void start() {
        timer.scheduleWithFixedDelay(this::deliver, 1, 1, TimeUnit.SECONDS);
    }

    /** Sets the address that notifications are posted to; empty for none. */
    void webhook(String address) {
        if (!address.isEmpty()) {
            http.check(WEBHOOK, address);
        }
        database.writing(tx -> tx.sql()
                .createUpdate("insert into notification_setting (name, value) values (:name, :value)"
                        + " on conflict (name) do update set value = excluded.value")
                .bind("name", WEBHOOK)
                .bind("value", address)
                .execute());
    }

    ObjectNode state() {
        ObjectNode body = Json.object().put(WEBHOOK, address().orElse(""));
        database.read(sql -> sql.createQuery(
                        "select count(*) as waiting, max(last_error) as error from notification where delivered_at is"
                                + " null")
                .map((row, context) -> {
                    body.put("waiting", row.getLong("waiting"));
                    body.put("lastError", row.getString("error"));
                    return body;
                })
                .one());
        return body;
    }

    /** Sends a test message now and says what came back. */
    ObjectNode test() {
        String address = address().orElseThrow(() -> PerennialException.state("no webhook is set; set one first"));
        ObjectNode body = Json.object().put("kind", "TEST").put("text", "Perennial can reach this webhook.");
        Optional<String> error = post(address, "test-" + clock.millis(), body.toString());
        return Json.object().put("delivered", error.isEmpty()).put("error", error.orElse(null));
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    /** One round over what is due; the timer calls it each second. */
    void deliver() {
        try {
            for (Due due : due()) {
                if (due.tries() == 0) {
                    LOG.info("notification {}", due.body());
                }
                Optional<String> error = address().flatMap(address -> post(address, due.id(), due.body()));
                settle(due, error);
            }
        } catch (PerennialException e) {
            LOG.warn("cannot deliver notifications now; trying again", e);
        }
    }

    private List<Due> due() {
        return database.read(sql -> sql.createQuery(
                        "select id, body, tries from notification where delivered_at is null and tries < " + TRIES_MAX
                                + " and next_at <= :now order by id limit " + BATCH)
                .bind("now", clock.millis())
                .map((row, context) -> new Due(row.getString("id"), row.getString("body"), row.getInt("tries")))
                .list());
    }

    private void settle(Due due, Optional<String> error) {
        long now = clock.millis();
        database.writing(tx -> tx.sql()
                .createUpdate("update notification set tries = tries + 1, delivered_at = :delivered, next_at = :next,"
                        + " last_error = :error where id = :id")
                .bind("delivered", error.isEmpty() ? now : null)
                .bind("next", now + (PAUSE_MILLIS << due.tries()))
                .bind("error", error.orElse(null))
                .bind("id", due.id())
                .execute());
    }

    private Optional<String> post(String address, String id, String body) {
        return http.post(WEBHOOK, address, Map.of("Idempotency-Key", id), body, PATIENCE)
                .error();
    }

    private Optional<String> address() {
        return database.read(sql -> sql.createQuery("select value from notification_setting where name = :name")
                .bind("name", WEBHOOK)
                .mapTo(String.class)
                .findOne()
                .filter(text -> !text.isEmpty()));
    }
}
