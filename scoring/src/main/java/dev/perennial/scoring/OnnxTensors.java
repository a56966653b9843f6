package dev.perennial.scoring;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import dev.perennial.kernel.PerennialException;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Tensors of requests to and from those of ONNX Runtime. */
final class OnnxTensors {
    /** A larger output could not be answered. */
    private static final long OUTPUT_BYTES_MAX = 256L << 20;

    private OnnxTensors() {}

    /** @throws PerennialException when a byte string is no text that ONNX Runtime for Java can take: the caller's fault */
    static OnnxTensor in(OrtEnvironment environment, Tensor tensor) throws OrtException {
        if (tensor.type() == DataType.BYTES) {
            return OnnxTensor.createTensor(environment, texts(tensor), tensor.shape());
        }
        ByteBuffer direct = ByteBuffer.allocateDirect(
                        tensor.elements() * tensor.type().bytes())
                .order(ByteOrder.nativeOrder());
        direct.put(tensor.raw()).flip();
        if (tensor.type() == DataType.BOOL) {
            for (int i = 0; i < direct.limit(); i++) {
                direct.put(i, (byte) tensor.whole(i)); // other bytes than 0 and 1 are no booleans to native code
            }
        }
        return OnnxTensor.createTensor(environment, direct, tensor.shape(), javaType(tensor.type()));
    }

    private static OnnxJavaType javaType(DataType type) {
        return switch (type) {
            case BOOL -> OnnxJavaType.BOOL;
            case UINT8 -> OnnxJavaType.UINT8;
            case INT8 -> OnnxJavaType.INT8;
            case INT16 -> OnnxJavaType.INT16;
            case INT32 -> OnnxJavaType.INT32;
            case INT64 -> OnnxJavaType.INT64;
            case FP16 -> OnnxJavaType.FLOAT16;
            case BF16 -> OnnxJavaType.BFLOAT16;
            case FP32 -> OnnxJavaType.FLOAT;
            case FP64 -> OnnxJavaType.DOUBLE;
            case BYTES -> OnnxJavaType.STRING;
            case UINT16, UINT32, UINT64 ->
                throw new IllegalArgumentException(type + " is refused when a model is loaded");
        };
    }

    private static String[] texts(Tensor tensor) {
        String[] texts = new String[tensor.elements()];
        for (int i = 0; i < texts.length; i++) {
            try {
                texts[i] = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(tensor.string(i)))
                        .toString();
            } catch (CharacterCodingException e) {
                throw unfit(tensor, i, "is no UTF-8 text; ONNX models take texts only");
            }
            for (int c = 0; c < texts[i].length(); c++) {
                if (texts[i].charAt(c) == 0 || Character.isSurrogate(texts[i].charAt(c))) {
                    throw unfit(
                            tensor,
                            i,
                            "holds U+%04X; ONNX Runtime for Java takes texts of the characters U+0001 to U+FFFF only"
                                    .formatted(texts[i].codePointAt(c)));
                }
            }
        }
        return texts;
    }

    private static PerennialException unfit(Tensor tensor, int element, String why) {
        return PerennialException.invalid(
                tensor.name(), "element " + element + " of input '" + tensor.name() + "' " + why);
    }

    /** @throws ModelFailure when the value is no tensor that an answer can carry */
    static Tensor out(String name, OnnxValue value) throws OrtException {
        if (!(value instanceof OnnxTensor tensor)) {
            throw new ModelFailure("its output '" + name + "' is " + value.getType() + ", not a tensor");
        }
        TensorInfo info = tensor.getInfo();
        DataType type = OnnxTypes.type(info)
                .orElseThrow(() -> new ModelFailure("its output '" + name + "' is of type " + info.onnxType));
        long elements = info.getNumElements();
        if (elements < 0 || elements > OUTPUT_BYTES_MAX / Math.max(type.bytes(), 1)) {
            throw new ModelFailure("its output '" + name + "' has " + elements + " elements of " + type + "; at most "
                    + OUTPUT_BYTES_MAX + " bytes are possible");
        }
        if (type == DataType.BYTES) {
            List<byte[]> strings = new ArrayList<>();
            flatten(tensor.getValue(), strings);
            return Tensor.bytes(name, info.getShape(), strings.toArray(byte[][]::new));
        }
        return Tensor.of(name, type, info.getShape(), tensor.getByteBuffer());
    }

    private static void flatten(Object value, List<byte[]> into) {
        if (value instanceof Object[] several) {
            for (Object one : several) {
                flatten(one, into);
            }
        } else {
            into.add(String.valueOf(value).getBytes(StandardCharsets.UTF_8));
        }
    }
}
