package dev.perennial.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PageRequest;
import dev.perennial.registry.webhooks.Deliveries;
import dev.perennial.registry.webhooks.Delivery;
import dev.perennial.registry.webhooks.SecretBox;
import dev.perennial.registry.webhooks.Webhook;
import dev.perennial.registry.webhooks.WebhookDraft;
import dev.perennial.registry.webhooks.WebhookStatus;
import dev.perennial.registry.webhooks.Webhooks;
import dev.perennial.testkit.SeededIds;
import dev.perennial.tracking.KeyValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Webhooks, and which deliveries they get. */
abstract class WebhookContract extends RegistryFixture {
    private static final String URL = "https://example.org/hook";
    private static final ModelName M = ModelName.of("m");

    private Webhooks webhooks;
    private Deliveries deliveries;
    private Path key;

    @BeforeEach
    void hooks() {
        key = folder.resolve("webhook.key");
        webhooks =
                new Webhooks(store.database(), clock, SeededIds.of(5, clock), SecretBox.open(key, new SecureRandom()));
        deliveries = new Deliveries(store.database(), clock, SeededIds.of(6, clock));
    }

    private static WebhookDraft draft(String secret, RegistryEvent... events) {
        return new WebhookDraft("hook", null, URL, List.of(events), secret, null);
    }

    private Webhook hook(RegistryEvent... events) {
        return webhooks.create(ANN, "default", draft(null, events));
    }

    /** What was noted for a webhook since it was asked last, oldest first, as {@code EVENT data}. */
    private List<String> noted() {
        deliveries.plan();
        return deliveries.take().stream()
                .map(delivery ->
                        delivery.event() + " " + Json.parse(delivery.body()).path("data"))
                .toList();
    }

    @Test
    void aWebhookIsReadBackWithoutItsSecret() {
        Webhook made = webhooks.create(
                ANN,
                "default",
                new WebhookDraft(
                        "My.hook-1",
                        "tells",
                        URL,
                        List.of(RegistryEvent.PROMPT_CREATED, RegistryEvent.MODEL_VERSION_CREATED),
                        "s3cret",
                        WebhookStatus.DISABLED));
        assertThat(webhooks.get(made.id())).isEqualTo(made);
        assertThat(made.events()).containsExactly(RegistryEvent.PROMPT_CREATED, RegistryEvent.MODEL_VERSION_CREATED);
        assertThat(made.toString()).doesNotContain("s3cret");
        assertThat(webhooks.secret(made.id())).contains("s3cret");
    }

    @Test
    void aSecretIsUnreadableInTheDatabaseAndItsKeyIsTheOwnersAlone() throws IOException {
        Webhook made = webhooks.create(ANN, "default", draft("s3cret", RegistryEvent.PROMPT_CREATED));
        String stored = store.database()
                .read(sql -> sql.createQuery("select secret from webhook")
                        .mapTo(String.class)
                        .one());
        assertThat(new String(Base64.getDecoder().decode(stored), java.nio.charset.StandardCharsets.ISO_8859_1))
                .doesNotContain("s3cret");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
        Webhooks again =
                new Webhooks(store.database(), clock, SeededIds.of(7, clock), SecretBox.open(key, new SecureRandom()));
        assertThat(again.secret(made.id())).contains("s3cret");
    }

    @Test
    void aSecretOpensOnlyForItsWebhookAndItsKey() throws IOException {
        Webhook one = webhooks.create(ANN, "default", draft("one", RegistryEvent.PROMPT_CREATED));
        Webhook two = webhooks.create(ANN, "default", draft("two", RegistryEvent.PROMPT_CREATED));
        store.database()
                .writing(tx -> tx.sql()
                        .createUpdate("update webhook set secret = (select secret from webhook where id = :one)"
                                + " where id = :two")
                        .bind("one", one.id())
                        .bind("two", two.id())
                        .execute());
        refused(ErrorCode.INVALID_STATE, () -> webhooks.secret(two.id())).hasMessageContaining("set it again");
        Files.delete(key);
        Webhooks stranger =
                new Webhooks(store.database(), clock, SeededIds.of(8, clock), SecretBox.open(key, new SecureRandom()));
        refused(ErrorCode.INVALID_STATE, () -> stranger.secret(one.id()));
    }

