package dev.perennial.lifecycle.file;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * One value of the file, or its absence. Reading it as something that it is not tells a problem and gives the fallback, so that parsing
 * goes on and finds every other mistake.
 */
final class Value {
    private static final int TEXT_MAX = 500;
    private static final Pattern COLUMN = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_ .-]{0,127}");

    private final Problems problems;
    private final @Nullable Node node;
    private final Place keyPlace;
    private final String example;

    Value(Problems problems, @Nullable Node node, Place keyPlace, String example) {
        this.problems = problems;
        this.node = node;
        this.keyPlace = keyPlace;
        this.example = example;
    }

    boolean present() {
        return node != null;
    }

    /** Where the value stands; where its key should stand when it is absent. */
    Place place() {
        return node == null ? keyPlace : Place.of(node, keyPlace.field());
    }

    Place keyPlace() {
        return keyPlace;
    }

    void wrong(String message, String advice) {
        problems.add(place(), message, advice);
    }

    private void expected(String what) {
        wrong(describe(node) + " is not " + what, "write it like " + example);
    }

    /** What somebody wrote, short. */
    static String describe(@Nullable Node node) {
        if (node instanceof ScalarNode scalar) {
            if (scalar.getTag().equals(Tag.NULL)) {
                return "an empty value";
            }
            String text = scalar.getValue().replaceAll("\\p{Cntrl}", "?");
            return "'" + (text.length() > 60 ? text.substring(0, 60) + "..." : text) + "'";
        }
        return node instanceof SequenceNode ? "a list" : "a mapping";
    }

    boolean isScalar() {
        return node instanceof ScalarNode;
    }

    boolean isList() {
        return node instanceof SequenceNode;
    }

    private @Nullable String scalar() {
        return node instanceof ScalarNode scalar && !scalar.getTag().equals(Tag.NULL) ? scalar.getValue() : null;
    }

    private @Nullable String scalar(Tag... tags) {
        return node instanceof ScalarNode scalar && List.of(tags).contains(scalar.getTag()) ? scalar.getValue() : null;
    }

    /** Text of one line for people. */
    String text(String fallback) {
        if (node == null) {
            return fallback;
        }
        String text = scalar(Tag.STR);
        if (text == null
                || text.isBlank()
                || text.length() > TEXT_MAX
                || text.codePoints().anyMatch(Character::isISOControl)) {
            expected("a line of text (1 to " + TEXT_MAX + " characters; quote it if it looks like a number)");
            return fallback;
        }
        return text;
    }

    /** Text of any characters, possibly empty: a delimiter, a null marker. */
    String raw(String fallback) {
        if (node == null) {
            return fallback;
        }
        if (node instanceof ScalarNode scalar) {
            return scalar.getValue();
        }
        expected("text");
        return fallback;
    }

    /** A column's or feature's name; empty when it is absent or wrong. */
    String name() {
        if (node == null) {
            return "";
        }
        String text = scalar(Tag.STR);
        if (text == null || !COLUMN.matcher(text).matches()) {
            expected("a column name (a letter or '_', then letters, digits, '_', '.', '-', space)");
            return "";
        }
        return text;
    }

    @Nullable
    String nameOrNull() {
        String name = name();
        return name.isEmpty() ? null : name;
    }

    String choice(List<String> allowed, String fallback) {
        if (node == null) {
            return fallback;
        }
        String text = scalar();
        if (text == null || !allowed.contains(text)) {
            wrong(
                    describe(node) + " is not one of " + String.join(", ", allowed),
                    text == null ? "write it like " + example : Nearest.advice(text, allowed));
            return fallback;
        }
        return text;
    }

    boolean flag(boolean fallback) {
        if (node == null) {
            return fallback;
        }
        String text = scalar(Tag.BOOL);
        if (text == null) {
            expected("true or false");
            return fallback;
        }
        return text.toLowerCase(Locale.ROOT).equals("true");
    }

    long integer(long min, long max, long fallback) {
        if (node == null) {
            return fallback;
        }
        String text = scalar(Tag.INT);
        try {
            long value = text == null ? min - 1 : Long.parseLong(text);
            if (text != null && value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // told below: octal, hexadecimal or too long
        }
        expected("a whole number from " + min + " to " + max);
        return fallback;
    }

    double number(double min, double max, double fallback) {
        if (node == null) {
            return fallback;
        }
        String text = scalar(Tag.INT, Tag.FLOAT);
        try {
            double value = text == null ? Double.NaN : Double.parseDouble(text);
            if (value >= min && value <= max && Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // told below: .inf, .nan, octal, hexadecimal
        }
        boolean open = min == -Double.MAX_VALUE && max == Double.MAX_VALUE;
        expected(
                open
                        ? "a number"
                        : max == Double.MAX_VALUE
                                ? "a number of at least " + min
                                : "a number from " + min + " to " + max);
        return fallback;
    }

    double number(double fallback) {
        return number(-Double.MAX_VALUE, Double.MAX_VALUE, fallback);
    }

    double share(double fallback) {
        return number(0, 1, fallback);
    }

    @Nullable
    Double numberOrNull() {
        double value = number(Double.NaN);
        return Double.isNaN(value) ? null : value;
    }

    /** A duration in microseconds within bounds that are given in milliseconds. */
    long micros(long minMillis, long maxMillis, long fallback) {
        if (node == null) {
            return fallback;
        }
        String text = scalar();
        OptionalLong micros = text == null ? OptionalLong.empty() : Quantity.micros(text);
        if (micros.isEmpty()) {
            expected("a duration (a number and one of us, ms, s, m, h, d)");
            return fallback;
        }
        long value = micros.getAsLong();
        if (value < minMillis * Quantity.MICROS_PER_MILLI || value > maxMillis * Quantity.MICROS_PER_MILLI) {
            expected("a duration from " + Quantity.text(minMillis) + " to " + Quantity.text(maxMillis));
            return fallback;
        }
        return value;
    }

    long millis(long minMillis, long maxMillis, long fallback) {
        long micros = micros(minMillis, maxMillis, fallback * Quantity.MICROS_PER_MILLI);
        if (micros % Quantity.MICROS_PER_MILLI != 0) {
            expected("a duration of whole milliseconds");
            return fallback;
        }
        return micros / Quantity.MICROS_PER_MILLI;
    }

    /** A duration of whole calendar days, {@code 14d}. */
    int days(int min, int max, int fallback) {
        long millis = millis(
                min * Quantity.MILLIS_PER_DAY, max * Quantity.MILLIS_PER_DAY, fallback * Quantity.MILLIS_PER_DAY);
        if (millis % Quantity.MILLIS_PER_DAY != 0) {
            expected("a number of whole days");
            return fallback;
        }
        return (int) (millis / Quantity.MILLIS_PER_DAY);
    }

    /** The items of a list; a problem and nothing when it is no list. */
    List<Value> items() {
        List<Value> items = new ArrayList<>();
        if (node instanceof SequenceNode list) {
            for (Node item : list.getValue()) {
                Place at = Place.of(item, keyPlace.field() + "[" + items.size() + "]");
                items.add(new Value(problems, item, at, example));
            }
        } else if (node != null) {
            expected("a list");
        }
        return items;
    }

    /** A list of column names without repetition. */
    List<Named> names() {
        List<Named> names = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Value item : items()) {
            String name = item.name();
            if (name.isEmpty()) {
                continue;
            }
            if (seen.add(name)) {
                names.add(new Named(name, item.place()));
            } else {
                item.wrong("'" + name + "' stands in this list a second time", "keep one of the two");
            }
        }
        return names;
    }

    /** A name and where it stands. */
    record Named(String name, Place place) {}

    /** One name or a list of names. */
    List<Named> nameOrNames() {
        if (!isScalar()) {
            return names();
        }
        String name = name();
        return name.isEmpty() ? List.of() : List.of(new Named(name, place()));
    }

    /** Plain texts of a list of scalars, numbers included. */
    List<String> texts() {
        List<String> texts = new ArrayList<>();
        for (Value item : items()) {
            String text = item.scalar();
            if (text == null) {
                item.expected("a plain value");
            } else if (texts.contains(text)) {
                item.wrong("'" + text + "' stands in this list a second time", "keep one of the two");
            } else {
                texts.add(text);
            }
        }
        return texts;
    }

    /** A scalar with its YAML type, for parameters that a trainer interprets. */
    Optional<JsonNode> json() {
        if (scalar(Tag.BOOL) != null) {
            return Optional.of(Json.tree(flag(false)));
        }
        if (scalar(Tag.INT) != null) {
            return Optional.of(Json.parse(Long.toString(integer(Long.MIN_VALUE + 1, Long.MAX_VALUE, 0))));
        }
        if (scalar(Tag.FLOAT) != null) {
            return Optional.of(Json.tree(number(0)));
        }
        String text = scalar(Tag.STR);
        if (text == null) {
            expected("a number, a text, true or false");
        }
        return Optional.ofNullable(text).map(Json::tree);
    }

    /** This value as a section with the given keys; absent when the value is. */
    Section section(@Nullable Keys keys) {
        return node == null ? Section.absent(problems, keyPlace) : Section.of(problems, node, keyPlace, keys, example);
    }
}
