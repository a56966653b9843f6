package dev.perennial.data;

import java.util.LinkedHashMap;
import java.util.Map;

/** The columns of a source in file order, with their types. */
public record SourceSchema(Map<String, ColumnType> columns) {
    public SourceSchema {
        columns = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(columns));
    }

    public boolean has(String column) {
        return columns.containsKey(column);
    }

    /** The type of a column that is known to be there. */
    public ColumnType type(String column) {
        ColumnType type = columns.get(column);
        if (type == null) {
            throw new IllegalArgumentException("no column '" + column + "' among " + columns.keySet());
        }
        return type;
    }
}
