package dev.perennial.scoring.schema;

import dev.perennial.tensors.DataType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tensor of a signature.
 *
 * @param name null for a single tensor without one
 * @param dtype numpy's word for the elements, such as {@code float64}
 * @param shape sizes of the dimensions; -1 where any size fits
 */
public record TensorField(@Nullable String name, String dtype, List<Long> shape) {
    public TensorField {
        shape = List.copyOf(shape);
    }

    /** The same type by the Open Inference Protocol. */
    public static DataType type(String dtype) {
        return switch (dtype) {
            case "bool" -> DataType.BOOL;
            case "int8" -> DataType.INT8;
            case "int16" -> DataType.INT16;
            case "int32" -> DataType.INT32;
            case "int64" -> DataType.INT64;
            case "uint8" -> DataType.UINT8;
            case "uint16" -> DataType.UINT16;
            case "uint32" -> DataType.UINT32;
            case "uint64" -> DataType.UINT64;
            case "float16" -> DataType.FP16;
            case "float32" -> DataType.FP32;
            case "float64" -> DataType.FP64;
            case "str", "bytes", "object" -> DataType.BYTES;
            default -> throw MlflowSignature.refused("the tensor type '" + dtype + "' is not supported");
        };
    }

    /** numpy's word for a type of the Open Inference Protocol. */
    static String word(DataType type) {
        return switch (type) {
            case BOOL -> "bool";
            case INT8 -> "int8";
            case INT16 -> "int16";
            case INT32 -> "int32";
            case INT64 -> "int64";
            case UINT8 -> "uint8";
            case UINT16 -> "uint16";
            case UINT32 -> "uint32";
            case UINT64 -> "uint64";
            case FP16, BF16 -> "float16";
            case FP32 -> "float32";
            case FP64 -> "float64";
            case BYTES -> "str";
        };
    }
}
