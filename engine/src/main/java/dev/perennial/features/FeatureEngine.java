package dev.perennial.features;

import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.file.ContractRule;
import dev.perennial.lifecycle.file.ContractRule.OnBreach;
import dev.perennial.lifecycle.file.Features;
import dev.perennial.lifecycle.file.Features.Days;
import dev.perennial.lifecycle.file.Features.Latest;
import dev.perennial.lifecycle.file.Features.Output;
import dev.perennial.lifecycle.file.Features.Window;
import dev.perennial.lifecycle.file.LifecycleFile;
import java.time.LocalTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The event-time feature engine: takes what becomes known, in the order in which it does, and answers for the features of a row at a time
 * {@code t}. It sees only what has arrived, whatever the lifecycle file declares about known times; what arrived after {@code t} is left
 * out. Numbers have the precision of float32, like those of training data. Not thread-safe.
 *
 * <p>Cost: an arrival is one hash lookup for each feature group of its source; a question is one lookup for each group plus the rows of its
 * sliding windows. Memory holds the rows inside the longest age limit and windows.
 */
public final class FeatureEngine {
    private static final long FORGET_EVERY_MILLIS = 3_600_000;

    private final LifecycleFile file;
    private final List<String> names;
    private final List<Operator> operators = new ArrayList<>();
    private final Map<String, List<Operator>> bySource = new HashMap<>();
    private final Map<String, List<ContractRule>> quarantine = new HashMap<>();
    private long clock = Long.MIN_VALUE;
    private long forgottenAt = Long.MIN_VALUE;

    public FeatureEngine(LifecycleFile file) {
        this.file = file;
        this.names = file.featureNames();
        file.features().latest().forEach(this::addLatest);
        addWindows(file.features().windows());
        operators.forEach(operator -> bySource.computeIfAbsent(operator.source(), source -> new ArrayList<>())
                .add(operator));
        for (ContractRule rule : file.contract()) {
            if (rule.column() != null && rule.onBreach() == OnBreach.quarantine) {
                quarantine
                        .computeIfAbsent(rule.source(), source -> new ArrayList<>())
                        .add(rule);
            }
        }
    }

    private void addLatest(Latest latest) {
        List<Output> together = new ArrayList<>();
        for (Output output : latest.outputs()) {
            if (file.source(latest.from()).knownAt().containsKey(output.column())) {
                operators.add(new LatestOperator(latest, List.of(output), positions(List.of(output)), true));
            } else {
                together.add(output);
            }
        }
        if (!together.isEmpty()) {
            operators.add(new LatestOperator(latest, together, positions(together), false));
        }
    }

    private int[] positions(List<Output> outputs) {
        return outputs.stream().mapToInt(output -> names.indexOf(output.as())).toArray();
    }

    private void addWindows(List<Window> windows) {
        Map<List<Object>, DayOperator> shared = new HashMap<>();
        Map<String, PublishedDays> calendars = new HashMap<>();
        for (Window window : windows) {
            Days days = window.days();
            int position = names.indexOf(window.as());
            if (days == null) {
                operators.add(
                        new SlidingOperator(window, window.overMillis() == null ? 0 : window.overMillis(), position));
                continue;
            }
            PublishedDays calendar = calendars.computeIfAbsent(
                    days.published(), published -> new PublishedDays(file.zone(), time(window, published)));
            List<Object> same = new ArrayList<>(List.of(
                    window.from(),
                    window.column(),
                    window.by(),
                    window.aggregate(),
                    days.published(),
                    String.valueOf(window.clip())));
            DayOperator operator = shared.computeIfAbsent(same, unused -> {
                DayOperator made = new DayOperator(window, calendar);
                operators.add(made);
                return made;
            });
            operator.ask(window, days.count(), position);
        }
    }

    private static LocalTime time(Window window, String published) {
        try {
            return LocalTime.parse(published);
        } catch (DateTimeParseException e) {
            throw PerennialException.invalid(
                    "features.windows." + window.as(),
                    "published '" + published + "' is not a local time such as 06:00");
        }
    }

    /** Names of the features, in the order of {@link #featuresAt}. */
    public List<String> names() {
        return names;
    }

    /** Takes an arrival; one that is not about a source's row changes nothing. */
    public void arrive(Arrival arrival) {
        if (arrival instanceof Arrival.RowKnown known) {
            arrive(known.row(), known.columns(), known.time());
        }
    }

    /**
     * Takes what became known of a row. Rows in breach of a rule with {@code on-breach: quarantine} are no candidates for anything.
     *
     * @param columns whose values became known
     * @param knownAt when they did; times may repeat and, within the age limits, go back
     */
    public void arrive(SourceRow row, Set<String> columns, long knownAt) {
        List<Operator> concerned = bySource.get(row.source());
        if (concerned == null) {
            return;
        }
        tick(knownAt);
        boolean sound = false;
        for (Operator operator : concerned) {
            if (columns.contains(operator.column())) {
                if (!sound && quarantined(row, columns)) {
                    return;
                }
                sound = true;
                operator.arrive(row, knownAt);
            }
        }
    }

    /** The features of a base row at {@code t}: String, Double (of float32 precision) or null, in the order of {@link #names}. */
    public @Nullable Object[] featuresAt(SourceRow base, long t) {
        tick(t);
        @Nullable Object[] features = new @Nullable Object[names.size()];
        int position = 0;
        for (String column : file.features().columns()) {
            features[position++] = feature(base.value(column));
        }
        for (Features.Sum sum : file.features().sums()) {
            features[position++] = sum(base, sum);
        }
        for (Operator operator : operators) {
            operator.features(base, t, features);
        }
        return features;
    }

    /** The features by name; missing ones are absent. */
    public Map<String, Object> featureMapAt(SourceRow base, long t) {
        @Nullable Object[] features = featuresAt(base, t);
        Map<String, Object> result = new LinkedHashMap<>();
        for (int i = 0; i < features.length; i++) {
            Object value = features[i];
            if (value != null) {
                result.put(names.get(i), value);
            }
        }
        return result;
    }

    /** Rows and days that are kept in memory. */
    public long rowsHeld() {
        return operators.stream().mapToLong(Operator::held).sum();
    }

    private static @Nullable Object sum(SourceRow base, Features.Sum sum) {
        double total = 0;
        for (Features.Term term : sum.terms()) {
            total += base.number(term.column()) * term.weight();
        }
        return Double.isNaN(total) ? null : feature(total);
    }

    private boolean quarantined(SourceRow row, Set<String> columns) {
        List<ContractRule> rules = quarantine.get(row.source());
        if (rules == null) {
            return false;
        }
        for (ContractRule rule : rules) {
            String column = rule.column();
            if (column != null && RowBreach.of(rule, row.value(column), isKnown(row, column, columns))) {
                return true;
            }
        }
        return false;
    }

    private boolean isKnown(SourceRow row, String column, Set<String> columns) {
        return columns.contains(column)
                || file.source(row.source()).knownAhead().contains(column);
    }

    private void tick(long time) {
        clock = Math.max(clock, time);
        if (forgottenAt == Long.MIN_VALUE) {
            forgottenAt = clock;
        } else if (clock - forgottenAt >= FORGET_EVERY_MILLIS) {
            operators.forEach(operator -> operator.forgetBefore(forgottenAt));
            forgottenAt = clock;
        }
    }

    /** A value as a feature: numbers in float32 precision, anything else as it is. */
    static @Nullable Object feature(@Nullable Object value) {
        return value instanceof Double number ? (Object) (double) (float) (double) number : value;
    }
}
