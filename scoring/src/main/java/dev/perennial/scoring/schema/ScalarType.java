package dev.perennial.scoring.schema;

import java.util.Locale;
import java.util.Optional;

/** The plain types of MLflow's signatures, by its words. */
public enum ScalarType {
    BOOLEAN,
    /** 32 bits, signed. */
    INTEGER,
    /** 64 bits, signed. */
    LONG,
    /** 32 bits, IEEE 754. */
    FLOAT,
    /** 64 bits, IEEE 754. */
    DOUBLE,
    STRING,
    /** Bytes, base64 in JSON. */
    BINARY,
    /** A time in nanoseconds since 1970, without a zone. */
    DATETIME;

    /** The type of that word; empty when there is none. */
    public static Optional<ScalarType> of(String word) {
        for (ScalarType type : values()) {
            if (type.word().equals(word)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether a missing value has a form of its own in this type, as NaN in a double. */
    public boolean takesNull() {
        return this == FLOAT || this == DOUBLE || this == STRING;
    }
}
