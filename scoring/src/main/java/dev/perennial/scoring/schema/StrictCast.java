package dev.perennial.scoring.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lets pass what keeps its value, and says of everything else what was expected and what came. */
final class StrictCast implements Caster {
    private static final BigInteger LONG_MIN = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger LONG_MAX = BigInteger.valueOf(Long.MAX_VALUE);
    /** A whole number that needs more digits fits no type. */
    private static final int DIGITS_MAX = 400;

    @Override
    public List<@Nullable Object> cast(String label, ColumnSpec column, Form form, List<JsonNode> values) {
        List<@Nullable Object> cast = new ArrayList<>(values.size());
        List<String> wrong = new ArrayList<>();
        for (int row = 0; row < values.size(); row++) {
            JsonNode value = values.get(row);
            try {
                JsonNode typed = form == Form.CSV ? CsvCast.typed(column, value) : value;
                cast.add(value(column.type(), column.required(), typed));
            } catch (CastFailure e) {
                String at = values.size() == 1 ? label : label + "[" + row + "]";
                wrong.add(at + ": " + e.getMessage());
            }
        }
        if (!wrong.isEmpty()) {
            throw Refusals.violations(label, wrong);
        }
        return cast;
    }

    /** Whether a value would pass. */
    static boolean keeps(ColumnSpec column, Form form, JsonNode value) {
        try {
            value(column.type(), column.required(), form == Form.CSV ? CsvCast.typed(column, value) : value);
            return true;
        } catch (CastFailure e) {
            return false;
        }
    }

    private static @Nullable Object value(FieldType type, boolean required, JsonNode value) {
        return switch (type) {
            case FieldType.Scalar scalar -> scalar(scalar.type(), required, value);
            case FieldType.Anything _ -> value;
            default -> {
                if (absent(value)) {
                    yield missing(type, required, value);
                }
                nested(type, value);
                yield value;
            }
        };
    }

    private static boolean absent(JsonNode value) {
        return value.isNull() || value.isMissingNode();
    }

    private static @Nullable Object missing(FieldType type, boolean required, JsonNode value) {
        if (required) {
            throw expected(type, value);
        }
        return null;
    }

    private static @Nullable Object scalar(ScalarType type, boolean required, JsonNode value) {
        boolean nan = value.isFloat() || value.isDouble() ? Double.isNaN(value.doubleValue()) : false;
        if (value.isMissingNode() && required) {
            throw CastFailure.of("the column is missing; send null for a value that is not known");
        }
        boolean nat = type == ScalarType.DATETIME
                && value.isTextual()
                && value.textValue().equals("NaT");
        if (absent(value) || nan || nat) {
            if (required && !type.takesNull()) {
                throw expected(new FieldType.Scalar(type), value);
            }
            return type == ScalarType.FLOAT || type == ScalarType.DOUBLE ? (Object) Double.NaN : null;
        }
        return switch (type) {
            case BOOLEAN -> {
                if (!value.isBoolean()) {
                    throw expected(type, value);
                }
                yield value.booleanValue();
            }
            case INTEGER ->
                whole(type, value, BigInteger.valueOf(Integer.MIN_VALUE), BigInteger.valueOf(Integer.MAX_VALUE));
            case LONG -> whole(type, value, LONG_MIN, LONG_MAX);
            case FLOAT -> single(value);
            case DOUBLE -> number(value);
            case STRING -> {
                if (!value.isTextual()) {
                    throw expected(type, value);
                }
                yield value.textValue();
            }
            case BINARY -> bytes(value);
            case DATETIME -> time(value);
        };
    }

    private static Long whole(ScalarType type, JsonNode value, BigInteger min, BigInteger max) {
        if (value.isDouble() && value.doubleValue() == 0) {
            return 0L; // with a sign
        }
        if (!value.isNumber() || value.isDouble()) {
            throw expected(type, value);
        }
        BigInteger whole = value.isIntegralNumber() ? value.bigIntegerValue() : integral(type, value);
        if (whole.compareTo(min) < 0 || whole.compareTo(max) > 0) {
            throw CastFailure.of(
                    "expected " + type.word() + ", got " + Values.shown(value) + ", which is out of its range");
        }
        return whole.longValueExact();
    }

    private static BigInteger integral(ScalarType type, JsonNode value) {
        BigDecimal number = value.decimalValue();
        if (number.signum() == 0) {
            return BigInteger.ZERO;
        }
        if ((long) number.precision() - number.scale() > DIGITS_MAX
                || number.stripTrailingZeros().scale() > 0) {
            throw expected(type, value);
        }
        return number.toBigInteger();
    }

