package dev.perennial.scorer.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.JsonWords;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** JSON as callers may send it, with tight limits, and errors that say where. */
public final class JsonBodies {
    private static final int DEPTH_MAX = 64;
    private static final int STRING_MAX = 1 << 20;
    private static final int NAME_MAX = 1 << 10;
    private static final int NUMBER_MAX = 64;
    private static final long TOKENS_MAX = 1_000_000;
    private static final int FIELD_MAX = 120;
    private static final int TEXT_MAX = 100;

    public static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH_MAX)
                    .maxStringLength(STRING_MAX)
                    .maxNameLength(NAME_MAX)
                    .maxNumberLength(NUMBER_MAX)
                    .maxTokenCount(TOKENS_MAX)
                    .build())
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .build();

    /** For bodies that are small or rare; refuses duplicate keys. */
    public static final JsonMapper MAPPER = JsonMapper.builder(
                    FACTORY.copy().enable(com.fasterxml.jackson.core.JsonParser.Feature.STRICT_DUPLICATE_DETECTION))
            .enable(com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonBodies() {}

    public static PerennialException malformed(JsonProcessingException e, @Nullable JsonStreamContext at) {
        String field = at == null ? "body" : field(at.pathAsPointer());
        return new PerennialException(
                ErrorCode.MALFORMED_REQUEST, field + ": not valid JSON: " + JsonWords.whyAndWhere(e), field, e);
    }

    /** What stands there, for a refusal: its kind, and a number, text or word itself. */
    public static String shown(@Nullable JsonToken token, JsonParser parser) throws IOException {
        return switch (token) {
            case null -> "nothing";
            case START_OBJECT -> "an object";
            case START_ARRAY -> "a list";
            case VALUE_STRING -> "the text '" + shortened(parser.getText()) + "'";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "the number " + parser.getText();
            default -> parser.getText();
        };
    }

    private static String shortened(String text) {
        return text.length() > TEXT_MAX ? text.substring(0, TEXT_MAX) + "..." : text;
    }

    private static String field(JsonPointer pointer) {
        StringBuilder field = new StringBuilder();
        for (JsonPointer at = pointer; at != null && !at.matches(); at = at.tail()) {
            if (at.mayMatchElement()) {
                field.append('[').append(at.getMatchingIndex()).append(']');
            } else {
                field.append(field.isEmpty() ? "" : ".").append(at.getMatchingProperty());
            }
        }
        if (field.length() > FIELD_MAX) {
            return field.substring(0, FIELD_MAX) + "...";
        }
        return field.isEmpty() ? "body" : field.toString();
    }

    /** Appends a JSON string. */
    public static void quote(StringBuilder out, String text) {
        out.append('"');
        int plain = plain(text);
        out.append(text, 0, plain);
        for (int i = plain; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format(java.util.Locale.ROOT, "\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    /** How many characters at the beginning stand for themselves. */
    private static int plain(String text) {
        int plain = 0;
        while (plain < text.length()
                && text.charAt(plain) >= ' '
                && text.charAt(plain) != '"'
                && text.charAt(plain) != '\\') {
            plain++;
        }
        return plain;
    }
}
