package dev.perennial.data;

/** The types that a source column may have; engines map their own types to these. */
public enum ColumnType {
    STRING,
    INTEGER,
    NUMBER,
    BOOLEAN,
    TIMESTAMP,
    DATE,
    /** Lists, structures, bytes: may be there, cannot be used. */
    OTHER;

    /** Whether values are compared and averaged as numbers. */
    public boolean numeric() {
        return this == INTEGER || this == NUMBER || this == BOOLEAN;
    }

    /** The word of lifecycle files: {@code string, integer, number, boolean, timestamp, date}. */
    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** Whether a value of this type satisfies a rule that asks for {@code word}; every integer is a number. */
    public boolean satisfies(String word) {
        return word().equals(word) || (this == INTEGER && word.equals(NUMBER.word()));
    }
}
