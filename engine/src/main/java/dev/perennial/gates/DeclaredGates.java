package dev.perennial.gates;

import dev.perennial.gates.Estimator.Estimate;
import dev.perennial.gates.Evaluation.Cluster;
import dev.perennial.gates.Metric.Arm;
import dev.perennial.lifecycle.file.Gates;
import dev.perennial.lifecycle.file.Gates.Gate;
import dev.perennial.statistics.Interval;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Judges the gates that a lifecycle file declares. */
final class DeclaredGates {
    private static final double DEFF_WARNING = 2;

    private final Gates gates;
    private final Evaluation evaluation;
    private final Holdout holdout;
    private final Estimator estimator;

    DeclaredGates(Gates gates, Evaluation evaluation, Holdout holdout) {
        this.gates = gates;
        this.evaluation = evaluation;
        this.holdout = holdout;
        this.estimator = new Estimator(evaluation, gates.cluster());
    }

    GateVerdict judge(Gate gate) {
        if (gate.kind() == Gates.Kind.cost) {
            return cost(gate);
        }
        Optional<Metric> metric = Metric.of(gate.metric());
        if (metric.isEmpty()) {
            return GateVerdict.plain(
                    gate.id(),
                    Verdict.ERROR,
                    Detail.BROKEN_EVALUATION,
                    "No metric is called '" + gate.metric() + "'; there are " + String.join(", ", Metric.keys()) + ".");
        }
        if (arm(gate) == Arm.CHAMPION && evaluation.champion() == null) {
            return GateVerdict.plain(
                    gate.id(),
                    Verdict.PASS,
                    Detail.FIRST_VERSION,
                    "Skipped: this is the first version, there is no champion to compare with.");
        }
        if (gate.each() != null) {
            Map<String, List<Cluster>> values = evaluation.slices().getOrDefault(gate.each(), Map.of());
            return new SliceGate(this, holdout).judge(gate, gate.each(), values);
        }
        return judge(gate, gate.id(), holdout.days(), gate.confidence());
    }

    /** One gate on the given days; {@code name} also seeds its interval. */
    GateVerdict judge(Gate gate, String name, List<Cluster> days, double confidence) {
        Metric metric = Metric.of(gate.metric()).orElseThrow();
        if (days.size() < GateJudge.MIN_CLUSTERS) {
            return insufficient(
                    name,
                    days,
                    Detail.TOO_FEW_DAYS,
                    String.format(
                            Locale.ROOT,
                            "%s cannot be judged on %d sound days; at least %d are needed%s.",
                            metric.title(),
                            days.size(),
                            GateJudge.MIN_CLUSTERS,
                            Wording.withheld(holdout.withheld())));
        }
        Arm other = arm(gate);
        Estimate estimate = other == null
                ? estimator.level(name, metric, days, confidence)
                : estimator.difference(name, metric, days, other, confidence);
        Interval interval = estimate.interval();
        if (!interval.isDefined() || Double.isInfinite(interval.low()) || Double.isInfinite(interval.high())) {
            return insufficient(
                    name,
                    days,
                    Detail.NOT_MEASURED,
                    metric.title() + " is not defined on these rows: both outcomes must occur.");
        }
        Rule rule = new Rule(gate, metric, confidence);
        Outcome outcome = switch (gate.kind()) {
            case atLeast, atMost -> rule.level(interval);
            case betterThan -> rule.better(interval);
            case notWorseThan -> rule.notWorse(interval);
            case reviewAbove -> rule.review(interval);
            case cost -> throw new IllegalStateException("costs have no interval");
        };
        String text = outcome.text() + " (" + Wording.sample(Holdout.rows(days), days.size(), estimate.deff())
                + note(estimate) + ").";
        return new GateVerdict(
                name,
                outcome.verdict(),
                outcome.detail(),
                interval.estimate(),
                interval.low(),
                interval.high(),
                outcome.threshold(),
                Holdout.rows(days),
                days.size(),
                estimate.deff(),
                List.of(),
                text);
    }

    private String note(Estimate estimate) {
        boolean warned = gates.cluster().equals("none") && estimate.deff() != null && estimate.deff() > DEFF_WARNING;
        return warned ? "; rows of a day depend on each other, so `cluster: none` makes this interval too narrow" : "";
    }

    private GateVerdict cost(Gate gate) {
        Double micros = evaluation.cpuMicrosPerRow().get("candidate");
        double threshold = threshold(gate);
        if (micros == null || !Double.isFinite(micros)) {
            return GateVerdict.plain(
                    gate.id(),
                    Verdict.INSUFFICIENT_DATA,
                    Detail.NOT_MEASURED,
                    "The candidate's CPU time per row was not measured.");
        }
        boolean reached = micros <= threshold;
        Double champion = evaluation.cpuMicrosPerRow().get("champion");
        String text = String.format(
                Locale.ROOT,
                "The candidate takes %.1f us of CPU per row, %s the %.1f us allowed%s.",
                micros,
                reached ? "within" : "more than",
                threshold,
                champion == null ? "" : String.format(Locale.ROOT, " (champion %.1f us)", champion));
        return new GateVerdict(
                gate.id(),
                reached ? Verdict.PASS : Verdict.FAIL,
                reached ? Detail.SHOWN : Detail.NOT_REACHED,
                micros,
                null,
                null,
                threshold,
                holdout.rows(),
                holdout.days().size(),
                null,
                List.of(),
                text);
    }

