package dev.perennial.registry.webhooks;

import dev.perennial.registry.RegistryEvent;
import org.jspecify.annotations.Nullable;

/**
 * One message for one webhook, and how it went.
 *
 * @param body as it is sent, each time the same
 * @param tries so far
 * @param createdAt milliseconds since 1970
 * @param nextAt when it is tried next; null when it is settled
 * @param deliveredAt null when it has not arrived
 * @param status of the last answer; null when none came
 * @param error why it has not arrived
 */
public record Delivery(
        String id,
        String webhook,
        RegistryEvent event,
        String body,
        int tries,
        long createdAt,
        @Nullable Long nextAt,
        @Nullable Long deliveredAt,
        @Nullable Integer status,
        @Nullable String error) {}
