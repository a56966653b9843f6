package dev.perennial.monitoring.alerts;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Something that happened to an alert.
 *
 * @param tell whether people are told: not while it is silenced or flapping
 */
public record AlertChange(Kind kind, Alert alert, String text, boolean tell) {

    /**
     * What one step did, for people: everything that was found for one alert is one change, with the alert as it stands at its end. A feed
     * that dies takes all its columns along; that is one message.
     */
    public static List<AlertChange> together(List<AlertChange> changes) {
        Map<String, List<AlertChange>> found = new LinkedHashMap<>();
        List<AlertChange> others = new ArrayList<>();
        for (AlertChange change : changes) {
            if (change.kind == Kind.OPENED || change.kind == Kind.FINDING_ADDED) {
                found.computeIfAbsent(change.alert.id(), id -> new ArrayList<>())
                        .add(change);
            } else {
                others.add(change);
            }
        }
        List<AlertChange> together = new ArrayList<>();
        found.values().forEach(of -> together.add(merged(of)));
        together.addAll(others);
        return together;
    }

    private static AlertChange merged(List<AlertChange> changes) {
        AlertChange first = changes.getFirst();
        int more = changes.size() - 1;
        String text =
                first.text + (more == 0 ? "" : "; and " + more + (more == 1 ? " finding" : " findings") + " more");
        return new AlertChange(
                first.kind, changes.getLast().alert, text, changes.stream().anyMatch(AlertChange::tell));
    }

    /** What happened. */
    public enum Kind {
        OPENED,
        FINDING_ADDED,
        RESOLVED,
        FLAPPING
    }
}
