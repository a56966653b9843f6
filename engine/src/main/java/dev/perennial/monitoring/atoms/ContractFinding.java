package dev.perennial.monitoring.atoms;

import org.jspecify.annotations.Nullable;

/**
 * Something about one day's served rows or feeds that people or the alert engine should know.
 *
 * @param source the feed it comes from: what breaks together is told together
 * @param column null for findings on a whole source or on all rows
 * @param severity what the alert engine makes of it
 * @param affected rows affected, of {@code rows}
 */
public record ContractFinding(
        Kind kind,
        @Nullable String source,
        @Nullable String column,
        String day,
        Severity severity,
        long affected,
        long rows,
        String text) {

    /** What was found. */
    public enum Kind {
        /** The newest row of a source was older than the contract allows. */
        FRESHNESS,
        /** Nothing was predicted, or fewer rows came than the contract asks for. */
        VOLUME,
        /** A column that has values in the reference has none. */
        COLUMN_MISSING,
        /** More values are missing than the contract or the reference allows. */
        MISSING_SHARE,
        /** Values outside the contract's bounds or list. */
        OUT_OF_RANGE,
        /** Values that the reference does not have. */
        UNKNOWN_CATEGORY,
        /** The logged value is not the one recomputed offline. */
        SKEW
    }

    /** How loud a finding is. */
    public enum Severity {
        /** Shown, never an alert. */
        INFO,
        /** An alert when it stays. */
        WARNING,
        /** An alert at once. */
        CRITICAL
    }

    public double share() {
        return rows == 0 ? 0 : (double) affected / rows;
    }
}
