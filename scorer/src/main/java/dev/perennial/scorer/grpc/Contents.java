package dev.perennial.scorer.grpc;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Elements of tensors as gRPC carries them: typed in {@code InferTensorContents}, or raw as in the binary extension of REST. */
final class Contents {
    /** Most byte strings in one tensor; each costs an object. */
    static final int STRINGS_MAX = 1_000_000;

    private static final String[] FIELDS = {
        "",
        "bool_contents",
        "int_contents",
        "int64_contents",
        "uint_contents",
        "uint64_contents",
        "fp32_contents",
        "fp64_contents",
        "bytes_contents"
    };
    private static final int BYTES_FIELD = 8;
    private static final byte[] EMPTY = {};

    private Contents() {}

    /** The field that carries a type; 0 for those that travel as raw contents only. */
    static int field(DataType type) {
        return switch (type) {
            case BOOL -> 1;
            case INT8, INT16, INT32 -> 2;
            case INT64 -> 3;
            case UINT8, UINT16, UINT32 -> 4;
            case UINT64 -> 5;
            case FP32 -> 6;
            case FP64 -> 7;
            case BYTES -> BYTES_FIELD;
            case FP16, BF16 -> 0;
        };
    }

    private static int wireType(int field) {
        return switch (field) {
            case 6 -> ProtoReader.FIXED32;
            case 7 -> ProtoReader.FIXED64;
            case BYTES_FIELD -> ProtoReader.LENGTH;
            default -> ProtoReader.VARINT;
        };
    }

    /**
     * A tensor of typed contents; null contents are those of no elements.
     *
     * @param elements of the shape
     */
    static Tensor typed(String name, DataType type, long[] shape, int elements, @Nullable ProtoReader contents) {
        int wanted = field(type);
        if (contents == null) {
            return empty(name, type, shape, elements);
        }
        if (wanted == 0) {
            throw bad(name, type + " travels in raw_input_contents only");
        }
        int count = count(name, type, wanted, contents.again());
        if (count != elements) {
            throw bad(
                    name,
                    "its shape " + Arrays.toString(shape) + " asks for " + elements + " elements, " + FIELDS[wanted]
                            + " holds " + count);
        }
        return type == DataType.BYTES ? strings(name, shape, count, contents) : numbers(name, type, shape, contents);
    }

    private static Tensor empty(String name, DataType type, long[] shape, int elements) {
        if (elements != 0) {
            throw bad(name, "it has neither contents nor raw_input_contents");
        }
        return type == DataType.BYTES
                ? Tensor.bytes(name, shape, new byte[0][])
                : Tensor.of(name, type, shape, ByteBuffer.allocate(0));
    }

    private static int count(String name, DataType type, int wanted, ProtoReader in) {
        long count = 0;
        while (in.next()) {
            int field = in.field();
            if (field < 1 || field >= FIELDS.length) {
                in.skip();
                continue;
            }
            int elements = field == BYTES_FIELD ? one(in) : in.count(wireType(field));
            if (field != wanted && elements > 0) {
                throw bad(name, type + " travels in " + FIELDS[wanted] + ", not in " + FIELDS[field]);
            }
            count += elements;
        }
        return (int) Math.min(count, Integer.MAX_VALUE);
    }

    private static int one(ProtoReader in) {
        in.skip();
        return 1;
    }

    private static Tensor strings(String name, long[] shape, int count, ProtoReader in) {
        checkStrings(name, count);
        byte[][] strings = new byte[count][];
        int at = 0;
        while (in.next()) {
            if (in.field() == BYTES_FIELD) {
                strings[at++] = in.copy();
            } else {
                in.skip();
            }
        }
        return Tensor.bytes(name, shape, strings);
    }

