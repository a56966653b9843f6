package dev.perennial.predictionlog;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.perennial.kernel.PerennialException;
import java.util.Locale;

/** What a model column holds. In JSON the lower-case name. */
public enum ColumnType {
    /** A finite number, or missing. */
    NUMBER,
    /** A text out of a set that may grow, or missing. */
    CATEGORY;

    @JsonCreator
    public static ColumnType parse(String text) {
        for (ColumnType type : values()) {
            if (type.word().equals(text)) {
                return type;
            }
        }
        throw PerennialException.invalid("type", "column type '" + text + "' must be 'number' or 'category'");
    }

    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
