package dev.perennial.registry.webhooks;

import dev.perennial.registry.RegistryEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An address that wants to hear of changes in the registry. Its secret is not part of it: nobody reads that back.
 *
 * @param events in the order in which they were asked for
 * @param createdAt milliseconds since 1970
 * @param updatedAt milliseconds since 1970
 */
public record Webhook(
        String id,
        String name,
        @Nullable String description,
        String url,
        List<RegistryEvent> events,
        WebhookStatus status,
        long createdAt,
        long updatedAt) {
    public Webhook {
        events = List.copyOf(events);
    }
}