    @Test
    void aDamagedKeyFileIsNamed() throws IOException {
        Files.writeString(key, "short");
        refused(ErrorCode.INTERNAL, () -> SecretBox.open(key, new SecureRandom()))
                .hasMessageContaining(key.toString());
    }

    @Test
    void onlyWhatIsSaidChanges() {
        Webhook made = webhooks.create(ANN, "default", draft("old", RegistryEvent.PROMPT_CREATED));
        later();
        Webhook changed = webhooks.update(ANN, made.id(), new WebhookDraft(null, "new", null, List.of(), null, null));
        assertThat(changed.description()).isEqualTo("new");
        assertThat(changed.name()).isEqualTo("hook");
        assertThat(changed.events()).isEqualTo(made.events());
        assertThat(changed.updatedAt()).isEqualTo(clock.millis()).isGreaterThan(changed.createdAt());
        assertThat(webhooks.secret(made.id())).contains("old");
        webhooks.update(
                ANN, made.id(), new WebhookDraft(null, null, null, List.of(RegistryEvent.PROMPT_TAG_SET), "", null));
        assertThat(webhooks.secret(made.id())).isEmpty();
        assertThat(webhooks.get(made.id()).events()).containsExactly(RegistryEvent.PROMPT_TAG_SET);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"-a", "a-", "a b", "ü", "a/b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            })
    void aNameThatDoesNotFitIsRefused(String name) {
        refused(ErrorCode.INVALID_ARGUMENT, () -> new WebhookDraft(name, null, URL, List.of(), null, null))
                .hasMessageContaining("Webhook name '" + name + "' is invalid");
    }

    @ParameterizedTest
    @CsvSource({"REGISTERED_MODEL, DELETED", "MODEL_VERSION, SET", "model_version, created", "BUDGET_POLICY, EXCEEDED"})
    void anEventThatIsNeverSentIsRefused(String entity, String action) {
        refused(ErrorCode.INVALID_ARGUMENT, () -> RegistryEvent.of(entity, action))
                .hasMessageContaining("Invalid webhook event '" + entity + "' '" + action + "'");
    }

    @Test
    void webhooksArePagedInTheOrderInWhichTheyWereMade() {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            made.add(hook(RegistryEvent.PROMPT_CREATED).id());
        }
        List<String> seen = new ArrayList<>();
        String token = null;
        do {
            var page = webhooks.list("default", 2, token);
            page.items().forEach(webhook -> seen.add(webhook.id()));
            token = page.next().orElse(null);
        } while (token != null);
        assertThat(seen).isEqualTo(made);
        assertThat(webhooks.list("other", 10, null).items()).isEmpty();
        refused(ErrorCode.INVALID_ARGUMENT, () -> webhooks.list("default", 2, "x"));
    }

    @Test
    void aRemovedWebhookIsGoneWithWhatItWasOwed() {
        Webhook made = hook(RegistryEvent.REGISTERED_MODEL_CREATED);
        model("m");
        deliveries.plan();
        webhooks.delete(ANN, made.id());
        assertThat(deliveries.take()).isEmpty();
        refused(ErrorCode.NOT_FOUND, () -> webhooks.get(made.id()));
        refused(ErrorCode.NOT_FOUND, () -> webhooks.delete(ANN, made.id()));
        refused(ErrorCode.NOT_FOUND, () -> deliveries.log(made.id(), PageRequest.of(null, null)));
    }

