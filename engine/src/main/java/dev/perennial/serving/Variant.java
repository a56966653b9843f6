package dev.perennial.serving;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import org.jspecify.annotations.Nullable;

/**
 * A version behind an endpoint.
 *
 * @param weight share of the traffic in basis points, 0 to 10,000; the champion takes what the others leave
 * @param environment digest of the prepared environment that a Python model runs in; null for others
 * @param load when scorers load it
 * @param resources what it may use of a scorer's machine, an object; null for the defaults
 */
public record Variant(
        VersionRef version,
        Role role,
        int weight,
        Digest manifest,
        Digest file,
        @Nullable String environment,
        Load load,
        @Nullable JsonNode resources) {
    public static final int ALL = 10_000;

    /** What a variant does. */
    public enum Role {
        champion,
        canary,
        shadow,
        /** Loaded and idle, so that a rollback takes effect at once. */
        warm
    }

    /** When scorers load a version. */
    public enum Load {
        /** Before it gets traffic. */
        eager,
        /** With the first request. */
        demand
    }

    /** A variant that is loaded at once and has the default resources. */
    public static Variant of(VersionRef version, Role role, int weight, Digest manifest, Digest file) {
        return new Variant(version, role, weight, manifest, file, null, Load.eager, null);
    }

    /** The same version in another role. */
    Variant as(Role other, int share) {
        return new Variant(version, other, share, manifest, file, environment, load, resources);
    }
}
