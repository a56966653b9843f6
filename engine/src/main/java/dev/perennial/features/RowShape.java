package dev.perennial.features;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The columns that rows of one kind carry, shared by all of them. */
public final class RowShape {
    private final String source;
    private final List<String> columns;
    private final List<String> key;
    private final Map<String, Integer> positions = new HashMap<>();

    /**
     * @param source the source's name
     * @param columns of every row, in the order of its values
     * @param key columns that identify a row; each is among {@code columns}
     */
    public RowShape(String source, List<String> columns, List<String> key) {
        this.source = source;
        this.columns = List.copyOf(columns);
        this.key = List.copyOf(key);
        for (int i = 0; i < this.columns.size(); i++) {
            positions.put(this.columns.get(i), i);
        }
    }

    public String source() {
        return source;
    }

    public List<String> columns() {
        return columns;
    }

    public List<String> key() {
        return key;
    }

    /** The position of a column, or -1. */
    int position(String column) {
        return positions.getOrDefault(column, -1);
    }
}
