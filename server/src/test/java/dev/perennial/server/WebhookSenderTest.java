package dev.perennial.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PageRequest;
import dev.perennial.registry.ModelName;
import dev.perennial.registry.RegistryEvent;
import dev.perennial.registry.RegistryRoom;
import dev.perennial.registry.webhooks.Delivery;
import dev.perennial.registry.webhooks.SecretBox;
import dev.perennial.registry.webhooks.Webhook;
import dev.perennial.registry.webhooks.WebhookDraft;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.FreePort;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import dev.perennial.tracking.TrackingRuns;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a receiver on the other side of a real connection gets. */
class WebhookSenderTest {
    private static final int BLOCK = 64;

    private record Got(
            String body,
            @Nullable String id,
            @Nullable String timestamp,
            @Nullable String signature,
            String host) {}

    @TempDir
    Path folder;

    private final TestClock clock = TestClock.fixed();
    private final List<Got> got = new CopyOnWriteArrayList<>();
    private final Vertx vertx = Vertx.vertx();
    private final GuardedHttp http = new GuardedHttp(vertx, true);
    private Store store;
    private RegistryRoom registry;
    private WebhookSender sender;
    private HttpServer receiver;
    private volatile int answer = 200;

    @BeforeEach
    void open() throws IOException {
        store = Store.open(
                StoreSettings.local(folder.resolve("data")), clock, SeededIds.of(1, clock), new SecureRandom());
        Ids ids = SeededIds.of(2, clock);
        registry = RegistryRoom.of(
                store.database(),
                clock,
                ids,
                new TrackingRuns(store.database(), store.blobs(), clock, ids),
                SecretBox.open(folder.resolve("webhook.key"), new SecureRandom()));
        sender = new WebhookSender(registry.webhooks(), registry.deliveries(), http, clock, ids);
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/hook", exchange -> {
            var headers = exchange.getRequestHeaders();
            got.add(new Got(
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
                    headers.getFirst("X-MLflow-Delivery-Id"),
                    headers.getFirst("X-MLflow-Timestamp"),
                    headers.getFirst("X-MLflow-Signature"),
                    headers.getFirst("Host")));
            exchange.getResponseHeaders().add("Location", "/elsewhere");
            exchange.sendResponseHeaders(answer, -1);
            exchange.close();
        });
        receiver.start();
    }

    @AfterEach
    void close() {
        receiver.stop(0);
        sender.close();
        vertx.close();
        store.close();
    }

    private String url(String host) {
        return "http://" + host + ":" + receiver.getAddress().getPort() + "/hook?a=b";
    }

    private Webhook hook(String url, String secret) {
        return registry.webhooks()
                .create(
                        "user:ann",
                        "default",
                        new WebhookDraft(
                                "hook", null, url, List.of(RegistryEvent.REGISTERED_MODEL_CREATED), secret, null));
    }

    private void model(String name) {
        registry.models().create("user:ann", ModelName.of(name), null, List.of());
    }

    private Delivery last(Webhook webhook) {
        return registry.deliveries()
                .log(webhook.id(), PageRequest.of(null, null))
                .items()
                .getFirst();
    }

    @Test
    void aMessageArrivesOnceSignedSoThatTheReceiverCanTell() throws GeneralSecurityException {
        Webhook webhook = hook(url("127.0.0.1"), "s3cret");
        model("größe");
        sender.round();
        sender.round();
        assertThat(got).hasSize(1);
        Got message = got.getFirst();
        JsonNode body = Json.parse(message.body());
        assertThat(body.path("entity").asText()).isEqualTo("registered_model");
        assertThat(body.path("action").asText()).isEqualTo("created");
        assertThat(Instant.parse(body.path("timestamp").asText()).toEpochMilli())
                .isEqualTo(clock.millis());
        assertThat(body.at("/data/name").asText()).isEqualTo("größe");
        assertThat(message.timestamp()).isEqualTo(String.valueOf(clock.millis() / 1000));
        assertThat(message.signature())
                .isEqualTo("v1,"
                        + Base64.getEncoder()
                                .encodeToString(hmac(
                                        "s3cret", message.id() + "." + message.timestamp() + "." + message.body())));
        assertThat(last(webhook).deliveredAt()).isEqualTo(clock.millis());
        assertThat(last(webhook).id()).isEqualTo(message.id());
    }

    /** HMAC by its definition, from the plain hash. */
    private static byte[] hmac(String secret, String text) throws GeneralSecurityException {
        byte[] key = Arrays.copyOf(secret.getBytes(StandardCharsets.UTF_8), BLOCK);
        byte[] inner = new byte[BLOCK];
        byte[] outer = new byte[BLOCK];
        for (int i = 0; i < BLOCK; i++) {
            inner[i] = (byte) (key[i] ^ 0x36);
            outer[i] = (byte) (key[i] ^ 0x5c);
        }
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        sha.update(inner);
        byte[] first = sha.digest(text.getBytes(StandardCharsets.UTF_8));
        sha.update(outer);
        return sha.digest(first);
    }

    @Test
    void withoutASecretNothingIsSigned() {
        hook(url("127.0.0.1"), "");
        model("m");
        sender.round();
        assertThat(got.getFirst().signature()).isNull();
    }

    @Test
    void theReceiverSeesTheNameThatWasAskedForAndTheWholeAddress() {
        hook(url("localhost"), "");
        model("m");
        sender.round();
        assertThat(got.getFirst().host())
                .isEqualTo("localhost:" + receiver.getAddress().getPort());
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 502, 503, 504})
    void whatMayPassIsTriedAgainWithTheSameIdAndBody(int status) {
        Webhook webhook = hook(url("127.0.0.1"), "s3cret");
        answer = status;
        model("m");
        sender.round();
        sender.round();
        assertThat(got).as("not at once").hasSize(1);
        assertThat(last(webhook).error()).isEqualTo("the webhook answered " + status);
        answer = 204;
        clock.advance(Duration.ofSeconds(1));
        sender.round();
        assertThat(got).hasSize(2);
        assertThat(got.get(1).id()).isEqualTo(got.get(0).id());
        assertThat(got.get(1).body()).isEqualTo(got.get(0).body());
        assertThat(got.get(1).signature())
                .as("signed with the time of the second try")
                .isNotEqualTo(got.get(0).signature());
        assertThat(last(webhook).error()).isNull();
        assertThat(last(webhook).tries()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 307, 400, 401, 404, 410, 501})
    void whatWillNotPassIsGivenUpAndRedirectsAreNotFollowed(int status) {
        Webhook webhook = hook(url("127.0.0.1"), "");
        answer = status;
        model("m");
        sender.round();
        clock.advance(Duration.ofHours(2));
        sender.round();
        assertThat(got).hasSize(1);
        assertThat(last(webhook).status()).isEqualTo(status);
        assertThat(last(webhook).nextAt()).isNull();
    }

    @Test
    void aReceiverThatIsAwayIsTriedAgain() throws IOException {
        int port = FreePort.any();
        Webhook webhook = hook("http://127.0.0.1:" + port + "/", "");
        model("m");
        sender.round();
        assertThat(last(webhook).error()).startsWith("the webhook cannot be reached");
        assertThat(last(webhook).status()).isNull();
        assertThat(last(webhook).nextAt()).isEqualTo(clock.millis() + 1000);
    }

    @Test
    void oneReceiverThatFailsDoesNotKeepOthersFromTheirs() {
        hook("http://127.0.0.1:1/", "");
        hook(url("127.0.0.1"), "");
        model("m");
        sender.round();
        assertThat(got).hasSize(1);
    }

    @Test
    void anAddressThatBecamePrivateIsNotCalled() {
        Webhook webhook = hook(url("127.0.0.1"), "");
        GuardedHttp closed = new GuardedHttp(vertx, false);
        try (WebhookSender strict =
                new WebhookSender(registry.webhooks(), registry.deliveries(), closed, clock, SeededIds.of(3, clock))) {
            model("m");
            strict.round();
            assertThat(got).isEmpty();
            assertThat(last(webhook).error()).contains("private address");
            assertThat(strict.test(webhook.id(), Optional.empty()).error().orElseThrow())
                    .contains("private address");
            assertThatThrownBy(() -> strict.check("http://example.org/"))
                    .hasMessageContaining("expected an address that starts with https://");
            assertThatThrownBy(() -> strict.check("https://127.0.0.1/")).hasMessageContaining("private address");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "::ffff:10.0.0.1",
                "::10.0.0.1",
                "2002:7f00:0001::",
                "2002:c0a8:0001::1",
                "64:ff9b::a9fe:a9fe",
                "fd12::1",
                "fe80::1",
                "ff02::1",
                "::",
                "169.254.169.254",
                "172.31.255.255",
                "100.127.0.1",
                "192.0.0.8",
                "198.19.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "0.1.2.3"
            })
    void addressesThatAreNobodysPublicOnesAreKnownInAnyDisguise(String ip) throws UnknownHostException {
        assertThat(GuardedHttp.isPrivate(InetAddress.getByName(ip))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"8.8.8.8", "172.32.0.1", "100.128.0.1", "192.169.0.1", "2606:4700::1111", "64:ff9b::808:808"})
    void publicAddressesAreNot(String ip) throws UnknownHostException {
        assertThat(GuardedHttp.isPrivate(InetAddress.getByName(ip))).isFalse();
    }

    @Test
    void aTestSendsAnExampleNowAndSaysWhatCameBack() {
        Webhook webhook = hook(url("127.0.0.1"), "s3cret");
        for (RegistryEvent event : RegistryEvent.values()) {
            assertThat(sender.test(webhook.id(), Optional.of(event)))
                    .isEqualTo(new WebhookSender.Tried(200, Optional.empty()));
            JsonNode body = Json.parse(got.getLast().body());
            assertThat(body.path("entity").asText().toUpperCase(java.util.Locale.ROOT))
                    .isEqualTo(event.entity());
            assertThat(body.at("/data/name").asText()).startsWith("example_");
        }
        answer = 500;
        assertThat(sender.test(webhook.id(), Optional.empty()))
                .isEqualTo(new WebhookSender.Tried(500, Optional.of("the webhook answered 500")));
        assertThat(registry.deliveries()
                        .log(webhook.id(), PageRequest.of(null, null))
                        .items())
                .as("tests are not deliveries")
                .isEmpty();
    }
}
