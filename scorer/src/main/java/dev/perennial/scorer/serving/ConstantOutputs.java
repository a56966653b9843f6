package dev.perennial.scorer.serving;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.ModelSchema;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Outputs that an endpoint declares in place of its model's: the same for every row. Immutable. */
final class ConstantOutputs {
    private static final long ELEMENTS_MAX = 1 << 24;

    private final List<TensorSpec> inputs;
    private final List<Constant> constants;

    /**
     * @param one the tensor of one row, or of the whole answer
     * @param rows whether its first dimension counts rows
     */
    private record Constant(Tensor one, boolean rows) {}

    private ConstantOutputs(List<TensorSpec> inputs, List<Constant> constants) {
        this.inputs = inputs;
        this.constants = constants;
    }

    /**
     * Constants that fit a model.
     *
     * @param declared by output, what it holds for one row: a value, or lists of values of the other dimensions
     * @throws PerennialException naming the output that is missing, unknown, or of another type or shape
     */
    static ConstantOutputs of(Map<String, JsonNode> declared, ModelSchema model) {
        TreeSet<String> unknown = new TreeSet<>(declared.keySet());
        List<Constant> constants = new ArrayList<>();
        for (TensorSpec output : model.outputs()) {
            JsonNode value = declared.get(output.name());
            if (value == null) {
                throw misfit("lacks the output '" + output.name() + "'");
            }
            unknown.remove(output.name());
            constants.add(constant(output, value));
        }
        if (!unknown.isEmpty()) {
            throw misfit("names " + unknown + ", which the model does not give");
        }
        return new ConstantOutputs(model.inputs(), constants);
    }

    private static Constant constant(TensorSpec output, JsonNode value) {
        boolean rows = counted(output);
        List<Long> declared = rows ? output.shape().subList(1, output.shape().size()) : output.shape();
        long[] sizes = new long[declared.size()];
        List<JsonNode> elements = new ArrayList<>();
        flatten(output, declared, value, 0, sizes, elements);
        long[] shape = new long[rows ? sizes.length + 1 : sizes.length];
        System.arraycopy(sizes, 0, shape, shape.length - sizes.length, sizes.length);
        if (rows) {
            shape[0] = 1;
        }
        return new Constant(tensor(output, shape, elements), rows);
    }

    private static void flatten(
            TensorSpec output, List<Long> declared, JsonNode value, int depth, long[] sizes, List<JsonNode> elements) {
        if (depth == declared.size()) {
            elements.add(value);
            return;
        }
        long wanted = declared.get(depth) >= 0 ? declared.get(depth) : sizes[depth] > 0 ? sizes[depth] : value.size();
        if (!value.isArray() || value.size() != wanted || value.isEmpty()) {
            throw misfit("gives " + value + " for '" + output.name() + "', which has the shape " + output.shape());
        }
        sizes[depth] = wanted;
        for (JsonNode part : value) {
            flatten(output, declared, part, depth + 1, sizes, elements);
        }
    }

    private static Tensor tensor(TensorSpec output, long[] shape, List<JsonNode> elements) {
        if (output.type() == DataType.BYTES) {
            byte[][] texts = new byte[elements.size()][];
            for (int i = 0; i < texts.length; i++) {
                if (!elements.get(i).isTextual()) {
                    throw noValue(output, elements.get(i));
                }
                texts[i] = elements.get(i).textValue().getBytes(StandardCharsets.UTF_8);
            }
            return Tensor.bytes(output.name(), shape, texts);
        }
        ByteBuffer raw =
                ByteBuffer.allocate(elements.size() * output.type().bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (JsonNode element : elements) {
            boolean fits = output.type() == DataType.BOOL
                    ? element.isBoolean()
                    : element.isNumber() && (output.type().floating() || whole(output.type(), element));
            if (!fits) {
                throw noValue(output, element);
            }
            put(raw, output.type(), element);
        }
        return Tensor.of(output.name(), output.type(), shape, raw.flip());
    }

    private static boolean whole(DataType type, JsonNode element) {
        if (!element.isIntegralNumber()) {
            return false;
        }
        BigInteger value = element.bigIntegerValue();
        int bits = type.bytes() * Byte.SIZE;
        boolean unsigned = type.name().startsWith("U");
        return unsigned ? value.signum() >= 0 && value.bitLength() <= bits : value.bitLength() < bits;
    }

    private static void put(ByteBuffer raw, DataType type, JsonNode element) {
        switch (type) {
            case BOOL -> raw.put((byte) (element.booleanValue() ? 1 : 0));
            case UINT8, INT8 -> raw.put((byte) element.intValue());
            case UINT16, INT16 -> raw.putShort((short) element.intValue());
            case UINT32, INT32 -> raw.putInt((int) element.longValue());
            case UINT64, INT64 -> raw.putLong(element.bigIntegerValue().longValue());
            case FP16 -> raw.putShort(Float.floatToFloat16(element.floatValue()));
            case BF16 -> raw.putShort((short) (Float.floatToRawIntBits(element.floatValue()) >>> Short.SIZE));
            case FP32 -> raw.putFloat(element.floatValue());
            case FP64 -> raw.putDouble(element.doubleValue());
            case BYTES -> throw new IllegalStateException("texts stand in no buffer");
        }
    }

    private static PerennialException noValue(TensorSpec output, JsonNode element) {
        return misfit("gives " + element + " for '" + output.name() + "', which is no " + output.type());
    }

    private static PerennialException misfit(String why) {
        return PerennialException.invalid("fallback", "the declared constant " + why);
    }

    private static boolean counted(TensorSpec spec) {
        return !spec.shape().isEmpty() && spec.shape().getFirst() == -1;
    }

    /**
     * The outputs in place of what the model would have given.
     *
     * @param given tensors of the call; the first whose rows are counted says how many there are
     * @throws PerennialException when they would be too large
     */
    List<Tensor> instead(List<Tensor> given) {
        int rows = rows(given);
        return constants.stream()
                .map(constant -> constant.rows() ? repeated(constant.one(), rows) : constant.one())
                .toList();
    }

    private int rows(List<Tensor> given) {
        for (TensorSpec input : inputs) {
            for (Tensor tensor : given) {
                if (counted(input) && tensor.name().equals(input.name())) {
                    return (int) tensor.rows();
                }
            }
        }
        return 1;
    }

    private static Tensor repeated(Tensor one, int rows) {
        if ((long) one.elements() * rows > ELEMENTS_MAX) {
            throw PerennialException.invalid(
                    one.name(),
                    "the declared constant would have more than " + ELEMENTS_MAX + " values of '" + one.name() + "'");
        }
        long[] shape = one.shape();
        shape[0] = rows;
        if (one.type() == DataType.BYTES) {
            byte[][] texts = new byte[one.elements() * rows][];
            for (int i = 0; i < texts.length; i++) {
                texts[i] = one.string(i % one.elements());
            }
            return Tensor.bytes(one.name(), shape, texts);
        }
        ByteBuffer raw = ByteBuffer.allocate(one.elements() * rows * one.type().bytes());
        for (int row = 0; row < rows; row++) {
            raw.put(one.raw());
        }
        return Tensor.of(one.name(), one.type(), shape, raw.flip());
    }
}
