package dev.perennial.registry.webhooks;

/** Whether a webhook is told of events. */
public enum WebhookStatus {
    ACTIVE,
    DISABLED
}
