package dev.perennial.scoring.trees;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads LightGBM's text model of versions v3 and v4: a head, blocks of trees, and the categories of a data frame at the end. */
final class LightgbmReader {
    private static final Refusal REFUSAL = Refusal.LIGHTGBM;
    private static final String CATEGORIES = "pandas_categorical:";

    private final TextLines lines;
    private final Map<String, String> head = new HashMap<>();
    private final CategorySets sets = new CategorySets(REFUSAL);
    private final LightgbmTrees trees = new LightgbmTrees(new Numbers(REFUSAL), sets);
    private boolean average;
    private String categories = "";

    private LightgbmReader(byte[] file) {
        this.lines = new TextLines(file, REFUSAL);
    }

    static Ensemble read(byte[] file) {
        return new LightgbmReader(file).read();
    }

    private Ensemble read() {
        if (!lines.next() || !lines.word().equals("tree")) {
            throw REFUSAL.of("its first line is not 'tree'");
        }
        readHead();
        boolean ended = trees.read(lines);
        while (lines.next()) {
            String behind = lines.behind(CATEGORIES);
            categories = behind.isEmpty() ? categories : behind;
        }
        if (!ended) {
            throw REFUSAL.of("it ends before 'end of trees'");
        }
        return ensemble();
    }

    /** Everything before the first tree. */
    private void readHead() {
        while (lines.next() && !lines.word().equals("Tree") && !lines.word().equals("end of trees")) {
            switch (lines.word()) {
                case "average_output" -> average = true;
                case "version",
                        "num_class",
                        "num_tree_per_iteration",
                        "max_feature_idx",
                        "objective",
                        "feature_names" -> {
                    if (head.put(lines.word(), lines.value()) != null) {
                        throw REFUSAL.of("'" + lines.word() + "' stands twice");
                    }
                }
                default -> {}
            }
        }
    }

    private Ensemble ensemble() {
        String version = needed("version");
        if (!version.equals("v3") && !version.equals("v4")) {
            throw REFUSAL.of("its version is '" + version + "', only v3 and v4 are supported");
        }
        int classes = whole("num_class");
        int sums = head.containsKey("num_tree_per_iteration") ? whole("num_tree_per_iteration") : classes;
        if (sums < 1 || sums > Bounds.CLASSES_MAX) {
            throw REFUSAL.of(sums + " trees in an iteration; 1 to " + Bounds.CLASSES_MAX + " are possible");
        }
        int last = whole("max_feature_idx");
        if (last < 0 || last >= Bounds.FEATURES_MAX) {
            throw REFUSAL.of("'max_feature_idx' is " + last + "; 0 to " + (Bounds.FEATURES_MAX - 1) + " are possible");
        }
        List<Tree> read = trees.checked(last + 1);
        if (read.size() % sums != 0) {
            throw REFUSAL.of(read.size() + " trees are no whole number of iterations of " + sums);
        }
        LightgbmObjective objective = LightgbmObjective.of(head.getOrDefault("objective", ""), sums);
        int[] classOf = new int[read.size()];
        Arrays.setAll(classOf, t -> t % sums);
        return new Ensemble(
                REFUSAL,
                List.copyOf(read),
                sets,
                classOf,
                sums,
                new double[sums],
                average ? Math.max(1, read.size() / sums) : 1,
                objective.link(),
                objective.slope(),
                false,
                false,
                false,
                last + 1,
                names(last + 1),
                frameCategories());
    }

    private String needed(String word) {
        String value = head.get(word);
        if (value == null) {
            throw REFUSAL.of("it has no '" + word + "'");
        }
        return value;
    }

    private int whole(String word) {
        String value = needed(word);
        try {
            return Integer.parseInt(value.strip());
        } catch (NumberFormatException e) {
            throw REFUSAL.of("'" + word + "' is '" + value + "', which is no whole number");
        }
    }

    /** Names that LightGBM made itself say nothing. */
    private List<String> names(int features) {
        String value = head.getOrDefault("feature_names", "");
        List<String> names = value.isBlank() ? List.of() : List.of(value.strip().split(" +", features + 2));
        if (!names.isEmpty() && names.size() != features) {
            throw REFUSAL.of("the number of its feature names is not that of its " + features + " features");
        }
        for (int i = 0; i < names.size(); i++) {
            if (!names.get(i).equals("Column_" + i)) {
                return names;
            }
        }
        return List.of();
    }

    /** Categories of the data frame by which it was trained, when all of them are texts. */
    private List<List<String>> frameCategories() {
        if (categories.isBlank() || categories.strip().equals("null")) {
            return List.of();
        }
        if (categories.length() > Bounds.TEXT_BYTES_MAX) {
            throw REFUSAL.of("its categories take " + categories.length() + " characters; at most "
                    + Bounds.TEXT_BYTES_MAX + " are possible");
        }
        List<List<String>> lists = new ArrayList<>();
        for (JsonNode list : parsed(categories)) {
            List<String> texts = new ArrayList<>();
            for (JsonNode text : list) {
                if (!text.isTextual()) {
                    return List.of();
                }
                texts.add(text.textValue());
            }
            lists.add(List.copyOf(texts));
        }
        return List.copyOf(lists);
    }

    private static JsonNode parsed(String text) {
        try {
            return Json.parse(text);
        } catch (PerennialException e) {
            throw REFUSAL.of("its '" + CATEGORIES + "' is no JSON: " + e.getMessage());
        }
    }
}
