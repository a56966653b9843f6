package dev.perennial.worker.training;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns rows into the trainer's matrix. A number is itself, NaN when missing. A category is its index among the sorted values seen in
 * training; a missing one is NaN and follows the learnt default direction; one never seen gets the index after the last, which no split
 * names, hence it goes with "all others".
 *
 * @param categories by feature, values in code order
 */
record Encoding(List<FeatureType> features, Map<String, List<String>> categories) {

    /** Categories seen among the given rows. */
    static Encoding learn(List<FeatureType> features, SnapshotRows rows, int[] chosen) {
        Map<String, List<String>> categories = new LinkedHashMap<>();
        for (FeatureType feature : features) {
            if (rows.feature(feature.name()) instanceof FeatureColumn.Texts texts) {
                categories.put(feature.name(), texts.categories(chosen));
            }
        }
        return new Encoding(features, categories);
    }

    /** Row after row. */
    float[] matrix(SnapshotRows rows, int[] chosen) {
        int width = features.size();
        float[] matrix = new float[Math.multiplyExact(chosen.length, width)];
        for (int column = 0; column < width; column++) {
            switch (rows.feature(features.get(column).name())) {
                case FeatureColumn.Numbers numbers -> {
                    for (int i = 0; i < chosen.length; i++) {
                        matrix[i * width + column] = numbers.values()[chosen[i]];
                    }
                }
                case FeatureColumn.Texts texts -> fill(matrix, column, texts, chosen);
            }
        }
        return matrix;
    }

    private void fill(float[] matrix, int column, FeatureColumn.Texts texts, int[] chosen) {
        List<String> known = categories.getOrDefault(texts.name(), List.of());
        int[] codes = texts.codes(known);
        for (int i = 0; i < chosen.length; i++) {
            int position = texts.positions()[chosen[i]];
            float code = position < 0 ? Float.NaN : codes[position] < 0 ? known.size() : codes[position];
            matrix[i * features.size() + column] = code;
        }
    }
}
