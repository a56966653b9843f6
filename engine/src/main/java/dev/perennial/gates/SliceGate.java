package dev.perennial.gates;

import dev.perennial.gates.Evaluation.Cluster;
import dev.perennial.lifecycle.file.Gates.Gate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A gate that must hold for each value of a slice column. Passing needs every judged slice to pass at the gate's own confidence (all must
 * hold, so looking at many slices makes a false pass rarer, not likelier). Accusing is corrected: a slice counts as shown worse only at its
 * Holm level, since among many slices one looks bad by chance. Slices of fewer than {@value #MIN_ROWS} labelled rows are named, not judged.
 */
final class SliceGate {
    static final int MIN_ROWS = 200;

    private final DeclaredGates gates;
    private final Holdout holdout;

    SliceGate(DeclaredGates gates, Holdout holdout) {
        this.gates = gates;
        this.holdout = holdout;
    }

    GateVerdict judge(Gate gate, String column, Map<String, List<Cluster>> values) {
        List<String> small = new ArrayList<>();
        Map<String, List<Cluster>> judged = new TreeMap<>();
        new TreeMap<>(values).forEach((value, all) -> {
            List<Cluster> days = holdout.of(all);
            if (Holdout.rows(days) < MIN_ROWS) {
                small.add(value);
            } else {
                judged.put(value, days);
            }
        });
        if (judged.isEmpty()) {
            return DeclaredGates.insufficient(
                    gate.id(),
                    List.of(),
                    Detail.TOO_FEW_ROWS,
                    "No slice of " + column + " has " + MIN_ROWS + " labelled rows, so none can be judged"
                            + (small.isEmpty() ? "." : ": " + String.join(", ", small) + "."));
        }
        List<GateVerdict> parts = new ArrayList<>();
        judged.forEach(
                (value, days) -> parts.add(gates.judge(gate, name(gate, column, value), days, gate.confidence())));
        List<GateVerdict> corrected = holm(gate, column, judged, parts);
        GateVerdict worst = corrected.stream()
                .min(Comparator.comparing(GateVerdict::verdict)
                        .thenComparing(part -> part.detail() != Detail.SHOWN_WORSE)
                        .thenComparing(part -> -harm(gate, part)))
                .orElseThrow();
        String text = String.format(
                Locale.ROOT,
                "%d of %d slices of %s pass%s. Worst, %s: %s",
                corrected.stream()
                        .filter(part -> part.verdict() == Verdict.PASS)
                        .count(),
                corrected.size(),
                column,
                small.isEmpty() ? "" : " (too small to judge: " + String.join(", ", small) + ")",
                worst.gate().substring(gate.id().length() + 1),
                worst.text());
        return new GateVerdict(
                gate.id(),
                worst.verdict(),
                worst.detail(),
                worst.estimate(),
                worst.low(),
                worst.high(),
                worst.threshold(),
                worst.rows(),
                worst.clusters(),
                worst.deff(),
                corrected,
                text);
    }

    /** Slices shown worse, the worst first, are judged again at alpha/m, alpha/(m-1), ...; from the first that does not hold on, none does. */
    private List<GateVerdict> holm(
            Gate gate, String column, Map<String, List<Cluster>> judged, List<GateVerdict> parts) {
        List<GateVerdict> accused = parts.stream()
                .filter(part -> part.detail() == Detail.SHOWN_WORSE)
                .sorted(Comparator.comparing(part -> -harm(gate, part)))
                .toList();
        List<GateVerdict> result = new ArrayList<>(parts);
        boolean holds = true;
        for (int rank = 0; rank < accused.size(); rank++) {
            GateVerdict part = accused.get(rank);
            double confidence = 1 - (1 - gate.confidence()) / (parts.size() - rank);
            List<Cluster> days = Objects.requireNonNull(
                    judged.get(part.gate().substring(name(gate, column, "").length())));
            holds &= gates.judge(gate, part.gate(), days, confidence).detail() == Detail.SHOWN_WORSE;
            if (!holds) {
                result.set(result.indexOf(part), softened(part));
            }
        }
        return result;
    }

    private static GateVerdict softened(GateVerdict part) {
        return new GateVerdict(
                part.gate(),
                part.verdict(),
                Detail.NOT_SHOWN_NOT_WORSE,
                part.estimate(),
                part.low(),
                part.high(),
                part.threshold(),
                part.rows(),
                part.clusters(),
                part.deff(),
                List.of(),
                part.text() + " Among so many slices one looks like this by chance.");
    }

    private static String name(Gate gate, String column, String value) {
        return gate.id() + " " + column + "=" + value;
    }

    /** How far the near end of the interval lies on the wrong side. */
    private static double harm(Gate gate, GateVerdict part) {
        if (part.low() == null || part.high() == null) {
            return Double.NEGATIVE_INFINITY;
        }
        boolean higherIsBetter =
                Metric.of(gate.metric()).map(Metric::higherIsBetter).orElse(false);
        return higherIsBetter ? -part.high() : part.low();
    }
}
