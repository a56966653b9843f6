package dev.perennial.worker.data;

import dev.perennial.data.SnapshotManifest.Column;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepFailure.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The columns of a snapshot's parts: key, times, label, features. */
final class SnapshotColumns {
    private static final Set<String> FIXED = Set.of("event_time", "prediction_time", "label_time", "day", "label");

    private final List<String> select = new ArrayList<>();
    private final List<Column> described = new ArrayList<>();
    private final List<Feature> features;

    /** A feature and its type: {@code category} or {@code number}. */
    record Feature(String name, String type) {
        boolean category() {
            return type.equals("category");
        }
    }

    SnapshotColumns(LifecycleFile file, FeatureQuery query) {
        features = query.categories().entrySet().stream()
                .map(entry -> new Feature(entry.getKey(), entry.getValue() ? "category" : "number"))
                .toList();
        for (String key : file.base().key()) {
            if (FIXED.contains(key)) {
                continue;
            }
            if (features.stream().noneMatch(feature -> feature.name().equals(key))) {
                add(key, query.base().schema().type(key).word(), Sql.name("k:" + key));
            }
        }
        add("event_time", "timestamp", "make_timestamp(event * 1000)");
        add("prediction_time", "timestamp", "make_timestamp(t * 1000)");
        add("label_time", "timestamp", "make_timestamp(label_time * 1000)");
        add("day", "date", "day");
        add("label", "label", "CAST(label AS TINYINT)");
        for (Feature feature : features) {
            if (FIXED.contains(feature.name())) {
                throw new StepFailure(
                        Kind.CONFIG,
                        "feature '" + feature.name()
                                + "' has the name of a column that every snapshot has; rename it with 'as'");
            }
            add(feature.name(), feature.category() ? "text" : "float", Sql.name("f:" + feature.name()));
        }
    }

    private void add(String name, String type, String expression) {
        select.add(expression + " AS " + Sql.name(name));
        described.add(new Column(name, type));
    }

    /** The select list over the table of features. */
    String select() {
        return String.join(", ", select);
    }

    List<Column> described() {
        return described;
    }

    List<Feature> features() {
        return features;
    }
}