    private static Tensor numbers(String name, DataType type, long[] shape, ProtoReader in) {
        ByteBuffer raw =
                ByteBuffer.allocate(Tensor.elements(shape) * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        int field = field(type);
        while (in.next()) {
            if (in.field() == field) {
                in.elements(wireType(field), bits -> put(name, type, raw, bits));
            } else {
                in.skip();
            }
        }
        return Tensor.of(name, type, shape, raw.flip());
    }

    private static void put(String name, DataType type, ByteBuffer raw, long bits) {
        switch (type) {
            case BOOL -> raw.put((byte) (bits == 0 ? 0 : 1));
            case INT8 -> raw.put((byte) within(name, type, (int) bits, Byte.MIN_VALUE, Byte.MAX_VALUE));
            case INT16 -> raw.putShort((short) within(name, type, (int) bits, Short.MIN_VALUE, Short.MAX_VALUE));
            case UINT8 -> raw.put((byte) within(name, type, bits, 0, 0xff));
            case UINT16 -> raw.putShort((short) within(name, type, bits, 0, 0xffff));
            case INT32, UINT32, FP32 -> raw.putInt((int) bits);
            default -> raw.putLong(bits);
        }
    }

    private static long within(String name, DataType type, long value, long min, long max) {
        if (value < min || value > max) {
            throw bad(name, "the value " + value + " is no " + type);
        }
        return value;
    }

    /** A tensor of raw contents, little-endian; byte strings each behind a length of four bytes. */
    static Tensor raw(String name, DataType type, long[] shape, int elements, ByteBuffer raw) {
        if (type == DataType.BYTES) {
            return rawStrings(name, shape, elements, raw);
        }
        if ((long) elements * type.bytes() != raw.remaining()) {
            throw bad(
                    name,
                    "its shape " + Arrays.toString(shape) + " of " + type + " asks for "
                            + (long) elements * type.bytes() + " bytes, its raw contents have " + raw.remaining());
        }
        if (type == DataType.BOOL) {
            checkBools(name, raw);
        }
        return Tensor.of(name, type, shape, raw);
    }

    private static void checkBools(String name, ByteBuffer raw) {
        for (int i = raw.position(); i < raw.limit(); i++) {
            if (raw.get(i) != 0 && raw.get(i) != 1) {
                throw bad(name, "the value " + (raw.get(i) & 0xff) + " is no BOOL");
            }
        }
    }

    private static Tensor rawStrings(String name, long[] shape, int elements, ByteBuffer raw) {
        checkStrings(name, elements);
        if ((long) elements * Integer.BYTES > raw.remaining()) {
            throw bad(name, elements + " byte strings need more than the " + raw.remaining() + " bytes that came");
        }
        byte[][] strings = new byte[elements][];
        ByteBuffer in = raw.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < elements; i++) {
            int length = in.remaining() < Integer.BYTES ? -1 : in.getInt();
            if (length < 0 || length > in.remaining()) {
                throw bad(name, "the byte string " + i + " goes beyond the raw contents");
            }
            strings[i] = length == 0 ? EMPTY : new byte[length];
            in.get(strings[i]);
        }
        if (in.hasRemaining()) {
            throw bad(name, in.remaining() + " bytes follow the last byte string");
        }
        return Tensor.bytes(name, shape, strings);
    }

    private static void checkStrings(String name, int count) {
        if (count > STRINGS_MAX) {
            throw new PerennialException(
                    ErrorCode.TOO_LARGE,
                    name + ": " + count + " byte strings; at most " + STRINGS_MAX + " are possible in one tensor",
                    name,
                    null);
        }
    }

    /** Writes a tensor as one element of {@code raw_output_contents}. */
    static void writeRaw(int field, Tensor tensor, ProtoWriter out) {
        if (tensor.type() != DataType.BYTES) {
            out.bytes(field, tensor.raw());
            return;
        }
        long size = 0;
        for (int i = 0; i < tensor.elements(); i++) {
            size += Integer.BYTES + (long) tensor.string(i).length;
        }
        ByteBuffer raw = ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < tensor.elements(); i++) {
            raw.putInt(tensor.string(i).length).put(tensor.string(i));
        }
        out.bytes(field, raw.flip());
    }

    /** Writes a tensor as {@code InferTensorContents}; not FP16 and BF16. */
    static void writeTyped(int field, Tensor tensor, ProtoWriter out) {
        DataType type = tensor.type();
        out.message(field, contents -> {
            if (type == DataType.BYTES) {
                for (int i = 0; i < tensor.elements(); i++) {
                    contents.bytes(BYTES_FIELD, tensor.string(i));
                }
            } else if (type.floating()) {
                contents.bytes(field(type), tensor.raw());
            } else if (tensor.elements() > 0) {
                contents.message(field(type), packed -> {
                    for (int i = 0; i < tensor.elements(); i++) {
                        packed.varint(tensor.whole(i));
                    }
                });
            }
        });
    }

    private static PerennialException bad(String field, String why) {
        return PerennialException.invalid(field, field + ": " + why);
    }
}
