package dev.perennial.scoring.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A parameter that callers may send beside the data.
 *
 * @param byDefault what holds when it is not sent; JSON null when there is none
 * @param list whether it is a flat list of values of the type
 */
public record ParamSpec(String name, FieldType type, JsonNode byDefault, boolean list) {
    private static final BigInteger INT_MIN = BigInteger.valueOf(Integer.MIN_VALUE);
    private static final BigInteger INT_MAX = BigInteger.valueOf(Integer.MAX_VALUE);

    /** What was sent, completed by the defaults, and the names that no parameter has. */
    public record Sent(Map<String, JsonNode> values, List<String> unknown) {}

    /**
     * Checks what was sent: whole numbers pass for wider and for fractional types, nothing else changes its type, null is allowed.
     *
     * @param sent the member {@code params} of the body; null when there was none
     * @throws dev.perennial.kernel.PerennialException naming all that do not fit
     */
    public static Sent check(List<ParamSpec> specs, @Nullable JsonNode sent) {
        if (sent != null && !sent.isNull() && !sent.isObject()) {
            throw Refusals.violation("params", "it must be an object, got " + Values.kind(sent));
        }
        Map<String, JsonNode> values = new LinkedHashMap<>();
        List<String> wrong = new ArrayList<>();
        for (ParamSpec spec : specs) {
            JsonNode value = sent == null ? null : sent.get(spec.name);
            values.put(spec.name, value == null ? spec.byDefault : value);
            String problem = value == null ? null : spec.problem(value);
            if (problem != null) {
                wrong.add("params." + spec.name + ": " + problem);
            }
        }
        if (!wrong.isEmpty()) {
            throw Refusals.violations("params", wrong);
        }
        List<String> unknown = new ArrayList<>();
        if (sent != null) {
            sent.fieldNames().forEachRemaining(name -> {
                if (!values.containsKey(name)) {
                    unknown.add(name);
                }
            });
        }
        return new Sent(values, unknown);
    }

    private @Nullable String problem(JsonNode value) {
        if (!list) {
            return plain(value);
        }
        if (!value.isArray()) {
            return "expected a list of " + type.word() + ", got " + Values.kind(value);
        }
        for (JsonNode item : value) {
            String problem = plain(item);
            if (problem != null) {
                return problem;
            }
        }
        return null;
    }

    private @Nullable String plain(JsonNode value) {
        if (value.isNull()) {
            return null;
        }
        if (!(type instanceof FieldType.Scalar scalar)) {
            return value.isObject() ? null : "expected an object, got " + Values.kind(value);
        }
        boolean fits = switch (scalar.type()) {
            case BOOLEAN -> value.isBoolean();
            case INTEGER ->
                value.isIntegralNumber()
                        && value.bigIntegerValue().compareTo(INT_MIN) >= 0
                        && value.bigIntegerValue().compareTo(INT_MAX) <= 0;
            case LONG -> value.isIntegralNumber() && value.canConvertToLong();
            case FLOAT, DOUBLE -> value.isNumber();
            case STRING -> value.isTextual();
            case DATETIME -> value.isTextual() && Times.strict(value.textValue()) != null;
            case BINARY -> false;
        };
        return fits ? null : "expected " + scalar.word() + ", got " + Values.shown(value);
    }
}
