package dev.perennial.serving;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.VersionId;

/**
 * A version behind an endpoint.
 *
 * @param weight share of the traffic in basis points, 0 to 10,000; the champion takes what the others leave
 */
public record Variant(VersionId version, Role role, int weight, Digest manifest, Digest file) {
    public static final int ALL = 10_000;

    /** What a variant does. */
    public enum Role {
        champion,
        canary,
        shadow,
        /** Loaded and idle, so that a rollback takes effect at once. */
        warm
    }
}
