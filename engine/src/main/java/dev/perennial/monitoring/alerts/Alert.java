package dev.perennial.monitoring.alerts;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One cause that people should know, with everything that was found because of it. Immutable; the store keeps it as JSON.
 *
 * @param id fixed by model, cause and opening time, so that a replay opens the same alert
 * @param findings in the order in which they were found
 * @param acknowledgedBy who looks after it; null for nobody
 * @param silencedUntil nothing is sent before; null when not silenced
 * @param injected the fault was made by a story, which pages say
 */
public record Alert(
        String id,
        String model,
        String cause,
        Signal.Severity severity,
        State state,
        long openedAt,
        @Nullable Long resolvedAt,
        String title,
        String text,
        List<Finding> findings,
        @Nullable String acknowledgedBy,
        @Nullable Long silencedUntil,
        boolean injected) {

    /** Findings that are kept; later ones are only counted in the text of the last. */
    public static final int FINDINGS_MAX = 100;

    public Alert {
        findings = List.copyOf(findings);
    }

    /** Open until its cause is gone. */
    public enum State {
        OPEN,
        RESOLVED
    }

    /**
     * @param at when it was found
     * @param lastSeen the last window that showed it
     */
    public record Finding(
            long at,
            long lastSeen,
            SignalKind kind,
            @Nullable String column,
            String text,
            String evidence) {

        static Finding of(Signal signal, long at) {
            return new Finding(at, at, signal.kind(), signal.column(), signal.text(), signal.evidence());
        }

        boolean isOf(Signal signal) {
            return kind == signal.kind() && Objects.equals(column, signal.column());
        }
    }

    public boolean open() {
        return state == State.OPEN;
    }

    public boolean silenced(long at) {
        Long until = silencedUntil;
        return until != null && at < until;
    }

    /** Somebody looks after it. */
    public Alert acknowledge(String by) {
        return with(severity, state, resolvedAt, text, findings, by, silencedUntil);
    }

    /** Nothing is sent until then; what happens is still recorded. */
    public Alert silence(long until) {
        return with(severity, state, resolvedAt, text, findings, acknowledgedBy, until);
    }

    Alert resolve(long at) {
        return with(severity, State.RESOLVED, at, text, findings, acknowledgedBy, silencedUntil);
    }

    /** The alert as a fault that a story injected. */
    public Alert asInjected() {
        return new Alert(
                id,
                model,
                cause,
                severity,
                state,
                openedAt,
                resolvedAt,
                title,
                text,
                findings,
                acknowledgedBy,
                silencedUntil,
                true);
    }

    /** Adds what a signal shows: a new finding, or a later look at one that is there. */
    Alert add(Signal signal, long at) {
        List<Finding> next = new ArrayList<>(findings);
        for (int i = 0; i < next.size(); i++) {
            Finding finding = next.get(i);
            if (finding.isOf(signal)) {
                next.set(
                        i,
                        new Finding(
                                finding.at(),
                                at,
                                finding.kind(),
                                finding.column(),
                                finding.text(),
                                finding.evidence()));
                return with(severity, state, resolvedAt, text, next, acknowledgedBy, silencedUntil);
            }
        }
        if (next.size() < FINDINGS_MAX) {
            next.add(Finding.of(signal, at));
        }
        Signal.Severity louder = signal.severity().compareTo(severity) > 0 ? signal.severity() : severity;
        return with(louder, state, resolvedAt, summary(next), next, acknowledgedBy, silencedUntil);
    }

    private static String summary(List<Finding> findings) {
        int others = findings.size() - 1;
        return findings.getFirst().text()
                + (others == 0 ? "" : "; and " + others + (others == 1 ? " finding" : " findings") + " more");
    }

    private Alert with(
            Signal.Severity newSeverity,
            State newState,
            @Nullable Long newResolvedAt,
            String newText,
            List<Finding> newFindings,
            @Nullable String newAcknowledgedBy,
            @Nullable Long newSilencedUntil) {
        return new Alert(
                id,
                model,
                cause,
                newSeverity,
                newState,
                openedAt,
                newResolvedAt,
                title,
                newText,
                newFindings,
                newAcknowledgedBy,
                newSilencedUntil,
                injected);
    }
}
