package dev.perennial.registry;

import dev.perennial.tracking.KeyValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A version to register.
 *
 * @param source where its files are: an artifact address of this server, {@code runs:/RUN/PATH} of the given run, {@code models:/..} or
 *     a place in a bucket
 */
public record NewVersion(
        String source,
        @Nullable String run,
        @Nullable String runLink,
        @Nullable String loggedModel,
        @Nullable String description,
        List<KeyValue> tags) {
    public NewVersion {
        tags = List.copyOf(tags);
    }
}
