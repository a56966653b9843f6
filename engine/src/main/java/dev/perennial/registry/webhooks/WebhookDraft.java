package dev.perennial.registry.webhooks;

import dev.perennial.kernel.PerennialException;
import dev.perennial.registry.RegistryEvent;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is said of a webhook when it is made or changed; null where nothing is said.
 *
 * @param url already checked by whoever will send there
 * @param secret signs what is sent; an empty one takes the secret away
 */
public record WebhookDraft(
        @Nullable String name,
        @Nullable String description,
        @Nullable String url,
        List<RegistryEvent> events,
        @Nullable String secret,
        @Nullable WebhookStatus status) {
    private static final Pattern NAME =
            Pattern.compile("[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?", Pattern.CASE_INSENSITIVE);
    private static final int TEXT_MAX = 2048;
    private static final int DESCRIPTION_MAX = 10_000;

    public WebhookDraft {
        events = events.stream().distinct().toList();
        if (name != null && !NAME.matcher(name).matches()) {
            throw PerennialException.invalid(
                    "name",
                    "Webhook name '" + name
                            + "' is invalid. It must start and end with a letter or digit, have at most 63"
                            + " characters, and contain only letters, digits, dots, underscores and hyphens.");
        }
        atMost("url", url, TEXT_MAX);
        atMost("secret", secret, TEXT_MAX);
        atMost("description", description, DESCRIPTION_MAX);
    }

    private static void atMost(String field, @Nullable String text, int max) {
        if (text != null && text.length() > max) {
            throw PerennialException.invalid(
                    field,
                    "'" + field + "' has " + text.length() + " characters, expected at most " + max + " of them");
        }
    }
}
