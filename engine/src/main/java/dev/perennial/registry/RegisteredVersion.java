package dev.perennial.registry;

import dev.perennial.tracking.KeyValue;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A version as every client sees it, whoever made it.
 *
 * @param number counts from 1 and is never given again
 * @param user whoever registered it; empty when nobody said
 * @param tags by key
 * @param aliases by name
 * @param figures what the loop measured when it judged its own version; empty for others
 * @param params of the logged model that it was made from, by key; empty for others
 */
public record RegisteredVersion(
        ModelName model,
        int number,
        Origin origin,
        VersionStage stage,
        Standing standing,
        Times times,
        String user,
        @Nullable String description,
        List<KeyValue> tags,
        List<String> aliases,
        Map<String, Double> figures,
        List<KeyValue> params) {

    public RegisteredVersion {
        tags = List.copyOf(tags);
        aliases = List.copyOf(aliases);
        figures = Map.copyOf(figures);
        params = List.copyOf(params);
    }

    /** Milliseconds since 1970. */
    public record Times(long createdAt, long updatedAt) {}

    /**
     * Where a version comes from.
     *
     * @param source as it was given
     * @param storage where its files are, when the source only leads there
     * @param run the tracked run that made it
     * @param runLink an address of a run on another server
     * @param loggedModel id of the logged model
     */
    public record Origin(
            String source,
            @Nullable String storage,
            @Nullable String run,
            @Nullable String runLink,
            @Nullable String loggedModel) {}

    /**
     * Whether it can be used.
     *
     * @param message why not; null when it can
     * @param manifest digest of the list of its files as they were when it was registered
     */
    public record Standing(
            Status status,
            @Nullable String message,
            @Nullable String manifest) {}

    /** States of a registration, with the names of the wire. */
    public enum Status {
        PENDING_REGISTRATION,
        FAILED_REGISTRATION,
        READY
    }
}
