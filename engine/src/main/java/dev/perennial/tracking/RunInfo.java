package dev.perennial.tracking;

import org.jspecify.annotations.Nullable;

/**
 * What a run is, without what it logged.
 *
 * @param id 32 hexadecimal digits
 * @param user whoever the client says; not authenticated
 */
public record RunInfo(
        String id,
        long experiment,
        String name,
        String user,
        RunStatus status,
        @Nullable Long startedAt,
        @Nullable Long endedAt,
        String artifactUri,
        Stage stage) {}
