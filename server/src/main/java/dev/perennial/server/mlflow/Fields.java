package dev.perennial.server.mlflow;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import io.vertx.core.MultiMap;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a request by the rules of protobuf's JSON: names in snake_case or camelCase, null is absent, 64-bit numbers also as
 * text, doubles also as {@code "NaN"} and {@code "Infinity"}. Every refusal names the field.
 */
final class Fields {
    private static final ObjectReader LENIENT =
            Json.mapper().reader().with(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS.mappedFeature());
    private static final Pattern EXPERIMENT_ID = Pattern.compile("\\d{1,18}");
    private static final Pattern RUN_ID = Pattern.compile("[a-zA-Z0-9][\\w-]{0,255}");
    private static final int SHOWN_MAX = 200;
    private static final String NOT_STORABLE = "it holds the character NUL or half of a surrogate pair";

    private final JsonNode object;
    private final @Nullable Fields parent;
    private final String place;
    private final int index;
    private final boolean query;

    /**
     * @param place in the parent, and the index there when it is a list, or -1; the whole name is only made for a refusal
     */
    private Fields(JsonNode object, @Nullable Fields parent, String place, int index, boolean query) {
        this.object = object;
        this.parent = parent;
        this.place = place;
        this.index = index;
        this.query = query;
    }

    private static Fields top(JsonNode object, boolean query) {
        return new Fields(object, null, "", -1, query);
    }

    /** The name of a field as a refusal tells it, with its place in the body. */
    private String full(String name) {
        return parent == null ? name : parent.full(index < 0 ? place : place + "[" + index + "]") + "." + name;
    }

    /** Reads a body; an empty one is an empty object, and a text that holds JSON is read a second time, as old clients need. */
    static Fields ofBody(byte[] body) {
        try {
            JsonNode node = body.length == 0 ? Json.object() : LENIENT.readTree(body);
            if (node.isTextual()) {
                node = LENIENT.readTree(node.textValue());
            }
            if (node.isMissingNode()) {
                node = Json.object();
            }
            if (!node.isObject()) {
                throw new PerennialException(
                        ErrorCode.INVALID_ARGUMENT, "the body must be a JSON object, got " + shown(node));
            }
            return top(node, false);
        } catch (IOException e) {
            String why = e instanceof com.fasterxml.jackson.core.JsonProcessingException json
                    ? json.getOriginalMessage()
                    : String.valueOf(e.getMessage());
            throw new PerennialException(ErrorCode.MALFORMED_REQUEST, "the body is not valid JSON: " + why, null, e);
        }
    }

    static Fields ofQuery(MultiMap parameters) {
        ObjectNode object = Json.object();
        for (String name : parameters.names()) {
            ArrayNode values = Json.array();
            parameters.getAll(name).forEach(values::add);
            object.set(name, values);
        }
        return top(object, true);
    }

    /** These fields and what the path says; a field that says otherwise is refused. */
    Fields with(Map<String, String> variables) {
        if (variables.isEmpty()) {
            return this;
        }
        ObjectNode all = object.deepCopy();
        variables.forEach((name, value) -> {
            JsonNode said = single(name);
            if (said != null && !said.asText().equals(value)) {
                throw invalid(name, said, "the path says '" + value + "'");
            }
            all.set(name, query ? Json.array().add(value) : Json.object().textNode(value));
        });
        return top(all, query);
    }

    /** Whether a field is there. */
    boolean has(String name) {
        return value(name) != null;
    }

    /** These fields with fewer ids of experiments. */
    Fields keeping(String name, java.util.function.LongPredicate kept) {
        ArrayNode ids = Json.array();
        experimentIds(name).stream().filter(kept::test).forEach(id -> ids.add(String.valueOf(id)));
        ObjectNode all = object.deepCopy();
        all.remove(camelCase(name));
        all.set(name, ids);
        return top(all, query);
    }

    private @Nullable JsonNode value(String name) {
        JsonNode node = object.get(name);
        if (node == null && !query && name.indexOf('_') >= 0) {
            node = object.get(camelCase(name));
        }
        return node == null || node.isNull() ? null : node;
    }

