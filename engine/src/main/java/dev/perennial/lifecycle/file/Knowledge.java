package dev.perennial.lifecycle.file;

import dev.perennial.lifecycle.file.LifecycleFile.Predict;
import dev.perennial.lifecycle.file.Source.KnownAt;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Refuses features that could see the future: a value of the predicted row must be known {@code ahead} of its event, and a value of other
 * rows must say when it becomes known.
 */
final class Knowledge {
    private final Problems problems;
    private final Map<String, Source> sources;
    private final Predict predict;

    Knowledge(Problems problems, Map<String, Source> sources, Predict predict) {
        this.problems = problems;
        this.sources = sources;
        this.predict = predict;
    }

    /** Nothing is checked while the predicted source is not known. */
    void check(List<ColumnUse> uses) {
        Source base = sources.get(predict.from());
        if (base == null) {
            return;
        }
        for (ColumnUse use : uses) {
            switch (use.kind()) {
                case ROW -> row(base, use, "a feature");
                case SELECTOR -> row(base, use, "'by' of a lookup");
                case HISTORY -> history(use);
                case SELECTED -> {
                    // the value is of rows that are known already
                }
            }
        }
    }

    private void row(Source base, ColumnUse use, String role) {
        String column = use.column();
        String ahead = Quantity.text(predict.aheadMillis());
        if (column.equals(predict.label())) {
            problems.add(
                    use.place(),
                    "'" + column + "' is the label: what is predicted cannot be " + role,
                    "remove it; labels of earlier rows may be used in features.windows");
        } else if (!base.knownAhead().contains(column)) {
            KnownAt known = base.knownAtOf(column);
            if (known == null) {
                problems.add(
                        use.place(),
                        "'" + column + "' is used " + ahead
                                + " ahead of the event, but nothing says when it becomes known",
                        "if it is always known by then, add it to sources." + predict.from()
                                + ".known-ahead; else declare sources." + predict.from() + ".known-at." + column
                                + " and use it in features.latest or features.windows");
            } else if (tooLate(base, known)) {
                problems.add(
                        use.place(),
                        "'" + column + "' becomes known at " + describe(known) + ", which is never " + ahead
                                + " ahead of the event",
                        "use it in features.latest or features.windows, where values of earlier rows are taken; or correct its known-at");
            }
        }
    }

    /** Whether a value cannot be known by event time - ahead, whatever the row holds. */
    private boolean tooLate(Source base, KnownAt known) {
        return known.time().equals(base.eventTime())
                && (known.plusMinutes() != null || known.plusMillis() > -predict.aheadMillis());
    }

    private void history(ColumnUse use) {
        Source source = use.source() == null ? null : sources.get(use.source());
        if (source == null || source.knownAtOf(use.column()) != null) {
            return;
        }
        boolean ahead = source.knownAhead().contains(use.column());
        problems.add(
                use.place(),
                "'" + use.column() + "' of earlier rows is used, but nothing says when it becomes known"
                        + (ahead ? " (known-ahead says that it is early, not when)" : ""),
                "declare it, for example sources." + use.source() + ".known-at: {" + use.column() + ": "
                        + source.eventTime() + "}" + (ahead ? " instead of known-ahead" : ""));
    }

    private static String describe(KnownAt known) {
        @Nullable String minutes = known.plusMinutes();
        String plus = known.plusMillis() == 0
                ? ""
                : (known.plusMillis() < 0 ? " - " : " + ") + Quantity.text(Math.abs(known.plusMillis()));
        return known.time() + (minutes == null ? "" : " + " + minutes + " minutes") + plus;
    }
}
