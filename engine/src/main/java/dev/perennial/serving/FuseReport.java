package dev.perennial.serving;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.ModelId;
import org.jspecify.annotations.Nullable;

/**
 * A scorer took a variant's traffic away by itself.
 *
 * @param rollout the rollout in which it did; null for one that began before rollouts had names
 */
public record FuseReport(
        String id,
        ModelId model,
        int number,
        @Nullable String rollout,
        String reason,
        JsonNode body,
        long reportedAt) {}
