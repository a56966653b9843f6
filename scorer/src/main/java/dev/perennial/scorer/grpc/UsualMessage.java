package dev.perennial.scorer.grpc;

import dev.perennial.scorer.http.RowBuilder;
import dev.perennial.scorer.http.Texts;
import dev.perennial.scorer.http.UsualRows;
import dev.perennial.scorer.serving.Schema;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads one row of an endpoint of rows from a {@code ModelInferRequest}, a tensor of one value for each column, in one pass over the bytes
 * of the tensors: when the fields stand in the order of their numbers, the names, texts and tensors are short, and there is nothing beside
 * model, version, id, inputs and raw contents. Whatever else comes is left to {@link InferRequest}, which takes it or tells what is wrong.
 * For one message; not thread-safe.
 */
final class UsualMessage {
    private static final byte MODEL = 0x0a;
    private static final byte VERSION = 0x12;
    private static final byte ID = 0x1a;
    private static final byte INPUT = 0x2a;
    private static final byte RAW = 0x3a;
    private static final byte INPUT_NAME = 0x0a;
    private static final byte INPUT_DATATYPE = 0x12;
    private static final byte INPUT_SHAPE = 0x1a;
    private static final byte INPUT_CONTENTS = 0x2a;
    private static final int TYPE_BITS = 3;
    private static final int NONE = -1;
    private static final int VARINT_MAX = 10;
    private static final int VARINT_BITS = 7;
    private static final int SEVEN_BITS = 0x7f;
    private static final Type[] TYPES = Type.values();
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] bytes;
    private int at;
    private int end;
    private String model = "";
    private String version = "";
    private String id = "";
    private int inputs;
    private int inputsFrom;
    private int raws;
    private int rawsFrom;
    /** Where the next of the raw contents begin. */
    private int raw;

    private int guess;

    /** The types of columns, each with the field that carries it in typed contents. */
    private enum Type {
        FP32("FP32", 6),
        FP64("FP64", 7),
        INT32("INT32", 2),
        INT64("INT64", 3),
        BYTES("BYTES", 8);

        private final byte[] word;
        private final byte tag;

        Type(String word, int field) {
            this.word = word.getBytes(StandardCharsets.US_ASCII);
            this.tag = (byte) (field << TYPE_BITS | ProtoReader.LENGTH);
        }
    }

    private UsualMessage(byte[] bytes) {
        this.bytes = bytes;
        this.end = bytes.length;
    }

    /**
     * Looks at the outer fields only.
     *
     * @param bytesMax what all tensors together may have
     * @return null when the message has another form
     */
    static @Nullable UsualMessage of(byte[] message, int bytesMax) {
        UsualMessage usual = new UsualMessage(message);
        return usual.outline() && (long) usual.inputs * Long.BYTES <= bytesMax ? usual : null;
    }

    private boolean outline() {
        String first = named(MODEL);
        String second = named(VERSION);
        String third = named(ID);
        if (first == null || second == null || third == null || Texts.problem(third) != null) {
            return false;
        }
        model = first;
        version = second;
        id = third;
        inputsFrom = at;
        inputs = passed(INPUT);
        rawsFrom = at;
        raws = passed(RAW);
        return at == end && inputs > 0 && inputs <= InferRequest.INPUTS_MAX && (raws == 0 || raws == inputs);
    }

    /** A text that may stand here; empty when it does not, null when it is unusual. */
    private @Nullable String named(byte tag) {
        return at < end && bytes[at] == tag ? text(length(tag)) : "";
    }

    /** How many fields of this tag come next; they are passed over. */
    private int passed(byte tag) {
        int count = 0;
        while (at < end && bytes[at] == tag) {
            int length = length(tag);
            if (length == NONE) {
                return count;
            }
            at += length;
            count++;
        }
        return count;
    }

    /** What must be known before the row is read. */
    InferRequest.Head head() {
        return new InferRequest.Head(model, version, 0);
    }

    /** The request without its row. */
    InferRequest request() {
        return InferRequest.usual(model, version, id);
    }

    /** Reads the row; false when anything in it is unusual or wrong. */
    boolean read(UsualRows rows) {
        RowBuilder row = rows.begin();
        boolean[] given = new boolean[rows.schema().places()];
        at = inputsFrom;
        raw = rawsFrom;
        for (int i = 0; i < inputs; i++) {
            if (!input(rows.schema(), row, given)) {
                return false;
            }
        }
        return rows.end(id.isEmpty() ? rows.newId() : id);
    }

    private boolean input(Schema schema, RowBuilder row, boolean[] given) {
        end = bytes.length;
        int length = length(INPUT);
        end = at + length;
        Schema.Place place = place(schema);
        if (place == null || given[place.number()]) {
            return false;
        }
        given[place.number()] = true;
        guess = place.number() + 1;
        Type type = type();
        return type != null && one() && (raws > 0 ? raw(row, place, type) : typed(row, place, type));
    }

    /** The place that the name of an input says; null when there is none. */
    private Schema.@Nullable Place place(Schema schema) {
        int length = length(INPUT_NAME);
        if (length <= 0) {
            return null;
        }
        Schema.Place place = schema.placeAt(guess, bytes, at, at + length);
        if (place != null) {
            at += length;
            return place;
        }
        String name = text(length);
        Schema.Place known = name == null ? null : schema.place(name);
        return known == null || known.number() < 0 ? null : known;
    }

    private @Nullable Type type() {
        int length = length(INPUT_DATATYPE);
        for (Type type : TYPES) {
            if (length == type.word.length && Arrays.equals(bytes, at, at + length, type.word, 0, length)) {
                at += length;
                return type;
            }
        }
        return null;
    }

    /** Passes over a shape of [1] or [1,1]. */
    private boolean one() {
        int rank = length(INPUT_SHAPE);
        if (rank < 1 || rank > 2 || bytes[at] != 1 || bytes[at + rank - 1] != 1) {
            return false;
        }
        at += rank;
        return true;
    }

    /** The value that stands behind all inputs; the next input comes where this one ends. */
    private boolean raw(RowBuilder row, Schema.Place place, Type type) {
        if (at != end) {
            return false;
        }
        int next = end;
        at = raw;
        end = bytes.length;
        int size = length(RAW);
        raw = at + size;
        boolean taken = value(row, place, type, size);
        at = next;
        return taken;
    }

    private boolean value(RowBuilder row, Schema.Place place, Type type, int size) {
        return switch (type) {
            case FP32, INT32 -> size == Integer.BYTES && number(row, place, type);
            case FP64, INT64 -> size == Long.BYTES && number(row, place, type);
            case BYTES -> {
                int length = size - Integer.BYTES;
                boolean whole = length >= 0 && (int) INTS.get(bytes, at) == length;
                at += Integer.BYTES;
                yield whole && text(row, place, length);
            }
        };
    }

    private boolean number(RowBuilder row, Schema.Place place, Type type) {
        return switch (type) {
            case FP32 -> row.usualReal(place, Float.intBitsToFloat((int) INTS.get(bytes, at)));
            case FP64 -> row.usualReal(place, Double.longBitsToDouble((long) LONGS.get(bytes, at)));
            case INT32 -> row.usualWhole(place, (int) INTS.get(bytes, at));
            case INT64 -> row.usualWhole(place, (long) LONGS.get(bytes, at));
            case BYTES -> false;
        };
    }

    /** One value in the field of its type, packed, with which the input ends. */
    private boolean typed(RowBuilder row, Schema.Place place, Type type) {
        int contents = length(INPUT_CONTENTS);
        int size = contents == NONE || at + contents != end ? NONE : length(type.tag);
        if (size == NONE || at + size != end) {
            return false;
        }
        return switch (type) {
            case FP32, FP64 -> {
                boolean taken = size == (type == Type.FP32 ? Integer.BYTES : Long.BYTES) && number(row, place, type);
                at = end;
                yield taken;
            }
            case INT32, INT64 -> {
                long value = varint();
                yield at == end && row.usualWhole(place, type == Type.INT32 ? (int) value : value);
            }
            case BYTES -> text(row, place, size);
        };
    }

    private boolean text(RowBuilder row, Schema.Place place, int size) {
        String text = text(size);
        return text != null && row.usualText(place, text);
    }

    /** Passes over a text of ASCII; null when it is none. */
    private @Nullable String text(int length) {
        if (length < 0 || length > end - at) {
            return null;
        }
        for (int i = at; i < at + length; i++) {
            if (bytes[i] < 0) {
                return null;
            }
        }
        at += length;
        return new String(bytes, at - length, length, StandardCharsets.ISO_8859_1);
    }

    /** The number up to the end; where it does not end there, the position is another. */
    private long varint() {
        long value = 0;
        for (int i = 0; i < VARINT_MAX && at < end; i++) {
            byte next = bytes[at++];
            value |= (long) (next & SEVEN_BITS) << i * VARINT_BITS;
            if (next >= 0) {
                return value;
            }
        }
        at = NONE;
        return 0;
    }

    /** Passes over a tag and a length of one byte; -1 when another tag comes, or a longer one, or one beyond the end. */
    private int length(byte tag) {
        if (end - at < 2 || bytes[at] != tag) {
            return NONE;
        }
        int length = bytes[at + 1];
        if (length < 0 || length > end - at - 2) {
            return NONE;
        }
        at += 2;
        return length;
    }
}