    private static Double number(JsonNode value) {
        if (!value.isNumber()) {
            throw expected(ScalarType.DOUBLE, value);
        }
        double number = value.doubleValue();
        if (value.isDouble()) {
            return number; // an infinite one, as it was written
        }
        if (!Double.isFinite(number)) {
            throw CastFailure.of("expected double, got " + Values.shown(value) + ", which is too large for one");
        }
        if (value.isIntegralNumber() && !says(value, number, Double.toString(number))) {
            throw changed("double", value, number);
        }
        return number;
    }

    private static Double single(JsonNode value) {
        if (!value.isNumber()) {
            throw expected(ScalarType.FLOAT, value);
        }
        double number = value.doubleValue();
        float single = (float) number;
        if (value.isDouble()) {
            return (double) single;
        }
        if (Float.isInfinite(single) || single == 0 && number != 0) {
            throw CastFailure.of("expected float, got " + Values.shown(value) + ", which is out of its range");
        }
        if (value.isIntegralNumber() && !says(value, single, Float.toString(single))) {
            throw changed("float", value, single);
        }
        return (double) single;
    }

    /** Whether a whole number is exactly what it becomes, or its shortest digits, as JavaScript writes large numbers. */
    private static boolean says(JsonNode value, double became, String shortest) {
        return new BigDecimal(became).toBigInteger().equals(value.bigIntegerValue())
                || new BigDecimal(shortest).compareTo(value.decimalValue()) == 0;
    }

    private static CastFailure changed(String type, JsonNode value, double became) {
        return CastFailure.of("expected " + type + ", got " + Values.shown(value) + ", which would become "
                + new BigDecimal(became).toBigInteger());
    }

    private static byte[] bytes(JsonNode value) {
        if (value.isTextual()) {
            try {
                return Base64.getMimeDecoder().decode(strictBase64(value.textValue()));
            } catch (IllegalArgumentException e) {
                // told below
            }
        }
        throw CastFailure.of("expected binary as base64 text, got " + Values.shown(value));
    }

    /** The MIME decoder ignores what is no digit, which line breaks may be and nothing else. */
    private static String strictBase64(String text) {
        String digits = text.replace("\n", "").replace("\r", "");
        if (digits.length() % 4 != 0 || !digits.matches("[A-Za-z0-9+/]*={0,2}")) {
            throw new IllegalArgumentException("no base64");
        }
        return digits;
    }

    private static Nanos time(JsonNode value) {
        Nanos nanos = value.isTextual() ? Times.strict(value.textValue()) : null;
        if (nanos == null) {
            throw CastFailure.of("expected datetime as ISO text between 1677 and 2262, got " + Values.shown(value));
        }
        return nanos;
    }

    private static void nested(FieldType type, JsonNode value) {
        switch (type) {
            case FieldType.Scalar scalar -> scalar(scalar.type(), true, value);
            case FieldType.Anything _ -> {}
            case FieldType.ArrayOf array -> {
                if (!(value instanceof ArrayNode)) {
                    throw expected(type, value);
                }
                value.forEach(item -> nested(array.items(), item));
            }
            case FieldType.MapOf map -> {
                if (!value.isObject()) {
                    throw expected(type, value);
                }
                value.forEach(item -> nested(map.values(), item));
            }
            case FieldType.ObjectOf object -> properties(object, value);
        }
    }

    private static void properties(FieldType.ObjectOf object, JsonNode value) {
        if (!value.isObject()) {
            throw expected(object, value);
        }
        for (Map.Entry<String, FieldType.Property> property :
                object.properties().entrySet()) {
            JsonNode part = value.path(property.getKey());
            if (!absent(part)) {
                nested(property.getValue().type(), part);
            } else if (property.getValue().required()) {
                throw CastFailure.of("the property '" + property.getKey() + "' is missing");
            }
        }
        value.fieldNames().forEachRemaining(name -> {
            if (!object.properties().containsKey(name)) {
                throw CastFailure.of("the property '" + Values.shortened(name) + "' is unknown");
            }
        });
    }

    private static CastFailure expected(ScalarType type, JsonNode value) {
        return expected(new FieldType.Scalar(type), value);
    }

    private static CastFailure expected(FieldType type, JsonNode value) {
        return CastFailure.of("expected " + type.word() + ", got " + Values.shown(value));
    }
}
