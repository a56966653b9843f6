package dev.perennial.lifecycle.file;

import dev.perennial.lifecycle.file.ColumnUse.Kind;
import dev.perennial.lifecycle.file.Features.Aggregate;
import dev.perennial.lifecycle.file.Features.Clip;
import dev.perennial.lifecycle.file.Features.Days;
import dev.perennial.lifecycle.file.Features.Latest;
import dev.perennial.lifecycle.file.Features.Output;
import dev.perennial.lifecycle.file.Features.Prior;
import dev.perennial.lifecycle.file.Features.Sum;
import dev.perennial.lifecycle.file.Features.Term;
import dev.perennial.lifecycle.file.Features.Window;
import dev.perennial.lifecycle.file.Value.Named;
import java.time.LocalTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the features and notes every use of a column that they make. */
final class FeatureRules {
    /** Columns of every snapshot; a feature of that name would hide one. */
    private static final Set<String> RESERVED = Set.of("event_time", "prediction_time", "label_time", "day", "label");

    private static final long DURATION_MAX_MILLIS = 366 * Quantity.MILLIS_PER_DAY;

    private final Problems problems;
    private final Map<String, Source> sources;
    private final List<ColumnUse> uses = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    FeatureRules(Problems problems, Map<String, Source> sources) {
        this.problems = problems;
        this.sources = sources;
    }

    List<ColumnUse> uses() {
        return uses;
    }

    Features read(Value value) {
        Section section = value.section(Keys.FEATURES);
        List<String> columns = new ArrayList<>();
        for (Named column : section.get("columns").names()) {
            uses.add(new ColumnUse(Kind.ROW, null, column.name(), ColumnNeed.FEATURE, column.place()));
            columns.add(feature(column));
        }
        List<Sum> sums = section.get("sums").items().stream().map(this::sum).toList();
        List<Latest> latest =
                section.get("latest").items().stream().map(this::latest).toList();
        List<Window> windows =
                section.get("windows").items().stream().map(this::window).toList();
        if (section.present() && names.isEmpty() && !problems.concern("features")) {
            problems.add(section.place(), "no feature is declared", "add " + Keys.FEATURES.example("columns"));
        }
        return new Features(columns, sums, latest, windows);
    }

    private String feature(Named name) {
        if (RESERVED.contains(name.name())) {
            problems.add(
                    name.place(),
                    "'" + name.name() + "' is the name of a column that every snapshot has",
                    "choose another name for this feature; taken are "
                            + String.join(", ", RESERVED.stream().sorted().toList()));
        } else if (!names.add(name.name())) {
            problems.add(
                    name.place(),
                    "a second feature is called '" + name.name() + "'",
                    "give one of them another name with 'as'");
        }
        return name.name();
    }

    private String newName(Value value) {
        String name = value.name();
        return name.isEmpty() ? "" : feature(new Named(name, value.place()));
    }

    private Sum sum(Value item) {
        Section section = item.section(Keys.SUM);
        String as = newName(section.need("as"));
        Value of = section.need("of");
        List<Term> terms = new ArrayList<>();
        for (Section.Entry entry : of.section(null).entries()) {
            uses.add(new ColumnUse(
                    Kind.ROW,
                    null,
                    entry.name(),
                    ColumnNeed.NUMBER,
                    entry.value().keyPlace()));
            terms.add(new Term(entry.name(), entry.value().number(0)));
        }
        return new Sum(as, terms);
    }

    private Latest latest(Value item) {
        Section section = item.section(Keys.LATEST);
        String which = section.exactlyOne(List.of("columns", "column"));
        String from = source(section.need("from"));
        List<Output> outputs = new ArrayList<>();
        if ("columns".equals(which)) {
            for (Named column : section.get("columns").names()) {
                history(from, column, ColumnNeed.FEATURE);
                outputs.add(new Output(column.name(), feature(column)));
            }
            if (section.has("as")) {
                section.get("as")
                        .wrong(
                                "'as' names one feature, but 'columns' makes several",
                                "use 'column' with 'as', once for each");
            }
        } else if ("column".equals(which)) {
            Named column = new Named(
                    section.get("column").name(), section.get("column").place());
            history(from, column, ColumnNeed.FEATURE);
            String as = section.has("as") ? newName(section.get("as")) : feature(column);
            outputs.add(new Output(column.name(), as));
        }
        String by = selector(from, section.need("by"));
        long maxAge = section.need("max-age").millis(1, DURATION_MAX_MILLIS, 1);
        return new Latest(outputs, from, by, maxAge, whenNull(section.get("when-null"), outputs));
    }

