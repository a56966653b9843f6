package dev.perennial.gates;

import dev.perennial.gates.Evaluation.Cluster;
import dev.perennial.gates.Evaluation.Scores;
import dev.perennial.lifecycle.file.Gates;
import dev.perennial.lifecycle.file.LifecycleFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Judges a candidate: a pure function of the lifecycle file, the evaluation and its context. The same inputs give the same report, bit by
 * bit, on every machine and at every time, so a stored verdict can be checked by anyone who has the evidence.
 */
public final class GateJudge {
    /** Intervals from fewer days than this are not believed. */
    public static final int MIN_CLUSTERS = 8;

    private GateJudge() {}

    /** Verdicts of all gates; data-caused trouble is a verdict, never an exception. */
    public static GateReport judge(LifecycleFile file, Evaluation evaluation, GateContext context) {
        Gates gates = file.gates();
        Holdout holdout = Holdout.of(evaluation, gates.labelCoverage());
        boolean firstVersion = evaluation.champion() == null;
        List<GateVerdict> verdicts = new ArrayList<>();
        Optional<String> broken = contradiction(evaluation);
        if (broken.isPresent()) {
            verdicts.add(GateVerdict.plain(
                    "evaluation",
                    Verdict.ERROR,
                    Detail.BROKEN_EVALUATION,
                    "The evaluation contradicts itself: " + broken.get() + "; evaluate the candidate again."));
        } else {
            verdicts.addAll(IntegrityGates.judge(evaluation, context));
            DeclaredGates declared = new DeclaredGates(gates, evaluation, holdout);
            gates.require().forEach(gate -> verdicts.add(declared.judge(gate)));
            thresholds(gates, firstVersion).ifPresent(verdicts::add);
        }
        Verdict whole =
                Verdict.worst(verdicts.stream().map(GateVerdict::verdict).toList());
        return new GateReport(
                whole,
                verdicts,
                holdout.withheld(),
                holdout.rows(),
                holdout.days().size(),
                firstVersion,
                text(whole, verdicts, holdout, firstVersion));
    }

    /** A file without a threshold on quality accepts nothing, rather than everything. */
    private static Optional<GateVerdict> thresholds(Gates gates, boolean firstVersion) {
        boolean judged = gates.require().stream().anyMatch(gate -> switch (gate.kind()) {
            case atLeast, atMost -> true;
            case betterThan, notWorseThan -> !firstVersion || !"champion".equals(gate.against());
            case reviewAbove, cost -> false;
        });
        if (judged) {
            return Optional.empty();
        }
        String text = firstVersion && !gates.require().isEmpty()
                ? "Nothing judges the quality of this first version: its gates only compare with a champion; declare a floor or a"
                        + " comparison with the baseline."
                : "The file declares no threshold on quality, so no candidate can pass; declare at least one under gates.require.";
        return Optional.of(GateVerdict.plain("thresholds", Verdict.FAIL, Detail.NO_THRESHOLDS, text));
    }

    private static Optional<String> contradiction(Evaluation evaluation) {
        Stream<Cluster> slices = evaluation.slices().values().stream()
                .flatMap(values -> values.values().stream())
                .flatMap(List::stream);
        return Stream.concat(evaluation.clusters().stream(), slices)
                .map(day -> contradiction(day, evaluation.champion() != null))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<String> contradiction(Cluster day, boolean champion) {
        if (day.labelled() > day.rows() || day.positives() > day.labelled() || day.positives() < 0) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "day %s counts %d rows, %d labels, %d positives",
                    day.key(),
                    day.rows(),
                    day.labelled(),
                    day.positives()));
        }
        if (champion && (day.champion() == null || day.againstChampion() == null)) {
            return Optional.of("day " + day.key() + " has no scores of the champion");
        }
        boolean finite =
                Stream.of(day.candidate(), day.baseline(), day.champion() == null ? day.candidate() : day.champion())
                                .allMatch(GateJudge::finite)
                        && Double.isFinite(day.againstBaseline().logLoss())
                        && (day.againstChampion() == null
                                || Double.isFinite(day.againstChampion().logLoss()));
        return finite ? Optional.empty() : Optional.of("day " + day.key() + " has sums that are not finite numbers");
    }

    private static boolean finite(Scores scores) {
        return Double.isFinite(scores.logLoss())
                && Double.isFinite(scores.brier())
                && Double.isFinite(scores.scoreSum());
    }

    private static String text(Verdict whole, List<GateVerdict> verdicts, Holdout holdout, boolean firstVersion) {
        String sample = Wording.sample(holdout.rows(), holdout.days().size(), null)
                + (firstVersion ? ", first version" : "")
                + Wording.withheld(holdout.withheld());
        if (whole == Verdict.PASS) {
            return "All " + verdicts.size() + " gates are passed (" + sample + ").";
        }
        List<String> decisive = verdicts.stream()
                .filter(one -> one.verdict() == whole)
                .map(GateVerdict::text)
                .toList();
        String start = switch (whole) {
            case ERROR -> "Could not be judged";
            case FAIL -> "Refused";
            case INSUFFICIENT_DATA -> "Not enough data to judge";
            case REVIEW -> "A person must look";
            case PASS -> "Passed";
        };
        return start + " (" + sample + "): " + String.join(" ", decisive);
    }
}
