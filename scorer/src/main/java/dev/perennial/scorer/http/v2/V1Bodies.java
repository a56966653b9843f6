package dev.perennial.scorer.http.v2;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.scorer.http.JsonBodies;
import dev.perennial.scorer.http.Payloads;
import dev.perennial.scorer.http.Problems;
import dev.perennial.scorer.http.RowBuilder;
import dev.perennial.scorer.http.Texts;
import dev.perennial.scorer.serving.Answer;
import dev.perennial.scorer.serving.Endpoint;
import dev.perennial.scorer.serving.Payload;
import dev.perennial.scorer.serving.Schema;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * Bodies of KServe's protocol V1. {@code instances} is a list of rows, each an object by name or, for an endpoint of rows, a list in the
 * order of its columns; {@code inputs} holds the same by columns. Answers are {@code {"predictions":[...]}}, one entry for each row.
 */
final class V1Bodies {
    private static final int RANK_MAX = 32;

    private V1Bodies() {}

    static Payload read(Payloads payloads, Endpoint endpoint, byte[] body) {
        Texts.checkUtf8(body);
        JsonNode json = parse(body);
        JsonNode instances = json.path("instances");
        JsonNode inputs = json.path("inputs");
        if (instances.isMissingNode() == inputs.isMissingNode()) {
            throw Problems.one("instances", "the body must be an object with either 'instances' or 'inputs'");
        }
        if (inputs.isArray()) {
            instances = inputs;
        }
        if (!instances.isMissingNode() && (!instances.isArray() || instances.isEmpty())) {
            throw Problems.one("instances", "it must be a list of at least one row");
        }
        if (instances.isMissingNode() && (!inputs.isObject() || inputs.isEmpty())) {
            throw Problems.one("inputs", "it must be an object with a list for each input, or a list of rows");
        }
        if (!endpoint.tabular()) {
            return payloads.payload(endpoint, tensors(endpoint, instances, inputs), Payloads.Missing.NONE, null);
        }
        return instances.isMissingNode()
                ? columns(payloads, endpoint, (ObjectNode) inputs)
                : rows(payloads, endpoint, instances);
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

    private static Payload rows(Payloads payloads, Endpoint endpoint, JsonNode instances) {
        List<TensorSpec> order = Descriptions.inputs(endpoint);
        return payloads.rows(endpoint, instances.size(), null, (builder, row) -> {
            JsonNode instance = instances.get(row);
            if (instance.isObject()) {
                instance.properties().forEach(value -> put(builder, value.getKey(), value.getValue()));
            } else if (instance.isArray() && instance.size() == order.size()) {
                for (int i = 0; i < order.size(); i++) {
                    put(builder, order.get(i).name(), instance.get(i));
                }
            } else {
                throw Problems.one(
                        "instances[" + row + "]",
                        "a row is an object, or a list of "
                                + order.stream().map(TensorSpec::name).toList());
            }
        });
    }

    private static Payload columns(Payloads payloads, Endpoint endpoint, ObjectNode inputs) {
        int rows = inputs.elements().next().size();
        for (var column : inputs.properties()) {
            if (!column.getValue().isArray() || column.getValue().size() != rows || rows == 0) {
                throw Problems.one(
                        "inputs." + column.getKey(),
                        "every input must be a list, and all of the same length of 1 or more");
            }
        }
        return payloads.rows(
                endpoint,
                rows,
                null,
                (builder, row) -> inputs.properties()
                        .forEach(column ->
                                put(builder, column.getKey(), column.getValue().get(row))));
    }

    private static void put(RowBuilder builder, String name, JsonNode value) {
        if (name.equals(Schema.EVENT_TIME) || name.equals(Schema.PREDICTED_AT)) {
            long millis = value.isIntegralNumber() && value.canConvertToLong()
                    ? Texts.checked(value.asLong())
                    : value.isTextual() ? Texts.time(value.asText()) : -1;
            builder.time(name, millis, value.asText());
        } else if (value.isNumber()) {
            builder.number(name, value.asDouble());
        } else if (value.isTextual()) {
            builder.text(name, value.asText());
        } else if (value.isBoolean()) {
            builder.number(name, value.asBoolean() ? 1 : 0);
        } else if (value.isNull()) {
            builder.missing(name);
        } else {
            builder.other(name, value.isArray() ? "a list" : "an object");
        }
    }

    private static List<Tensor> tensors(Endpoint endpoint, JsonNode instances, JsonNode inputs) {
        List<TensorSpec> specs = endpoint.model().inputs();
        List<Tensor> tensors = new ArrayList<>(specs.size());
        Budget budget = new Budget();
        if (instances.isMissingNode()) {
            inputs.properties().forEach(value -> {
                TensorSpec spec = endpoint.model()
                        .input(value.getKey())
                        .orElseThrow(() -> Problems.one(
                                value.getKey(),
                                "unknown input; the model takes "
                                        + specs.stream().map(TensorSpec::name).toList()));
                tensors.add(tensor(spec, value.getValue(), budget));
            });
            return tensors;
        }
        if (specs.size() == 1 && !instances.get(0).isObject()) {
            return List.of(tensor(specs.getFirst(), instances, budget));
        }
        for (TensorSpec spec : specs) {
            ArrayNode column = Json.array();
            for (int row = 0; row < instances.size(); row++) {
                JsonNode value = instances.get(row).get(spec.name());
                if (value == null || instances.get(row).size() != specs.size()) {
                    throw Problems.one(
                            "instances[" + row + "]",
                            "a row must be an object with exactly "
                                    + specs.stream().map(TensorSpec::name).toList());
                }
                column.add(value);
            }
            tensors.add(tensor(spec, column, budget));
        }
        return tensors;
    }

    private static Tensor tensor(TensorSpec spec, JsonNode values, Budget budget) {
        List<Long> shape = new ArrayList<>();
        for (JsonNode at = values; at != null && at.isArray() && shape.size() < RANK_MAX; at = at.get(0)) {
            shape.add((long) at.size());
        }
        if (spec.type() == DataType.FP16 || spec.type() == DataType.BF16) {
            throw Problems.one(spec.name(), spec.type() + " cannot travel as JSON; use /v2 with binary data");
        }
        long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
        int elements = BinaryValues.elements(spec.name(), sizes);
        budget.json(spec.name(), elements);
        JsonValues reading = new JsonValues(spec.name(), spec.type(), sizes, elements);
        try (JsonParser parser = JsonBodies.MAPPER.treeAsTokens(values)) {
            parser.nextToken();
            reading.read(parser);
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory failed", e);
        }
        if (reading.missing() != null) {
            throw Problems.one(spec.name(), "null is no " + spec.type());
        }
        return reading.tensor();
    }

    static String scores(List<Answer> answers) {
        StringBuilder out = new StringBuilder("{\"predictions\":[");
        for (int i = 0; i < answers.size(); i++) {
            out.append(i == 0 ? "" : ",").append(answers.get(i).score());
        }
        return out.append("]}").toString();
    }

    /** One output is its rows; several are one object for each row. */
    static String predictions(List<Tensor> outputs) {
        ObjectNode body = Json.object();
        if (outputs.size() == 1) {
            body.set("predictions", nested(outputs.getFirst(), 0, new int[1]));
            return body.toString();
        }
        ArrayNode rows = body.putArray("predictions");
        for (Tensor output : outputs) {
            JsonNode values = nested(output, 0, new int[1]);
            for (int row = 0; row < values.size(); row++) {
                ObjectNode into = row < rows.size() ? (ObjectNode) rows.get(row) : rows.addObject();
                into.set(output.name(), values.get(row));
            }
        }
        return body.toString();
    }

    /** @param next index of the next element */
    private static JsonNode nested(Tensor tensor, int dimension, int[] next) {
        if (dimension == tensor.rank()) {
            return value(tensor, next[0]++);
        }
        ArrayNode list = Json.array();
        long size = tensor.shape()[dimension];
        for (long i = 0; i < size; i++) {
            list.add(nested(tensor, dimension + 1, next));
        }
        return list;
    }

    private static JsonNode value(Tensor tensor, int at) {
        double number = tensor.type() == DataType.BYTES ? 0 : tensor.number(at);
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return switch (tensor.type()) {
            case FP16, BF16 ->
                throw Problems.one(
                        "outputs", "output '" + tensor.name() + "' is " + tensor.type() + "; use /v2 with binary data");
            case FP32 -> Double.isFinite(number) ? nodes.numberNode((float) number) : nodes.nullNode();
            case FP64 -> Double.isFinite(number) ? nodes.numberNode(number) : nodes.nullNode();
            case BOOL -> nodes.booleanNode(number != 0);
            case BYTES -> nodes.textNode(tensor.text(at));
            case UINT64 -> nodes.numberNode(new BigInteger(Long.toUnsignedString(tensor.whole(at))));
            default -> nodes.numberNode(tensor.whole(at));
        };
    }
}
