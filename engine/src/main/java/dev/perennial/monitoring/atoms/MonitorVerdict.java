package dev.perennial.monitoring.atoms;

import dev.perennial.statistics.DriftStatus;
import java.util.List;
import java.util.Locale;

/**
 * What inputs and outcomes say together. Drift is a question, harm is an answer: only harm is a reason to retrain.
 *
 * @param text one sentence for people
 */
public record MonitorVerdict(Kind kind, String text) {
    private static final int NAMED_MAX = 3;

    /** The four cases, and what cannot be told. */
    public enum Kind {
        NEITHER,
        DRIFT_ONLY,
        HARM_ONLY,
        BOTH,
        INSUFFICIENT_DATA
    }

    public static MonitorVerdict of(DriftMonitor.Verdict drift, Harm harm) {
        List<DriftMonitor.ColumnVerdict> drifted = drift.drifted();
        String inputs = drifted.isEmpty() ? withoutDrift(drift) : withDrift(drifted, drift.seasonUncovered());
        return switch (harm.state()) {
            case SHOWN ->
                drifted.isEmpty()
                        ? new MonitorVerdict(
                                Kind.HARM_ONLY, harm.text() + "; " + inputs + ": what the inputs mean may have changed")
                        : new MonitorVerdict(Kind.BOTH, harm.text() + "; " + inputs);
            case NOT_SHOWN ->
                drifted.isEmpty()
                        ? new MonitorVerdict(Kind.NEITHER, inputs + "; " + harm.text())
                        : new MonitorVerdict(Kind.DRIFT_ONLY, inputs + "; " + harm.text());
            case INSUFFICIENT_DATA ->
                new MonitorVerdict(
                        drifted.isEmpty() ? Kind.INSUFFICIENT_DATA : Kind.DRIFT_ONLY,
                        inputs + "; harm cannot be judged: " + harm.text());
        };
    }

    private static String withDrift(List<DriftMonitor.ColumnVerdict> drifted, boolean seasonUncovered) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(NAMED_MAX, drifted.size()); i++) {
            text.append(i == 0 ? "" : ", ")
                    .append(String.format(
                            Locale.ROOT,
                            "%s (PSI %.2f)",
                            drifted.get(i).column(),
                            drifted.get(i).score()));
        }
        int more = drifted.size() - NAMED_MAX;
        text.append(more > 0 ? " and " + more + " more columns" : "").append(" drifted");
        return text.append(seasonUncovered ? "; the reference covers less than a season" : "")
                .toString();
    }

    private static String withoutDrift(DriftMonitor.Verdict drift) {
        boolean judged = drift.columns().stream()
                .anyMatch(column -> column.status() == DriftStatus.OK || column.status() == DriftStatus.WARNING);
        return judged ? "no drift beyond the tolerance shown" : "drift cannot be judged yet";
    }
}
