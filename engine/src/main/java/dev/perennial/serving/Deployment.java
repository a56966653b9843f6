package dev.perennial.serving;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ModelId;
import org.jspecify.annotations.Nullable;

/**
 * A version on its way to an endpoint, or what became of it.
 *
 * @param source as it was asked for, for example {@code models:/iris@best}
 * @param run the pipeline run that looks at it
 * @param message why it was refused or failed; empty otherwise
 * @param role what it became; null until then
 * @param weight its share in basis points when it was put there
 * @param manifest digest of the manifest that scorers load; null until it is made
 * @param file digest of the model file
 * @param environment digest of the prepared environment of a Python model
 * @param admission verdict, reason and evidence; null until it was looked at
 * @param endedAt null while it runs
 */
public record Deployment(
        String id,
        ModelId endpoint,
        VersionRef version,
        String source,
        @JsonIgnore Plan plan,
        String run,
        State state,
        String message,
        Variant.@Nullable Role role,
        int weight,
        @Nullable Digest manifest,
        @Nullable Digest file,
        @Nullable String environment,
        @Nullable JsonNode admission,
        String by,
        String reason,
        long startedAt,
        @Nullable Long endedAt) {
    /** Where a deployment stands. */
    public enum State {
        RUNNING,
        /** The version is a variant. */
        DEPLOYED,
        /** Its admission was refused. */
        REFUSED,
        FAILED,
        CANCELLED
    }

    /**
     * What is to become of a version that is admitted.
     *
     * @param weight share of a canary in basis points; 0 for a shadow
     * @param now it replaces the champion at once
     * @param minor whether a Python model may run on another patch release of the Python that it names
     * @param rollout what the rollout engine is to do with it; null: nothing
     */
    public record Plan(
            int weight,
            boolean now,
            Variant.Load load,
            @Nullable JsonNode resources,
            boolean minor,
            @Nullable JsonNode rollout) {
        public static final Plan SHADOW = new Plan(0, false, Variant.Load.eager, null, false, null);
        public static final Plan NOW = new Plan(0, true, Variant.Load.eager, null, false, null);

        /** What was stored as null is null again, and no node that stands for it. */
        public Plan {
            resources = resources == null || resources.isNull() ? null : resources;
            rollout = rollout == null || rollout.isNull() ? null : rollout;
        }

        /** A canary with a share in basis points. */
        public static Plan canary(int weight) {
            return new Plan(weight, false, Variant.Load.eager, null, false, null);
        }
    }
}
