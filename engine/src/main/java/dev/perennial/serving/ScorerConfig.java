package dev.perennial.serving;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that a scorer needs to know, as it travels to it.
 *
 * @param revision grows with every change
 * @param flush when it rises, scorers seal and deliver what they have logged and say so
 */
public record ScorerConfig(long revision, long flush, List<Endpoint> endpoints) {

    public ScorerConfig {
        endpoints = List.copyOf(endpoints);
    }

    /**
     * @param key columns that form the prediction id
     * @param salt of the split
     * @param live false inside a replay
     */
    public record Endpoint(
            String name,
            List<String> key,
            String salt,
            boolean live,
            Clock clock,
            List<ServedVariant> variants,
            Fuse fuse) {}

    /** @param until predictions dated later are refused; null: the wall clock */
    public record Clock(@Nullable Long until) {}

    public record ServedVariant(String version, String role, int weight, ModelFiles model) {}

    public record ModelFiles(String manifest, String file) {}

    /**
     * @param errors so many failed candidate calls in a row blow the fuse
     * @param share tolerated share of failed candidate calls
     * @param rows calls that the share is taken over at least
     */
    public record Fuse(int errors, double share, int rows) {}
}