    /** How many fields there are, known or not. */
    int size() {
        return object.size();
    }

    private @Nullable JsonNode single(String name) {
        JsonNode node = value(name);
        return node != null && query ? node.get(node.size() - 1) : node;
    }

    private static String camelCase(String name) {
        StringBuilder camel = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            camel.append(c == '_' && i + 1 < name.length() ? Character.toUpperCase(name.charAt(++i)) : c);
        }
        return camel.toString();
    }

    @Nullable
    String text(String name) {
        JsonNode node = single(name);
        if (node == null) {
            return null;
        }
        if (!node.isTextual()) {
            throw invalid(name, node, "expected a text");
        }
        String text = node.textValue();
        if (!isStorable(text)) {
            throw invalid(name, node, NOT_STORABLE);
        }
        return text;
    }

    /** Whether databases and UTF-8 can hold a text: one with NUL or half of a surrogate pair would come back as another. */
    static boolean isStorable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0 || Character.isLowSurrogate(c)) {
                return false;
            }
            if (Character.isHighSurrogate(c) && (++i == text.length() || !Character.isLowSurrogate(text.charAt(i)))) {
                return false;
            }
        }
        return true;
    }

    /** As {@link #text}; an empty text counts as absent. */
    @Nullable
    String filled(String name) {
        String text = text(name);
        return text == null || text.isEmpty() ? null : text;
    }

    String required(String name) {
        String text = filled(name);
        if (text == null) {
            throw missing(name);
        }
        return text;
    }

    /** A text that may be empty but must be there. */
    String requiredText(String name) {
        String text = text(name);
        if (text == null) {
            throw missing(name);
        }
        return text;
    }

    @Nullable
    Long integer(String name) {
        JsonNode node = single(name);
        if (node == null || (node.isTextual() && node.textValue().isEmpty())) {
            return null;
        }
        try {
            if (node.isIntegralNumber() && node.canConvertToLong()) {
                return node.longValue();
            }
            if (node.isTextual() || (node.isNumber() && Double.isFinite(node.doubleValue()))) {
                return new BigDecimal(node.asText()).longValueExact();
            }
        } catch (NumberFormatException | ArithmeticException e) {
            throw invalid(name, node, "expected a whole number of 64 bits");
        }
        throw invalid(name, node, "expected a whole number of 64 bits");
    }

    /** True or false, also as a text in any case. */
    @Nullable
    Boolean flag(String name) {
        JsonNode node = single(name);
        if (node == null) {
            return null;
        }
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        return switch (node.asText().toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw invalid(name, node, "expected true or false");
        };
    }

    long requiredInteger(String name) {
        Long number = integer(name);
        if (number == null) {
            throw missing(name);
        }
        return number;
    }

    /** A whole number in a range, or the default. */
    int integer(String name, int min, int max, int absent) {
        Long number = integer(name);
        if (number == null) {
            return absent;
        }
        if (number < min || number > max) {
            throw PerennialException.invalid(
                    full(name),
                    "Invalid value " + number + " for parameter '" + full(name) + "' supplied: expected " + min + " to "
                            + max);
        }
        return number.intValue();
    }

    double requiredReal(String name) {
        JsonNode node = single(name);
        if (node == null) {
            throw missing(name);
        }
        if (node.isNumber()) {
            return node.doubleValue();
        }
        if (node.isTextual()) {
            return switch (node.textValue()) {
                case "NaN" -> Double.NaN;
                case "Infinity" -> Double.POSITIVE_INFINITY;
                case "-Infinity" -> Double.NEGATIVE_INFINITY;
                default -> decimal(name, node);
            };
        }
        throw invalid(name, node, "expected a number");
    }

    private double decimal(String name, JsonNode node) {
        try {
            return new BigDecimal(node.textValue().strip()).doubleValue();
        } catch (NumberFormatException e) {
            throw invalid(name, node, "expected a number");
        }
    }

    /** A constant by its name or its number, which counts from 1. */
    <E extends Enum<E>> @Nullable E constant(String name, Class<E> type) {
        JsonNode node = single(name);
        if (node == null || (node.isTextual() && node.textValue().isEmpty())) {
            return null;
        }
        E[] all = type.getEnumConstants();
        for (E constant : all) {
            if (node.asText().equals(constant.name()) || node.asText().equals(String.valueOf(constant.ordinal() + 1))) {
                return constant;
            }
        }
        throw invalid(name, node, "expected one of " + List.of(all));
    }

    /** The id of an experiment as text or number; absent or empty: the default. */
    long experimentId(String name, long absent) {
        JsonNode node = single(name);
        return node == null || node.asText().isEmpty() ? absent : experimentId(name, node);
    }

    long requiredExperimentId(String name) {
        JsonNode node = single(name);
        if (node == null || (node.isTextual() && node.textValue().isEmpty())) {
            throw missing(name);
        }
        return experimentId(name, node);
    }

    List<Long> experimentIds(String name) {
        List<Long> ids = new ArrayList<>();
        for (JsonNode node : list(name)) {
            ids.add(experimentId(name, node));
        }
        return ids;
    }

    private long experimentId(String name, JsonNode node) {
        if ((node.isTextual() || node.isIntegralNumber())
                && EXPERIMENT_ID.matcher(node.asText()).matches()) {
            return Long.parseLong(node.asText());
        }
        throw invalid(name, node, "expected the decimal id of an experiment");
    }

    /** The run that a request is about: {@code run_id}, or its old name. */
    String runId() {
        String id = filled("run_id");
        id = id == null ? filled("run_uuid") : id;
        if (id == null) {
            throw missing("run_id");
        }
        return checkedRunId("run_id", id);
    }

    /** Whether a run may have this id. */
    static boolean isRunId(String id) {
        return RUN_ID.matcher(id).matches();
    }

    private String checkedRunId(String name, String id) {
        if (!isRunId(id)) {
            throw PerennialException.invalid(
                    name,
                    "Invalid value '" + id + "' for parameter '" + name
                            + "' supplied: expected letters, digits, '_' and '-'");
        }
        return id;
    }

    /** Run ids of a repeated field. */
    List<String> runIds(String name) {
        return texts(name).stream().map(id -> checkedRunId(name, id)).toList();
    }

    List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (JsonNode node : list(name)) {
            if (!node.isTextual() || !isStorable(node.textValue())) {
                throw invalid(name, node, "expected a list of texts");
            }
            texts.add(node.textValue());
        }
        return texts;
    }

    /** The messages of a repeated field. */
    List<Fields> messages(String name) {
        List<Fields> messages = new ArrayList<>();
        for (JsonNode node : list(name)) {
            if (!node.isObject()) {
                throw invalid(name + "[" + messages.size() + "]", node, "expected an object");
            }
            messages.add(new Fields(node, this, name, messages.size(), query));
        }
        return messages;
    }

    Fields requiredMessage(String name) {
        JsonNode node = single(name);
        if (node == null) {
            throw missing(name);
        }
        if (!node.isObject()) {
            throw invalid(name, node, "expected an object");
        }
        return new Fields(node, this, name, -1, query);
    }

    /** The message of a field; null when there is none. */
    @Nullable
    Fields message(String name) {
        return single(name) == null ? null : requiredMessage(name);
    }

    private Iterable<JsonNode> list(String name) {
        JsonNode node = value(name);
        if (node == null) {
            return List.of();
        }
        if (!node.isArray()) {
            throw invalid(name, node, "expected a list");
        }
        return node;
    }

    PerennialException missing(String name) {
        return PerennialException.invalid(
                full(name),
                "Missing value for required parameter '" + full(name)
                        + "'. See the API docs for more information about request parameters.");
    }

    private PerennialException invalid(String name, JsonNode value, String expected) {
        return PerennialException.invalid(
                full(name),
                String.format(
                        Locale.ROOT,
                        "Invalid value %s for parameter '%s' supplied: %s",
                        shown(value),
                        full(name),
                        expected));
    }

    private static String shown(JsonNode value) {
        String text = value.toString();
        return text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX) + "...";
    }
}
