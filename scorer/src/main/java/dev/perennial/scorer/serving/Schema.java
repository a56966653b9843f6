package dev.perennial.scorer.serving;

import dev.perennial.predictionlog.LogColumn;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.Signature;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an endpoint's callers may and must send: the union of its variants' columns, the champion's first, and the columns of the
 * prediction id. Where variants disagree on a type the champion's holds.
 */
public final class Schema {
    /** Names of the two times of a record. */
    public static final String EVENT_TIME = "event_time";

    public static final String PREDICTED_AT = "predicted_at";

    private final Signature union;
    private final List<LogColumn> logColumns;
    private final List<String> key;
    private final Map<String, Slot> slots = new HashMap<>();
    private final boolean[] required;
    private final Map<String, Place> places = new HashMap<>();
    private final List<Place> order = new ArrayList<>();
    private final byte[][] names;

    /**
     * Where a member of a record goes.
     *
     * @param feature position among the columns, -1 when it is none
     * @param key position in the prediction id, -1 when it is no part
     */
    public record Slot(int feature, int key) {}

    /**
     * What the values of one name are, looked up once for all rows of a request.
     *
     * @param number position among the names that callers may send, columns first; -1 for a name that the endpoint does not know
     * @param slot null for a name that is no column and no part of the prediction id
     * @param time whether the values are times of the row and belong to no column
     */
    public record Place(String name, int number, @Nullable Slot slot, boolean time) {}

    /** @param others signatures of the variants that are not champion */
    Schema(Signature champion, List<Signature> others, List<String> key) {
        Map<String, Column> columns = new LinkedHashMap<>();
        champion.columns().forEach(column -> columns.put(column.name(), column));
        Set<String> needed = new HashSet<>();
        champion.columns().stream().filter(Column::required).forEach(column -> needed.add(column.name()));
        for (Signature other : others) {
            other.columns().forEach(column -> columns.putIfAbsent(column.name(), column));
        }
        this.union = new Signature(new ArrayList<>(columns.values()));
        this.logColumns = union.columns().stream()
                .map(c -> new LogColumn(c.name(), c.type()))
                .toList();
        this.key = List.copyOf(key);
        this.required = new boolean[union.size()];
        for (int i = 0; i < union.size(); i++) {
            String name = union.column(i).name();
            required[i] = needed.contains(name);
            slots.put(name, new Slot(i, key.indexOf(name)));
        }
        for (int i = 0; i < key.size(); i++) {
            slots.putIfAbsent(key.get(i), new Slot(-1, i));
        }
        union.columns().forEach(column -> know(column.name()));
        this.key.forEach(this::know);
        know(EVENT_TIME);
        know(PREDICTED_AT);
        this.names = order.stream()
                .map(place -> place.name().getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
    }

    private void know(String name) {
        if (!places.containsKey(name)) {
            Place place = new Place(name, order.size(), slots.get(name), time(name));
            places.put(name, place);
            order.add(place);
        }
    }

    private static boolean time(String name) {
        return name.equals(EVENT_TIME) || name.equals(PREDICTED_AT);
    }

    public Signature union() {
        return union;
    }

    public List<LogColumn> logColumns() {
        return logColumns;
    }

    public List<String> key() {
        return key;
    }

    public @Nullable Slot slot(String name) {
        return slots.get(name);
    }

    /** Where the values of a name go. */
    public Place place(String name) {
        Place place = places.get(name);
        return place != null ? place : new Place(name, -1, null, false);
    }

    /** Number of names that callers may send: columns, parts of the prediction id, two times. */
    public int places() {
        return order.size();
    }

    /**
     * The place with this number, when it has this name; most callers send columns in our order.
     *
     * @param text holds the name from {@code from} to {@code to}
     */
    public @Nullable Place placeAt(int number, byte[] text, int from, int to) {
        if (number >= names.length) {
            return null;
        }
        byte[] name = names[number];
        return Arrays.equals(text, from, to, name, 0, name.length) ? order.get(number) : null;
    }

    /** Whether the champion needs the column at this position. */
    public boolean required(int feature) {
        return required[feature];
    }

    /** Column names, for messages. */
    public List<String> names() {
        List<String> names =
                new ArrayList<>(union.columns().stream().map(Column::name).toList());
        key.stream().filter(name -> !names.contains(name)).forEach(names::add);
        return names;
    }
}
