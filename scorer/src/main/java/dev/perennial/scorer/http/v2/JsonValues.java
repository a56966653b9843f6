package dev.perennial.scorer.http.v2;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.http.Problems;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The values of one tensor, read from JSON: flat, or nested exactly as its shape says. A value that its datatype cannot hold is refused,
 * never wrapped and never rounded to a whole number. Not thread-safe.
 */
final class JsonValues {
    private static final byte[] EMPTY = {};
    private static final int SHOWN_MAX = 60;
    private static final int ASCII = 0x80;

    private final String name;
    private final DataType type;
    private final long[] shape;
    private final int elements;
    private final ByteBuffer raw;
    private final byte[][] strings;
    private @Nullable BitSet missing;
    private int count;

    /** @param elements of the shape, which the rest of the body must be able to hold */
    JsonValues(String name, DataType type, long[] shape, int elements) {
        this.name = name;
        this.type = type;
        this.shape = shape;
        this.elements = elements;
        boolean texts = type == DataType.BYTES;
        this.raw = ByteBuffer.allocate(elements * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        this.strings = new byte[texts ? elements : 0][];
        Arrays.fill(strings, EMPTY);
    }

    /** Reads the value at which the parser stands. */
    void read(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw bad("its data must be a list");
        }
        JsonToken first = parser.nextToken();
        if (first == JsonToken.START_ARRAY && shape.length > 1) {
            nested(parser, first, 0);
        } else {
            flat(parser, first);
        }
        if (count != elements) {
            throw bad("its shape asks for " + elements + " values, its data holds " + count);
        }
    }

    private void flat(JsonParser parser, JsonToken first) throws IOException {
        int found = 0;
        for (JsonToken token = first; token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            if (count == elements) {
                parser.skipChildren();
                found++;
            } else {
                put(parser, token);
            }
        }
        count += found;
    }

    private void nested(JsonParser parser, @Nullable JsonToken first, int dimension) throws IOException {
        long size = 0;
        boolean inner = dimension == shape.length - 1;
        for (JsonToken token = first; token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            size++;
            if (size > shape[dimension]) {
                continue;
            }
            if (inner) {
                put(parser, token);
            } else if (token == JsonToken.START_ARRAY) {
                nested(parser, parser.nextToken(), dimension + 1);
            } else {
                throw bad("its data is neither flat nor nested as its shape " + shown() + " says");
            }
        }
        if (size != shape[dimension]) {
            throw bad("a list of its data has " + size + " entries where its shape " + shown() + " says "
                    + shape[dimension]);
        }
    }

    private String shown() {
        return Arrays.toString(shape).replace(" ", "");
    }

    private void put(JsonParser parser, @Nullable JsonToken token) throws IOException {
        boolean fits = token != null
                && switch (type) {
                    case FP32 -> single(parser, token);
                    case FP64 -> number(parser, token);
                    case BOOL -> truth(parser, token);
                    case BYTES -> text(parser, token);
                    default -> whole(parser, token);
                };
        if (!fits) {
            throw bad("the value " + shown(parser, token) + " is no " + type);
        }
        count++;
    }

    private boolean number(JsonParser parser, JsonToken token) throws IOException {
        double value = switch (token) {
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_NULL -> Double.NaN;
            default -> Double.POSITIVE_INFINITY;
        };
        raw.putDouble(value);
        return !Double.isInfinite(value);
    }

    private boolean single(JsonParser parser, JsonToken token) throws IOException {
        float value = switch (token) {
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getFloatValue();
            case VALUE_NULL -> Float.NaN;
            default -> Float.POSITIVE_INFINITY;
        };
        raw.putFloat(value);
        return !Float.isInfinite(value);
    }

    private boolean truth(JsonParser parser, JsonToken token) throws IOException {
        switch (token) {
            case VALUE_TRUE -> raw.put((byte) 1);
            case VALUE_FALSE -> raw.put((byte) 0);
            case VALUE_NUMBER_INT -> {
                if (parser.getNumberType() != JsonParser.NumberType.INT || (parser.getIntValue() & ~1) != 0) {
                    return false;
                }
                raw.put((byte) parser.getIntValue());
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean whole(JsonParser parser, JsonToken token) throws IOException {
        if (token != JsonToken.VALUE_NUMBER_INT) {
            return false;
        }
        if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            BigInteger value = parser.getBigIntegerValue();
            boolean fits = type == DataType.UINT64 && value.signum() > 0 && value.bitLength() <= Long.SIZE;
            if (fits) {
                raw.putLong(value.longValue());
            }
            return fits;
        }
        return store(parser.getLongValue());
    }

    private boolean store(long value) {
        boolean unsigned = type.name().charAt(0) == 'U';
        int bits = type.bytes() * Byte.SIZE;
        boolean fits = bits == Long.SIZE
                ? !unsigned || value >= 0
                : unsigned ? value >>> bits == 0 : value << Long.SIZE - bits >> Long.SIZE - bits == value;
        switch (type.bytes()) {
            case Byte.BYTES -> raw.put((byte) value);
            case Short.BYTES -> raw.putShort((short) value);
            case Integer.BYTES -> raw.putInt((int) value);
            default -> raw.putLong(value);
        }
        return fits;
    }

    private boolean text(JsonParser parser, JsonToken token) throws IOException {
        if (token == JsonToken.VALUE_STRING) {
            strings[count] = bytes(parser);
            return true;
        }
        if (token == JsonToken.VALUE_NULL) {
            missing = missing == null ? new BitSet(elements) : missing;
            missing.set(count);
            return true;
        }
        return false;
    }

    private byte[] bytes(JsonParser parser) throws IOException {
        char[] text = parser.getTextCharacters();
        int from = parser.getTextOffset();
        int length = parser.getTextLength();
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            char c = text[from + i];
            if (c >= ASCII) {
                return encoded(new String(text, from, length));
            }
            bytes[i] = (byte) c;
        }
        return bytes;
    }

    private byte[] encoded(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i)) && !Character.isSurrogatePair(text.charAt(i), at(text, ++i))) {
                throw bad("a text holds half a surrogate pair");
            }
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static char at(String text, int i) {
        return i < text.length() ? text.charAt(i) : ' ';
    }

    /** The tensor, once everything was read. */
    Tensor tensor() {
        return type == DataType.BYTES ? Tensor.bytes(name, shape, strings) : Tensor.of(name, type, shape, raw.flip());
    }

    /** Elements that were null; null when none was. */
    @Nullable
    BitSet missing() {
        return missing;
    }

    private static String shown(JsonParser parser, @Nullable JsonToken token) throws IOException {
        if (token == null) {
            return "that is not there";
        }
        return switch (token) {
            case START_ARRAY -> "[...]";
            case START_OBJECT -> "{...}";
            default -> {
                String text = parser.getText();
                String cut = text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "..." : text;
                String clean = cut.replaceAll("\\p{Cntrl}", "?");
                yield token == JsonToken.VALUE_STRING ? '"' + clean + '"' : clean;
            }
        };
    }

    private PerennialException bad(String why) {
        return Problems.one(name, why);
    }
}
