package dev.perennial.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.registry.RegistryEvent;
import dev.perennial.registry.webhooks.Deliveries;
import dev.perennial.registry.webhooks.Delivery;
import dev.perennial.registry.webhooks.Webhook;
import dev.perennial.registry.webhooks.Webhooks;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends changes of the registry to webhooks, at least once and signed, on threads of its own: no change waits for it. What fails in a way
 * that may pass is tried again with growing pauses. Thread-safe.
 */
public final class WebhookSender implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WebhookSender.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Set<Integer> PASSING = Set.of(429, 500, 502, 503, 504);
    private static final String MAC = "HmacSHA256";
    private static final int MILLIS = 1000;

    private final Webhooks webhooks;
    private final Deliveries deliveries;
    private final GuardedHttp http;
    private final InstantSource clock;
    private final Ids ids;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("webhooks").factory());

    WebhookSender(Webhooks webhooks, Deliveries deliveries, GuardedHttp http, InstantSource clock, Ids ids) {
        this.webhooks = webhooks;
        this.deliveries = deliveries;
        this.http = http;
        this.clock = clock;
        this.ids = ids;
    }

    /**
     * How a test went.
     *
     * @param status of the answer; null when none came
     */
    public record Tried(@Nullable Integer status, Optional<String> error) {}

    void start() {
        timer.scheduleWithFixedDelay(this::round, 1, 1, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    /** Refuses an address that nothing will be sent to. */
    public void check(String url) {
        if (!http.privateAllowed() && !url.startsWith("https://")) {
            throw PerennialException.invalid(
                    "url", "Invalid webhook URL '" + url + "': expected an address that starts with https://");
        }
        http.check("url", url);
    }

    /** One round over what is new and what is due; the timer calls it each second. */
    void round() {
        try {
            boolean more = true;
            while (more) {
                more = deliveries.plan();
            }
            send(deliveries.take());
        } catch (PerennialException e) {
            LOG.warn("cannot send to webhooks now; trying again", e);
        }
    }

    private void send(List<Delivery> taken) {
        if (taken.isEmpty()) {
            return;
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            taken.forEach(delivery -> threads.execute(() -> send(delivery)));
        }
    }

    private void send(Delivery delivery) {
        GuardedHttp.Answer answer;
        try {
            answer = post(webhooks.get(delivery.webhook()), delivery.id(), delivery.body());
        } catch (PerennialException e) {
            answer = new GuardedHttp.Answer(null, Optional.of(String.valueOf(e.getMessage())));
        }
        boolean again = answer.status() == null || PASSING.contains(answer.status());
        deliveries.settle(delivery, answer.status(), answer.error().orElse(null), again);
    }

    /** Sends an example of an event now, and only once. */
    public Tried test(String id, Optional<RegistryEvent> event) {
        Webhook webhook = webhooks.get(id);
        RegistryEvent shown = event.orElseGet(() -> webhook.events().getFirst());
        GuardedHttp.Answer answer = post(webhook, ids.next(), Deliveries.body(shown, clock.millis(), example(shown)));
        return new Tried(answer.status(), answer.error());
    }

    private GuardedHttp.Answer post(Webhook webhook, String delivery, String body) {
        String timestamp = String.valueOf(clock.millis() / MILLIS);
        Map<String, String> headers = new HashMap<>();
        headers.put("X-MLflow-Delivery-Id", delivery);
        headers.put("X-MLflow-Timestamp", timestamp);
        webhooks.secret(webhook.id())
                .ifPresent(secret -> headers.put(
                        "X-MLflow-Signature", "v1," + signature(secret, delivery + "." + timestamp + "." + body)));
        return http.post("url", webhook.url(), headers, body, PATIENCE);
    }

    private static String signature(String secret, String signed) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), MAC));
            return Base64.getEncoder().encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + MAC, e);
        }
    }

    private static ObjectNode example(RegistryEvent event) {
        boolean prompt = event.entity().startsWith("PROMPT");
        ObjectNode data = Json.object().put("name", prompt ? "example_prompt" : "example_model");
        switch (event) {
            case REGISTERED_MODEL_CREATED, PROMPT_CREATED -> described(data);
            case MODEL_VERSION_CREATED ->
                described(data.put("version", "1").put("source", "models:/123").put("run_id", "abcd1234abcd5678"));
            case PROMPT_VERSION_CREATED -> described(data.put("version", "1").put("template", "Hello {{name}}!"));
            case MODEL_VERSION_TAG_SET, PROMPT_VERSION_TAG_SET ->
                data.put("version", "1").put("key", "example_key").put("value", "example_value");
            case MODEL_VERSION_TAG_DELETED, PROMPT_VERSION_TAG_DELETED ->
                data.put("version", "1").put("key", "example_key");
            case PROMPT_TAG_SET -> data.put("key", "example_key").put("value", "example_value");
            case PROMPT_TAG_DELETED -> data.put("key", "example_key");
            case MODEL_VERSION_ALIAS_CREATED, PROMPT_ALIAS_CREATED ->
                data.put("alias", "example_alias").put("version", "1");
            case MODEL_VERSION_ALIAS_DELETED, PROMPT_ALIAS_DELETED -> data.put("alias", "example_alias");
        }
        return data;
    }

    private static void described(ObjectNode data) {
        data.putObject("tags").put("example_key", "example_value");
        data.put("description", "An example");
    }
}
