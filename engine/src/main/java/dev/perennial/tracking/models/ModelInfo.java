package dev.perennial.tracking.models;

import dev.perennial.tracking.Stage;
import org.jspecify.annotations.Nullable;

/**
 * What a logged model is, without what was logged to it.
 *
 * @param id {@code m-} and 32 hexadecimal digits
 * @param type what the client calls its kind
 * @param sourceRun the run that made it
 * @param createdAt milliseconds since 1970
 */
public record ModelInfo(
        String id,
        long experiment,
        String name,
        @Nullable String type,
        @Nullable String sourceRun,
        String artifactUri,
        ModelStatus status,
        long createdAt,
        long updatedAt,
        Stage stage) {}
