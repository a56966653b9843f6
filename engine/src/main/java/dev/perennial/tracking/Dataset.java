package dev.perennial.tracking;

import org.jspecify.annotations.Nullable;

/** Data that a run read. Within an experiment name and digest identify it. */
public record Dataset(
        String name,
        String digest,
        String sourceType,
        String source,
        @Nullable String schema,
        @Nullable String profile) {}
