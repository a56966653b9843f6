package dev.perennial.server.mlflow;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.perennial.tracking.Batch;
import dev.perennial.tracking.KeyValue;
import dev.perennial.tracking.Metric;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The body of a log-batch as clients usually send it, read token by token: metrics of key, value, timestamp and step, with numbers as
 * numbers. Everything else, right or wrong, is left to {@link Fields}, which also makes the refusals; so this reader knows no errors.
 */
final class PlainBatch {
    private static final JsonFactory JSON = new JsonFactory();
    private static final List<String> BATCH = List.of("run_id", "metrics", "params", "tags");
    private static final List<String> METRIC = List.of("key", "value", "timestamp", "step");
    private static final List<String> PAIR = List.of("key", "value");

    private final JsonParser json;
    private String run = "";
    private final List<Metric> metrics = new ArrayList<>();
    private final List<KeyValue> params = new ArrayList<>();
    private final List<KeyValue> tags = new ArrayList<>();

    private PlainBatch(JsonParser json) {
        this.json = json;
    }

    /** What the body says; empty when it is not plain. */
    static Optional<PlainBatch> of(byte[] body) {
        try (JsonParser json = JSON.createParser(body)) {
            PlainBatch batch = new PlainBatch(json);
            return batch.read() ? Optional.of(batch) : Optional.empty();
        } catch (IOException e) {
            // Not JSON: the other reader says so, and where.
            return Optional.empty();
        }
    }

    String run() {
        return run;
    }

    /** The batch, checked as any other. */
    Batch batch() {
        return new Batch(metrics, params, tags);
    }

    private boolean read() throws IOException {
        return json.nextToken() == JsonToken.START_OBJECT
                && members(BATCH, this::member) >= 0
                && json.nextToken() == null
                && Fields.isRunId(run);
    }

    /** Reads the value of one member, or one item of a list; false when it is not plain. */
    @FunctionalInterface
    private interface Part {
        boolean read(int index) throws IOException;
    }

    /** Reads an object whose members have these names, each at most once; returns how many there were, or -1 when it is not plain. */
    private int members(List<String> names, Part value) throws IOException {
        int seen = 0;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            int index = names.indexOf(json.currentName());
            if (index < 0 || (seen & 1 << index) != 0) {
                return -1;
            }
            seen |= 1 << index;
            json.nextToken();
            if (!value.read(index)) {
                return -1;
            }
        }
        return Integer.bitCount(seen);
    }

    private boolean member(int index) throws IOException {
        return switch (index) {
            case 0 -> {
                run = text();
                yield !run.isEmpty();
            }
            case 1 -> list(this::metric);
            case 2 -> list(ignored -> pair(params));
            default -> list(ignored -> pair(tags));
        };
    }

    private boolean isText() throws IOException {
        return json.currentToken() == JsonToken.VALUE_STRING && Fields.isStorable(json.getText());
    }

    /** The text that is next; empty when there is none that can be kept. */
    private String text() throws IOException {
        return isText() ? json.getText() : "";
    }

    private boolean list(Part item) throws IOException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            return false;
        }
        int index = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() != JsonToken.START_OBJECT || !item.read(index++)) {
                return false;
            }
        }
        return true;
    }

    /** Reads a metric into the list. */
    private boolean metric(int ignored) throws IOException {
        Reading reading = new Reading();
        boolean whole = members(METRIC, index -> switch (index) {
                    case 0 -> reading.key();
                    case 1 -> reading.real();
                    case 2 -> reading.time();
                    default -> reading.step();
                })
                == METRIC.size();
        metrics.add(new Metric(reading.key, reading.value, reading.at, reading.step));
        return whole;
    }

    /** A metric of which some members were read. */
    private final class Reading {
        private String key = "";
        private double value;
        private long at;
        private long step;

        private boolean key() throws IOException {
            key = text();
            return !key.isEmpty();
        }

        /** A whole number that is too long for 64 bits is no plain one. */
        private boolean real() throws IOException {
            if (isLong()) {
                value = json.getLongValue();
                return true;
            }
            boolean real = json.currentToken() == JsonToken.VALUE_NUMBER_FLOAT;
            value = real ? json.getDoubleValue() : 0;
            return real;
        }

        private boolean time() throws IOException {
            at = isLong() ? json.getLongValue() : 0;
            return isLong();
        }

        private boolean step() throws IOException {
            step = isLong() ? json.getLongValue() : 0;
            return isLong();
        }

        private boolean isLong() throws IOException {
            return json.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
        }
    }

    private boolean pair(List<KeyValue> pairs) throws IOException {
        String[] texts = {"", ""};
        int read = members(PAIR, index -> {
            texts[index] = text();
            return isText();
        });
        pairs.add(new KeyValue(texts[0], texts[1]));
        return read == PAIR.size() && !texts[0].isEmpty();
    }
}
