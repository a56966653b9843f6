package dev.perennial.scoring.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A column of arrays: {@code numpy.array(values, dtype)}, which casts each value for itself. */
final class NumpyCast {
    private static final int ASCII_END = 0x80;

    private NumpyCast() {}

    static List<@Nullable Object> cast(ScalarType type, List<JsonNode> values) {
        List<@Nullable Object> cast = new ArrayList<>(values.size());
        for (JsonNode value : values) {
            cast.add(value.isArray() ? list(type, value) : cell(type, value));
        }
        return cast;
    }

    /** A second dimension, which a column has not; numpy makes one all the same, and only numbers are found out. */
    private static JsonNode list(ScalarType type, JsonNode value) {
        for (JsonNode item : value) {
            cell(type, item);
        }
        return switch (type) {
            case BOOLEAN, STRING, BINARY -> value;
            default -> throw CastFailure.violation("a list cannot become " + type.word());
        };
    }

    private static @Nullable Object cell(ScalarType type, JsonNode value) {
        if (value.isMissingNode()) {
            return type == ScalarType.DATETIME ? null : absent(type);
        }
        return switch (type) {
            case BOOLEAN -> Python.truth(value);
            case INTEGER, LONG -> PandasCast.fitting(type, value);
            case FLOAT, DOUBLE -> {
                double number = Python.fraction(value);
                if (Double.isInfinite(number) && value.isIntegralNumber()) {
                    throw CastFailure.of(Values.shown(value) + " is too large for " + type.word());
                }
                yield PandasCast.rounded(type, number);
            }
            case STRING -> Python.text(value);
            case BINARY -> ascii(Python.text(value));
            case DATETIME -> time(value);
        };
    }

    /** A row that does not name the column: pandas puts NaN there once the others are arrays. */
    private static Double absent(ScalarType type) {
        if (type == ScalarType.INTEGER || type == ScalarType.LONG || type == ScalarType.FLOAT) {
            throw CastFailure.violation("float64 cannot safely become " + type.word());
        }
        return Double.NaN;
    }

    private static byte[] ascii(String text) {
        if (text.chars().anyMatch(c -> c >= ASCII_END)) {
            throw CastFailure.of("the text is not ASCII");
        }
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static @Nullable Object time(JsonNode value) {
        return switch (value.getNodeType()) {
            case NULL -> null;
            case BOOLEAN -> new Nanos(value.booleanValue() ? 1 : 0);
            case STRING -> Times.numpy(value.textValue());
            case NUMBER -> {
                if (!value.canConvertToLong() || !value.isIntegralNumber()) {
                    throw CastFailure.of(Values.shown(value) + " cannot become datetime64[ns]");
                }
                yield PandasCast.nanos(value.longValue());
            }
            default -> throw CastFailure.of(Values.kind(value) + " cannot become datetime64[ns]");
        };
    }
}