    static GateVerdict insufficient(String name, List<Cluster> days, Detail detail, String text) {
        return new GateVerdict(
                name,
                Verdict.INSUFFICIENT_DATA,
                detail,
                null,
                null,
                null,
                null,
                Holdout.rows(days),
                days.size(),
                null,
                List.of(),
                Character.toUpperCase(text.charAt(0)) + text.substring(1));
    }

    private static @Nullable Arm arm(Gate gate) {
        return switch (gate.kind()) {
            case atLeast, atMost, cost -> null;
            case reviewAbove -> Arm.CHAMPION;
            case betterThan, notWorseThan -> "baseline".equals(gate.against()) ? Arm.BASELINE : Arm.CHAMPION;
        };
    }

    private static double threshold(Gate gate) {
        return Objects.requireNonNull(gate.threshold(), () -> "gate '" + gate.id() + "' has no threshold");
    }

    /** What a rule concludes from an interval. */
    private record Outcome(Verdict verdict, Detail detail, double threshold, String text) {}

    /** The arithmetic of the kinds of gates; {@code harm} is the difference, turned so that more is worse. */
    private record Rule(Gate gate, Metric metric, double confidence) {

        Outcome level(Interval interval) {
            double threshold = DeclaredGates.threshold(gate);
            boolean floor = gate.kind() == Gates.Kind.atLeast;
            boolean reached = floor ? interval.estimate() >= threshold : interval.estimate() <= threshold;
            boolean shown = floor ? interval.high() < threshold : interval.low() > threshold;
            String text = "The candidate's " + metric.title() + " is "
                    + Wording.level(interval.estimate(), interval.low(), interval.high(), confidence)
                    + (reached ? ", which reaches " : ", which misses ")
                    + (floor ? "the least allowed, " : "the most allowed, ") + Wording.number(threshold);
            return reached
                    ? new Outcome(Verdict.PASS, Detail.SHOWN, threshold, text)
                    : new Outcome(Verdict.FAIL, shown ? Detail.SHOWN_WORSE : Detail.NOT_REACHED, threshold, text);
        }

        Outcome better(Interval interval) {
            String start = start(interval);
            if (harmHigh(interval) < 0) {
                return new Outcome(Verdict.PASS, Detail.SHOWN, 0, start + ": shown to be better");
            }
            if (harmLow(interval) > 0) {
                return new Outcome(Verdict.FAIL, Detail.SHOWN_WORSE, 0, start + ": shown to be worse");
            }
            return new Outcome(
                    Verdict.FAIL,
                    Detail.NOT_SHOWN_BETTER,
                    0,
                    start + ": not shown to be better, the interval reaches across 0");
        }

        Outcome notWorse(Interval interval) {
            double margin = gate.margin();
            double threshold = metric.higherIsBetter() ? -margin : margin;
            String start = start(interval);
            String within = " within the margin of " + Wording.number(margin);
            if (harmHigh(interval) < margin) {
                return new Outcome(Verdict.PASS, Detail.SHOWN, threshold, start + ": shown not to be worse" + within);
            }
            if (harmLow(interval) > margin) {
                return new Outcome(
                        Verdict.FAIL,
                        Detail.SHOWN_WORSE,
                        threshold,
                        start + ": shown to be worse by more than the margin of " + Wording.number(margin));
            }
            return new Outcome(
                    Verdict.FAIL,
                    Detail.NOT_SHOWN_NOT_WORSE,
                    threshold,
                    start + ": not shown to stay" + within + ", the interval reaches across it");
        }

        /** Judged by the estimate, not by the interval: suspicion needs no proof, and a person decides. */
        Outcome review(Interval interval) {
            double ceiling = DeclaredGates.threshold(gate);
            double gain = metric.higherIsBetter() ? interval.estimate() : -interval.estimate();
            String start = start(interval);
            return gain > ceiling
                    ? new Outcome(
                            Verdict.REVIEW,
                            Detail.TOO_GOOD,
                            ceiling,
                            start + ": a gain of more than " + Wording.number(ceiling)
                                    + " is too good to be true, look for a leak before signing")
                    : new Outcome(
                            Verdict.PASS,
                            Detail.SHOWN,
                            ceiling,
                            start + ": no gain beyond " + Wording.number(ceiling) + ", hence plausible");
        }

        private String start(Interval interval) {
            String against = gate.kind() == Gates.Kind.reviewAbove
                    ? "champion"
                    : Objects.requireNonNullElse(gate.against(), "champion");
            return "Against the " + against + " the candidate's " + metric.title() + " differs by "
                    + Wording.difference(interval.estimate(), interval.low(), interval.high(), confidence);
        }

        private double harmHigh(Interval interval) {
            return metric.higherIsBetter() ? -interval.low() : interval.high();
        }

        private double harmLow(Interval interval) {
            return metric.higherIsBetter() ? -interval.high() : interval.low();
        }
    }
}
