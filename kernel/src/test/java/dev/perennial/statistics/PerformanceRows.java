package dev.perennial.statistics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reference rows on labels and predictions. */
final class PerformanceRows {
    private PerformanceRows() {}

    static @Nullable Object compute(ReferenceRow row) {
        Object result = probabilities(row);
        result = result == NumericRows.UNKNOWN ? classes(row) : result;
        return result == NumericRows.UNKNOWN ? others(row) : result;
    }

    private static double @Nullable [] weight(ReferenceRow row) {
        return row.has("weight") ? row.numbers("weight") : null;
    }

    private static Object probabilities(ReferenceRow row) {
        return switch (row.method()) {
            case "roc_auc" ->
                RocAuc.of(row.flags("y"), row.numbers("score"), weight(row)).value();
            case "delong" -> {
                RocAuc.WithError auc = RocAuc.delong(row.flags("y"), row.numbers("score"), 0.95);
                yield Map.of(
                        "auc", auc.auc(), "se", auc.standardError(), "ci95", CategoricalRows.bounds(auc.interval()));
            }
            case "hanley_mcneil_se" -> {
                double[] v = row.numbers("auc_npos_nneg");
                yield RocAuc.hanleyMcNeil(v[0], v[1], v[2]);
            }
            case "average_precision" ->
                Classification.averagePrecision(row.flags("y"), row.numbers("score"), weight(row))
                        .orElse(0);
            case "log_loss" ->
                Probabilities.logLoss(row.flags("y"), row.numbers("p"), weight(row), Probabilities.EPSILON)
                        .loss()
                        .value();
            case "brier" ->
                Probabilities.brier(row.flags("y"), row.numbers("p")).value();
            case "ece" -> {
                int bins = (int) row.param("bins");
                Probabilities.CalibrationError error =
                        row.params().get("binning").asText().equals("equal_width")
                                ? Probabilities.calibrationEqualWidth(row.flags("y"), row.numbers("p"), bins)
                                : Probabilities.calibrationEqualMass(row.flags("y"), row.numbers("p"), bins);
                yield Map.of("ece", error.expected(), "mce", error.maximum());
            }
            case "log_loss_multiclass" ->
                Probabilities.logLossMulti(row.classes("y"), row.vectors("proba"))
                        .value();
            case "brier_multiclass" ->
                Probabilities.brierMulti(row.classes("y"), row.vectors("proba")).value();
            case "roc_auc_ovr_macro" ->
                RocAuc.oneVersusRestMacro(row.classes("y"), row.vectors("proba"))
                        .value();
            case "isotonic" -> {
                Isotonic fit = Isotonic.fit(row.numbers("x"), row.numbers("y"));
                double[] predicted = row.numbers("query");
                for (int i = 0; i < predicted.length; i++) {
                    predicted[i] = fit.predict(predicted[i]);
                }
                yield Map.of("x", fit.x(), "fitted", fit.fitted(), "predicted", predicted);
            }
            default -> NumericRows.UNKNOWN;
        };
    }

