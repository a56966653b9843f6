package dev.perennial.scorer.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.serving.Answer;
import dev.perennial.scorer.serving.Call;
import dev.perennial.scorer.serving.Endpoint;
import dev.perennial.scorer.serving.Inference;
import dev.perennial.scorer.serving.Instance;
import dev.perennial.scorer.serving.Outcome;
import dev.perennial.scorer.serving.Payload;
import dev.perennial.scorer.serving.Schema;
import dev.perennial.scoring.RunLimit;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Plain JSON records at {@code /endpoints/NAME/predict}: {@code {"records":[{"flight_id":"...","carrier":"UA",...,"event_time":1364800000000}]}}. Read as a stream, about
 * 5 us for a record of 21 columns.
 */
final class PlainProtocol implements Protocol {
    private static final String RECORDS = "records";

    private final Inference inference;
    private final Exchanges exchanges;
    private final InstantSource clock;
    private final int rowsMax;
    private final Supplier<String> ids;

    /** @param ids makes a prediction id, for rows of an endpoint without key columns */
    PlainProtocol(Inference inference, Exchanges exchanges, InstantSource clock, int rowsMax, Supplier<String> ids) {
        this.inference = inference;
        this.exchanges = exchanges;
        this.clock = clock;
        this.rowsMax = rowsMax;
        this.ids = ids;
    }

    @Override
    public boolean handle(HttpServerRequest request, String path, String[] parts) {
        if (parts.length != 4 || !parts[1].equals("endpoints") || !parts[3].equals("predict")) {
            return false;
        }
        Exchanges.only(request, HttpMethod.POST);
        exchanges.readBody(request, (body, since) -> predict(request, parts[2], body, since));
        return true;
    }

    private void predict(HttpServerRequest request, String name, byte[] body, long since) {
        Call.Reading reading = Chosen.keyed(request, endpoint -> new Payload.Rows(read(endpoint, body)));
        inference.infer(
                new Call(
                        exchanges.caller(request),
                        name,
                        Chosen.version(request),
                        body.length,
                        since,
                        RunLimit.NONE,
                        reading),
                outcome -> switch (outcome) {
                    case Outcome.Scored scored -> {
                        String text = write(scored.answers());
                        yield () -> {
                            Exchanges.fallback(request, scored.fallback());
                            exchanges.send(request, scored.logged(), text);
                        };
                    }
                    case Outcome.Computed _ -> throw new IllegalStateException("rows were asked for");
                    case Outcome.Failed failed -> () -> exchanges.replies().error(request, failed.why());
                });
    }

    private List<Instance> read(Endpoint endpoint, byte[] body) {
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
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw shape("the body must be an object {\"records\":[...]}");
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
        if (parser.nextToken() != JsonToken.START_ARRAY) {
            throw shape("it must be a list of records");
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
                throw shape("record " + rows.size() + " is no object");
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

    static String write(List<Answer> answers) {
        StringBuilder out = new StringBuilder(32 + answers.size() * 128).append("{\"predictions\":[");
        for (int i = 0; i < answers.size(); i++) {
            Answer answer = answers.get(i);
            out.append(i == 0 ? "{\"id\":" : ",{\"id\":");
            JsonBodies.quote(out, answer.id());
            out.append(",\"score\":").append(answer.score()).append(",\"version\":");
            JsonBodies.quote(out, answer.version());
            out.append(",\"role\":\"")
                    .append(answer.role().word())
                    .append("\",\"fallback\":")
                    .append(answer.fallback())
                    .append('}');
        }
        return out.append("]}").toString();
    }
}
