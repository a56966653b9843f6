package dev.perennial.tensors;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The element types of the Open Inference Protocol, by its words. */
public enum DataType {
    BOOL(1),
    UINT8(1),
    UINT16(2),
    UINT32(4),
    UINT64(8),
    INT8(1),
    INT16(2),
    INT32(4),
    INT64(8),
    FP16(2),
    BF16(2),
    FP32(4),
    FP64(8),
    /** Byte strings of any length; texts are their UTF-8. */
    BYTES(0);

    private static final Map<String, DataType> BY_WORD =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(DataType::name, type -> type));

    private final int bytes;

    DataType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element, 0 for {@link #BYTES}, whose elements have their own lengths. */
    public int bytes() {
        return bytes;
    }

    /** Whether the elements are whole numbers; {@link #BOOL} is none. */
    public boolean whole() {
        return switch (this) {
            case UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64 -> true;
            default -> false;
        };
    }

    /** Whether the elements are floating-point numbers. */
    public boolean floating() {
        return switch (this) {
            case FP16, BF16, FP32, FP64 -> true;
            default -> false;
        };
    }

    /** The type of that word, as written in the protocol; empty when there is none. */
    public static Optional<DataType> of(String word) {
        return Optional.ofNullable(BY_WORD.get(word));
    }
}
