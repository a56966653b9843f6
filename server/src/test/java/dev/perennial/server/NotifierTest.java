package dev.perennial.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NotifierTest {
    private record Got(String body, String key) {}

    @TempDir
    Path folder;

    private final TestClock clock = TestClock.fixed();
    private final List<Got> got = new CopyOnWriteArrayList<>();
    private Store store;
    private final Vertx vertx = Vertx.vertx();
    private final GuardedHttp http = new GuardedHttp(vertx, true);
    private final GuardedHttp closed = new GuardedHttp(vertx, false);
    private Notifier notifier;
    private HttpServer receiver;
    private volatile int answer = 200;

    @BeforeEach
    void open() throws IOException {
        store = Store.open(StoreSettings.local(folder), clock, SeededIds.of(1, clock), new SecureRandom());
        notifier = new Notifier(store.database(), clock, http);
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", exchange -> {
            got.add(new Got(
                    new String(exchange.getRequestBody().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8),
                    exchange.getRequestHeaders().getFirst("Idempotency-Key")));
            exchange.sendResponseHeaders(answer, -1);
            exchange.close();
        });
        receiver.start();
    }

    @AfterEach
    void close() {
        receiver.stop(0);
        notifier.close();
        vertx.close();
        store.close();
    }

    private String address() {
        return "http://127.0.0.1:" + receiver.getAddress().getPort() + "/hook";
    }

    private void due(String id) {
        store.database()
                .writing(tx -> tx.sql()
                        .createUpdate("insert into notification (id, body, created_at, delivered_at, tries, next_at,"
                                + " last_error) values (:id, :body, :now, null, 0, :now, null)")
                        .bind("id", id)
                        .bind("body", "{\"kind\":\"OPENED\",\"text\":\"" + id + "\"}")
                        .bind("now", clock.millis())
                        .execute());
    }

    private long waiting() {
        return notifier.state().path("waiting").asLong();
    }

    @Test
    void withoutAWebhookTheLogIsEnough() {
        due("a");
        notifier.deliver();
        assertThat(waiting()).isZero();
        assertThat(got).isEmpty();
    }

    @Test
    void whatIsDueIsPostedOnceWithItsIdInOrder() {
        notifier.webhook(address());
        due("a");
        due("b");
        notifier.deliver();
        notifier.deliver();
        assertThat(got).extracting(Got::key).containsExactly("a", "b");
        assertThat(Json.parse(got.getFirst().body()).path("text").asText()).isEqualTo("a");
        assertThat(waiting()).isZero();
    }

    @Test
    void aFailureIsTriedAgainAfterAGrowingPauseAndTold() {
        notifier.webhook(address());
        answer = 500;
        due("a");
        notifier.deliver();
        notifier.deliver();
        assertThat(got).as("not at once").hasSize(1);
        assertThat(notifier.state().path("lastError").asText()).isEqualTo("the webhook answered 500");
        clock.advance(Duration.ofSeconds(5));
        notifier.deliver();
        clock.advance(Duration.ofSeconds(5));
        notifier.deliver();
        assertThat(got).as("the second pause is longer").hasSize(2);
        answer = 204;
        clock.advance(Duration.ofSeconds(5));
        notifier.deliver();
        assertThat(got).extracting(Got::key).containsExactly("a", "a", "a");
        assertThat(waiting()).isZero();
    }

    @Test
    void oneThatFailsDoesNotHoldUpTheNext() {
        notifier.webhook(address());
        answer = 503;
        due("a");
        notifier.deliver();
        answer = 200;
        due("b");
        notifier.deliver();
        assertThat(got).extracting(Got::key).containsExactly("a", "b");
        assertThat(waiting()).isEqualTo(1);
    }

    @Test
    void aRedirectIsNoDelivery() {
        notifier.webhook(address());
        answer = 302;
        due("a");
        notifier.deliver();
        assertThat(notifier.state().path("lastError").asText()).isEqualTo("the webhook answered 302");
        assertThat(got).as("it is not followed").hasSize(1);
    }

    @Test
    void nobodyThereIsToldAndTriedForAboutADay() {
        notifier.webhook(address());
        receiver.stop(0);
        due("a");
        long began = clock.millis();
        int rounds = 0;
        for (; waiting() > 0 && rounds < Notifier.TRIES_MAX; rounds++) {
            notifier.deliver();
            clock.advance(Duration.ofSeconds(5L << rounds));
        }
        assertThat(rounds).isEqualTo(Notifier.TRIES_MAX);
        assertThat(Duration.ofMillis(clock.millis() - began)).isBetween(Duration.ofHours(20), Duration.ofHours(50));
        assertThat(notifier.state().path("lastError").asText()).startsWith("the webhook cannot be reached: ");
    }

    @Test
    void aTestSaysWhatCameBackAndIsNotKept() {
        notifier.webhook(address());
        JsonNode fine = notifier.test();
        assertThat(fine.path("delivered").asBoolean()).isTrue();
        answer = 418;
        JsonNode bad = notifier.test();
        assertThat(bad.path("delivered").asBoolean()).isFalse();
        assertThat(bad.path("error").asText()).isEqualTo("the webhook answered 418");
        assertThat(got).allSatisfy(one -> assertThat(one.key()).startsWith("test-"));
        assertThat(waiting()).isZero();
    }

    @Test
    void aTestWithoutAWebhookIsRefused() {
        assertThatThrownBy(() -> notifier.test())
                .isInstanceOf(PerennialException.class)
                .hasMessage("no webhook is set; set one first");
    }

    @Test
    void anEmptyAddressTurnsItOff() {
        notifier.webhook(address());
        notifier.webhook("");
        due("a");
        notifier.deliver();
        assertThat(got).isEmpty();
        assertThat(notifier.state().path("webhook").asText()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1/x",
                "http://localhost/x",
                "http://10.1.2.3/",
                "http://192.168.0.1/",
                "http://169.254.169.254/latest/meta-data",
                "http://100.64.0.1/",
                "http://0.0.0.0/",
                "http://224.0.0.1/",
                "http://[::1]/",
                "http://[fd00::1]/",
                "http://[fe80::1]/",
                "http://[::ffff:127.0.0.1]/"
            })
    void privateAddressesAreRefusedUnlessAllowed(String address) {
        try (Notifier strict = new Notifier(store.database(), clock, closed)) {
            assertThatThrownBy(() -> strict.webhook(address))
                    .isInstanceOf(PerennialException.class)
                    .hasMessage("webhook '" + address
                            + "' leads to a private address; allow it with perennial.webhook-private=true");
            assertThat(strict.state().path("webhook").asText()).isEmpty();
        }
    }

    @Test
    void anAddressThatWasAllowedOnceIsCheckedAgainBeforeItIsUsed() {
        notifier.webhook(address());
        try (Notifier strict = new Notifier(store.database(), clock, closed)) {
            due("a");
            strict.deliver();
            assertThat(got).isEmpty();
            assertThat(strict.state().path("lastError").asText()).contains("private address");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://example.org/x", "example.org", "http://", "file:///etc/passwd", "http://a b/"})
    void whatIsNoHttpAddressIsRefused(String address) {
        assertThatThrownBy(() -> notifier.webhook(address))
                .isInstanceOf(PerennialException.class)
                .hasMessageStartingWith("webhook '" + address + "'");
    }
}