    @Test
    void everyChangeOfAModelIsToldToWhoAskedForIt() {
        hook(RegistryEvent.values());
        model("m", new KeyValue("k", "v"));
        version("m", new KeyValue("a", "b"));
        versions.setTag(M, 1, new KeyValue("t", "1"));
        versions.deleteTag(M, 1, "t");
        versions.deleteTag(M, 1, "t");
        models.setTag(M, new KeyValue("no", "event"));
        models.setAlias(ANN, M, "best", 1);
        models.deleteAlias(ANN, M, "best");
        assertThat(noted())
                .containsExactly(
                        "REGISTERED_MODEL_CREATED {\"name\":\"m\",\"tags\":{\"k\":\"v\"},\"description\":null}",
                        "MODEL_VERSION_CREATED"
                                + " {\"name\":\"m\",\"version\":\"1\",\"source\":\"s3://bucket/model\",\"run_id\":null,"
                                + "\"tags\":{\"a\":\"b\"},\"description\":null}",
                        "MODEL_VERSION_TAG_SET {\"name\":\"m\",\"version\":\"1\",\"key\":\"t\",\"value\":\"1\"}",
                        "MODEL_VERSION_TAG_DELETED {\"name\":\"m\",\"version\":\"1\",\"key\":\"t\"}",
                        "MODEL_VERSION_ALIAS_CREATED {\"name\":\"m\",\"alias\":\"best\",\"version\":\"1\"}",
                        "MODEL_VERSION_ALIAS_DELETED {\"name\":\"m\",\"alias\":\"best\"}");
    }

    @Test
    void everyChangeOfAPromptIsToldAsOneOfAPrompt() {
        hook(RegistryEvent.values());
        model("m", PROMPT);
        from("m", "prompt-template", PROMPT, new KeyValue("mlflow.prompt.text", "Hello"));
        versions.setTag(M, 1, new KeyValue("t", "1"));
        versions.deleteTag(M, 1, "t");
        models.setTag(M, new KeyValue("p", "1"));
        models.deleteTag(M, "p");
        models.setAlias(ANN, M, "live", 1);
        models.deleteAlias(ANN, M, "live");
        assertThat(noted())
                .extracting(told -> told.substring(0, told.indexOf(' ')))
                .containsExactly(
                        "PROMPT_CREATED",
                        "PROMPT_VERSION_CREATED",
                        "PROMPT_VERSION_TAG_SET",
                        "PROMPT_VERSION_TAG_DELETED",
                        "PROMPT_TAG_SET",
                        "PROMPT_TAG_DELETED",
                        "PROMPT_ALIAS_CREATED",
                        "PROMPT_ALIAS_DELETED");
    }

    @Test
    void theLoopTellsItsVersionsAndAliasesAndAReplayTellsNothing() {
        hook(RegistryEvent.MODEL_VERSION_CREATED, RegistryEvent.MODEL_VERSION_ALIAS_CREATED);
        loopVersion(LOOP, 1, ModelVersion.State.CHAMPION);
        var replayed = new dev.perennial.kernel.ModelId("flight-delay", "spring");
        loopVersion(replayed, 1, ModelVersion.State.CHAMPION);
        store.database().writing(tx -> {
            loop.alias(tx, LOOP, Registry.CHAMPION, 1, 10);
            loop.alias(tx, replayed, Registry.CHAMPION, 1, 10);
        });
        assertThat(noted())
                .hasSize(2)
                .anyMatch(told -> told.startsWith("MODEL_VERSION_CREATED {\"name\":\"flight-delay\",\"version\":\"1\""))
                .contains("MODEL_VERSION_ALIAS_CREATED"
                        + " {\"name\":\"flight-delay\",\"alias\":\"champion\",\"version\":\"1\"}");
    }

    @Test
    void aChangeThatFailsIsNotTold() {
        hook(RegistryEvent.values());
        model("m");
        noted();
        refused(ErrorCode.ALREADY_EXISTS, () -> model("m"));
        refused(ErrorCode.NOT_FOUND, () -> models.setAlias(ANN, M, "a", 7));
        assertThat(noted()).isEmpty();
    }

    @Test
    void nothingIsNotedForWhoIsDisabledOrAskedForOthersOrCameLater() {
        Webhook disabled = hook(RegistryEvent.REGISTERED_MODEL_CREATED);
        webhooks.update(
                ANN, disabled.id(), new WebhookDraft(null, null, null, List.of(), null, WebhookStatus.DISABLED));
        hook(RegistryEvent.PROMPT_CREATED);
        webhooks.create(ANN, "team", draft(null, RegistryEvent.REGISTERED_MODEL_CREATED));
        model("m");
        hook(RegistryEvent.REGISTERED_MODEL_CREATED);
        assertThat(noted()).isEmpty();
        model("n");
        assertThat(noted()).hasSize(1);
    }

