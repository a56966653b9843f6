package dev.perennial.scoring.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
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
import org.jspecify.annotations.Nullable;

/**
 * Bodies for models of tensors: {@code inputs} with an array for each name, or one array for a model of one input; {@code instances} with
 * an object of arrays for each row. Values that the element type cannot hold are refused, in both modes.
 */
public final class TensorBody {
    private TensorBody() {}

    /**
     * Reads the tensors of a JSON body.
     *
     * @param body null when it is no JSON
     * @throws PerennialException when it cannot be read, or a value fits no element of its tensor
     */
    public static List<Tensor> read(ModelSchema schema, byte @Nullable [] body) {
        if (body == null) {
            throw Refusals.violation("body", "the model takes tensors; send JSON with 'inputs' or 'instances'");
        }
        ServingBody read = ServingBody.read(body, true);
        JsonNode data = read.data();
        switch (read.format()) {
            case INPUTS -> {}
            case INSTANCES -> data = stacked(data);
            default ->
                throw Refusals.violation(
                        read.format().word(), "the model takes tensors; send them as 'inputs' or 'instances'");
        }
        List<Tensor> tensors = new ArrayList<>();
        if (data.isObject()) {
            for (var member : data.properties()) {
                TensorSpec spec = schema.input(member.getKey()).orElse(null);
                if (spec != null) { // MLflow drops what the signature lacks
                    tensors.add(new Reader(spec).read(member.getValue()));
                }
            }
        } else if (schema.inputs().size() == 1) {
            tensors.add(new Reader(schema.inputs().getFirst()).read(data));
        } else {
            throw Refusals.violation(
                    read.format().word(),
                    "the model takes several tensors; send an object of "
                            + schema.inputs().stream().map(TensorSpec::name).toList());
        }
        List<String> missing = schema.inputs().stream()
                .map(TensorSpec::name)
                .filter(name ->
                        tensors.stream().noneMatch(tensor -> tensor.name().equals(name)))
                .toList();
        if (!missing.isEmpty()) {
            throw Refusals.violation(missing.getFirst(), "Model is missing inputs " + String.join(", ", missing));
        }
        return tensors;
    }

    /** Rows of objects as an object of columns. */
    private static JsonNode stacked(JsonNode data) {
        if (!data.isArray() || data.isEmpty() || !data.get(0).isObject()) {
            return data;
        }
        ObjectNode columns = JsonNodeFactory.instance.objectNode();
        for (JsonNode row : data) {
            row.properties()
                    .forEach(member -> columns.withArray(
                                    "/" + member.getKey().replace("~", "~0").replace("/", "~1"))
                            .add(member.getValue()));
        }
        for (var column : columns.properties()) {
            if (column.getValue().size() != data.size()) {
                throw Refusals.unreadable("instances." + column.getKey(), "not all instances have it");
            }
        }
        return columns;
    }

    /** One tensor from nested lists. */
    private static final class Reader {
        private final TensorSpec spec;
        private final List<JsonNode> flat = new ArrayList<>();

        Reader(TensorSpec spec) {
            this.spec = spec;
        }

        Tensor read(JsonNode data) {
            List<Long> shape = new ArrayList<>();
            for (JsonNode at = data; at.isArray(); at = at.path(0)) {
                shape.add((long) at.size());
            }
            flatten(data, shape, 0);
            long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
            try {
                return spec.type() == DataType.BYTES
                        ? Tensor.bytes(spec.name(), sizes, texts())
                        : Tensor.of(spec.name(), spec.type(), sizes, raw());
            } catch (IllegalArgumentException e) {
                throw Refusals.unreadable(spec.name(), String.valueOf(e.getMessage()));
            }
        }

        private void flatten(JsonNode data, List<Long> shape, int depth) {
            if (depth == shape.size()) {
                if (data.isArray()) {
                    throw Refusals.unreadable(spec.name(), "its lists are not equally deep");
                }
                flat.add(data);
                return;
            }
            if (!data.isArray() || data.size() != shape.get(depth)) {
                throw Refusals.unreadable(spec.name(), "its lists are not equally long");
            }
            data.forEach(item -> flatten(item, shape, depth + 1));
        }

