package dev.perennial.monitoring.atoms;

import dev.perennial.predictionlog.LoggedFeatures;
import dev.perennial.statistics.CategoryState;
import dev.perennial.statistics.NumericState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Turns served rows into day atoms of one model version. Rows of a segment give atoms of that segment, which add up to those of the day; a
 * segment taken twice is for the caller to leave out. Numbers are rounded to the 32 bits that snapshots hold, so that a value served falls
 * into the bin of the same value trained on. Single-threaded.
 */
public final class AtomCollector {
    private final String version;
    private final String anchor;
    private final Map<String, Reference.Column> reference;
    private final ServedRules rules;
    private final Map<String, Map<String, Cell>> days = new TreeMap<>();

    public AtomCollector(String version, Reference reference, ServedRules rules) {
        this.version = version;
        anchor = reference.snapshot();
        this.reference = reference.columns();
        this.rules = rules;
    }

    /** One served row; columns that the reference does not have are left out. */
    public void add(String day, LoggedFeatures features) {
        Map<String, Cell> cells = days.computeIfAbsent(day, d -> new HashMap<>());
        for (int i = 0; i < features.columns().size(); i++) {
            Cell cell = cell(cells, features.columns().get(i).name());
            if (cell == null) {
                continue;
            }
            if (cell.numbers != null) {
                cell.add(features.number(i));
            } else {
                cell.add(features.text(i));
            }
        }
    }

    /** One value of a number column. */
    public void add(String day, String column, double value) {
        Cell cell = cell(days.computeIfAbsent(day, d -> new HashMap<>()), column);
        if (cell != null) {
            cell.add(value);
        }
    }

    /** One value of a category column; null is missing. */
    public void add(String day, String column, @Nullable String value) {
        Cell cell = cell(days.computeIfAbsent(day, d -> new HashMap<>()), column);
        if (cell != null) {
            cell.add(value);
        }
    }

    /** What was collected, by day and column. */
    public List<ColumnAtom> atoms() {
        List<ColumnAtom> atoms = new ArrayList<>();
        days.forEach((day, cells) ->
                new TreeMap<>(cells).forEach((column, cell) -> atoms.add(cell.atom(version, anchor, column, day))));
        return atoms;
    }

    private @Nullable Cell cell(Map<String, Cell> cells, String name) {
        Cell cell = cells.get(name);
        if (cell == null) {
            Reference.Column column = reference.get(name);
            if (column == null) {
                return null;
            }
            cell = new Cell(column, rules.rules().get(name));
            cells.put(name, cell);
        }
        return cell;
    }

    private static final class Cell {
        private final Reference.Column column;
        private final ServedRules.@Nullable Rule rule;
        private final NumericState.@Nullable Accumulator numbers;
        private final CategoryState.@Nullable Accumulator categories;
        private long outside;
        private long unknown;

        Cell(Reference.Column column, ServedRules.@Nullable Rule rule) {
            this.column = column;
            this.rule = rule;
            numbers = column.bins() == null ? null : new NumericState.Accumulator(column.bins());
            categories = column.bins() == null ? new CategoryState.Accumulator() : null;
        }

        void add(double value) {
            if (numbers == null) {
                add(Double.isNaN(value) ? null : Double.toString(value));
                return;
            }
            numbers.add((float) value);
            outside += rule != null && rule.breaks(value) ? 1 : 0;
        }

        void add(@Nullable String value) {
            if (categories == null) {
                add(Double.NaN);
                return;
            }
            categories.add(value);
            if (value != null) {
                outside += rule != null && rule.breaks(value) ? 1 : 0;
                unknown += column.knows(value) ? 0 : 1;
            }
        }

        ColumnAtom atom(String version, String anchor, String name, String day) {
            return new ColumnAtom(
                    version,
                    anchor,
                    name,
                    day,
                    numbers == null ? null : numbers.state(),
                    categories == null ? null : categories.state(),
                    outside,
                    unknown);
        }
    }
}
