package dev.perennial.features;

import java.util.Set;

/** One thing that happens in event time, in the order in which a replay or a live feed meets it. */
public sealed interface Arrival {
    /** Epoch milliseconds of its happening. */
    long time();

    /**
     * Values of a row became known.
     *
     * @param columns whose values are known from this time on; the others of the row may be older or not known yet
     */
    record RowKnown(SourceRow row, Set<String> columns, long time) implements Arrival {}

    /** A label became known. */
    record LabelKnown(String id, double label, long eventTime, long time) implements Arrival {}

    /**
     * A prediction is due.
     *
     * @param row what is known of the predicted row by now
     * @param sampled whether {@code sample} keeps it; only such rows are scored
     */
    record PredictionDue(SourceRow row, String id, long eventTime, long time, boolean sampled) implements Arrival {}
}
