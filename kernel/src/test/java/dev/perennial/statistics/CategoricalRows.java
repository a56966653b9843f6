package dev.perennial.statistics;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reference rows on counts. */
final class CategoricalRows {
    private CategoricalRows() {}

    static @Nullable Object compute(ReferenceRow row) {
        Object score = score(row);
        return score == NumericRows.UNKNOWN ? test(row) : score;
    }

    private static Object score(ReferenceRow row) {
        return switch (row.method()) {
            case "psi" -> BinScores.psi(row.reference(), row.current(), zeros(row.params()));
            case "quantile_bins" -> {
                double[] edges = edges(row);
                yield Map.of(
                        "edges", edges,
                        "reference_counts", QuantileEdges.count(edges, row.reference()),
                        "current_counts", QuantileEdges.count(edges, row.current()));
            }
            case "psi_numeric" -> {
                double[] edges = edges(row);
                double psi = BinScores.psi(
                        BinScores.doubles(QuantileEdges.count(edges, row.reference())),
                        BinScores.doubles(QuantileEdges.count(edges, row.current())),
                        zeros(row.params()));
                yield row.row().get("expected").isObject() ? Map.of("edges", edges, "psi", psi) : psi;
            }
            case "psi_critical_value" ->
                BinScores.psiCritical(
                        BinScores.sum(row.reference()),
                        BinScores.sum(row.current()),
                        row.reference().length,
                        row.param("alpha"));
            case "psi_p_value" -> judged(row, 0).pEqual();
            case "psi_tolerance_p" -> judged(row, row.param("tolerance")).pTol();
            case "psi_null_mean" -> BinScores.psiWithoutDrift(row.param("n"), row.param("m"), (int) row.param("bins"));
            case "js_tolerance_p" -> {
                double distance = BinScores.jensenShannonDistance(row.reference(), row.current());
                double tolerance = row.param("tolerance_distance");
                yield ToleranceTest.judge(
                                ToleranceTest.Kind.JENSEN_SHANNON_BITS,
                                distance * distance,
                                tolerance * tolerance,
                                size(row),
                                row.reference().length,
                                0.05)
                        .pTol();
            }
            case "js_distance" ->
                row.params().get("base").asText().equals("e")
                        ? Math.sqrt(BinScores.jensenShannon(row.reference(), row.current()))
                        : BinScores.jensenShannonDistance(row.reference(), row.current());
            case "js_distance_critical" ->
                BinScores.jensenShannonDistanceCritical(
                        row.param("n"), row.param("m"), (int) row.param("bins"), row.param("alpha"));
            case "js_divergence" -> BinScores.jensenShannonBits(row.reference(), row.current());
            case "kl_divergence" -> BinScores.kullbackLeibler(row.reference(), row.current());
            case "hellinger" -> BinScores.hellinger(row.reference(), row.current());
            case "total_variation" -> BinScores.totalVariation(row.reference(), row.current());
            case "l_infinity" -> BinScores.maximum(row.reference(), row.current());
            case "cohens_w" -> BinScores.cohenW(row.reference(), row.current());
            default -> NumericRows.UNKNOWN;
        };
    }

    private static Object test(ReferenceRow row) {
        return switch (row.method()) {
            case "chi_square_homogeneity" -> {
                boolean table = row.has("table");
                double[] first = table ? row.vectors("table")[0] : row.reference();
                double[] second = table ? row.vectors("table")[1] : row.current();
                yield Contingency.chiSquare(
                        first, second, row.params().path("yates").asBoolean());
            }
            case "g_test_homogeneity" -> Contingency.gTest(row.reference(), row.current());
            case "chi_square_merged" -> {
                Contingency.Merged merged =
                        Contingency.mergeRare(row.reference(), row.current(), row.param("min_expected"));
                Contingency.Result result = Contingency.chiSquare(merged.reference(), merged.current());
                yield Map.of(
                        "reference", merged.reference(),
                        "current", merged.current(),
                        "statistic", result.statistic(),
                        "dof", result.dof(),
                        "p", result.p());
            }
            case "cramers_v" ->
                Contingency.cramersV(
                                row.reference(),
                                row.current(),
                                row.params().get("bias_corrected").asBoolean())
                        .value();
            case "wilson_interval" -> bounds(Proportions.wilson(rate(row)[0], rate(row)[1], row.param("level")));
            case "clopper_pearson" ->
                bounds(Proportions.clopperPearson((long) rate(row)[0], (long) rate(row)[1], row.param("level")));
            case "newcombe_difference" ->
                bounds(Proportions.newcombe(
                        rate(row)[0], rate(row)[1], rate(row)[2], rate(row)[3], row.param("level")));
            case "two_proportion_z" -> Proportions.difference(rate(row)[0], rate(row)[1], rate(row)[2], rate(row)[3]);
            case "cohens_h" -> Proportions.cohenH(rate(row)[0] / rate(row)[1], rate(row)[2] / rate(row)[3]);
            case "fisher_exact" -> {
                int[] k = Arrays.stream(rate(row)).mapToInt(x -> (int) x).toArray();
                yield Contingency.fisherExact(k[0], k[1], k[2], k[3]);
            }
            case "poisson_volume_p" -> {
                double[] pair = row.numbers("expected_observed");
                yield Proportions.poissonVolume(pair[0], (long) pair[1]);
            }
            case "adjusted_p" ->
                MultipleTesting.adjust(
                        row.numbers("p"), method(row.params().get("method").asText()));
            default -> NumericRows.UNKNOWN;
        };
    }

    private static MultipleTesting.Method method(String name) {
        return switch (name) {
            case "bh" -> MultipleTesting.Method.BENJAMINI_HOCHBERG;
            case "by" -> MultipleTesting.Method.BENJAMINI_YEKUTIELI;
            case "holm" -> MultipleTesting.Method.HOLM;
            default -> MultipleTesting.Method.BONFERRONI;
        };
    }

    private static double[] rate(ReferenceRow row) {
        return row.numbers("k1_n1_k2_n2");
    }

    static double[] bounds(Interval interval) {
        return new double[] {interval.low(), interval.high()};
    }

    private static double size(ReferenceRow row) {
        return ToleranceTest.effectiveSize(BinScores.sum(row.reference()), BinScores.sum(row.current()));
    }

    private static ToleranceTest.Judgement judged(ReferenceRow row, double tolerance) {
        double psi = BinScores.psi(row.reference(), row.current());
        return ToleranceTest.judge(psi, tolerance, size(row), row.reference().length, 0.05);
    }

    private static double[] edges(ReferenceRow row) {
        double[] sorted = row.reference();
        Arrays.sort(sorted);
        return QuantileEdges.of(sorted, (int) row.param("bins"));
    }

    private static BinScores.Zeros zeros(JsonNode params) {
        return switch (params.get("zero_mode").asText()) {
            case "floor" -> new BinScores.Zeros.Floor(params.get("eps").asDouble());
            case "jeffreys" -> new BinScores.Zeros.Jeffreys();
            default -> new BinScores.Zeros.Keep();
        };
    }
}
