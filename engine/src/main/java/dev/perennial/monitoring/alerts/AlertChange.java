package dev.perennial.monitoring.alerts;

/**
 * Something that happened to an alert.
 *
 * @param tell whether people are told: not while it is silenced or flapping
 */
public record AlertChange(Kind kind, Alert alert, String text, boolean tell) {

    /** What happened. */
    public enum Kind {
        OPENED,
        FINDING_ADDED,
        RESOLVED,
        FLAPPING
    }
}
