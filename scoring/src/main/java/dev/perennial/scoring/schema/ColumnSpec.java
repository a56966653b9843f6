package dev.perennial.scoring.schema;

import org.jspecify.annotations.Nullable;

/**
 * A column of a signature.
 *
 * @param name null when columns are told by their position
 * @param required whether it must be sent; one that need not be may also be null
 */
public record ColumnSpec(@Nullable String name, FieldType type, boolean required) {
    public static ColumnSpec of(String name, ScalarType type, boolean required) {
        return new ColumnSpec(name, new FieldType.Scalar(type), required);
    }

    /** The name, or the position of one that has none. */
    public String label(int position) {
        return name == null ? "column " + position : name;
    }
}
