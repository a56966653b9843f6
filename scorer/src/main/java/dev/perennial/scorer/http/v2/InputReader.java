package dev.perennial.scorer.http.v2;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.http.Problems;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** One input of a request; its members may come in any order. Not thread-safe. */
final class InputReader {
    private static final int RANK_MAX = 32;
    private static final int RANK_USUAL = 1;
    private static final int SAW_NAME = 1;
    private static final int SAW_TYPE = 2;
    private static final int SAW_SHAPE = 4;
    private static final int SAW_DATA = 8;
    private static final int SAW_PARAMETERS = 16;

    private final byte[] body;
    private final int json;
    private final int number;
    private final Budget budget;
    private String name = "";
    private String datatype = "";
    private long[] shape = {};
    private Parameters parameters = Parameters.NONE;
    private @Nullable JsonValues values;

    /**
     * @param json length of the JSON part of the body
     * @param number place among the inputs
     */
    InputReader(byte[] body, int json, int number, Budget budget) {
        this.body = body;
        this.json = json;
        this.number = number;
        this.budget = budget;
    }

    /** Reads the object at which the parser stands. */
    void read(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw Problems.one(at() + ".name", "every input needs a name");
        }
        int seen = 0;
        int from = -1;
        int to = -1;
        for (String member = parser.nextFieldName(); member != null; member = parser.nextFieldName()) {
            parser.nextToken();
            int bit = bit(member);
            if ((seen & bit) != 0) {
                throw Problems.one(at() + "." + member, "Duplicate member '" + member + "'");
            }
            seen |= bit;
            if (bit != SAW_DATA) {
                member(parser, bit);
            } else if ((seen & (SAW_NAME | SAW_TYPE | SAW_SHAPE)) == (SAW_NAME | SAW_TYPE | SAW_SHAPE)) {
                data(parser);
            } else {
                from = (int) parser.currentTokenLocation().getByteOffset();
                parser.skipChildren();
                parser.finishToken();
                to = (int) parser.currentLocation().getByteOffset();
            }
        }
        if (name.isEmpty()) {
            throw Problems.one(at() + ".name", "every input needs a name");
        }
        checkForm(seen);
        if (from >= 0) {
            later(from, to);
        }
    }

    /** Where it stands, for messages. */
    private String at() {
        return "inputs[" + number + "]";
    }

    private static int bit(String member) {
        return switch (member) {
            case "name" -> SAW_NAME;
            case "datatype" -> SAW_TYPE;
            case "shape" -> SAW_SHAPE;
            case "data" -> SAW_DATA;
            case "parameters" -> SAW_PARAMETERS;
            default -> 0;
        };
    }

    private void member(JsonParser parser, int bit) throws IOException {
        boolean text = parser.currentToken() == JsonToken.VALUE_STRING;
        switch (bit) {
            case SAW_NAME -> name = text ? parser.getText() : "";
            case SAW_TYPE -> datatype = text ? parser.getText() : "";
            case SAW_SHAPE -> shape = shape(parser);
            case SAW_PARAMETERS -> parameters = Parameters.of(parser, at());
            default -> {}
        }
        parser.skipChildren();
    }

    private long[] shape(JsonParser parser) throws IOException {
        long[] sizes = new long[RANK_USUAL];
        int rank = 0;
        boolean fits = parser.currentToken() == JsonToken.START_ARRAY;
        while (fits && parser.nextToken() != JsonToken.END_ARRAY) {
            fits = rank < RANK_MAX
                    && parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
                    && parser.getLongValue() >= 0;
            if (fits) {
                sizes = rank == sizes.length ? Arrays.copyOf(sizes, RANK_MAX) : sizes;
                sizes[rank++] = parser.getLongValue();
            }
        }
        if (!fits) {
            throw Problems.one(
                    name.isEmpty() ? at() + ".shape" : name,
                    "its shape must be a list of at most " + RANK_MAX + " whole numbers of 0 or more");
        }
        return rank == sizes.length ? sizes : Arrays.copyOf(sizes, rank);
    }

    private void checkForm(int seen) {
        boolean binary = parameters.binarySize() >= 0;
        if ((seen & SAW_SHAPE) == 0) {
            throw bad("its shape is missing");
        }
        if (binary && (seen & SAW_DATA) != 0) {
            throw bad("it has both data and binary_data_size; send one of them");
        }
        if (!binary && (seen & SAW_DATA) == 0) {
            throw bad("it has neither data nor binary_data_size");
        }
        type();
    }

    private void data(JsonParser parser) throws IOException {
        if (parameters.binarySize() >= 0) {
            throw bad("it has both data and binary_data_size; send one of them");
        }
        DataType type = type();
        if (type == DataType.FP16 || type == DataType.BF16) {
            throw bad(type + " cannot travel as JSON; send it as binary data with binary_data_size");
        }
        int elements = BinaryValues.elements(name, shape);
        if (elements > json) {
            throw bad("its shape asks for " + elements + " values, more than its data can hold");
        }
        budget.json(name, elements);
        if (type == DataType.BYTES) {
            budget.strings(name, elements);
        }
        JsonValues read = new JsonValues(name, type, shape, elements);
        read.read(parser);
        values = read;
    }

    /** Reads data that stood before the members that explain it; as JSON it was found whole before. */
    private void later(int from, int to) throws IOException {
        try (JsonParser parser = RequestReader.FACTORY.createParser(body, from, to - from)) {
            parser.nextToken();
            data(parser);
        }
    }

    private DataType type() {
        if (datatype.isEmpty()) {
            throw bad("its datatype is missing; it must be one of " + Arrays.toString(DataType.values()));
        }
        return DataType.of(datatype)
                .orElseThrow(() -> bad("datatype '" + datatype + "' is none of " + Arrays.toString(DataType.values())));
    }

    /** @param rest binary data that no input before took */
    Tensor tensor(ByteBuffer rest) {
        if (values != null) {
            return values.tensor();
        }
        int size = parameters.binarySize();
        if (size > rest.remaining()) {
            throw bad("its binary_data_size is " + size + ", but " + rest.remaining() + " bytes are left in the body");
        }
        DataType type = type();
        if (type == DataType.BYTES) {
            budget.strings(name, BinaryValues.elements(name, shape));
        }
        ByteBuffer own = rest.slice(rest.position(), size);
        rest.position(rest.position() + size);
        return BinaryValues.read(name, type, shape, own);
    }

    @Nullable
    BitSet missing() {
        return values == null ? null : values.missing();
    }

    private PerennialException bad(String why) {
        return Problems.one(name, why);
    }
}
