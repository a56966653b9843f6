package dev.perennial.statistics;

/** How an evaluation of a column ended. Conditions of the data are statuses, never exceptions. */
public enum DriftStatus {
    /** No drift beyond the tolerance is shown. */
    OK,
    /** The score lies above the tolerance but chance may explain it, or only the correction for many columns does. */
    WARNING,
    /** Drift beyond the tolerance is shown. */
    DRIFT,
    /** Too few rows or days to say. */
    INSUFFICIENT_DATA,
    /** There is nothing to compare with. */
    NO_REFERENCE,
    /** The question makes no sense for this column: all missing, an identifier. */
    NOT_APPLICABLE,
    /** The evaluation itself failed. */
    ERROR
}
