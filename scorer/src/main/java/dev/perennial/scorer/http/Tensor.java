package dev.perennial.scorer.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A column of values from an Open Inference request, one a row: shape {@code [n]} or {@code [n,1]}, data flat or nested.
 *
 * @param values JSON values that fit the declared datatype; null is a missing value
 */
record Tensor(String name, int rows, List<JsonNode> values) {
    private static final int DEPTH_MAX = 4;
    /** Largest absolute value of each whole datatype; unsigned ones start at 0. */
    private static final Map<String, Integer> INTEGER_BITS = Map.of(
            "INT8", 7, "INT16", 15, "INT32", 31, "INT64", 63, "UINT8", 8, "UINT16", 16, "UINT32", 32, "UINT64", 63);

    static Tensor read(JsonNode input, int number, int rowsMax) {
        String name = input.path("name").isTextual() ? input.get("name").asText() : "";
        if (name.isEmpty()) {
            throw OpenInference.bad("inputs[" + number + "].name", "every input needs a name");
        }
        String datatype = input.path("datatype").asText();
        int rows = rows(name, input.path("shape"), rowsMax);
        List<JsonNode> values = new ArrayList<>();
        flatten(name, input.path("data"), values, rows, 0);
        if (!input.path("data").isArray() || values.size() != rows) {
            throw OpenInference.bad(name, "its shape asks for " + rows + " values, its data holds " + values.size());
        }
        for (JsonNode value : values) {
            checkType(name, datatype, value);
        }
        return new Tensor(name, rows, values);
    }

    private static int rows(String name, JsonNode shape, int rowsMax) {
        boolean column = shape.isArray()
                && (shape.size() == 1
                        || (shape.size() == 2
                                && shape.get(1).isInt()
                                && shape.get(1).asInt() == 1));
        if (!column
                || !shape.get(0).isIntegralNumber()
                || !shape.get(0).canConvertToInt()
                || shape.get(0).asInt() < 1) {
            throw OpenInference.bad(name, "its shape " + shape + " must be [n] or [n,1] with n of 1 or more");
        }
        int rows = shape.get(0).asInt();
        if (rows > rowsMax) {
            throw new PerennialException(
                    ErrorCode.TOO_LARGE,
                    name + ": " + rows + " rows; at most " + rowsMax + " are possible in one request",
                    name,
                    null);
        }
        return rows;
    }

    private static void flatten(String name, JsonNode data, List<JsonNode> into, int rows, int depth) {
        for (JsonNode value : data) {
            if (value.isArray() && depth < DEPTH_MAX) {
                flatten(name, value, into, rows, depth + 1);
            } else if (into.size() <= rows) {
                into.add(value);
            }
        }
    }

    private static void checkType(String name, String datatype, JsonNode value) {
        boolean fits = switch (datatype) {
            case "BYTES" -> value.isTextual() || value.isNull();
            case "FP32", "FP64" -> value.isNumber() || value.isNull();
            case "BOOL" -> value.isBoolean() || (value.isInt() && (value.asInt() == 0 || value.asInt() == 1));
            default -> INTEGER_BITS.containsKey(datatype) && integer(datatype, value);
        };
        if (!fits) {
            boolean known = INTEGER_BITS.containsKey(datatype)
                    || List.of("BYTES", "FP32", "FP64", "BOOL").contains(datatype);
            throw OpenInference.bad(
                    name,
                    known
                            ? "the value " + value + " is no " + datatype
                            : "datatype '" + datatype + "' is not supported in JSON");
        }
    }

    private static boolean integer(String datatype, JsonNode value) {
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            return false;
        }
        long number = value.asLong();
        int bits = INTEGER_BITS.getOrDefault(datatype, 0);
        long max = bits == 63 ? Long.MAX_VALUE : (1L << bits) - 1;
        long min = datatype.startsWith("U") ? 0 : -max - 1;
        return number >= min && number <= max;
    }
}