    @Test
    void anEventIsNotedOnceForEachWebhookAlsoAfterARestart() {
        hook(RegistryEvent.REGISTERED_MODEL_CREATED);
        hook(RegistryEvent.REGISTERED_MODEL_CREATED);
        model("m");
        deliveries.plan();
        deliveries.plan();
        store.close();
        reopen();
        hooks();
        deliveries.plan();
        assertThat(deliveries.take())
                .extracting(Delivery::webhook)
                .doesNotHaveDuplicates()
                .hasSize(2);
    }

    @Test
    void aTakenDeliveryIsLeftAloneForAMinuteAndThenTakenAgain() {
        hook(RegistryEvent.REGISTERED_MODEL_CREATED);
        model("m");
        deliveries.plan();
        String body = deliveries.take().getFirst().body();
        assertThat(deliveries.take()).isEmpty();
        clock.advance(Duration.ofSeconds(59));
        assertThat(deliveries.take()).isEmpty();
        clock.advance(Duration.ofSeconds(1));
        assertThat(deliveries.take())
                .singleElement()
                .satisfies(again -> assertThat(again.body()).isEqualTo(body));
    }

    @Test
    void aFailureIsTriedAgainWithGrowingPausesAndThenGivenUp() {
        Webhook made = hook(RegistryEvent.REGISTERED_MODEL_CREATED);
        model("m");
        deliveries.plan();
        long waited = 0;
        for (int tries = 1; tries <= Deliveries.TRIES_MAX; tries++) {
            Delivery delivery = deliveries.take().getFirst();
            assertThat(delivery.tries()).isEqualTo(tries - 1);
            deliveries.settle(delivery, 503, "the webhook answered 503", true);
            long pause = 1L << (2 * (tries - 1));
            clock.advance(Duration.ofSeconds(pause).minusMillis(1));
            assertThat(deliveries.take()).as("not before its time").isEmpty();
            clock.advance(Duration.ofMillis(1));
            waited += pause;
        }
        assertThat(waited).isGreaterThan(3600);
        assertThat(deliveries.take()).isEmpty();
        assertThat(deliveries.log(made.id(), PageRequest.of(null, null)).items())
                .singleElement()
                .satisfies(delivery -> {
                    assertThat(delivery.tries()).isEqualTo(Deliveries.TRIES_MAX);
                    assertThat(delivery.status()).isEqualTo(503);
                    assertThat(delivery.nextAt()).isNull();
                    assertThat(delivery.deliveredAt()).isNull();
                });
    }

    @Test
    void theLogIsPagedNewestFirstAndTellsHowEachWent() {
        Webhook made = hook(RegistryEvent.REGISTERED_MODEL_CREATED);
        for (int i = 0; i < 3; i++) {
            model("m" + i);
            deliveries.plan();
            deliveries.settle(deliveries.take().getFirst(), i == 1 ? 404 : 200, i == 1 ? "no" : null, false);
        }
        var first = deliveries.log(made.id(), PageRequest.of(2, null));
        assertThat(first.items()).extracting(Delivery::status).containsExactly(200, 404);
        assertThat(first.items().getLast().error()).isEqualTo("no");
        assertThat(first.items().getFirst().deliveredAt()).isEqualTo(clock.millis());
        assertThat(deliveries
                        .log(made.id(), PageRequest.of(2, first.next().orElseThrow()))
                        .items())
                .hasSize(1);
    }

    @Test
    void whoMakesChangesAndRemovesWebhooksIsInTheLedgerWithoutTheSecret() {
        Webhook made = webhooks.create(ANN, "default", draft("s3cret", RegistryEvent.PROMPT_CREATED));
        webhooks.update(ANN, made.id(), draft("other", RegistryEvent.PROMPT_CREATED));
        webhooks.delete(ANN, made.id());
        assertThat(ledger())
                .containsExactly(
                        "system.config.change webhook:" + made.id(),
                        "system.config.change webhook:" + made.id(),
                        "system.config.change webhook:" + made.id());
    }
}
