package dev.perennial.lifecycle.file;

import java.util.List;

/** What the use of a column asks of its type. */
public enum ColumnNeed {
    /** It is compared or named, whatever plain type it has. */
    PLAIN("a plain value", List.of("string", "integer", "number", "boolean", "timestamp", "date")),
    /** It is a feature as it is. */
    FEATURE("a text or a number", List.of("string", "integer", "number", "boolean")),
    /** It is counted with; true is 1. */
    NUMBER("a number", List.of("integer", "number", "boolean")),
    /** It says when. */
    TIME("a time", List.of("timestamp", "date"));

    private final String words;
    private final List<String> types;

    ColumnNeed(String words, List<String> types) {
        this.words = words;
        this.types = types;
    }

    String words() {
        return words;
    }

    List<String> types() {
        return types;
    }

    boolean met(String type) {
        return types.contains(type);
    }
}
