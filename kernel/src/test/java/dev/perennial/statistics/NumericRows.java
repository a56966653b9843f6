package dev.perennial.statistics;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reference rows on raw numbers and vectors. */
final class NumericRows {
    static final Object UNKNOWN = new Object();

    private NumericRows() {}

    static @Nullable Object compute(ReferenceRow row) {
        return switch (row.method()) {
            case "ks_statistic" -> KolmogorovSmirnov.statistic(row.reference(), row.current());
            case "ks_p_exact" -> KolmogorovSmirnov.pExact(row.reference(), row.current());
            case "ks_p_limit" ->
                KolmogorovSmirnov.pLimit(
                        KolmogorovSmirnov.statistic(row.reference(), row.current()),
                        row.reference().length,
                        row.current().length);
            case "ks_p_asymptotic_finite" -> KolmogorovSmirnov.pFinite(row.reference(), row.current());
            case "ks_critical_value" -> KolmogorovSmirnov.critical(row.param("n"), row.param("m"), row.param("alpha"));
            case "ks_lower_bound" ->
                KolmogorovSmirnov.lowerBound(
                        KolmogorovSmirnov.statistic(row.reference(), row.current()),
                        row.reference().length,
                        row.current().length,
                        row.param("alpha"));
            case "ks_equal_n_for_d" -> KolmogorovSmirnov.sizeToDetect(row.param("d"), row.param("alpha"));
            case "ks_from_bins" -> {
                Interval bounds = KolmogorovSmirnov.boundsFromBins(row.reference(), row.current());
                yield Map.of("lower", bounds.low(), "upper", bounds.high());
            }
            case "wasserstein" -> SampleDistances.wasserstein(row.reference(), row.current());
            case "wasserstein_normalised" ->
                SampleDistances.wassersteinNormalised(row.reference(), row.current())
                        .value();
            case "wasserstein_weighted" ->
                SampleDistances.wasserstein(
                        row.reference(),
                        row.numbers("reference_weights"),
                        row.current(),
                        row.numbers("current_weights"));
            case "energy_distance" -> SampleDistances.energy(row.reference(), row.current());
            case "anderson_darling_2samp" ->
                SampleDistances.andersonDarling(row.reference(), row.current()).value();
            case "cramer_von_mises_2samp" -> SampleDistances.cramerVonMises(row.reference(), row.current());
            case "cramer_von_mises_p_exact" ->
                SampleDistances.cramerVonMisesPExact(row.reference(), row.current())
                        .value();
            case "mmd2" ->
                Embeddings.mmdSquared(
                        row.vectors("reference"),
                        row.vectors("current"),
                        row.param("sigma"),
                        row.params().get("estimator").asText().equals("unbiased"));
            case "median_heuristic_sigma" ->
                Embeddings.medianDistance(row.vectors("reference"), row.vectors("current"));
            case "pca_reconstruction_error" ->
                Embeddings.reconstruction(
                        row.vectors("reference"), row.vectors("current"), (int) row.param("components"));
            case "embedding_centroid_distance" ->
                Embeddings.centroids(row.vectors("reference"), row.vectors("current"));
            case "compat_evidently_psi" -> Compatibility.evidentlyPsi(row.reference(), row.current());
            case "compat_evidently_js" -> Compatibility.evidentlyJensenShannon(row.reference(), row.current());
            case "compat_nannyml_js" -> Compatibility.nannymlJensenShannon(row.reference(), row.current());
            case "identical_samples" ->
                Map.of(
                        "ks", KolmogorovSmirnov.statistic(row.reference(), row.current()),
                        "wasserstein", SampleDistances.wasserstein(row.reference(), row.current()),
                        "energy", SampleDistances.energy(row.reference(), row.current()),
                        "psi", BinScores.psi(row.reference(), row.current()),
                        "js", BinScores.jensenShannonDistance(row.reference(), row.current()));
            case "attribution_ndcg" ->
                Attribution.ndcg(row.reference(), row.current()).value();
            case "attribution_js" -> Attribution.jensenShannonDistance(row.reference(), row.current());
            case "attribution_rank_correlation" ->
                Map.of(
                        "spearman",
                                Ranks.spearman(row.reference(), row.current()).value(),
                        "kendall_tau_b",
                                Ranks.kendallTauB(row.reference(), row.current())
                                        .value());
            default -> UNKNOWN;
        };
    }
}
