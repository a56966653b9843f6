package dev.perennial.scorer.http.v2;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.http.JsonBodies;
import dev.perennial.scorer.http.Payloads;
import dev.perennial.scorer.http.Problems;
import dev.perennial.scorer.http.Texts;
import dev.perennial.tensors.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of an inference request as a stream: JSON, or JSON with the bytes of tensors behind it. For
 * one request.
 */
final class RequestReader {
    /** The depth at which Triton ends, too. */
    private static final int DEPTH_MAX = 100;
    /** A batch of texts may hold long ones. */
    private static final int STRING_MAX = 16 << 20;

    private static final int NAME_MAX = 1 << 10;
    private static final int NUMBER_MAX = 64;

    static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH_MAX)
                    .maxStringLength(STRING_MAX)
                    .maxNameLength(NAME_MAX)
                    .maxNumberLength(NUMBER_MAX)
                    .build())
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .build();

    private static final int SAW_INPUTS = 1;
    private static final int SAW_OUTPUTS = 2;
    private static final int SAW_ID = 4;
    private static final int SAW_PARAMETERS = 8;

    private final byte[] body;
    private final int json;
    private final Budget budget = new Budget();
    private final List<InputReader> inputs = new ArrayList<>();
    private final List<InferRequest.Output> outputs = new ArrayList<>();
    private Parameters parameters = Parameters.NONE;
    private @Nullable String id;

    private RequestReader(byte[] body, int json) {
        this.body = body;
        this.json = json;
    }

    /**
     * @param json length of the JSON part; everything behind it is binary data
     * @throws PerennialException naming what is wrong
     */
    static InferRequest read(byte[] body, int json) {
        Texts.checkUtf8(body, json);
        RequestReader reader = new RequestReader(body, json);
        try (JsonParser parser = FACTORY.createParser(body, 0, json)) {
            try {
                reader.document(parser);
            } catch (JsonProcessingException e) {
                throw JsonBodies.malformed(e, parser.getParsingContext());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory failed", e);
        }
        return reader.request();
    }

    private void document(JsonParser parser) throws IOException {
        JsonToken first = parser.nextToken();
        if (first != JsonToken.START_OBJECT) {
            throw noInputs(JsonBodies.shown(first, parser));
        }
        int seen = 0;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            int bit = switch (name) {
                case "inputs" -> SAW_INPUTS;
                case "outputs" -> SAW_OUTPUTS;
                case "id" -> SAW_ID;
                case "parameters" -> SAW_PARAMETERS;
                default -> 0;
            };
            if ((seen & bit) != 0) {
                throw Problems.one(name, "Duplicate member '" + name + "'");
            }
            seen |= bit;
            switch (bit) {
                case SAW_INPUTS -> inputs(parser, value);
                case SAW_OUTPUTS -> outputs(parser, value);
                case SAW_ID -> id = id(parser, value);
                case SAW_PARAMETERS -> parameters = Parameters.ofRequest(parser);
                default -> parser.skipChildren();
            }
        }
        if (parser.nextToken() != null) {
            throw Problems.one("body", "something follows the closing brace");
        }
        if (inputs.isEmpty()) {
            throw noInputs((seen & SAW_INPUTS) == 0 ? "an object without 'inputs'" : "an empty list");
        }
    }

    private static PerennialException noInputs(String got) {
        return Problems.one("inputs", "the body must be an object with a list of 'inputs', at least one; got " + got);
    }

    private static @Nullable String id(JsonParser parser, JsonToken value) throws IOException {
        return switch (value) {
            case VALUE_NULL -> null;
            case VALUE_STRING -> parser.getText().isEmpty() ? null : parser.getText();
            default -> throw Problems.one("id", "expected a text, got " + JsonBodies.shown(value, parser));
        };
    }

    private void inputs(JsonParser parser, JsonToken value) throws IOException {
        if (value != JsonToken.START_ARRAY) {
            throw noInputs("'inputs' as " + JsonBodies.shown(value, parser));
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            InputReader input = new InputReader(body, json, inputs.size(), budget);
            input.read(parser);
            inputs.add(input);
        }
    }

    private void outputs(JsonParser parser, JsonToken value) throws IOException {
        if (value == JsonToken.VALUE_NULL) {
            return;
        }
        if (value != JsonToken.START_ARRAY) {
            throw Problems.one("outputs", "it must be a list of outputs");
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            outputs.add(output(parser, "outputs[" + outputs.size() + "]"));
        }
    }

    private static InferRequest.Output output(JsonParser parser, String at) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw Problems.one(at, "an output is an object with a 'name'");
        }
        String name = "";
        Parameters own = Parameters.NONE;
        for (String member = parser.nextFieldName(); member != null; member = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            if (member.equals("name") && value == JsonToken.VALUE_STRING) {
                name = parser.getText();
            } else if (member.equals("parameters")) {
                own = Parameters.of(parser, at);
            } else {
                parser.skipChildren();
            }
        }
        if (name.isEmpty()) {
            throw Problems.one(at + ".name", "every output needs a name");
        }
        return new InferRequest.Output(name, own.binaryData(), own.classes());
    }

    private InferRequest request() {
        ByteBuffer rest = ByteBuffer.wrap(body, json, body.length - json);
        List<Tensor> tensors = new ArrayList<>(inputs.size());
        @Nullable BitSet[] missing = new @Nullable BitSet[inputs.size()];
        boolean any = false;
        for (int i = 0; i < missing.length; i++) {
            tensors.add(inputs.get(i).tensor(rest));
            missing[i] = inputs.get(i).missing();
            any |= missing[i] != null;
        }
        if (rest.hasRemaining()) {
            throw new PerennialException(
                    ErrorCode.INVALID_ARGUMENT,
                    "body: unexpected additional input data: " + rest.remaining()
                            + " bytes follow those that the inputs' binary_data_size tells",
                    "body",
                    null);
        }
        return new InferRequest(
                id,
                tensors,
                any ? missing(missing) : Payloads.Missing.NONE,
                outputs,
                parameters.binaryOutput(),
                parameters.timeoutMicros(),
                parameters.key());
    }

    private static Payloads.Missing missing(@Nullable BitSet[] missing) {
        return (input, element) -> {
            BitSet of = missing[input];
            return of != null && of.get(element);
        };
    }
}
