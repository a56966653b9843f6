package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;

/** What a run logged, by keys such as {@code metrics.loss}. */
final class RunValues {
    private static final Set<String> KINDS = Set.of("metrics", "params", "tags");

    private RunValues() {}

    static void check(String key) {
        if (!KINDS.contains(kind(key)) || name(key).isEmpty()) {
            throw new CommandFailure(
                    ExitCode.USAGE, "'" + key + "' is none of metrics.NAME, params.NAME and tags.NAME");
        }
    }

    /** The value as text; nothing when the run has none. */
    static String of(JsonNode run, String key) {
        for (JsonNode pair : run.path("data").path(kind(key))) {
            if (pair.path("key").asText().equals(name(key))) {
                return Rows.text(pair.path("value"));
            }
        }
        return "";
    }

    private static String kind(String key) {
        return key.substring(0, Math.max(0, key.indexOf('.')));
    }

    private static String name(String key) {
        return key.substring(key.indexOf('.') + 1);
    }
}
