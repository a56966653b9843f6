package dev.perennial.scoring;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.perennial.kernel.PerennialException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The inputs of a model, in the order in which its rows hold them. In JSON a list of columns. */
public final class Signature {
    /** More columns than any table that a person looks at. */
    public static final int COLUMNS_MAX = 10_000;

    private final List<Column> columns;
    private final Map<String, Integer> positions = new HashMap<>();

    @JsonCreator
    public Signature(List<Column> columns) {
        this.columns = List.copyOf(columns);
        if (columns.isEmpty() || columns.size() > COLUMNS_MAX) {
            throw PerennialException.invalid(
                    "signature",
                    "a signature of " + columns.size() + " columns; 1 to " + COLUMNS_MAX + " are possible");
        }
        for (int i = 0; i < columns.size(); i++) {
            if (positions.put(columns.get(i).name(), i) != null) {
                throw PerennialException.invalid(
                        "signature", "column '" + columns.get(i).name() + "' stands twice in the signature");
            }
        }
    }

    @JsonValue
    public List<Column> columns() {
        return columns;
    }

    public int size() {
        return columns.size();
    }

    public Column column(int position) {
        return columns.get(position);
    }

    /** Position of a column, -1 when there is none of that name. */
    public int position(String name) {
        return positions.getOrDefault(name, -1);
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return other instanceof Signature that && columns.equals(that.columns);
    }

    @Override
    public int hashCode() {
        return columns.hashCode();
    }

    @Override
    public String toString() {
        return columns.toString();
    }
}