    private static Object classes(ReferenceRow row) {
        return switch (row.method()) {
            case "precision_recall_f1" -> {
                Classification.Confusion counts = Classification.Confusion.of(row.flags("y"), row.flags("yhat"));
                yield Map.of(
                        "precision", counts.precision().orElse(0),
                        "recall", counts.recall().orElse(0),
                        "f1", counts.f1().orElse(0));
            }
            case "mcc" -> Classification.mcc(matrix(row)).value();
            case "balanced_accuracy" ->
                Classification.balancedAccuracy(matrix(row)).value();
            case "f1_multiclass" -> Classification.f1(matrix(row));
            case "cbpe_binary" -> {
                PerformanceEstimate estimate =
                        PerformanceEstimate.of(row.numbers("score"), row.numbers("calibrated"), row.flags("yhat"));
                Classification.Confusion counts = estimate.expected();
                yield Map.of(
                        "tp", counts.tp(),
                        "fp", counts.fp(),
                        "fn", counts.fn(),
                        "tn", counts.tn(),
                        "accuracy", counts.accuracy().value(),
                        "precision", counts.precision().value(),
                        "recall", counts.recall().value(),
                        "specificity", counts.specificity().value(),
                        "f1", counts.f1().value(),
                        "auc", estimate.auc().value());
            }
            case "fairness" -> {
                Fairness gaps = Fairness.of(row.flags("y"), row.flags("yhat"), row.texts("group"), 0);
                yield Map.of(
                        "demographic_parity_difference",
                                gaps.demographicParityDifference().value(),
                        "demographic_parity_ratio",
                                gaps.demographicParityRatio().value(),
                        "equal_opportunity_difference",
                                gaps.equalOpportunityDifference().value(),
                        "equalized_odds_difference",
                                gaps.equalizedOddsDifference().value(),
                        "equalized_odds_ratio", gaps.equalizedOddsRatio().value(),
                        "predictive_parity_difference",
                                gaps.predictiveParityDifference().value(),
                        "four_fifths_pass", gaps.fourFifthsPass());
            }
            default -> NumericRows.UNKNOWN;
        };
    }

    private static double[][] matrix(ReferenceRow row) {
        return Classification.matrix(row.classes("y"), row.classes("yhat"), 3);
    }

    private static Object others(ReferenceRow row) {
        double[] actual = row.has("y") ? row.numbers("y") : new double[0];
        double[] predicted = row.has("prediction") ? row.numbers("prediction") : new double[0];
        return switch (row.method()) {
            case "regression" -> {
                Regression.Sums sums = Regression.Sums.of(actual, predicted);
                yield Map.of(
                        "rmse", sums.rmse().value(),
                        "mae", sums.mae().value(),
                        "mse", sums.mse().value(),
                        "r2", sums.r2().value(),
                        "mean_error", sums.meanError().value(),
                        "median_absolute_error",
                                Regression.medianAbsoluteError(actual, predicted)
                                        .value(),
                        "max_error", Regression.maxError(actual, predicted).value());
            }
            case "regression_weighted" ->
                Map.of(
                        "rmse",
                                Regression.weightedRmse(actual, predicted, row.numbers("weight"))
                                        .value(),
                        "mae",
                                Regression.weightedMae(actual, predicted, row.numbers("weight"))
                                        .value(),
                        "r2",
                                Regression.weightedR2(actual, predicted, row.numbers("weight"))
                                        .value());
            case "r2" -> Regression.Sums.of(actual, predicted).r2().value();
            case "quantile_loss" ->
                Regression.quantileLoss(actual, predicted, row.param("alpha")).value();
            case "mape" -> Regression.mapeUnguarded(actual, predicted).value();
            case "mape_skip_zero" -> {
                Metric mape = Regression.mape(actual, predicted);
                yield Map.of(
                        "mape",
                        mape.value(),
                        "excluded",
                        Integer.parseInt(mape.note().split(" ")[0]));
            }
            case "smape" -> Regression.smape(actual, predicted).value();
            case "ndcg" ->
                Ranking.ndcg(
                                row.numbers("gain"),
                                row.numbers("score"),
                                row.params().get("k").asInt())
                        .orElse(0);
            case "ndcg_exponential" ->
                Ranking.ndcgExponential(
                                row.numbers("gain"),
                                row.numbers("score"),
                                row.params().get("k").asInt())
                        .value();
            case "top_k" -> {
                Ranking.TopK at = Ranking.topK(lists(row, "ranked"), lists(row, "relevant"), (int) row.param("k"));
                yield Map.of(
                        "hit_rate", at.hitRate(),
                        "mrr", at.mrr(),
                        "precision", at.precision(),
                        "recall", at.recall(),
                        "map", at.map());
            }
            default -> NumericRows.UNKNOWN;
        };
    }

    private static List<List<String>> lists(ReferenceRow row, String name) {
        List<List<String>> lists = new ArrayList<>();
        row.input(name).forEach(list -> lists.add(ReferenceRow.texts(list)));
        return lists;
    }
}