        private byte[][] texts() {
            byte[][] texts = new byte[flat.size()][];
            for (int i = 0; i < texts.length; i++) {
                if (!flat.get(i).isTextual()) {
                    throw wrong(flat.get(i));
                }
                texts[i] = flat.get(i).textValue().getBytes(StandardCharsets.UTF_8);
            }
            return texts;
        }

        private ByteBuffer raw() {
            int bytes = spec.type().bytes();
            ByteBuffer raw = ByteBuffer.allocate(flat.size() * bytes).order(ByteOrder.LITTLE_ENDIAN);
            for (JsonNode value : flat) {
                switch (spec.type()) {
                    case BOOL -> raw.put((byte) (bool(value) ? 1 : 0));
                    case FP64 -> raw.putDouble(fraction(value));
                    case FP32 -> raw.putFloat((float) fraction(value));
                    case FP16 -> raw.putShort(Float.floatToFloat16((float) fraction(value)));
                    case BF16 -> raw.putShort((short) (Float.floatToIntBits((float) fraction(value)) >>> Short.SIZE));
                    default -> {
                        long whole = whole(value, bytes * Byte.SIZE);
                        for (int i = 0; i < bytes; i++) {
                            raw.put((byte) (whole >>> i * Byte.SIZE));
                        }
                    }
                }
            }
            return raw.flip();
        }

        private boolean bool(JsonNode value) {
            if (!value.isBoolean()) {
                throw wrong(value);
            }
            return value.booleanValue();
        }

        private double fraction(JsonNode value) {
            if (value.isNull()) {
                return Double.NaN;
            }
            if (!value.isNumber()) {
                throw wrong(value);
            }
            return value.doubleValue();
        }

        private long whole(JsonNode value, int bits) {
            if (!value.isIntegralNumber()) {
                throw wrong(value);
            }
            BigInteger whole = value.bigIntegerValue();
            boolean unsigned = spec.type().name().startsWith("U");
            boolean fits = unsigned ? whole.signum() >= 0 && whole.bitLength() <= bits : whole.bitLength() < bits;
            if (!fits) {
                throw wrong(value);
            }
            return whole.longValue();
        }

        private PerennialException wrong(JsonNode value) {
            return Refusals.unreadable(
                    spec.name(), "expected " + TensorField.word(spec.type()) + ", got " + Values.shown(value));
        }
    }

    /** The answer: of one output its nested lists, of several an object of them. NaN and infinite values become null. */
    public static String write(List<Tensor> outputs) {
        ObjectNode body = Json.object();
        if (outputs.size() == 1) {
            body.set("predictions", nested(outputs.getFirst()));
        } else {
            ObjectNode predictions = body.putObject("predictions");
            outputs.forEach(output -> predictions.set(output.name(), nested(output)));
        }
        return body.toString();
    }

    private static JsonNode nested(Tensor tensor) {
        long[] shape = tensor.shape();
        if (shape.length == 0) {
            return element(tensor, 0);
        }
        return nested(tensor, shape, 0, new int[1]);
    }

    private static JsonNode nested(Tensor tensor, long[] shape, int depth, int[] at) {
        ArrayNode list = Json.array();
        for (long i = 0; i < shape[depth]; i++) {
            list.add(depth + 1 == shape.length ? element(tensor, at[0]++) : nested(tensor, shape, depth + 1, at));
        }
        return list;
    }

    private static JsonNode element(Tensor tensor, int at) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return switch (tensor.type()) {
            case BYTES -> nodes.textNode(tensor.text(at));
            case BOOL -> nodes.booleanNode(tensor.whole(at) != 0);
            case UINT64 -> nodes.numberNode(new BigInteger(Long.toUnsignedString(tensor.whole(at))));
            case FP16, BF16, FP32, FP64 -> {
                double number = tensor.number(at);
                if (!Double.isFinite(number)) {
                    yield nodes.nullNode();
                }
                yield tensor.type() == DataType.FP64 ? nodes.numberNode(number) : nodes.numberNode((float) number);
            }
            default -> nodes.numberNode(tensor.whole(at));
        };
    }
}
