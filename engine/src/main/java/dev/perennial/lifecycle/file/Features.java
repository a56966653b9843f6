package dev.perennial.lifecycle.file;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Features declared once and run by two engines: SQL for training data, event-time operators for serving. Every value is what was known
 * at prediction time {@code t = event time - ahead}.
 *
 * @param columns taken from the predicted row itself
 * @param sums weighted sums of its columns
 * @param latest the newest row of another (or the same) source known by {@code t}
 * @param windows aggregates over the rows known by {@code t}
 */
public record Features(List<String> columns, List<Sum> sums, List<Latest> latest, List<Window> windows) {
    public Features {
        columns = List.copyOf(columns);
        sums = List.copyOf(sums);
        latest = List.copyOf(latest);
        windows = List.copyOf(windows);
    }

    /** {@code as} = sum of weight x column; null when any column is null. Terms in file order. */
    public record Sum(String as, List<Term> terms) {
        public Sum {
            terms = List.copyOf(terms);
        }
    }

    public record Term(String column, double weight) {}

    /**
     * The row of {@code from} with the same {@code by} and the greatest known time in {@code [t - maxAge, t]}. Rows whose output column is
     * null while it has a known-at of its own (not yet happened) are no candidates. Quarantined rows are no candidates.
     *
     * @param whenNull replaces a null value of the found row, by output name
     */
    public record Latest(
            List<Output> outputs, String from, String by, long maxAgeMillis, Map<String, Double> whenNull) {
        public Latest {
            outputs = List.copyOf(outputs);
            whenNull = Map.copyOf(whenNull);
        }
    }

    /** A source column and the name of the feature made from it. */
    public record Output(String column, String as) {}

    /**
     * An aggregate of {@code column} over rows of {@code from} with the same {@code by}.
     *
     * @param days calendar-day window; exactly one of {@code days} and {@code overMillis} is set
     * @param overMillis rows that became known in {@code (t - over, t]}
     * @param prior pulls a share towards a value: {@code (sum + weight x value) / (rows + weight)}; null for none
     * @param clip bounds for each value before it is averaged; null for none
     * @param atLeast fewer rows give null
     */
    public record Window(
            String as,
            Aggregate aggregate,
            String column,
            String from,
            String by,
            @Nullable Days days,
            @Nullable Long overMillis,
            @Nullable Prior prior,
            @Nullable Clip clip,
            int atLeast) {}

    public enum Aggregate {
        /** Share of true among the rows whose value is known. */
        share,
        /** Mean of the known values. */
        mean
    }

    /**
     * The last {@code count} local event dates up to the last published one. Date d is published at {@code published} local time of d + 1;
     * rows that become known after their date's publication are left out; before the first publication the feature is null; a key never
     * seen gives the prior.
     */
    public record Days(int count, String published) {}

    public record Prior(double value, double weight) {}

    public record Clip(double low, double high) {}
}
