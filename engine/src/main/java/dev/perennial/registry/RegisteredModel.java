package dev.perennial.registry;

import dev.perennial.tracking.KeyValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A named line of versions.
 *
 * @param inLoop whether a lifecycle file keeps it: then its name and its aliases {@code champion} and {@code previous} are the loop's
 * @param createdAt milliseconds since 1970
 * @param updatedAt when it or one of its versions last came, went or changed its stage
 * @param latest the newest version of each stage
 * @param tags by key
 * @param aliases by name
 */
public record RegisteredModel(
        ModelName name,
        boolean inLoop,
        String user,
        @Nullable String description,
        long createdAt,
        long updatedAt,
        List<RegisteredVersion> latest,
        List<KeyValue> tags,
        List<ModelAlias> aliases) {
    /** A model with this tag of value {@code true} is a prompt. */
    public static final String PROMPT_TAG = "mlflow.prompt.is_prompt";

    public RegisteredModel {
        latest = List.copyOf(latest);
        tags = List.copyOf(tags);
        aliases = List.copyOf(aliases);
    }

    /** Whether it holds texts for language models, and shares only its store with the other models. */
    public boolean prompt() {
        return isPrompt(tags);
    }

    static boolean isPrompt(List<KeyValue> tags) {
        return tags.stream()
                .anyMatch(tag ->
                        tag.key().equals(PROMPT_TAG) && tag.value().equalsIgnoreCase("true"));
    }
}
