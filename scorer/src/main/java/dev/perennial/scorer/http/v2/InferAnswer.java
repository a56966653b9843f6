package dev.perennial.scorer.http.v2;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.http.JsonBodies;
import dev.perennial.scorer.http.Problems;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * The body of an inference answer: JSON with flat data, and the bytes of the outputs that are wanted in binary form behind it. No member
 * that the protocol does not have.
 *
 * @param json length of the JSON part; the whole body when nothing follows
 */
@SuppressWarnings("ArrayRecordComponent")
record InferAnswer(byte[] body, int json) {
    private static final int BODY_MAX = 1 << 30;

    /** Whether bytes follow the JSON. */
    boolean binary() {
        return json < body.length;
    }

    /** What stands around the outputs. */
    record Frame(String model, String version, String id, Map<String, String> parameters) {}

    /** An output and its form. */
    record Output(Tensor tensor, boolean binary) {}

    /** @throws PerennialException for an output that JSON cannot carry, telling the way out */
    static InferAnswer of(Frame frame, List<Output> outputs) {
        StringBuilder text = new StringBuilder(256);
        text.append("{\"model_name\":");
        JsonBodies.quote(text, frame.model());
        text.append(",\"model_version\":");
        JsonBodies.quote(text, frame.version());
        if (!frame.id().isEmpty()) {
            text.append(",\"id\":");
            JsonBodies.quote(text, frame.id());
        }
        parameters(text, frame.parameters());
        text.append(",\"outputs\":[");
        long binary = 0;
        for (int i = 0; i < outputs.size(); i++) {
            text.append(i == 0 ? "" : ",");
            binary += output(text, outputs.get(i));
        }
        byte[] json = text.append("]}").toString().getBytes(StandardCharsets.UTF_8);
        if (binary == 0) {
            return new InferAnswer(json, json.length);
        }
        if (json.length + binary > BODY_MAX) {
            throw new PerennialException(
                    ErrorCode.INTERNAL, "the outputs have " + binary + " bytes; at most " + BODY_MAX + " are possible");
        }
        ByteBuffer body = ByteBuffer.allocate(json.length + (int) binary);
        body.put(json);
        for (Output output : outputs) {
            if (output.binary()) {
                BinaryValues.write(output.tensor(), body);
            }
        }
        return new InferAnswer(body.array(), json.length);
    }

    private static void parameters(StringBuilder text, Map<String, String> parameters) {
        if (parameters.isEmpty()) {
            return;
        }
        text.append(",\"parameters\":");
        char before = '{';
        for (Map.Entry<String, String> parameter : parameters.entrySet()) {
            JsonBodies.quote(text.append(before), parameter.getKey());
            JsonBodies.quote(text.append(':'), parameter.getValue());
            before = ',';
        }
        text.append('}');
    }

    private static long output(StringBuilder text, Output output) {
        Tensor tensor = output.tensor();
        text.append("{\"name\":");
        JsonBodies.quote(text, tensor.name());
        text.append(",\"datatype\":\"").append(tensor.type()).append("\",\"shape\":[");
        long[] shape = tensor.shape();
        for (int i = 0; i < shape.length; i++) {
            text.append(i == 0 ? "" : ",").append(shape[i]);
        }
        if (output.binary()) {
            long size = BinaryValues.size(tensor);
            text.append("],\"parameters\":{\"binary_data_size\":").append(size).append("}}");
            return size;
        }
        text.append("],\"data\":[");
        data(text, tensor);
        text.append("]}");
        return 0;
    }

    private static void data(StringBuilder text, Tensor tensor) {
        DataType type = tensor.type();
        if (type == DataType.FP16 || type == DataType.BF16) {
            throw Problems.one(
                    "outputs",
                    "output '" + tensor.name() + "' is " + type
                            + ", which cannot travel as JSON; ask for it with binary_data");
        }
        for (int i = 0; i < tensor.elements(); i++) {
            text.append(i == 0 ? "" : ",");
            switch (type) {
                case FP32 -> single(text, (float) tensor.number(i));
                case FP64 -> number(text, tensor.number(i));
                case BOOL -> text.append(tensor.whole(i) != 0);
                case BYTES -> JsonBodies.quote(text, string(tensor, i));
                case UINT64 -> text.append(Long.toUnsignedString(tensor.whole(i)));
                default -> text.append(tensor.whole(i));
            }
        }
    }

    private static void single(StringBuilder text, float value) {
        if (Float.isFinite(value)) {
            text.append(value);
        } else {
            text.append("null");
        }
    }

    private static void number(StringBuilder text, double value) {
        if (Double.isFinite(value)) {
            text.append(value);
        } else {
            text.append("null");
        }
    }

    private static String string(Tensor tensor, int i) {
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(tensor.string(i)));
            return text.toString();
        } catch (CharacterCodingException e) {
            throw new PerennialException(
                    ErrorCode.INVALID_ARGUMENT,
                    "outputs: output '" + tensor.name()
                            + "' holds bytes that are not UTF-8; ask for it with binary_data",
                    "outputs",
                    e);
        }
    }
}
