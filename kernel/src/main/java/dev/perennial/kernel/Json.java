package dev.perennial.kernel;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The one JSON mapper and the canonical form: UTF-8, keys sorted by UTF-16 code unit, no white space. What is hashed or signed is
 * always written by {@link #canonical(Object)}. Thread-safe.
 */
public final class Json {
    private static final int TOLD_MAX = 100;

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private Json() {}

    /** The shared mapper; callers must not reconfigure it. */
    public static ObjectMapper mapper() {
        return MAPPER;
    }

    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    public static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }

    public static JsonNode tree(Object value) {
        return MAPPER.valueToTree(value);
    }

    public static JsonNode parse(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw malformed(e);
        }
    }

    public static JsonNode parse(byte[] bytes) {
        try {
            return MAPPER.readTree(bytes);
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    public static <T> T read(String text, Class<T> type) {
        try {
            return MAPPER.readValue(text, type);
        } catch (JsonProcessingException e) {
            throw malformed(e);
        }
    }

    public static <T> T convert(JsonNode node, Class<T> type) {
        try {
            return MAPPER.treeToValue(node, type);
        } catch (JsonProcessingException e) {
            throw malformed(e);
        }
    }

    public static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw PerennialException.internal("cannot write " + value.getClass().getName() + " as JSON", e);
        }
    }

    /** The canonical text of a value; equal values have equal texts. Numbers keep the form that Java gives them. */
    public static String canonical(Object value) {
        return write(sorted(tree(value)));
    }

    /** SHA-256 of the canonical text. */
    public static Digest digest(Object value) {
        return Digest.of(canonical(value));
    }

    private static JsonNode sorted(JsonNode node) {
        if (node instanceof ObjectNode object) {
            ObjectNode result = object();
            TreeSet<String> names = new TreeSet<>();
            object.fieldNames().forEachRemaining(names::add);
            names.forEach(name -> result.set(name, sorted(object.get(name))));
            return result;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode result = array();
            array.forEach(item -> result.add(sorted(item)));
            return result;
        }
        return node;
    }

    private static String field(JsonMappingException e) {
        StringBuilder field = new StringBuilder();
        for (JsonMappingException.Reference at : e.getPath()) {
            if (at.getFieldName() == null) {
                field.append('[').append(at.getIndex()).append(']');
            } else {
                field.append(field.isEmpty() ? "" : ".").append(at.getFieldName());
            }
        }
        return field.toString();
    }

    private static PerennialException malformed(Exception e) {
        if (e.getCause() instanceof PerennialException ours) {
            return ours; // a record refused its own value, with words of its own
        }
        String field = e instanceof JsonMappingException mapping ? field(mapping) : "";
        String message;
        if (e instanceof MismatchedInputException wrong
                && wrong.getTargetType() != null
                && wrong.getTargetType().isEnum()) {
            message = notOneOf(wrong);
        } else if (field.isEmpty()) {
            message = "not valid JSON: " + whereAndWhy(e);
        } else {
            message = "is not as expected: " + whereAndWhy(e);
        }
        return field.isEmpty()
                ? new PerennialException(ErrorCode.MALFORMED_REQUEST, message, null, e)
                : new PerennialException(ErrorCode.INVALID_ARGUMENT, "'" + field + "' " + message, field, e);
    }

    private static String whereAndWhy(Exception e) {
        if (!(e instanceof JsonProcessingException json)) {
            return String.valueOf(e.getMessage());
        }
        return JsonWords.whyAndWhere(json);
    }

    /** An enumeration is named by one of its words; their numbers are no names. */
    private static String notOneOf(MismatchedInputException e) {
        List<String> words = new ArrayList<>();
        for (Object word : e.getTargetType().getEnumConstants()) {
            words.add(tree(word).asText());
        }
        String told = e instanceof InvalidFormatException wrong ? write(wrong.getValue()) : "no text";
        return "is " + (told.length() > TOLD_MAX ? told.substring(0, TOLD_MAX) + "..." : told) + "; it must be one of "
                + String.join(", ", words);
    }
}
