package dev.perennial.scoring;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.TensorInfo;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The inputs and outputs of a graph in the words of the protocols. */
final class OnnxTypes {
    /** ONNX Runtime for Java reads tensors of these types, but cannot make them. */
    private static final Set<DataType> READ_ONLY = Set.of(DataType.UINT16, DataType.UINT32, DataType.UINT64);

    private OnnxTypes() {}

    /**
     * @param shapeless names of the inputs and outputs that declare no shape
     * @throws dev.perennial.kernel.PerennialException naming an input or output that cannot be
     */
    static ModelSchema schema(OnnxSession session, Set<String> shapeless) {
        List<TensorSpec> inputs = new ArrayList<>();
        for (Map.Entry<String, NodeInfo> input : session.inputs().entrySet()) {
            TensorSpec spec = spec("input", input.getKey(), input.getValue());
            if (READ_ONLY.contains(spec.type())) {
                throw OnnxRuntime.refused("its input '" + spec.name() + "' takes " + spec.type()
                        + ", which ONNX Runtime for Java cannot make; take a signed type");
            }
            if (shapeless.contains(spec.name())) {
                throw OnnxRuntime.refused("its input '" + spec.name()
                        + "' declares no shape; export it with one, where sizes may be left open");
            }
            inputs.add(spec);
        }
        List<TensorSpec> outputs = new ArrayList<>();
        for (Map.Entry<String, NodeInfo> output : session.outputs().entrySet()) {
            TensorSpec spec = spec("output", output.getKey(), output.getValue());
            outputs.add(
                    shapeless.contains(spec.name()) ? new TensorSpec(spec.name(), spec.type(), List.of(-1L)) : spec);
        }
        return new ModelSchema(inputs, outputs, null);
    }

    private static TensorSpec spec(String what, String name, NodeInfo info) {
        if (!(info.getInfo() instanceof TensorInfo tensor)) {
            throw OnnxRuntime.refused("its " + what + " '" + name + "' is "
                    + info.getInfo()
                            .getClass()
                            .getSimpleName()
                            .replace("Info", "")
                            .toLowerCase(java.util.Locale.ROOT)
                    + ", not a tensor; export a classifier without ZipMap (zipmap=False)");
        }
        DataType type = type(tensor)
                .orElseThrow(() -> OnnxRuntime.refused("its " + what + " '" + name + "' is of type " + tensor.onnxType
                        + ", which no request can carry"));
        List<Long> shape = new ArrayList<>();
        for (long size : tensor.getShape()) {
            shape.add(size);
        }
        return new TensorSpec(name, type, shape);
    }

    static Optional<DataType> type(TensorInfo tensor) {
        return Optional.ofNullable(
                switch (tensor.onnxType) {
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> DataType.FP32;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> DataType.FP64;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> DataType.FP16;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 -> DataType.BF16;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> DataType.INT8;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> DataType.INT16;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> DataType.INT32;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> DataType.INT64;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> DataType.UINT8;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> DataType.UINT16;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32 -> DataType.UINT32;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 -> DataType.UINT64;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> DataType.BOOL;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING -> DataType.BYTES;
                    default -> null;
                });
    }
}
