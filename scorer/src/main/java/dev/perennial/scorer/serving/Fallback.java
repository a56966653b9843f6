package dev.perennial.scorer.serving;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.config.ScorerConfig.FallbackConfig;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.TabularModel;
import dev.perennial.tensors.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What answers when the champion itself fails, as the endpoint declares: another version that is loaded, or a constant. Calls that the
 * champion could not take for their own fault are not its failure, and nothing stands in.
 *
 * @param variant null for a constant
 * @param constant the score of every row; of no meaning beside the others
 * @param outputs constants of an endpoint that answers tensors; null for others
 */
record Fallback(
        @Nullable Variant variant,
        double constant,
        @Nullable ConstantOutputs outputs) {
    private static final Logger LOG = LoggerFactory.getLogger(Fallback.class);

    /**
     * What an endpoint declares.
     *
     * @param others variants of the endpoint that are loaded; a version that is not among them is no fallback
     * @return empty also when what is declared does not fit the champion, which is logged
     */
    static Optional<Fallback> of(@Nullable FallbackConfig config, Variant champion, List<Variant> others) {
        if (config == null) {
            return Optional.empty();
        }
        boolean rows = champion.model() instanceof TabularModel;
        Double constant = constant(config);
        if (constant != null) {
            return rows
                    ? Optional.of(new Fallback(null, constant, null))
                    : misfit(champion, "is a score of rows, the model gives tensors; declare 'outputs'");
        }
        if (config.outputs() != null) {
            return rows
                    ? misfit(champion, "is of tensors, the model scores rows; declare 'constant'")
                    : outputs(config.outputs(), champion);
        }
        return others.stream()
                .filter(variant -> variant.version().equals(config.version()))
                .findFirst()
                .map(variant -> new Fallback(variant, Double.NaN, null));
    }

    /** The score of every row; null when none is declared. */
    private static @Nullable Double constant(FallbackConfig config) {
        if (config.constant() != null && config.constant().size() == 1) {
            return config.constant().getFirst();
        }
        Map<String, JsonNode> outputs = config.outputs();
        JsonNode score = outputs == null || outputs.size() != 1 ? null : outputs.get(TabularModel.SCORE);
        return score != null && score.isNumber() ? score.doubleValue() : null;
    }

    private static Optional<Fallback> outputs(Map<String, JsonNode> declared, Variant champion) {
        try {
            return Optional.of(new Fallback(
                    null,
                    Double.NaN,
                    ConstantOutputs.of(declared, champion.model().schema())));
        } catch (PerennialException e) {
            LOG.error("{} has no fallback: {}", champion.version(), e.getMessage());
            return Optional.empty();
        }
    }

    private static Optional<Fallback> misfit(Variant champion, String what) {
        LOG.error("{} has no fallback: the declared constant {}", champion.version(), what);
        return Optional.empty();
    }

    /** @throws ModelFailure when the other version fails too */
    double score(Instance row, Schema schema) {
        return variant == null ? constant : variant.score(row, schema);
    }

    /** Name of what answers: the version, or that it is a constant. */
    String name() {
        return variant == null ? Answer.CONSTANT : variant.version();
    }

    /**
     * What is to answer in place of a champion that failed.
     *
     * @throws ModelFailure the same when it is the caller's fault, or when the endpoint declares nothing
     */
    static Fallback replacing(Endpoint endpoint, ModelFailure failure) {
        if (failure.kind() == ModelFailure.Kind.INPUT) {
            throw failure;
        }
        return endpoint.fallback().orElseThrow(() -> failure);
    }

    /**
     * Answers tensors in place of the champion.
     *
     * @param failure the champion's
     * @throws ModelFailure the champion's own, when the other version takes or gives other tensors or fails too
     */
    List<Tensor> run(Variant champion, List<Tensor> inputs, RunLimit limit, ModelFailure failure) {
        if (outputs != null) {
            return outputs.instead(inputs);
        }
        if (variant == null || !variant.model().schema().equals(champion.model().schema())) {
            throw failure;
        }
        try {
            return variant.run(inputs, limit);
        } catch (ModelFailure e) {
            failure.addSuppressed(e);
            throw failure;
        }
    }
}
