package dev.perennial.serving;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.ModelId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A scorer took a variant's traffic away by itself.
 *
 * @param rollout the rollout in which it did; null for one that began before rollouts had names
 */
public record FuseReport(
        String id, ModelId model, int number, @Nullable String rollout, String reason, JsonNode body, long reportedAt) {

    /** Whether it may be of this rollout: it is, or does not say of which. */
    public boolean in(@Nullable String other) {
        return rollout == null || rollout.equals(other);
    }

    /** The version; empty where the scorer's words are not kept and its number must do. */
    public Optional<VersionRef> version() {
        String named = body.path("version").asText("");
        return named.isEmpty() ? Optional.empty() : Optional.of(VersionRef.parse(named));
    }
}
