package dev.perennial.server.mlflow;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.Right;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PageRequest;
import dev.perennial.registry.RegistryEvent;
import dev.perennial.registry.RegistryRoom;
import dev.perennial.registry.webhooks.Deliveries;
import dev.perennial.registry.webhooks.Delivery;
import dev.perennial.registry.webhooks.Webhook;
import dev.perennial.registry.webhooks.WebhookDraft;
import dev.perennial.registry.webhooks.WebhookStatus;
import dev.perennial.registry.webhooks.Webhooks;
import dev.perennial.server.WebhookSender;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The calls under {@code webhooks}; the log of deliveries is our own. Secrets are taken and never given. */
final class WebhookCalls {
    private static final String ID = "webhook_id";
    private static final int LIMIT_MAX = 1000;
    private static final int LIMIT_DEFAULT = 100;
    private static final Need ADMINISTRATOR = new Need(Right.MANAGE, Need.Target.INSTALLATION, "");

    private final Webhooks webhooks;
    private final Deliveries deliveries;
    private final WebhookSender sender;

    WebhookCalls(RegistryRoom registry, WebhookSender sender) {
        this.webhooks = registry.webhooks();
        this.deliveries = registry.deliveries();
        this.sender = sender;
    }

    void register(Calls calls) {
        calls.on("POST 2.0 webhooks", ADMINISTRATOR, this::create);
        calls.on("GET 2.0 webhooks", ADMINISTRATOR, this::list);
        calls.on("GET 2.0 webhooks/{webhook_id}", ADMINISTRATOR, asked -> wrapped(webhooks.get(id(asked))));
        calls.on(
                "PATCH 2.0 webhooks/{webhook_id}",
                ADMINISTRATOR,
                asked -> wrapped(webhooks.update(Actor.of(asked), id(asked), draft(asked.fields()))));
        calls.on("DELETE 2.0 webhooks/{webhook_id}", ADMINISTRATOR, asked -> {
            webhooks.delete(Actor.of(asked), id(asked));
            return Json.object();
        });
        calls.on("POST 2.0 webhooks/{webhook_id}/test", ADMINISTRATOR, this::test);
        calls.on("GET 2.0 webhooks/{webhook_id}/deliveries", ADMINISTRATOR, this::log);
    }

    private static String id(Call.Asked asked) {
        return asked.fields().required(ID);
    }

    private ObjectNode create(Call.Asked asked) {
        Fields fields = asked.fields();
        fields.required("name");
        fields.required("url");
        if (fields.messages("events").isEmpty()) {
            throw fields.missing("events");
        }
        return wrapped(webhooks.create(Actor.of(asked), Actor.project(asked), draft(fields)));
    }

    private WebhookDraft draft(Fields fields) {
        String url = fields.filled("url");
        WebhookDraft draft = new WebhookDraft(
                fields.filled("name"),
                fields.text("description"),
                url,
                fields.messages("events").stream().map(WebhookCalls::event).toList(),
                fields.text("secret"),
                fields.constant("status", WebhookStatus.class));
        if (url != null) {
            sender.check(url);
        }
        return draft;
    }

    private static RegistryEvent event(Fields event) {
        return RegistryEvent.of(event.required("entity"), event.required("action"));
    }

    private ObjectNode list(Call.Asked asked) {
        Fields fields = asked.fields();
        return Wire.page(
                "webhooks",
                webhooks.list(
                        Actor.project(asked),
                        fields.integer("max_results", 1, LIMIT_MAX, LIMIT_DEFAULT),
                        fields.filled("page_token")),
                WebhookCalls::webhook);
    }

    private static ObjectNode wrapped(Webhook webhook) {
        ObjectNode node = Json.object();
        node.set("webhook", webhook(webhook));
        return node;
    }

    private static ObjectNode webhook(Webhook webhook) {
        ObjectNode node = Json.object()
                .put(ID, webhook.id())
                .put("name", webhook.name())
                .put("url", webhook.url())
                .put("status", webhook.status().name())
                .put("creation_timestamp", webhook.createdAt())
                .put("last_updated_timestamp", webhook.updatedAt());
        if (webhook.description() != null) {
            node.put("description", webhook.description());
        }
        ArrayNode events = node.putArray("events");
        webhook.events()
                .forEach(event ->
                        events.addObject().put("entity", event.entity()).put("action", event.action()));
        return node;
    }

    /** The body of the answer is not told: whoever tests must not read foreign addresses through this server. */
    private ObjectNode test(Call.Asked asked) {
        Fields fields = asked.fields();
        Fields event = fields.message("event");
        WebhookSender.Tried tried =
                sender.test(id(asked), event == null ? Optional.empty() : Optional.of(event(event)));
        ObjectNode node = Json.object();
        ObjectNode result =
                node.putObject("result").put("success", tried.error().isEmpty());
        if (tried.status() != null) {
            result.put("response_status", tried.status());
        }
        tried.error().ifPresent(error -> result.put("error_message", error));
        return node;
    }

    private ObjectNode log(Call.Asked asked) {
        Fields fields = asked.fields();
        PageRequest page =
                PageRequest.of(fields.integer("max_results", 1, LIMIT_MAX, LIMIT_DEFAULT), fields.filled("page_token"));
        return Wire.page("deliveries", deliveries.log(id(asked), page), WebhookCalls::delivery);
    }

    private static ObjectNode delivery(Delivery delivery) {
        ObjectNode node = Json.object()
                .put("delivery_id", delivery.id())
                .put("entity", delivery.event().entity())
                .put("action", delivery.event().action())
                .put("tries", delivery.tries())
                .put("creation_timestamp", delivery.createdAt());
        putNumber(node, "next_timestamp", delivery.nextAt());
        putNumber(node, "delivered_timestamp", delivery.deliveredAt());
        if (delivery.status() != null) {
            node.put("response_status", delivery.status());
        }
        if (delivery.error() != null) {
            node.put("error_message", delivery.error());
        }
        return node;
    }

    private static void putNumber(ObjectNode node, String name, @Nullable Long number) {
        if (number != null) {
            node.put(name, number);
        }
    }
}
