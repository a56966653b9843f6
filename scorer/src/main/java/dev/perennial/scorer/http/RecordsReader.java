package dev.perennial.scorer.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.serving.Endpoint;
import dev.perennial.scorer.serving.Instance;
import dev.perennial.scorer.serving.Schema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Reads bodies of plain records: in one pass over the bytes when they are of the usual form, else as a stream of tokens. Thread-safe. */
final class RecordsReader {
    private static final String RECORDS = "records";

    private final InstantSource clock;
    private final int rowsMax;
    private final Supplier<String> ids;

    /** @param ids makes a prediction id, for rows of an endpoint without key columns */
    RecordsReader(InstantSource clock, int rowsMax, Supplier<String> ids) {
        this.clock = clock;
        this.rowsMax = rowsMax;
        this.ids = ids;
    }

    /** @throws PerennialException naming everything that is wrong */
    List<Instance> read(Endpoint endpoint, byte[] body) {
        List<Instance> usual = new UsualRows(endpoint, clock, rowsMax, ids).read(body, body.length, UsualRecords::read);
        return usual == null ? any(endpoint, body) : usual;
    }

    /** The full reader. */
    List<Instance> any(Endpoint endpoint, byte[] body) {
        Texts.checkUtf8(body);
        Problems problems = new Problems();
        try (JsonParser parser = JsonBodies.FACTORY.createParser(body)) {
            try {
                List<Instance> rows = document(parser, endpoint, problems);
                problems.throwIfAny();
                return rows;
            } catch (JsonProcessingException e) {
                throw JsonBodies.malformed(e, parser.getParsingContext());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory failed", e);
        }
    }

    private List<Instance> document(JsonParser parser, Endpoint endpoint, Problems problems) throws IOException {
        JsonToken first = parser.nextToken();
        if (first != JsonToken.START_OBJECT) {
            throw shape("the body must be an object {\"records\":[...]}, got " + JsonBodies.shown(first, parser));
        }
        List<Instance> rows = null;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            if (!name.equals(RECORDS)) {
                problems.add(name, "unknown member; the body holds 'records' and nothing else");
                parser.nextToken();
                parser.skipChildren();
            } else if (rows != null) {
                throw shape("'records' stands twice");
            } else {
                rows = records(parser, endpoint, problems);
            }
        }
        if (rows == null || rows.isEmpty()) {
            problems.add(RECORDS, "it must hold at least one record");
            problems.throwIfAny();
        }
        if (parser.nextToken() != null) {
            throw shape("something follows the closing brace");
        }
        return rows == null ? List.of() : rows;
    }

    private List<Instance> records(JsonParser parser, Endpoint endpoint, Problems problems) throws IOException {
        JsonToken first = parser.nextToken();
        if (first != JsonToken.START_ARRAY) {
            throw shape("it must be a list of records, got " + JsonBodies.shown(first, parser));
        }
        RowBuilder builder = new RowBuilder(endpoint, clock, problems);
        List<Instance> rows = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            if (rows.size() == rowsMax) {
                throw new PerennialException(
                        ErrorCode.TOO_LARGE,
                        "records: more than " + rowsMax + " records (--batch-rows); send them in several requests",
                        RECORDS,
                        null);
            }
            if (token != JsonToken.START_OBJECT) {
                throw shape("record " + rows.size() + " is no object but " + JsonBodies.shown(token, parser));
            }
            builder.begin("records[" + rows.size() + "]");
            fill(parser, builder);
            rows.add(builder.end(endpoint.schema().key().isEmpty() ? ids.get() : null));
        }
        return rows;
    }

    private static void fill(JsonParser parser, RowBuilder builder) throws IOException {
        int times = 0;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            if (name.equals(Schema.EVENT_TIME) || name.equals(Schema.PREDICTED_AT)) {
                int bit = name.equals(Schema.EVENT_TIME) ? 1 : 2;
                if ((times & bit) != 0) {
                    builder.duplicate(name);
                }
                times |= bit;
                builder.time(name, time(parser, value), shown(parser, value));
                continue;
            }
            switch (value) {
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> builder.number(name, parser.getDoubleValue());
                case VALUE_STRING -> builder.text(name, parser.getText());
                case VALUE_NULL -> builder.missing(name);
                default -> {
                    builder.other(name, shown(parser, value));
                    parser.skipChildren();
                }
            }
        }
    }

    private static long time(JsonParser parser, JsonToken value) throws IOException {
        if (value == JsonToken.VALUE_NUMBER_INT) {
            boolean fits = parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
            return fits ? Texts.checked(parser.getLongValue()) : -1;
        }
        if (value == JsonToken.VALUE_STRING) {
            return Texts.time(parser.getText());
        }
        parser.skipChildren();
        return -1;
    }

    private static String shown(JsonParser parser, JsonToken value) throws IOException {
        return switch (value) {
            case START_OBJECT, END_OBJECT -> "an object";
            case START_ARRAY, END_ARRAY -> "a list";
            default -> parser.getText();
        };
    }

    private static PerennialException shape(String why) {
        return new PerennialException(ErrorCode.MALFORMED_REQUEST, "records: " + why, RECORDS, null);
    }
}
