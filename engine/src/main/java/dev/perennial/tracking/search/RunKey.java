package dev.perennial.tracking.search;

import java.util.Locale;
import java.util.Map;

/** What a key of a run search stands for, whatever its spelling. */
sealed interface RunKey {
    /** The latest value of a metric. */
    record OfMetric(String name) implements RunKey {}

    record OfParam(String name) implements RunKey {}

    record OfTag(String name) implements RunKey {}

    /** A text of the run itself. */
    enum Text implements RunKey {
        RUN_ID("id"),
        RUN_NAME("name"),
        STATUS("status"),
        USER_ID("user_id"),
        ARTIFACT_URI("artifact_uri");

        private final String column;

        Text(String column) {
            this.column = "r." + column;
        }

        String column() {
            return column;
        }
    }

    /** A time of the run itself, milliseconds since 1970. */
    enum Time implements RunKey {
        START_TIME("started_at"),
        END_TIME("ended_at");

        private final String column;

        Time(String column) {
            this.column = "r." + column;
        }

        String column() {
            return column;
        }
    }

    /** A property of any dataset that the run read. */
    enum OfDataset implements RunKey {
        NAME,
        DIGEST,
        CONTEXT
    }

    Map<String, RunKey> ATTRIBUTES = Map.ofEntries(
            Map.entry("run_id", Text.RUN_ID),
            Map.entry("run_name", Text.RUN_NAME),
            Map.entry("run name", Text.RUN_NAME),
            Map.entry("Run name", Text.RUN_NAME),
            Map.entry("Run Name", Text.RUN_NAME),
            Map.entry("status", Text.STATUS),
            Map.entry("user_id", Text.USER_ID),
            Map.entry("artifact_uri", Text.ARTIFACT_URI),
            Map.entry("start_time", Time.START_TIME),
            Map.entry("created", Time.START_TIME),
            Map.entry("Created", Time.START_TIME),
            Map.entry("end_time", Time.END_TIME));

    static RunKey of(Clause.Key key) {
        return switch (key.entity()) {
            case "metric", "metrics" -> new OfMetric(key.name());
            case "param", "params", "parameter", "parameters" -> new OfParam(key.name());
            case "tag", "tags" -> new OfTag(key.name());
            case "dataset", "datasets" -> dataset(key);
            case null -> attribute(key);
            case "attribute", "attributes", "attr", "run" -> attribute(key);
            default -> throw ClauseSql.unknownEntity(key, "metrics, params, tags, attributes or datasets");
        };
    }

    private static RunKey attribute(Clause.Key key) {
        RunKey attribute = ATTRIBUTES.get(key.name());
        if (attribute == null) {
            throw ClauseSql.unknownAttribute(key, ATTRIBUTES.keySet());
        }
        return attribute;
    }

    private static RunKey dataset(Clause.Key key) {
        for (OfDataset property : OfDataset.values()) {
            if (property.name().toLowerCase(Locale.ROOT).equals(key.name())) {
                return property;
            }
        }
        throw key.place()
                .failure("Invalid dataset key '" + key.name() + "' in "
                        + key.place().field() + ": expected name, digest or context");
    }
}
