package dev.perennial.scorer.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.predictionlog.ColumnType;
import dev.perennial.scorer.serving.Answer;
import dev.perennial.scorer.serving.Endpoint;
import dev.perennial.scorer.serving.Instance;
import dev.perennial.scorer.serving.Schema;
import dev.perennial.scoring.Column;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The Open Inference Protocol's REST form: one tensor for each column, also for the columns of the prediction id and for the two times,
 * which are optional here. Without a key the request's {@code id}, or a new one, names the prediction.
 */
final class OpenInference {
    static final List<String> OUTPUTS = List.of("score", "prediction_id", "version", "role");

    private final InstantSource clock;
    private final int rowsMax;
    private final Supplier<String> ids;

    /**
     * A request that was understood.
     *
     * @param outputs names of the wanted outputs
     */
    record Request(@Nullable String id, List<Instance> rows, List<String> outputs) {}

    OpenInference(InstantSource clock, int rowsMax, Supplier<String> ids) {
        this.clock = clock;
        this.rowsMax = rowsMax;
        this.ids = ids;
    }

    Request read(Endpoint endpoint, byte[] body) {
        Texts.checkUtf8(body);
        JsonNode json = parse(body);
        if (!json.isObject()
                || !json.path("inputs").isArray()
                || json.path("inputs").isEmpty()) {
            throw bad("inputs", "the body must be an object with a list of 'inputs'");
        }
        String id = json.has("id") ? text(json.get("id"), "id") : null;
        checkParameters(json.path("parameters"));
        Problems problems = new Problems();
        List<Tensor> tensors = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        for (JsonNode input : json.get("inputs")) {
            Tensor tensor = Tensor.read(input, tensors.size(), rowsMax);
            if (!names.add(tensor.name())) {
                throw bad(tensor.name(), "the input stands twice");
            }
            tensors.add(tensor);
        }
        int rows = tensors.getFirst().rows();
        for (Tensor tensor : tensors) {
            if (tensor.rows() != rows) {
                problems.add(tensor.name(), "it has " + tensor.rows() + " rows, the first input " + rows);
            }
        }
        problems.throwIfAny();
        List<Instance> instances = rows(endpoint, tensors, id, problems);
        problems.throwIfAny();
        return new Request(id, instances, outputs(json.path("outputs")));
    }

    private List<Instance> rows(Endpoint endpoint, List<Tensor> tensors, @Nullable String id, Problems problems) {
        RowBuilder builder = new RowBuilder(endpoint, clock, problems);
        int rows = tensors.getFirst().rows();
        List<Instance> instances = new ArrayList<>(rows);
        for (int row = 0; row < rows; row++) {
            builder.begin(rows == 1 ? "" : "row " + row);
            for (Tensor tensor : tensors) {
                put(builder, tensor, row);
            }
            String fallback = id == null ? ids.get() : rows == 1 ? id : id + "#" + row;
            instances.add(builder.end(fallback));
        }
        return instances;
    }

    private static void put(RowBuilder builder, Tensor tensor, int row) {
        JsonNode value = tensor.values().get(row);
        String name = tensor.name();
        if (name.equals(Schema.EVENT_TIME) || name.equals(Schema.PREDICTED_AT)) {
            long millis = value.isIntegralNumber() && value.canConvertToLong()
                    ? Texts.checked(value.asLong())
                    : value.isTextual() ? Texts.time(value.asText()) : -1;
            builder.time(name, millis, value.asText());
        } else if (value.isNull()) {
            builder.missing(name);
        } else if (value.isTextual()) {
            builder.text(name, value.asText());
        } else if (value.isBoolean()) {
            builder.number(name, value.asBoolean() ? 1 : 0);
        } else {
            builder.number(name, value.asDouble());
        }
    }

    private static void checkParameters(JsonNode parameters) {
        for (var names = parameters.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (name.startsWith("triton_")) {
                throw bad("parameters." + name, "parameters that start with triton_ are reserved");
            }
        }
    }

    private static List<String> outputs(JsonNode outputs) {
        if (outputs.isMissingNode() || outputs.isEmpty()) {
            return OUTPUTS;
        }
        List<String> wanted = new ArrayList<>();
        for (JsonNode output : outputs) {
            String name = output.path("name").asText();
            if (!OUTPUTS.contains(name) || wanted.contains(name)) {
                throw bad("outputs", "output '" + name + "' is unknown or stands twice; there are " + OUTPUTS);
            }
            wanted.add(name);
        }
        return wanted;
    }

    private static JsonNode parse(byte[] body) {
        try {
            return JsonBodies.MAPPER.readTree(body);
        } catch (JsonProcessingException e) {
            throw JsonBodies.malformed(e, null);
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory failed", e);
        }
    }

    private static String text(JsonNode node, String field) {
        String problem = node.isTextual() ? Texts.problem(node.asText()) : "expected a text";
        if (problem != null) {
            throw bad(field, problem);
        }
        return node.asText();
    }

    static PerennialException bad(String field, String why) {
        return new PerennialException(ErrorCode.INVALID_ARGUMENT, field + ": " + why, field, null);
    }

    static String write(Endpoint endpoint, Request request, List<Answer> answers) {
        ObjectNode out = Json.object();
        out.put("model_name", endpoint.name());
        String version = endpoint.championVersion();
        out.put("model_version", version.substring(version.lastIndexOf('/') + 1));
        if (request.id() != null) {
            out.put("id", request.id());
        }
        ArrayNode outputs = out.putArray("outputs");
        for (String name : request.outputs()) {
            ObjectNode tensor = outputs.addObject();
            tensor.put("name", name);
            tensor.put("datatype", name.equals("score") ? "FP64" : "BYTES");
            tensor.putArray("shape").add(answers.size());
            ArrayNode data = tensor.putArray("data");
            for (Answer answer : answers) {
                switch (name) {
                    case "score" -> data.add(answer.score());
                    case "prediction_id" -> data.add(answer.id());
                    case "version" -> data.add(answer.version());
                    default -> data.add(answer.role().word());
                }
            }
        }
        return out.toString();
    }

    static ObjectNode metadata(Endpoint endpoint) {
        ObjectNode out = Json.object();
        out.put("name", endpoint.name());
        String version = endpoint.championVersion();
        out.putArray("versions").add(version.substring(version.lastIndexOf('/') + 1));
        out.put("platform", "perennial_scorer");
        ArrayNode inputs = out.putArray("inputs");
        for (Column column : endpoint.schema().union().columns()) {
            tensor(inputs, column.name(), column.type() == ColumnType.NUMBER ? "FP64" : "BYTES");
        }
        endpoint.schema().key().stream()
                .filter(name -> endpoint.schema().union().position(name) < 0)
                .forEach(name -> tensor(inputs, name, "BYTES"));
        tensor(inputs, Schema.EVENT_TIME, "INT64");
        tensor(inputs, Schema.PREDICTED_AT, "INT64");
        ArrayNode outputs = out.putArray("outputs");
        OUTPUTS.forEach(name -> tensor(outputs, name, name.equals("score") ? "FP64" : "BYTES"));
        return out;
    }

    private static void tensor(ArrayNode list, String name, String type) {
        ObjectNode tensor = list.addObject();
        tensor.put("name", name);
        tensor.put("datatype", type);
        tensor.putArray("shape").add(-1);
    }
}
