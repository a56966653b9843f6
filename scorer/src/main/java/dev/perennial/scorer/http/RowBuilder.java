package dev.perennial.scorer.http;

import dev.perennial.predictionlog.ColumnType;
import dev.perennial.scorer.serving.Endpoint;
import dev.perennial.scorer.serving.Instance;
import dev.perennial.scorer.serving.Schema;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.Signature;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds one row from named values, whatever protocol they came by, and finds everything that is wrong with it. Used for one row after
 * the other; not thread-safe.
 */
public final class RowBuilder {
    private static final long NONE = Long.MIN_VALUE;
    private static final long BAD = -1;
    /** Larger whole numbers are not exact in a double. */
    private static final double EXACT_MAX = 1L << 53;

    private final Schema schema;
    private final Signature union;
    private final Problems problems;
    private final long now;
    private final long latest;
    private Row row;
    private boolean[] given;
    private final @Nullable String[] key;
    private final boolean[] keyGiven;
    private long eventTime;
    private long predictedAt;
    private String at = "";

    public RowBuilder(Endpoint endpoint, InstantSource clock, Problems problems) {
        this.schema = endpoint.schema();
        this.union = schema.union();
        this.problems = problems;
        this.now = endpoint.now(clock);
        this.latest = endpoint.latestPredictedAt(clock);
        this.key = new @Nullable String[schema.key().size()];
        this.keyGiven = new boolean[key.length];
        this.row = new Row(0);
        this.given = new boolean[0];
    }

    /** Starts the next row; {@code path} names it in messages, for example {@code records[3]}. */
    public void begin(String path) {
        at = path;
        row = new Row(union.size());
        given = new boolean[union.size()];
        Arrays.fill(key, null);
        Arrays.fill(keyGiven, false);
        eventTime = NONE;
        predictedAt = NONE;
    }

    public void number(String name, double value) {
        number(place(name), value);
    }

    void number(Schema.Place place, double value) {
        String name = place.name();
        Schema.Slot slot = known(place);
        if (slot == null) {
            return;
        }
        if (slot.feature() >= 0) {
            if (union.column(slot.feature()).type() != ColumnType.NUMBER) {
                wrongType(name, "a text", "the number " + value);
            } else if (!Double.isFinite(value)) {
                problem(name, "the number is infinite, or too large for a double");
            } else {
                row.number(slot.feature(), value);
            }
            given[slot.feature()] = true;
        }
        if (slot.key() >= 0) {
            keyGiven[slot.key()] = true;
            if (value != Math.rint(value) || Math.abs(value) > EXACT_MAX) {
                wrongType(name, "a text or a whole number up to 2^53", "the number " + value);
            }
            key[slot.key()] = Long.toString((long) value);
        }
    }

    public void text(String name, String value) {
        text(place(name), value);
    }

    void text(Schema.Place place, String value) {
        String name = place.name();
        Schema.Slot slot = known(place);
        if (slot == null) {
            return;
        }
        String bad = Texts.problem(value);
        if (bad != null) {
            problem(name, bad);
        }
        if (slot.feature() >= 0) {
            given[slot.feature()] = true;
            if (union.column(slot.feature()).type() != ColumnType.CATEGORY) {
                wrongType(name, "a number", "the text '" + shortened(value) + "'");
            } else {
                row.text(slot.feature(), value);
            }
        }
        if (slot.key() >= 0) {
            keyGiven[slot.key()] = true;
            key[slot.key()] = value;
        }
    }

    public void missing(String name) {
        missing(place(name));
    }

    public void missing(Schema.Place place) {
        Schema.Slot slot = known(place);
        if (slot != null && slot.feature() >= 0) {
            given[slot.feature()] = true;
        }
    }

    /** A value that is neither number nor text nor null. */
    public void other(String name, String what) {
        other(place(name), what);
    }

    void other(Schema.Place place, String what) {
        String name = place.name();
        Schema.Slot slot = known(place);
        if (slot != null) {
            boolean number = slot.feature() >= 0 && union.column(slot.feature()).type() == ColumnType.NUMBER;
            wrongType(name, number ? "a number" : "a text", what);
            if (slot.feature() >= 0) {
                given[slot.feature()] = true;
            }
            if (slot.key() >= 0) {
                keyGiven[slot.key()] = true;
                key[slot.key()] = "";
            }
        }
    }

    /** @param millis what {@link Texts#time} or {@link Texts#checked} gave, -1 when it was no time */
    public void time(String name, long millis, String shown) {
        if (millis < 0) {
            problem(
                    name,
                    "'" + shortened(shown)
                            + "' is no time; send epoch milliseconds or ISO text such as 2013-04-01T08:15:00Z");
        }
        if (name.equals(Schema.EVENT_TIME)) {
            eventTime = millis;
        } else {
            predictedAt = millis;
        }
    }

