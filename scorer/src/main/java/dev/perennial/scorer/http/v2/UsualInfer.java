package dev.perennial.scorer.http.v2;

import dev.perennial.scorer.http.JsonCursor;
import dev.perennial.scorer.http.RowBuilder;
import dev.perennial.scorer.http.Texts;
import dev.perennial.scorer.http.UsualRows;
import dev.perennial.scorer.serving.Schema;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Reads one row of an endpoint of rows, a tensor of one value for each column, in one pass over the bytes: when the body holds an id,
 * inputs and whether the answer is to be binary and nothing else, each input its name, datatype, shape and data, or the size of its data
 * behind the JSON, and nothing is wrong. For one request.
 */
final class UsualInfer {
    private static final byte[] ID = JsonCursor.ascii("id");
    private static final byte[] INPUTS = JsonCursor.ascii("inputs");
    private static final byte[] NAME = JsonCursor.ascii("name");
    private static final byte[] DATATYPE = JsonCursor.ascii("datatype");
    private static final byte[] SHAPE = JsonCursor.ascii("shape");
    private static final byte[] DATA = JsonCursor.ascii("data");
    private static final byte[] PARAMETERS = JsonCursor.ascii("parameters");
    private static final byte[] BINARY_SIZE = JsonCursor.ascii("binary_data_size");
    private static final byte[] BINARY_OUTPUT = JsonCursor.ascii("binary_data_output");
    private static final byte[] FP32 = JsonCursor.ascii("FP32");
    private static final byte[] FP64 = JsonCursor.ascii("FP64");
    private static final byte[] INT32 = JsonCursor.ascii("INT32");
    private static final byte[] INT64 = JsonCursor.ascii("INT64");
    private static final byte[] BYTES = JsonCursor.ascii("BYTES");
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final Schema schema;
    private final RowBuilder builder;
    private final JsonCursor json;
    private final byte[] body;
    private final boolean[] given;
    /** Where the next of the bytes behind the JSON begin. */
    private int raw;

    private @Nullable String id;
    private @Nullable Boolean binaryAnswer;
    private int guess;
    private Schema.@Nullable Place place;
    private @Nullable Type type;
    private int rank;

    private enum Type {
        FP32,
        FP64,
        INT32,
        INT64,
        BYTES
    }

    /** What a request says beside its row. */
    interface Named {
        /**
         * @param id the request's own name, null when it has none
         * @param binary whether the answer is wanted in binary form
         */
        void named(@Nullable String id, boolean binary);
    }

    private UsualInfer(Schema schema, RowBuilder builder, JsonCursor json, byte[] body, int raw) {
        this.schema = schema;
        this.builder = builder;
        this.json = json;
        this.body = body;
        this.raw = raw;
        this.given = new boolean[schema.places()];
    }

    /**
     * As {@link UsualRows.Reader} wants it.
     *
     * @param length of the JSON with which the body begins
     * @param told is told what was read beside the row
     */
    static boolean read(UsualRows rows, JsonCursor json, byte[] body, int length, Named told) {
        UsualInfer infer = new UsualInfer(rows.schema(), rows.begin(), json, body, length);
        if (!infer.read()) {
            return false;
        }
        String id = infer.id == null || infer.id.isEmpty() ? null : infer.id;
        told.named(id, Boolean.TRUE.equals(infer.binaryAnswer));
        return rows.end(id == null ? rows.newId() : id);
    }

    private boolean read() {
        boolean inputs = false;
        if (!json.take('{')) {
            return false;
        }
        do {
            if (!json.member()) {
                return false;
            }
            if (!inputs && json.says(INPUTS)) {
                inputs = inputs();
                if (!inputs) {
                    return false;
                }
            } else if (!(json.says(ID) ? id() : json.says(PARAMETERS) && binaryAnswer())) {
                return false;
            }
        } while (json.take(','));
        return inputs && json.take('}') && json.ended() && raw == body.length;
    }

    private boolean binaryAnswer() {
        if (binaryAnswer != null || !json.take('{') || !json.member() || !json.says(BINARY_OUTPUT)) {
            return false;
        }
        binaryAnswer = json.is('t');
        return json.truth() && json.take('}');
    }

    private boolean id() {
        if (id != null || !json.text()) {
            return false;
        }
        id = json.string();
        return Texts.problem(id) == null;
    }

