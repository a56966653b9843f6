package dev.perennial.tensors;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A named array of elements of one type, in row-major order. Numbers stand in a little-endian buffer, as they travel; byte strings each
 * in an array of its own. Immutable as long as nobody writes to what it was made of: nothing is copied. Thread-safe.
 */
public final class Tensor {
    private static final byte[][] NONE = {};
    private static final int BYTE = 0xff;
    private static final int SHORT = 0xffff;
    private static final long INT = 0xffffffffL;

    private final String name;
    private final DataType type;
    private final long[] shape;
    private final int elements;
    private final ByteBuffer raw;
    private final byte[][] strings;

    private Tensor(String name, DataType type, long[] shape, int elements, ByteBuffer raw, byte[][] strings) {
        this.name = name;
        this.type = type;
        this.shape = shape.clone();
        this.elements = elements;
        this.raw = raw;
        this.strings = strings;
    }

    /**
     * A tensor of numbers.
     *
     * @param raw the elements, little-endian, from its position to its limit
     * @throws IllegalArgumentException when the shape and the number of bytes do not belong together, or for {@link DataType#BYTES}
     */
    public static Tensor of(String name, DataType type, long[] shape, ByteBuffer raw) {
        int elements = elements(shape);
        if (type == DataType.BYTES || (long) elements * type.bytes() != raw.remaining()) {
            throw new IllegalArgumentException(
                    type + " " + Arrays.toString(shape) + " of " + raw.remaining() + " bytes");
        }
        return new Tensor(name, type, shape, elements, raw.slice().order(ByteOrder.LITTLE_ENDIAN), NONE);
    }

    /** A tensor of byte strings. */
    public static Tensor bytes(String name, long[] shape, byte[][] strings) {
        int elements = elements(shape);
        if (elements != strings.length) {
            throw new IllegalArgumentException(Arrays.toString(shape) + " of " + strings.length + " elements");
        }
        return new Tensor(name, DataType.BYTES, shape, elements, ByteBuffer.allocate(0), strings);
    }

    /** One FP64 for each row. */
    public static Tensor doubles(String name, double[] values) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asDoubleBuffer().put(values);
        return of(name, DataType.FP64, new long[] {values.length}, raw);
    }

    /**
     * Number of elements of a shape.
     *
     * @throws IllegalArgumentException when a size is negative or there are more than an array can hold
     */
    public static int elements(long[] shape) {
        long product = 1;
        boolean none = false;
        for (long size : shape) {
            if (size < 0) {
                throw new IllegalArgumentException("a dimension of " + size);
            }
            none |= size == 0;
            if (size > 0 && product > Integer.MAX_VALUE / size) {
                throw new IllegalArgumentException("more elements than " + Integer.MAX_VALUE);
            }
            product *= Math.max(size, 1);
        }
        return none ? 0 : (int) product;
    }

    public String name() {
        return name;
    }

    public DataType type() {
        return type;
    }

    public long[] shape() {
        return shape.clone();
    }

    /** Size of the first dimension, 1 for a scalar. */
    public long rows() {
        return shape.length == 0 ? 1 : shape[0];
    }

    /** Number of dimensions, 0 for a scalar. */
    public int rank() {
        return shape.length;
    }

    public int elements() {
        return elements;
    }

    /** The numbers, little-endian, as a view of its own that is not to be written; empty for byte strings. */
    public ByteBuffer raw() {
        return raw.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The same elements in another shape.
     *
     * @throws IllegalArgumentException when that has another number of elements
     */
    public Tensor shaped(long[] other) {
        if (elements(other) != elements) {
            throw new IllegalArgumentException(this + " is not " + Arrays.toString(other));
        }
        return new Tensor(name, type, other, elements, raw, strings);
    }

    /** The same elements under another name. */
    public Tensor named(String other) {
        return new Tensor(other, type, shape, elements, raw, strings);
    }

    /**
     * An element as a number; BOOL is 0 or 1, UINT64 and INT64 are rounded to the nearest double.
     *
     * @throws IllegalStateException for byte strings
     */
    public double number(int i) {
        return switch (type) {
            case FP64 -> raw.getDouble(i * Double.BYTES);
            case FP32 -> raw.getFloat(i * Float.BYTES);
            case FP16 -> Float.float16ToFloat(raw.getShort(i * Short.BYTES));
            case BF16 -> Float.intBitsToFloat(raw.getShort(i * Short.BYTES) << Short.SIZE);
            case UINT64 -> {
                long bits = raw.getLong(i * Long.BYTES);
                yield bits >= 0 ? bits : (double) (bits >>> 1 | bits & 1) * 2;
            }
            default -> whole(i);
        };
    }

    /**
     * All elements as {@link #number} gives them.
     *
     * @throws IllegalStateException for byte strings
     */
    public double[] numbers() {
        double[] numbers = new double[elements];
        switch (type) {
            case FP64 -> raw.asDoubleBuffer().get(numbers);
            case FP32 -> {
                for (int i = 0; i < elements; i++) {
                    numbers[i] = raw.getFloat(i * Float.BYTES);
                }
            }
            default -> {
                for (int i = 0; i < elements; i++) {
                    numbers[i] = number(i);
                }
            }
        }
        return numbers;
    }

    /**
     * An element of a whole type; BOOL is 0 or 1, UINT64 by its bits.
     *
     * @throws IllegalStateException for other types
     */
    public long whole(int i) {
        return switch (type) {
            case BOOL -> raw.get(i) == 0 ? 0 : 1;
            case UINT8 -> raw.get(i) & BYTE;
            case INT8 -> raw.get(i);
            case UINT16 -> raw.getShort(i * Short.BYTES) & SHORT;
            case INT16 -> raw.getShort(i * Short.BYTES);
            case UINT32 -> raw.getInt(i * Integer.BYTES) & INT;
            case INT32 -> raw.getInt(i * Integer.BYTES);
            case UINT64, INT64 -> raw.getLong(i * Long.BYTES);
            default -> throw new IllegalStateException("an element of " + type + " is no whole number");
        };
    }

    /**
     * An element of {@link DataType#BYTES}; not to be written.
     *
     * @throws IllegalStateException for numbers
     */
    public byte[] string(int i) {
        if (type != DataType.BYTES) {
            throw new IllegalStateException("an element of " + type + " is no byte string");
        }
        return strings[i];
    }

    /** An element of {@link DataType#BYTES} as UTF-8 text; what is not UTF-8 becomes the replacement character. */
    public String text(int i) {
        return new String(string(i), StandardCharsets.UTF_8);
    }

    /** For messages: name, type and shape. */
    @Override
    public String toString() {
        return name + " " + type + Arrays.toString(shape);
    }
}