    /**
     * Takes the value at which a cursor stands as records say it: numbers, texts, null, and times as milliseconds or text.
     *
     * @return false for anything else; the problems tell nothing of it then
     */
    public boolean usual(Schema.Place place, JsonCursor json) {
        if (json.is('"')) {
            return json.text() && usualText(place, json);
        }
        if (json.is('n')) {
            missing(place);
            return json.nothing();
        }
        return json.number() && (json.whole() || !place.time()) && usualNumber(place, json.value());
    }

    /** The same for a number, which is a whole one for a time. */
    public boolean usualNumber(Schema.Place place, double value) {
        if (place.time()) {
            return usualTime(place, Texts.checked((long) value));
        }
        number(place, value);
        return true;
    }

    /** The same for a number of a tensor of floating type, which is no time; NaN stands for a value that is not known. */
    public boolean usualReal(Schema.Place place, double value) {
        if (place.time()) {
            return false;
        }
        if (Double.isNaN(value)) {
            missing(place);
            return true;
        }
        return usualNumber(place, value);
    }

    /** The same for a whole number, which a double must hold. */
    public boolean usualWhole(Schema.Place place, long value) {
        return value >= -(long) EXACT_MAX && value <= (long) EXACT_MAX && usualNumber(place, value);
    }

    /** The same for the text that a cursor has just passed over. */
    public boolean usualText(Schema.Place place, JsonCursor json) {
        return usualText(place, json.string());
    }

    /** The same for a text. */
    public boolean usualText(Schema.Place place, String text) {
        if (place.time()) {
            return usualTime(place, Texts.time(text));
        }
        text(place, text);
        return true;
    }

    /** False also for a time that was given before. */
    private boolean usualTime(Schema.Place place, long millis) {
        boolean given = (place.name().equals(Schema.EVENT_TIME) ? eventTime : predictedAt) != NONE;
        time(place.name(), millis, "");
        return !given;
    }

    public void duplicate(String name) {
        problem(name, "it stands twice in the record");
    }

    /**
     * Ends the row.
     *
     * @param fallbackId the prediction id when no key was sent; null when a key must be sent, as then must the event time
     */
    public Instance end(@Nullable String fallbackId) {
        checkColumns();
        long predicted = predictedAt == NONE ? now : predictedAt;
        if (predicted > latest) {
            problem(
                    Schema.PREDICTED_AT,
                    Instant.ofEpochMilli(predicted) + " lies in the future of this endpoint's clock, which stands at "
                            + Instant.ofEpochMilli(now));
        }
        if (eventTime == NONE && fallbackId == null) {
            problem(Schema.EVENT_TIME, "it is missing; send the time of the event as epoch milliseconds or ISO text");
        }
        long event = eventTime == NONE || eventTime == BAD ? predicted : eventTime;
        return new Instance(id(fallbackId), predicted, event, row, given);
    }

    private void checkColumns() {
        for (int i = 0; i < given.length; i++) {
            if (!given[i] && schema.required(i)) {
                problem(union.column(i).name(), "the column is missing; send null for a value that is not known");
            }
        }
    }

    private String id(@Nullable String fallbackId) {
        if (key.length == 0) {
            return fallbackId == null ? "" : fallbackId;
        }
        List<String> values = new ArrayList<>(key.length);
        for (int i = 0; i < key.length; i++) {
            String value = key[i];
            if (value != null && (!value.isEmpty() || keyGiven[i])) {
                values.add(value);
            }
            boolean keyless = fallbackId != null && !keyGiven[i];
            if (!keyless && (value == null || value.isEmpty())) {
                problem(schema.key().get(i), "the prediction id is made of it, hence it must be there and not empty");
            }
        }
        return values.size() == key.length ? Texts.id(values) : fallbackId == null ? "" : fallbackId;
    }

    private Schema.Place place(String name) {
        return schema.place(name);
    }

    private Schema.@Nullable Slot known(Schema.Place place) {
        Schema.Slot slot = place.slot();
        if (slot == null) {
            problem(
                    place.name(),
                    "unknown column; this endpoint takes " + String.join(", ", schema.names())
                            + ", event_time, predicted_at");
        } else if ((slot.feature() >= 0 && given[slot.feature()]) || (slot.feature() < 0 && keyGiven[slot.key()])) {
            duplicate(place.name());
        }
        return slot;
    }

    private void wrongType(String name, String expected, String actual) {
        problem(name, "expected " + expected + ", got " + actual);
    }

    private void problem(String name, String message) {
        problems.add(at.isEmpty() ? name : at + "." + name, message);
    }

    private static String shortened(String text) {
        int shown = Math.min(text.length(), 60);
        return text.substring(0, shown).replaceAll("\\p{Cntrl}", "?") + (shown < text.length() ? "..." : "");
    }
}
