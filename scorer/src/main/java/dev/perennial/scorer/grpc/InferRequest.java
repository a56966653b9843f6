package dev.perennial.scorer.grpc;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.http.v2.BinaryValues;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A {@code ModelInferRequest} that was read.
 *
 * @param version empty: the endpoint chooses
 * @param id empty: none
 * @param parameters values are Boolean, Long, Double or String
 * @param inputs in the request's order
 * @param outputs what is wanted; empty: all outputs of the model
 * @param typed whether the caller wants typed contents instead of raw ones
 */
record InferRequest(
        String model,
        String version,
        String id,
        Map<String, Object> parameters,
        List<Tensor> inputs,
        List<Output> outputs,
        boolean typed) {
    static final int INPUTS_MAX = 4_096;
    private static final int OUTPUTS_MAX = 4_096;
    private static final int PARAMETERS_MAX = 256;
    private static final int DIMENSIONS_MAX = 32;

    /** An input before its elements are looked at. */
    private static final class Input {
        private String name = "";
        private String datatype = "";
        private long[] shape = {};
        private @Nullable ProtoReader contents;
        private final Map<String, Object> parameters = new LinkedHashMap<>();
    }

    /**
     * An output that is asked for.
     *
     * @param classes how many classes are wanted of it; 0 when the tensor is
     */
    record Output(String name, int classes) {}

    /** A request whose row was read by itself, with no parameters, for all outputs. */
    static InferRequest usual(String model, String version, String id) {
        return new InferRequest(model, version, id, Map.of(), List.of(), List.of(), false);
    }

    /** Names of the wanted outputs. */
    List<String> names() {
        return outputs.isEmpty()
                ? List.of()
                : outputs.stream().map(Output::name).toList();
    }

    /**
     * What must be known of a request before its tensors are read, perhaps on another thread.
     *
     * @param version empty: the endpoint chooses
     * @param timeoutMicros how long the caller waits by the request's parameter {@code timeout}; 0 when it does not say
     */
    record Head(String model, String version, long timeoutMicros) {
        static Head read(ProtoReader in) {
            String model = "";
            String version = "";
            Map<String, Object> parameters = new LinkedHashMap<>();
            while (in.next()) {
                switch (in.field()) {
                    case 1 -> model = in.text();
                    case 2 -> version = in.text();
                    case 4 -> parameter(in.message(), parameters);
                    default -> in.skip();
                }
            }
            return new Head(model, version, parameters.get("timeout") instanceof Long micros ? Math.max(0, micros) : 0);
        }
    }

    /**
     * Reads a request.
     *
     * @param bytesMax what all tensors together may have
     * @throws PerennialException when it is not well-formed, or its tensors are not as they say
     */
    static InferRequest read(ProtoReader in, int bytesMax) {
        String model = "";
        String version = "";
        String id = "";
        Map<String, Object> parameters = new LinkedHashMap<>();
        List<Input> inputs = new ArrayList<>();
        List<Output> outputs = new ArrayList<>();
        List<ByteBuffer> raw = new ArrayList<>();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> model = in.text();
                case 2 -> version = in.text();
                case 3 -> id = in.text();
                case 4 -> parameter(in.message(), parameters);
                case 5 -> bounded(inputs, "inputs", INPUTS_MAX).add(input(in.message()));
                case 6 -> bounded(outputs, "outputs", OUTPUTS_MAX).add(output(in.message()));
                case 7 -> bounded(raw, "raw_input_contents", INPUTS_MAX).add(in.view());
                default -> in.skip();
            }
        }
        checkParameters(parameters);
        return new InferRequest(
                model,
                version,
                id,
                parameters,
                tensors(inputs, raw, bytesMax),
                outputs,
                Boolean.FALSE.equals(parameters.get("binary_data_output")));
    }

    private static void checkParameters(Map<String, Object> parameters) {
        for (String name : parameters.keySet()) {
            if (name.startsWith("triton_")) {
                throw PerennialException.invalid(
                        "parameters." + name,
                        "parameters." + name + ": parameters that start with triton_ are reserved");
            }
        }
        Object sequence = parameters.getOrDefault("sequence_id", "");
        if (!sequence.equals("") && !sequence.equals(0L)) {
            throw new PerennialException(
                    ErrorCode.NOT_IMPLEMENTED,
                    "parameters.sequence_id: no model here keeps a state; send requests without a sequence",
                    "parameters.sequence_id",
                    null);
        }
    }

    private static <T> List<T> bounded(List<T> list, String name, int max) {
        if (list.size() == max) {
            throw tooLarge(name, "more than " + max + " of them");
        }
        return list;
    }

    private static Input input(ProtoReader in) {
        Input input = new Input();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> input.name = in.text();
                case 2 -> input.datatype = in.text();
                case 3 -> shape(in, input);
                case 4 -> parameter(in.message(), input.parameters);
                case 5 -> input.contents = merged(input, in.message());
                default -> in.skip();
            }
        }
        if (input.name.isEmpty()) {
            throw PerennialException.invalid("inputs", "inputs: every input needs a name");
        }
        return input;
    }

    private static void shape(ProtoReader in, Input input) {
        in.elements(ProtoReader.VARINT, size -> {
            int dimensions = input.shape.length;
            if (dimensions == DIMENSIONS_MAX) {
                throw tooLarge("shape", "more than " + DIMENSIONS_MAX + " dimensions");
            }
            input.shape = Arrays.copyOf(input.shape, dimensions + 1);
            input.shape[dimensions] = size;
        });
    }

    private static ProtoReader merged(Input input, ProtoReader contents) {
        if (input.contents != null) {
            throw PerennialException.invalid(input.name, input.name + ": its contents stand twice");
        }
        return contents;
    }

    private static Output output(ProtoReader in) {
        String name = "";
        Map<String, Object> parameters = new LinkedHashMap<>();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> name = in.text();
                case 2 -> parameter(in.message(), parameters);
                default -> in.skip();
            }
        }
        if (parameters.containsKey("shared_memory_region")) {
            throw unsupported(name, "shared_memory_region");
        }
        long classes = parameters.get("classification") instanceof Long wanted ? wanted : 0;
        if (classes < 0 || classes > Integer.MAX_VALUE) {
            throw PerennialException.invalid(
                    name, name + ": classification " + classes + " must be a number of classes");
        }
        return new Output(name, (int) classes);
    }

    /** Reads one entry of a map of parameters. */
    static void parameter(ProtoReader in, Map<String, Object> into) {
        String key = "";
        Object value = "";
        while (in.next()) {
            switch (in.field()) {
                case 1 -> key = in.text();
                case 2 -> value = value(in.message());
                default -> in.skip();
            }
        }
        if (into.size() == PARAMETERS_MAX) {
            throw tooLarge("parameters", "more than " + PARAMETERS_MAX + " of them");
        }
        into.put(key, value);
    }

    private static Object value(ProtoReader in) {
        Object value = "";
        while (in.next()) {
            switch (in.field()) {
                case 1 -> value = in.bool();
                case 2, 5 -> value = in.whole();
                case 3 -> value = in.text();
                case 4 -> value = in.fp64();
                default -> in.skip();
            }
        }
        return value;
    }

    private static List<Tensor> tensors(List<Input> inputs, List<ByteBuffer> raw, int bytesMax) {
        if (inputs.isEmpty()) {
            throw PerennialException.invalid("inputs", "inputs: a request needs at least one input");
        }
        if (!raw.isEmpty() && raw.size() != inputs.size()) {
            throw PerennialException.invalid(
                    "raw_input_contents",
                    "raw_input_contents: there are " + raw.size() + " for " + inputs.size() + " inputs");
        }
        List<Tensor> tensors = new ArrayList<>(inputs.size());
        Set<String> names = new HashSet<>();
        long bytes = 0;
        for (int i = 0; i < inputs.size(); i++) {
            Input input = inputs.get(i);
            if (!names.add(input.name)) {
                throw PerennialException.invalid(input.name, input.name + ": the input stands twice");
            }
            DataType type = type(input);
            int elements = BinaryValues.elements(input.name, input.shape);
            bytes += (long) elements * type.bytes();
            if (bytes > bytesMax) {
                throw tooLarge(input.name, "the tensors have more than " + bytesMax + " bytes");
            }
            tensors.add(tensor(input, type, elements, raw.isEmpty() ? null : raw.get(i)));
        }
        return tensors;
    }

    private static DataType type(Input input) {
        if (input.parameters.containsKey("shared_memory_region")) {
            throw unsupported(input.name, "shared_memory_region");
        }
        return DataType.of(input.datatype)
                .orElseThrow(() -> PerennialException.invalid(
                        input.name, input.name + ": there is no datatype '" + input.datatype + "'"));
    }

    private static Tensor tensor(Input input, DataType type, int elements, @Nullable ByteBuffer raw) {
        if (raw == null) {
            return Contents.typed(input.name, type, input.shape, elements, input.contents);
        }
        if (input.contents != null) {
            throw PerennialException.invalid(
                    input.name,
                    "contents field must not be specified when using raw_input_contents for '" + input.name
                            + "' for model inference");
        }
        return Contents.raw(input.name, type, input.shape, elements, raw);
    }

    private static PerennialException unsupported(String name, String parameter) {
        return new PerennialException(
                ErrorCode.NOT_IMPLEMENTED, name + ": the parameter " + parameter + " is not supported", name, null);
    }

    private static PerennialException tooLarge(String field, String why) {
        return new PerennialException(ErrorCode.TOO_LARGE, field + ": " + why, field, null);
    }
}
