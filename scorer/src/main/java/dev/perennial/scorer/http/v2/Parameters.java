package dev.perennial.scorer.http.v2;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.http.Chosen;
import dev.perennial.scorer.http.Problems;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a request, an input or an output that mean something here; all others are passed over.
 *
 * @param binarySize bytes of an input in the binary part; -1 when it has none there
 * @param binaryData whether an output is wanted in binary form; null when nothing is said
 * @param binaryOutput whether all outputs are
 * @param classes how many classes are wanted of an output; 0 when the tensor is
 * @param timeoutMicros how long the caller waits; 0 when nothing is said
 * @param key who calls, for the split; null when nothing is said
 */
record Parameters(
        int binarySize,
        @Nullable Boolean binaryData,
        boolean binaryOutput,
        int classes,
        long timeoutMicros,
        @Nullable String key) {
    static final Parameters NONE = new Parameters(-1, null, false, 0, 0, null);

    private static final String RESERVED = "triton_";
    private static final long MICROS_MAX = 3_600_000_000L;

    /** Parameters of the whole request, at which the parser stands. */
    static Parameters ofRequest(JsonParser parser) throws IOException {
        return read(parser, "parameters", true);
    }

    /** @param at the input or output that has them, for messages */
    static Parameters of(JsonParser parser, String at) throws IOException {
        return read(parser, at + ".parameters", false);
    }

    private static Parameters read(JsonParser parser, String at, boolean request) throws IOException {
        Parameters all = NONE;
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return all;
        }
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw Problems.one(at, "it must be an object");
        }
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            String field = at + "." + name;
            if (request && name.startsWith(RESERVED)) {
                throw Problems.one(field, "parameters that start with triton_ are reserved");
            }
            all = request ? all.withRequest(parser, name, value, field) : all.with(parser, name, value, field);
            parser.skipChildren();
        }
        return all;
    }

    private Parameters withRequest(JsonParser parser, String name, JsonToken value, String field) throws IOException {
        switch (name) {
            case "binary_data_output" -> {
                return new Parameters(binarySize, binaryData, truth(value, field), classes, timeoutMicros, key);
            }
            case Chosen.PARAMETER -> {
                String text = value == JsonToken.VALUE_STRING ? parser.getText() : "";
                return new Parameters(
                        binarySize, binaryData, binaryOutput, classes, timeoutMicros, Chosen.checked(field, text));
            }
            case "timeout" -> {
                long micros = whole(parser, value, field, MICROS_MAX);
                return new Parameters(binarySize, binaryData, binaryOutput, classes, micros, key);
            }
            case "priority" -> whole(parser, value, field, Long.MAX_VALUE);
            case "sequence_id" -> noSequence(parser, value, field);
            default -> {}
        }
        return this;
    }

    private Parameters with(JsonParser parser, String name, JsonToken value, String field) throws IOException {
        switch (name) {
            case "binary_data_size" -> {
                int size = (int) whole(parser, value, field, Integer.MAX_VALUE);
                return new Parameters(size, binaryData, binaryOutput, classes, timeoutMicros, key);
            }
            case "binary_data" -> {
                return new Parameters(binarySize, truth(value, field), binaryOutput, classes, timeoutMicros, key);
            }
            case "classification" -> {
                int wanted = (int) whole(parser, value, field, Integer.MAX_VALUE);
                return new Parameters(binarySize, binaryData, binaryOutput, wanted, timeoutMicros, key);
            }
            case "shared_memory_region", "shared_memory_byte_size", "shared_memory_offset" ->
                throw new PerennialException(
                        ErrorCode.NOT_IMPLEMENTED,
                        field + ": shared memory is not supported; send the data",
                        field,
                        null);
            default -> {}
        }
        return this;
    }

    private static boolean truth(JsonToken value, String field) {
        if (value != JsonToken.VALUE_TRUE && value != JsonToken.VALUE_FALSE) {
            throw Problems.one(field, "expected true or false");
        }
        return value == JsonToken.VALUE_TRUE;
    }

    private static long whole(JsonParser parser, JsonToken value, String field, long max) throws IOException {
        boolean fits = value == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
                && parser.getLongValue() >= 0
                && parser.getLongValue() <= max;
        if (!fits) {
            throw Problems.one(field, "expected a whole number from 0 to " + max);
        }
        return parser.getLongValue();
    }

    private static void noSequence(JsonParser parser, JsonToken value, String field) throws IOException {
        boolean none = switch (value) {
            case VALUE_NULL -> true;
            case VALUE_STRING -> parser.getTextLength() == 0;
            case VALUE_NUMBER_INT -> parser.getText().equals("0");
            default -> false;
        };
        if (!none) {
            throw new PerennialException(
                    ErrorCode.NOT_IMPLEMENTED,
                    field + ": no model here keeps a state; send requests without a sequence",
                    field,
                    null);
        }
    }
}