    private static Map<String, Double> whenNull(Value value, List<Output> outputs) {
        Map<String, Double> replacements = new HashMap<>();
        List<String> known = outputs.stream().map(Output::as).toList();
        for (Section.Entry entry : value.section(null).entries()) {
            if (known.contains(entry.name())) {
                replacements.put(entry.name(), entry.value().number(0));
            } else {
                entry.value()
                        .wrong(
                                "'" + entry.name() + "' is no feature of this entry",
                                Nearest.advice(entry.name(), known));
            }
        }
        return replacements;
    }

    private Window window(Value item) {
        Section section = item.section(Keys.WINDOW);
        String as = newName(section.need("as"));
        String kind = section.exactlyOne(List.of("share", "mean"));
        String from = source(section.need("from"));
        String column = kind == null ? "" : section.get(kind).name();
        if (kind != null) {
            history(from, new Named(column, section.get(kind).place()), ColumnNeed.NUMBER);
        }
        String by = selector(from, section.need("by"));
        Value over = section.need("over");
        Days days = over.present() && !over.isScalar() ? days(over) : null;
        Long overMillis = over.present() && over.isScalar() ? over.millis(1, DURATION_MAX_MILLIS, 1) : null;
        boolean share = !"mean".equals(kind);
        if ("mean".equals(kind) && section.has("prior")) {
            section.get("prior").wrong("a mean has no prior", "remove it; a prior pulls a share towards a value");
        }
        if ("share".equals(kind) && section.has("clip")) {
            section.get("clip").wrong("a share is not clipped", "remove it; clip bounds the values of a mean");
        }
        return new Window(
                as,
                share ? Aggregate.share : Aggregate.mean,
                column,
                from,
                by,
                days,
                overMillis,
                share ? prior(section.get("prior")) : null,
                share ? null : clip(section.get("clip")),
                (int) section.get("at-least").integer(1, 1_000_000, 1));
    }

    private static Days days(Value value) {
        Section section = value.section(Keys.DAYS);
        int count = (int) section.need("days").integer(1, 366, 1);
        return new Days(count, timeOfDay(section.need("published")));
    }

    /** A local time of day, {@code 06:00}. */
    static String timeOfDay(Value value) {
        String text = value.text("06:00");
        try {
            if (text.length() == 5) {
                LocalTime.parse(text);
                return text;
            }
        } catch (DateTimeParseException e) {
            // told below
        }
        value.wrong("'" + text + "' is no time of day", "write hours and minutes, for example \"06:00\"");
        return "06:00";
    }

    private static @Nullable Prior prior(Value value) {
        Section section = value.section(Keys.PRIOR);
        if (!section.present()) {
            return null;
        }
        return new Prior(
                section.need("value").share(0.5), section.need("weight").number(0, 1e9, 0));
    }

    private static @Nullable Clip clip(Value value) {
        if (!value.present()) {
            return null;
        }
        List<Value> bounds = value.items();
        if (value.isList() && bounds.size() != 2) {
            value.wrong(
                    "clip has " + bounds.size() + " values",
                    "write the lowest and the highest value, for example clip: [-10, 180]");
        }
        if (bounds.size() != 2) {
            return null;
        }
        double low = bounds.get(0).number(Double.NaN);
        double high = bounds.get(1).number(Double.NaN);
        if (low >= high) {
            value.wrong(
                    "the lower bound " + low + " is not below the upper bound " + high, "swap the two, or correct one");
        }
        return new Clip(low, high);
    }

    /** The name of a declared source; empty when it is absent or unknown. */
    private String source(Value value) {
        String name = value.text("");
        if (name.isEmpty() || sources.containsKey(name)) {
            return name;
        }
        if (!problems.concern("sources")) {
            value.wrong("source '" + name + "' is not declared", Nearest.advice(name, sources.keySet()));
        }
        return "";
    }

    private void history(String source, Named column, ColumnNeed need) {
        if (!source.isEmpty() && !column.name().isEmpty()) {
            uses.add(new ColumnUse(Kind.HISTORY, source, column.name(), need, column.place()));
        }
    }

    private String selector(String source, Value value) {
        String by = value.name();
        if (!by.isEmpty()) {
            uses.add(new ColumnUse(Kind.SELECTOR, null, by, ColumnNeed.PLAIN, value.place()));
            if (!source.isEmpty()) {
                uses.add(new ColumnUse(Kind.SELECTED, source, by, ColumnNeed.PLAIN, value.place()));
            }
        }
        return by;
    }
}
