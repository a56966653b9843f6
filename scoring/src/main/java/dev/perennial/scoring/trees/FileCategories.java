package dev.perennial.scoring.trees;

import dev.perennial.predictionlog.ColumnType;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.ModelManifest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The texts of category codes: from the manifest, and from the model file where that has them; both must agree. */
final class FileCategories {
    private FileCategories() {}

    /** The manifest with the categories that only the file has. */
    static ModelManifest complete(ModelManifest manifest, Ensemble model) {
        List<Column> columns = manifest.signature().columns().stream()
                .filter(column -> column.type() == ColumnType.CATEGORY)
                .toList();
        ModelManifest complete = manifest;
        if (!model.categories().isEmpty() && model.categories().size() == columns.size()) {
            Map<String, List<String>> merged = new HashMap<>(manifest.categories());
            for (int i = 0; i < columns.size(); i++) {
                String name = columns.get(i).name();
                List<String> own = model.categories().get(i);
                List<String> given = merged.putIfAbsent(name, own);
                if (given != null && !given.equals(own)) {
                    throw model.refusal()
                            .of("its categories of column '" + name + "' are " + own + ", the manifest lists " + given);
                }
            }
            complete = ModelManifest.of(manifest.format(), manifest.signature(), merged);
        }
        checkCodes(complete, model);
        return complete;
    }

    /** A split on a code that has no text belongs to other categories than those listed. */
    private static void checkCodes(ModelManifest manifest, Ensemble model) {
        int[] listed = new int[model.features()];
        for (int i = 0; i < listed.length; i++) {
            Column column = manifest.signature().column(i);
            List<String> texts = manifest.categories().getOrDefault(column.name(), List.of());
            listed[i] = column.type() == ColumnType.CATEGORY ? texts.size() : Integer.MAX_VALUE;
        }
        for (Tree tree : model.trees()) {
            for (int node = 0; node < tree.size(); node++) {
                if (tree.categorical(node)) {
                    int feature = tree.features()[node];
                    int largest = model.sets().largest((int) tree.values()[node]);
                    if (largest >= listed[feature]) {
                        throw model.refusal()
                                .of("it splits feature " + feature + " on category code " + largest
                                        + ", the manifest lists " + listed[feature] + " categories");
                    }
                }
            }
        }
    }
}
