package dev.perennial.monitoring.alerts;

import dev.perennial.monitoring.atoms.ContractFinding;
import dev.perennial.monitoring.atoms.DriftMonitor;
import dev.perennial.monitoring.atoms.Harm;
import dev.perennial.statistics.DriftStatus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Turns what monitors found in a closed window into signals, clear ones included: a rule that no longer finds anything must hear so. */
public final class Signals {
    private Signals() {}

    /**
     * Findings of a day.
     *
     * @param board whose contract rules that are not found any more get a clear signal
     * @param from first moment of the day
     */
    public static List<Signal> findings(AlertBoard board, List<ContractFinding> findings, long from) {
        List<Signal> signals = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (ContractFinding finding : findings) {
            if (finding.severity() == ContractFinding.Severity.INFO) {
                continue;
            }
            String cause = finding.source() == null ? "predictions" : finding.source();
            Signal signal = new Signal(
                    SignalKind.valueOf(finding.kind().name()),
                    cause,
                    finding.column(),
                    Signal.BAD,
                    from,
                    finding.severity() == ContractFinding.Severity.CRITICAL
                            ? Signal.Severity.CRITICAL
                            : Signal.Severity.WARNING,
                    finding.text(),
                    finding.day());
            if (seen.add(signal.rule())) {
                signals.add(signal);
            }
        }
        for (Map.Entry<String, RuleState> rule : board.rules().entrySet()) {
            String[] parts = rule.getKey().split("\\|", -1);
            SignalKind kind = SignalKind.valueOf(parts[0]);
            if (kind.isCause() && !seen.contains(rule.getKey())) {
                String column = parts[2].isEmpty() ? null : parts[2];
                signals.add(new Signal(kind, parts[1], column, Signal.CLEAR, from, Signal.Severity.WARNING, "", ""));
            }
        }
        return signals;
    }

    /**
     * Drift of a window, a signal for each column. Drift that a reference of less than a season explains, and that does no harm, is told in
     * verdicts and pages nobody.
     */
    public static List<Signal> drift(DriftMonitor.Verdict verdict, Harm harm, long from) {
        List<Signal> signals = new ArrayList<>();
        for (DriftMonitor.ColumnVerdict column : verdict.columns()) {
            boolean expected = column.seasonUncovered() && harm.state() != Harm.State.SHOWN;
            Double value = switch (column.status()) {
                case DRIFT -> expected ? Signal.CLEAR : Signal.BAD;
                case WARNING -> Signal.BETWEEN;
                case OK -> Signal.CLEAR;
                case INSUFFICIENT_DATA, NO_REFERENCE, NOT_APPLICABLE, ERROR -> null;
            };
            if (value != null || column.status() == DriftStatus.INSUFFICIENT_DATA) {
                signals.add(new Signal(
                        SignalKind.DRIFT,
                        "drift",
                        column.column(),
                        value,
                        from,
                        Signal.Severity.WARNING,
                        column.column() + ": " + column.reason(),
                        verdict.from() + " to " + verdict.to()));
            }
        }
        return signals;
    }

    /** Harm of a window; too little data is a window without a value. */
    public static Signal performance(Harm harm, String window, long from) {
        Double value = switch (harm.state()) {
            case SHOWN -> Signal.BAD;
            case NOT_SHOWN -> Signal.CLEAR;
            case INSUFFICIENT_DATA -> null;
        };
        return new Signal(
                SignalKind.PERFORMANCE,
                "performance",
                null,
                value,
                from,
                Signal.Severity.CRITICAL,
                harm.text(),
                window);
    }
}
