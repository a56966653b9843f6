package dev.perennial.scoring;

import dev.perennial.kernel.PerennialException;
import java.util.Map;

/** Looks at the tensors that stand in an ONNX file: all of their data must be there, in the size that they declare. */
final class OnnxTensorCheck {
    /** A sparse tensor is unfolded when it is loaded; more than this is no model but an attack. */
    private static final long SPARSE_BITS_MAX = 8L << 28;

    private static final int STRING = 8;
    private static final int NAME_BYTES_MAX = 64 << 10;
    private static final int BYTE_BITS = 8;
    private static final int EXTERNAL = 1;

    /** Bits of an element by its number in {@code TensorProto.DataType}; strings have lengths of their own. */
    private static final Map<Integer, Integer> BITS = Map.ofEntries(
            Map.entry(1, 32),
            Map.entry(2, 8),
            Map.entry(3, 8),
            Map.entry(4, 16),
            Map.entry(5, 16),
            Map.entry(6, 32),
            Map.entry(7, 64),
            Map.entry(9, 8),
            Map.entry(10, 16),
            Map.entry(11, 64),
            Map.entry(12, 32),
            Map.entry(13, 64),
            Map.entry(14, 64),
            Map.entry(15, 128),
            Map.entry(16, 16),
            Map.entry(17, 8),
            Map.entry(18, 8),
            Map.entry(19, 8),
            Map.entry(20, 8),
            Map.entry(21, 4),
            Map.entry(22, 4),
            Map.entry(23, 4),
            Map.entry(24, 8),
            Map.entry(25, 2),
            Map.entry(26, 2));

    private String name = "";
    private long elements = 1;
    private int type;
    private long rawBytes = -1;
    private long typedBytes;
    private long strings;
    private boolean external;

    private OnnxTensorCheck() {}

    /**
     * Checks a {@code TensorProto}.
     *
     * @return its name
     * @throws PerennialException when data are missing or lie in another file
     */
    static String check(ProtoFields tensor) {
        OnnxTensorCheck found = read(tensor);
        found.judge();
        return found.name;
    }

    /**
     * Checks a {@code SparseTensorProto}.
     *
     * @return the name of its values
     */
    static String checkSparse(ProtoFields sparse) {
        OnnxTensorCheck values = new OnnxTensorCheck();
        long[] dense = {1};
        for (int field = sparse.next(); field != 0; field = sparse.next()) {
            switch (field) {
                case 1 -> {
                    values = read(sparse.message());
                    values.judge();
                }
                case 2 -> check(sparse.message());
                case 3 -> sparse.numbers(size -> dense[0] = product(dense[0], size));
                default -> {}
            }
        }
        if (dense[0] < 0 || product(dense[0], BITS.getOrDefault(values.type, Long.SIZE)) > SPARSE_BITS_MAX) {
            throw OnnxRuntime.refused("its sparse tensor '" + values.name + "' unfolds to more than "
                    + SPARSE_BITS_MAX / BYTE_BITS + " bytes");
        }
        return values.name;
    }

    private static OnnxTensorCheck read(ProtoFields tensor) {
        OnnxTensorCheck found = new OnnxTensorCheck();
        for (int field = tensor.next(); field != 0; field = tensor.next()) {
            switch (field) {
                case 1 -> tensor.numbers(size -> found.elements = product(found.elements, size));
                case 2 -> found.type = (int) tensor.number();
                case 4, 5, 7, 10, 11 -> found.typedBytes += tensor.length();
                case 6 -> found.strings++;
                case 8 -> found.name = tensor.text(NAME_BYTES_MAX);
                case 9 -> found.rawBytes = tensor.length();
                case 13 -> found.external = true;
                case 14 -> found.external |= tensor.number() == EXTERNAL;
                default -> {}
            }
        }
        return found;
    }

    private void judge() {
        if (external) {
            throw OnnxRuntime.refused(
                    "its tensor '" + name
                            + "' keeps its data in another file; save the model in one file (onnx.save without save_as_external_data)");
        }
        if (elements < 0) {
            throw OnnxRuntime.refused("its tensor '" + name + "' has a negative dimension");
        }
        if (elements > 0 && !complete()) {
            throw OnnxRuntime.refused("its tensor '" + name + "' declares " + counted() + " elements of type " + type
                    + ", but the file holds " + held() + " of them");
        }
    }

    private boolean complete() {
        if (type == STRING) {
            return strings >= elements;
        }
        Integer bits = BITS.get(type);
        if (bits == null) {
            return false;
        }
        return rawBytes >= 0
                ? product(elements, bits) <= rawBytes * BYTE_BITS
                : product(elements, Math.min(bits, BYTE_BITS)) <= typedBytes * BYTE_BITS;
    }

    private String counted() {
        return elements == Long.MAX_VALUE ? "more than 2^63" : Long.toString(elements);
    }

    private String held() {
        return type == STRING ? strings + " strings" : Math.max(rawBytes, typedBytes) + " bytes";
    }

    /** Without overflow: {@link Long#MAX_VALUE} stands for more, and a negative factor for no size at all. */
    private static long product(long one, long other) {
        if (one < 0 || other < 0) {
            return -1;
        }
        return other != 0 && one > Long.MAX_VALUE / other ? Long.MAX_VALUE : one * other;
    }
}
