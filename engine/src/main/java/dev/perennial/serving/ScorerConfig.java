package dev.perennial.serving;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that a scorer needs to know, as it travels to it.
 *
 * @param revision grows with every change
 * @param flush when it rises, scorers seal and deliver what they have logged and say so
 */
public record ScorerConfig(long revision, long flush, List<Endpoint> endpoints, Defaults defaults) {

    public ScorerConfig {
        endpoints = List.copyOf(endpoints);
    }

    /** @param endpoint answers the routes that name none; null: nobody does */
    public record Defaults(@Nullable String endpoint) {}

    /**
     * @param key columns that form the prediction id
     * @param salt of the split; a new rollout brings a new one
     * @param live false inside a replay
     * @param rollout the newest rollout, named in reports about its candidate; null before the first
     * @param mode how MLflow's scoring protocol reads values
     * @param fallback what answers when the champion itself fails; null: the call fails
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
            String project) {}

    /** @param until predictions dated later are refused; null: the wall clock */
    public record Clock(@Nullable Long until) {}

    /** @param resources null: the defaults */
    public record ServedVariant(
            String version,
            String role,
            int weight,
            ModelFiles model,
            Variant.Load load,
            @Nullable JsonNode resources) {}

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