    private boolean inputs() {
        if (!json.take('[')) {
            return false;
        }
        do {
            if (!json.take('{') || !input() || !json.take('}')) {
                return false;
            }
        } while (json.take(','));
        return json.take(']');
    }

    /** The data must stand behind what explains them. */
    private boolean input() {
        place = null;
        type = null;
        rank = 0;
        do {
            if (!json.member()) {
                return false;
            }
            if (json.says(DATA)) {
                return data() && json.is('}');
            }
            if (json.says(PARAMETERS)) {
                return binary() && json.is('}');
            }
            if (!explained()) {
                return false;
            }
        } while (json.take(','));
        return false;
    }

    private boolean explained() {
        if (place == null && json.says(NAME)) {
            place = json.text() ? place() : null;
            return place != null;
        }
        if (type == null && json.says(DATATYPE)) {
            type = json.text() ? type() : null;
            return type != null;
        }
        if (rank == 0 && json.says(SHAPE)) {
            rank = rank();
            return rank > 0;
        }
        return false;
    }

    /** Null for a name that is unknown or stood before. */
    private Schema.@Nullable Place place() {
        Schema.Place place = json.place(schema, guess);
        int number = place.number();
        guess = number + 1;
        if (number < 0 || given[number]) {
            return null;
        }
        given[number] = true;
        return place;
    }

    private @Nullable Type type() {
        if (json.says(FP32)) {
            return Type.FP32;
        }
        if (json.says(FP64)) {
            return Type.FP64;
        }
        if (json.says(BYTES)) {
            return Type.BYTES;
        }
        return json.says(INT64) ? Type.INT64 : json.says(INT32) ? Type.INT32 : null;
    }

    /** 1 or 2 for a shape of [1] or [1,1], else 0. */
    private int rank() {
        if (!json.take('[') || !one()) {
            return 0;
        }
        if (json.take(']')) {
            return 1;
        }
        return json.take(',') && one() && json.take(']') ? 2 : 0;
    }

    private boolean one() {
        return json.number() && json.value() == 1 && json.whole();
    }

    private boolean data() {
        Schema.Place column = place;
        Type datatype = type;
        if (column == null || datatype == null || rank == 0 || !json.take('[')) {
            return false;
        }
        boolean nested = rank == 2 && json.take('[');
        return value(column, datatype) && json.take(']') && (!nested || json.take(']'));
    }

    /** The size of what stands behind the JSON, and that. */
    private boolean binary() {
        Schema.Place column = place;
        Type datatype = type;
        if (column == null || datatype == null || rank == 0 || !json.take('{') || !json.member()) {
            return false;
        }
        return json.says(BINARY_SIZE)
                && json.number()
                && json.whole()
                && json.value() == width(datatype)
                && body.length - raw >= width(datatype)
                && raw(column, datatype)
                && json.take('}');
    }

    /** Bytes of a number; -1 for texts, which say their length themselves. */
    private static int width(Type datatype) {
        return switch (datatype) {
            case FP32, INT32 -> Integer.BYTES;
            case FP64, INT64 -> Long.BYTES;
            case BYTES -> -1;
        };
    }

    private boolean raw(Schema.Place column, Type datatype) {
        int at = raw;
        raw += width(datatype);
        return switch (datatype) {
            case FP32 -> builder.usualReal(column, Float.intBitsToFloat((int) INTS.get(body, at)));
            case FP64 -> builder.usualReal(column, Double.longBitsToDouble((long) LONGS.get(body, at)));
            case INT32 -> builder.usualWhole(column, (int) INTS.get(body, at));
            case INT64 -> builder.usualWhole(column, (long) LONGS.get(body, at));
            case BYTES -> false;
        };
    }

    private boolean value(Schema.Place column, Type datatype) {
        if (json.is('"')) {
            return datatype == Type.BYTES && json.text() && builder.usualText(column, json);
        }
        if (json.is('n')) {
            builder.missing(column);
            return datatype != Type.INT32 && datatype != Type.INT64 && json.nothing();
        }
        if (!json.number()) {
            return false;
        }
        double value = json.value();
        boolean fits = switch (datatype) {
            case FP64 -> !column.time();
            case FP32 -> !column.time() && !Float.isNaN(json.single());
            case INT32 -> json.whole() && value == (int) value;
            case INT64 -> json.whole();
            case BYTES -> false;
        };
        return fits && builder.usualNumber(column, datatype == Type.FP32 ? json.single() : value);
    }
}
