package dev.perennial.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
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
    private static final int SUCCESS = 300;
    private static final int IPV6_BYTES = 16;

    private final Database database;
    private final InstantSource clock;
    private final boolean privateAllowed;
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(5))
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("notifier").factory());

    Notifier(Database database, InstantSource clock, boolean privateAllowed) {
        this.database = database;
        this.clock = clock;
        this.privateAllowed = privateAllowed;
    }

    private record Due(String id, String body, int tries) {}

    void start() {
        timer.scheduleWithFixedDelay(this::deliver, 1, 1, TimeUnit.SECONDS);
    }

    /** Sets the address that notifications are posted to; empty for none. */
    void webhook(String address) {
        if (!address.isEmpty()) {
            check(address);
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
                        "select count(*) as waiting, max(last_error) as error from notification where delivered_at is null")
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
                .createUpdate(
                        "update notification set tries = tries + 1, delivered_at = :delivered, next_at = :next, last_error = :error where id = :id")
                .bind("delivered", error.isEmpty() ? now : null)
                .bind("next", now + (PAUSE_MILLIS << due.tries()))
                .bind("error", error.orElse(null))
                .bind("id", due.id())
                .execute());
    }

    private Optional<String> post(String address, String id, String body) {
        try {
            check(address);
            HttpResponse<Void> answer = http.send(
                    HttpRequest.newBuilder(URI.create(address))
                            .timeout(Duration.ofSeconds(10))
                            .header("Content-Type", "application/json")
                            .header("Idempotency-Key", id)
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
            return answer.statusCode() < SUCCESS
                    ? Optional.empty()
                    : Optional.of("the webhook answered " + answer.statusCode());
        } catch (IOException e) {
            return Optional.of("the webhook cannot be reached: " + e);
        } catch (PerennialException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }

    private Optional<String> address() {
        return database.read(sql -> sql.createQuery("select value from notification_setting where name = :name")
                .bind("name", WEBHOOK)
                .mapTo(String.class)
                .findOne()
                .filter(text -> !text.isEmpty()));
    }

    private static boolean isPrivate(InetAddress ip) {
        byte[] bytes = ip.getAddress();
        boolean uniqueLocal = bytes.length == IPV6_BYTES && (bytes[0] & 0xfe) == 0xfc;
        boolean shared = bytes.length != IPV6_BYTES && bytes[0] == 100 && (bytes[1] & 0xc0) == 64;
        return uniqueLocal
                || shared
                || ip.isLoopbackAddress()
                || ip.isSiteLocalAddress()
                || ip.isLinkLocalAddress()
                || ip.isAnyLocalAddress()
                || ip.isMulticastAddress();
    }

    /** Refuses what is no http address, and private addresses unless they are allowed. */
    private void check(String address) {
        try {
            URI uri = URI.create(address);
            if (uri.getHost() == null || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                throw PerennialException.invalid(WEBHOOK, "webhook '" + address + "' must be an http or https address");
            }
            for (InetAddress ip : InetAddress.getAllByName(uri.getHost())) {
                if (isPrivate(ip) && !privateAllowed) {
                    throw PerennialException.invalid(
                            WEBHOOK,
                            "webhook '" + address
                                    + "' leads to a private address; allow it with perennial.webhook-private=true");
                }
            }
        } catch (IllegalArgumentException | UnknownHostException e) {
            throw PerennialException.invalid(WEBHOOK, "webhook '" + address + "' cannot be used: " + e.getMessage());
        }
    }
}
