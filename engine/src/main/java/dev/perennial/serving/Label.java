package dev.perennial.serving;

/**
 * An outcome.
 *
 * @param id of the prediction that it belongs to
 * @param label 0 or 1
 * @param eventTime of the prediction, milliseconds
 * @param knownAt when the outcome became known; of two labels of one prediction the later known one counts
 */
public record Label(String id, int label, long eventTime, long knownAt) {}
