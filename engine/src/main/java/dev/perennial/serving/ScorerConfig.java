package dev.perennial.serving;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All that a scorer needs to know, as it travels to it.
 *
 * @param revision grows with every change
 * @param flush when it rises, scorers seal and deliver what they have logged and say so
 * @param access who may ask
 */
public record ScorerConfig(long revision, long flush, List<Endpoint> endpoints, Defaults defaults, Access access) {

    public ScorerConfig {
        endpoints = List.copyOf(endpoints);
    }

    /** With other endpoints, and with who may ask. */
    ScorerConfig with(List<Endpoint> served, Access told) {
        return new ScorerConfig(revision, flush, served, defaults, told);
    }

    /**
     * Who may ask scorers.
     *
     * @param checked whether callers have to show a token
     */
    public record Access(boolean checked, List<Token> tokens) {
        /** Nobody is asked. */
        public static final Access OPEN = new Access(false, List.of());

        public Access {
            tokens = List.copyOf(tokens);
        }
    }

    /**
     * A token that may do something with an endpoint.
     *
     * @param sha256 of its secret
     * @param name of its owner
     * @param until epoch millis
     * @param grants the right by endpoint
     */
    public record Token(String id, String sha256, String name, long until, Map<String, String> grants) {}

    /** @param endpoint answers the routes that name none; null: nobody does */
    public record Defaults(@Nullable String endpoint) {}

    /**
     * @param key columns that form the prediction id
     * @param salt of the split; a new rollout brings a new one
     * @param live false inside a replay
     * @param rollout the newest rollout, named in reports about its candidate; null before the first
     * @param mode how MLflow's scoring protocol reads values
     * @param halves whether the champion's callers are drawn in two halves while there is no canary, to learn how much groups differ
     * @param fallback what answers when the champion itself fails; null: the call fails
     * @param calls whether calls of tensors, which leave no records, are tallied for rollouts
     */
    public record Endpoint(
            String name,
            List<String> key,
            String salt,
            boolean live,
            Clock clock,
            List<ServedVariant> variants,
            Fuse fuse,
            @Nullable String rollout,
            EndpointSettings.Mode mode,
            EndpointSettings.LogPolicy log,
            EndpointSettings.Limits limits,
            EndpointSettings.@Nullable Fallback fallback,
            String project,
            boolean halves,
            boolean calls) {
        /** With what somebody unloaded; what takes traffic is loaded all the same. */
        Endpoint without(Map<String, String> unloaded) {
            return with(variants.stream()
                    .map(variant -> variant.role().equals("warm")
                            ? variant.unloaded(unloaded.get(name + " " + variant.version()))
                            : variant)
                    .toList());
        }

        private Endpoint with(List<ServedVariant> served) {
            return new Endpoint(
                    name, key, salt, live, clock, served, fuse, rollout, mode, log, limits, fallback, project, halves,
                    calls);
        }

        /** What a scorer of a protocol can serve of it; empty when not even its champion. */
        Optional<Endpoint> in(int protocol) {
            List<ServedVariant> served = variants.stream()
                    .filter(variant -> variant.protocol() <= protocol)
                    .toList();
            boolean champion =
                    served.stream().anyMatch(variant -> variant.role().equals("champion"));
            return champion || served.size() == variants.size() ? Optional.of(with(served)) : Optional.empty();
        }
    }

    /** @param until predictions dated later are refused; null: the wall clock */
    public record Clock(@Nullable Long until) {}

    /**
     * @param resources null: the defaults
     * @param fused why a scorer took it out in this rollout, so that every scorer does; null when none did
     * @param unloadedBy who does not want it to be loaded; null when it shall be
     */
    public record ServedVariant(
            String version,
            String role,
            int weight,
            ModelFiles model,
            Variant.Load load,
            @Nullable VariantResources resources,
            @Nullable String fused,
            @Nullable String unloadedBy) {
        private ServedVariant unloaded(@Nullable String by) {
            return new ServedVariant(version, role, weight, model, load, resources, fused, by);
        }

        /** The first protocol of scorers that can serve it: those of protocol 1 know no Python models and unload nothing. */
        int protocol() {
            return model.environment() == null && unloadedBy == null ? 1 : 2;
        }
    }

    /** @param environment digest of the prepared environment of a Python model; null for others */
    public record ModelFiles(
            String manifest, String file, @Nullable String environment) {}

    /**
     * @param errors so many failed candidate calls in a row blow the fuse
     * @param share tolerated share of failed candidate calls
     * @param rows calls that the share is taken over at least
     */
    public record Fuse(int errors, double share, int rows) {
        private static final int IN_A_ROW = 5;
        private static final int ROWS_MIN = 100;
        private static final int GROSS_TIMES = 10;
        private static final double GROSS_MIN = 0.1;
        private static final double GROSS_MAX = 0.5;

        /**
         * The fuse for a tolerated share of failed calls. It blows on what is grossly too many, without a test: an honest candidate that
         * stays under its tolerance must not trip over a handful of calls. What is a little too many the rollout's guard shows.
         */
        public static Fuse tolerating(double share) {
            return new Fuse(IN_A_ROW, Math.clamp(GROSS_TIMES * share, GROSS_MIN, GROSS_MAX), ROWS_MIN);
        }
    }
}
