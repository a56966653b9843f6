package dev.perennial.scorer.serving;

import dev.perennial.scorer.config.ScorerConfig.FallbackConfig;
import dev.perennial.scoring.ModelFailure;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What answers when the champion itself fails, as the endpoint declares: another version that is loaded, or a constant.
 *
 * @param variant null for a constant
 * @param constant of no meaning beside a variant
 */
record Fallback(@Nullable Variant variant, double constant) {
    /** @param others variants of the endpoint that are loaded; a version that is not among them is no fallback */
    static Optional<Fallback> of(@Nullable FallbackConfig config, List<Variant> others) {
        if (config == null) {
            return Optional.empty();
        }
        if (config.constant() != null && config.constant().size() == 1) {
            return Optional.of(new Fallback(null, config.constant().getFirst()));
        }
        return others.stream()
                .filter(variant -> variant.version().equals(config.version()))
                .findFirst()
                .map(variant -> new Fallback(variant, Double.NaN));
    }

    /** @throws ModelFailure when the other version fails too */
    double score(Instance row, Schema schema) {
        return variant == null ? constant : variant.score(row, schema);
    }
}
