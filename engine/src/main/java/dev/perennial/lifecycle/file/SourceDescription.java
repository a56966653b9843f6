package dev.perennial.lifecycle.file;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What somebody who looked at a source's file saw.
 *
 * @param columns type by name, {@code string, integer, number, boolean, timestamp, date} or {@code other}; empty when it could not be read
 * @param failure why it could not be read; null when it could
 * @param advice what to do about a failure
 */
public record SourceDescription(
        Map<String, String> columns,
        @Nullable String failure,
        @Nullable String advice) {
    public SourceDescription {
        columns = columns == null ? Map.of() : new LinkedHashMap<>(columns);
    }

    public static SourceDescription of(Map<String, String> columns) {
        return new SourceDescription(columns, null, null);
    }
}
