package dev.perennial.worker.training;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.worker.StepFailure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/** Boosted trees by XGBoost on one thread: the same rows, settings and library give the same bytes. */
final class GradientBoosting {
    private static final int CURVE_STEP = 10;

    private final XgboostLibrary library;

    GradientBoosting(XgboostLibrary library) {
        this.library = library;
    }

    /**
     * @param model the library's JSON
     * @param curve training log loss after that many trees
     * @param importance share of the summed gain, by feature
     */
    record Trained(byte[] model, Map<Integer, Double> curve, Map<String, Double> importance) {}

    /** @param progress takes the number of trees that are ready */
    Trained train(BoostingSettings settings, Encoding encoding, float[] matrix, float[] labels, IntConsumer progress) {
        library.load();
        try {
            DMatrix data =
                    new DMatrix(matrix, labels.length, encoding.features().size(), Float.NaN);
            try {
                data.setLabel(labels);
                data.setFeatureNames(
                        encoding.features().stream().map(FeatureType::name).toArray(String[]::new));
                data.setFeatureTypes(encoding.features().stream()
                        .map(feature -> feature.category() ? "c" : "float")
                        .toArray(String[]::new));
                return boost(settings, data, encoding, progress);
            } finally {
                data.dispose();
            }
        } catch (XGBoostError e) {
            throw failed(e);
        }
    }

    private static Trained boost(BoostingSettings settings, DMatrix data, Encoding encoding, IntConsumer progress)
            throws XGBoostError {
        Map<Integer, Double> curve = new LinkedHashMap<>();
        DMatrix[] watched = {data};
        Booster booster = XGBoost.train(data, settings.library(), 1, Map.of(), null, null);
        try {
            for (int tree = 1; tree <= settings.trees(); tree++) {
                if (tree > 1) {
                    booster.update(data, tree - 1);
                }
                if (tree % CURVE_STEP == 0 || tree == settings.trees()) {
                    float[] loss = new float[1];
                    booster.evalSet(watched, new String[] {"train"}, tree - 1, loss);
                    curve.put(tree, (double) loss[0]);
                    progress.accept(tree);
                }
            }
            byte[] model = booster.toByteArray("json");
            return new Trained(model, curve, importance(Json.parse(model), encoding.features()));
        } finally {
            booster.dispose();
        }
    }

    /** The library's own predictor: probabilities of class 1. */
    double[] predict(byte[] model, Encoding encoding, float[] matrix) {
        library.load();
        try {
            Booster booster = XGBoost.loadModel(model);
            try {
                booster.setParam("nthread", 1);
                DMatrix data = new DMatrix(
                        matrix,
                        matrix.length / encoding.features().size(),
                        encoding.features().size(),
                        Float.NaN);
                try {
                    data.setFeatureNames(
                            encoding.features().stream().map(FeatureType::name).toArray(String[]::new));
                    data.setFeatureTypes(encoding.features().stream()
                            .map(feature -> feature.category() ? "c" : "float")
                            .toArray(String[]::new));
                    return java.util.Arrays.stream(booster.predict(data))
                            .mapToDouble(row -> row[0])
                            .toArray();
                } finally {
                    data.dispose();
                }
            } finally {
                booster.dispose();
            }
        } catch (XGBoostError | java.io.IOException e) {
            throw failed(e);
        }
    }

    private static Map<String, Double> importance(JsonNode model, List<FeatureType> features) {
        double[] gains = new double[features.size()];
        double total = 0;
        for (JsonNode tree : model.at("/learner/gradient_booster/model/trees")) {
            JsonNode left = tree.get("left_children");
            for (int node = 0; node < left.size(); node++) {
                if (left.get(node).asInt() >= 0) {
                    double gain = tree.get("loss_changes").get(node).asDouble();
                    gains[tree.get("split_indices").get(node).asInt()] += gain;
                    total += gain;
                }
            }
        }
        List<Map.Entry<String, Double>> shares = new ArrayList<>();
        for (int i = 0; i < gains.length; i++) {
            shares.add(Map.entry(features.get(i).name(), total == 0 ? 0 : gains[i] / total));
        }
        Map<String, Double> byShare = new LinkedHashMap<>();
        shares.stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .forEach(e -> byShare.put(e.getKey(), e.getValue()));
        return byShare;
    }

    private static StepFailure failed(Exception e) {
        return new StepFailure(StepFailure.Kind.INFRA, "XGBoost failed: " + e.getMessage());
    }
}
