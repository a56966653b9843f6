package dev.perennial.scorer.http.v2;

import dev.perennial.scorer.http.Problems;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Tensors in the layout of the binary tensor data extension: little-endian, row by row, each byte string after its length. */
public final class BinaryValues {
    private static final int LENGTH = Integer.BYTES;

    private BinaryValues() {}

    /**
     * A tensor from its bytes; numbers are not copied.
     *
     * @throws dev.perennial.kernel.PerennialException naming the input when bytes and shape do not belong together
     */
    public static Tensor read(String name, DataType type, long[] shape, ByteBuffer bytes) {
        int elements = elements(name, shape);
        if (type == DataType.BYTES) {
            return Tensor.bytes(
                    name, shape, strings(name, elements, bytes.slice().order(ByteOrder.LITTLE_ENDIAN)));
        }
        if ((long) elements * type.bytes() != bytes.remaining()) {
            throw Problems.one(
                    name,
                    "its shape " + Arrays.toString(shape).replace(" ", "") + " of " + type + " asks for "
                            + (long) elements * type.bytes() + " bytes, its data has " + bytes.remaining());
        }
        if (type == DataType.BOOL) {
            checkTruths(name, bytes);
        }
        return Tensor.of(name, type, shape, bytes);
    }

    private static void checkTruths(String name, ByteBuffer bytes) {
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            if ((bytes.get(i) & ~1) != 0) {
                throw Problems.one(name, "the value " + (bytes.get(i) & 0xff) + " is no BOOL");
            }
        }
    }

    /** Number of elements of an input's shape, refused by its name when there cannot be so many. */
    public static int elements(String name, long[] shape) {
        try {
            return Tensor.elements(shape);
        } catch (IllegalArgumentException e) {
            throw Problems.one(name, "its shape has " + e.getMessage());
        }
    }

    private static byte[][] strings(String name, int elements, ByteBuffer bytes) {
        if ((long) elements * LENGTH > bytes.remaining()) {
            throw Problems.one(
                    name,
                    "its shape asks for " + elements + " byte strings, its data of " + bytes.remaining()
                            + " bytes cannot hold them");
        }
        byte[][] strings = new byte[elements][];
        for (int i = 0; i < elements; i++) {
            int length = bytes.remaining() < LENGTH ? -1 : bytes.getInt();
            if (length < 0 || length > bytes.remaining()) {
                throw Problems.one(name, "byte string " + i + " of " + elements + " does not end within its data");
            }
            strings[i] = new byte[length];
            bytes.get(strings[i]);
        }
        if (bytes.hasRemaining()) {
            throw Problems.one(name, bytes.remaining() + " bytes follow the last of its " + elements + " byte strings");
        }
        return strings;
    }

    /** Number of bytes of a tensor. */
    public static long size(Tensor tensor) {
        if (tensor.type() != DataType.BYTES) {
            return tensor.raw().remaining();
        }
        long size = 0;
        for (int i = 0; i < tensor.elements(); i++) {
            size += LENGTH + tensor.string(i).length;
        }
        return size;
    }

    /** Appends a tensor. */
    public static void write(Tensor tensor, ByteBuffer into) {
        if (tensor.type() != DataType.BYTES) {
            into.put(tensor.raw());
            return;
        }
        into.order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < tensor.elements(); i++) {
            byte[] string = tensor.string(i);
            into.putInt(string.length).put(string);
        }
    }
}
