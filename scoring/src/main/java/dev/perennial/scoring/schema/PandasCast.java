package dev.perennial.scoring.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A column of a data frame: pandas guesses its type from all values, then casts with {@code astype}. */
final class PandasCast {
    private static final BigInteger LONG_MIN = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger LONG_MAX = BigInteger.valueOf(Long.MAX_VALUE);
    private static final BigInteger UNSIGNED_MAX =
            BigInteger.ONE.shiftLeft(Long.SIZE).subtract(BigInteger.ONE);

    private PandasCast() {}

    /** The type that pandas guesses. */
    enum Dtype {
        BOOL,
        /** Signed or unsigned: both keep their low 64 bits in the casts. */
        WHOLE,
        FLOAT,
        OBJECT
    }

    static List<@Nullable Object> cast(ScalarType type, List<JsonNode> values) {
        Dtype dtype = dtype(values);
        Function<JsonNode, @Nullable Object> cell = switch (type) {
            case BOOLEAN -> value -> dtype == Dtype.FLOAT ? number(value) != 0 : bool(value);
            case INTEGER, LONG -> value -> whole(type, dtype, value);
            case FLOAT, DOUBLE -> value -> fraction(type, dtype, value);
            case STRING -> value -> passed(dtype, value);
            case BINARY -> PandasCast::bytes;
            case DATETIME -> value -> time(dtype, value);
        };
        List<@Nullable Object> cast = new ArrayList<>(values.size());
        for (JsonNode value : values) {
            cast.add(cell.apply(value));
        }
        return cast;
    }

    /** As {@code pandas._libs.lib.maybe_convert_objects} finds it. */
    static Dtype dtype(List<JsonNode> values) {
        boolean nulls = false;
        boolean nan = false;
        boolean bools = false;
        boolean floats = false;
        boolean wholes = false;
        boolean negative = false;
        boolean unsigned = false;
        for (JsonNode value : values) {
            if (value.isNull()) {
                nulls = true;
            } else if (value.isMissingNode()) {
                nan = true;
            } else if (value.isBoolean()) {
                bools = true;
            } else if (value.isIntegralNumber()) {
                wholes = true;
                if (!nulls) {
                    BigInteger whole = value.bigIntegerValue();
                    negative |= whole.signum() < 0;
                    unsigned |= whole.compareTo(LONG_MAX) > 0;
                    if (whole.compareTo(UNSIGNED_MAX) > 0 || whole.compareTo(LONG_MIN) < 0 || negative && unsigned) {
                        return Dtype.OBJECT;
                    }
                }
            } else if (value.isNumber()) {
                floats = true;
                nan |= Double.isNaN(value.doubleValue());
            } else {
                return Dtype.OBJECT;
            }
        }
        if (bools) {
            return nulls || nan || floats || wholes ? Dtype.OBJECT : Dtype.BOOL;
        }
        if (floats || nan) {
            return Dtype.FLOAT;
        }
        return !wholes ? Dtype.OBJECT : nulls ? Dtype.FLOAT : Dtype.WHOLE;
    }

    private static boolean bool(JsonNode value) {
        return value.isMissingNode() || Python.truth(value);
    }

    /** A cell of a FLOAT column. */
    private static double number(JsonNode value) {
        return value.isNumber() ? value.doubleValue() : Double.NaN;
    }

    private static Long whole(ScalarType type, Dtype dtype, JsonNode value) {
        return switch (dtype) {
            case BOOL -> value.booleanValue() ? 1L : 0L;
            case WHOLE -> {
                long low = value.bigIntegerValue().longValue();
                yield type == ScalarType.INTEGER ? (long) (int) low : low;
            }
            case FLOAT -> truncated(type, number(value));
            case OBJECT -> fitting(type, value);
        };
    }

    /** As the processor converts: what does not fit becomes the smallest number. */
    private static Long truncated(ScalarType type, double value) {
        if (!Double.isFinite(value)) {
            throw CastFailure.of("NaN and infinite values cannot become " + type.word());
        }
        if (type == ScalarType.INTEGER) {
            double whole = value < 0 ? Math.ceil(value) : Math.floor(value);
            return whole < Integer.MIN_VALUE || whole > Integer.MAX_VALUE ? (long) Integer.MIN_VALUE : (long) whole;
        }
        return value >= 0x1p63 || value < -0x1p63 ? Long.MIN_VALUE : (long) value;
    }

    /** A Python object as a whole number; what does not fit is an error. */
    static Long fitting(ScalarType type, JsonNode value) {
        BigInteger whole = Python.whole(value);
        boolean fits = type == ScalarType.INTEGER ? whole.bitLength() < Integer.SIZE : whole.bitLength() < Long.SIZE;
        if (!fits) {
            throw CastFailure.of(Values.shown(value) + " is out of the range of " + type.word());
        }
        return whole.longValue();
    }

    private static Double fraction(ScalarType type, Dtype dtype, JsonNode value) {
        double number = dtype == Dtype.FLOAT ? number(value) : Python.fraction(value);
        if (Double.isInfinite(number) && value.isIntegralNumber()) {
            throw CastFailure.of(Values.shown(value) + " is too large for " + type.word());
        }
        return rounded(type, number);
    }

    static Double rounded(ScalarType type, double number) {
        return type == ScalarType.FLOAT ? (double) (float) number : number;
    }

    private static @Nullable Object passed(Dtype dtype, JsonNode value) {
        return dtype == Dtype.FLOAT ? (Object) number(value) : object(value);
    }

    /** What Python's JSON reader makes of a value. */
    static @Nullable Object object(JsonNode value) {
        return switch (value.getNodeType()) {
            case BOOLEAN -> value.booleanValue();
            case NUMBER -> {
                if (!value.isIntegralNumber()) {
                    yield value.doubleValue();
                }
                yield value.canConvertToLong() ? (Object) value.longValue() : value.bigIntegerValue();
            }
            case STRING -> value.textValue();
            case NULL -> null;
            case MISSING -> Double.NaN;
            default -> value;
        };
    }

    private static byte[] bytes(JsonNode value) {
        if (!value.isTextual()) {
            throw CastFailure.of("binary must come as base64 text, not as " + Values.kind(value));
        }
        return Python.base64(value.textValue());
    }

    private static @Nullable Object time(Dtype dtype, JsonNode value) {
        return switch (dtype) {
            case BOOL -> new Nanos(value.booleanValue() ? 1 : 0);
            case WHOLE -> nanos(value.bigIntegerValue().longValue());
            case FLOAT -> {
                double number = number(value);
                boolean fits = Math.abs(number) < 0x1p63;
                yield fits ? nanos((long) number) : null;
            }
            case OBJECT -> {
                if (value.isNull() || value.isMissingNode()) {
                    yield null;
                }
                if (value.isNumber()) {
                    yield NumpyCast.time(value);
                }
                if (!value.isTextual()) {
                    throw CastFailure.of(Values.kind(value) + " cannot become datetime64[ns]");
                }
                yield Times.pandas(value.textValue());
            }
        };
    }

    /** The smallest long is NaT. */
    static @Nullable Nanos nanos(long value) {
        return value == Long.MIN_VALUE ? null : new Nanos(value);
    }
}
