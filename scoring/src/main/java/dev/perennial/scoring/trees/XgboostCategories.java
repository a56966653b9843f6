package dev.perennial.scoring.trees;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the categories that XGBoost keeps since version 3.1 of the data frame by which it was trained: for each feature offsets into the
 * bytes of its texts. Categories that are numbers have a type instead of offsets.
 */
final class XgboostCategories {
    private final Numbers numbers;
    private final List<List<String>> lists = new ArrayList<>();
    private boolean texts = true;
    private int count;

    XgboostCategories(Numbers numbers) {
        this.numbers = numbers;
    }

    void read(Tokens tokens) {
        tokens.beginObject();
        for (String name = tokens.name(); name != null; name = tokens.name()) {
            if (!name.equals("enc")) {
                tokens.skip();
                continue;
            }
            tokens.beginArray();
            while (tokens.element()) {
                feature(tokens);
            }
        }
    }

    private void feature(Tokens tokens) {
        int[] offsets = {};
        double[] values = {};
        tokens.beginObject();
        for (String name = tokens.name(); name != null; name = tokens.name()) {
            switch (name) {
                case "offsets" -> {
                    tokens.numbers(numbers);
                    offsets = numbers.toInts(name);
                }
                case "values" -> {
                    tokens.numbers(numbers);
                    values = numbers.toDoubles();
                }
                default -> {
                    texts = false;
                    tokens.skip();
                }
            }
        }
        count += Math.max(1, offsets.length);
        if (count > Bounds.TEXTS_MAX) {
            throw Refusal.XGBOOST.of("more than " + Bounds.TEXTS_MAX + " texts of categories");
        }
        if (texts && offsets.length > 0) {
            lists.add(texts(offsets, values));
        }
    }

    private static List<String> texts(int[] offsets, double[] values) {
        byte[] all = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            all[i] = (byte) values[i];
        }
        List<String> texts = new ArrayList<>();
        for (int i = 1; i < offsets.length; i++) {
            int from = offsets[i - 1];
            if (from < 0 || from > offsets[i] || offsets[i] > all.length) {
                throw Refusal.XGBOOST.of("the texts of its categories do not fit together");
            }
            texts.add(new String(all, from, offsets[i] - from, StandardCharsets.UTF_8));
        }
        return List.copyOf(texts);
    }

    /** By categorical feature the texts of its codes; empty when there are none, or when some are no texts. */
    List<List<String>> lists() {
        return texts ? List.copyOf(lists) : List.of();
    }
}
