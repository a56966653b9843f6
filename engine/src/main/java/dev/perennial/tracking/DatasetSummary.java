package dev.perennial.tracking;

import org.jspecify.annotations.Nullable;

/** A dataset that runs of an experiment used, once for each context. */
public record DatasetSummary(
        long experiment,
        String name,
        String digest,
        @Nullable String context) {}
