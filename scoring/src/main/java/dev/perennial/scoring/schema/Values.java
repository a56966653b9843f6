package dev.perennial.scoring.schema;

import com.fasterxml.jackson.databind.JsonNode;

/** How JSON values are named in messages. */
final class Values {
    private static final int SHOWN_MAX = 60;

    private Values() {}

    /** The kind of a value, without the value. */
    static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT, POJO -> "an object";
            case ARRAY -> "a list";
            case STRING, BINARY -> "a text";
            case NUMBER -> "a number";
            case BOOLEAN -> value.asText();
            case NULL -> "null";
            case MISSING -> "nothing";
        };
    }

    /** Kind and value, shortened, without control characters. */
    static String shown(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING -> "the text '" + shortened(value.textValue()) + "'";
            case NUMBER -> "the number " + shortened(value.asText());
            default -> kind(value);
        };
    }

    static String shortened(String text) {
        int shown = Math.min(text.length(), SHOWN_MAX);
        return text.substring(0, shown).replaceAll("\\p{Cntrl}", "?") + (shown < text.length() ? "..." : "");
    }
}
