package dev.perennial.rollout;

import dev.perennial.rollout.GuardLook.Verdict;
import dev.perennial.rollout.RolloutDecision.Harm;
import dev.perennial.rollout.RolloutDecision.Shift;
import dev.perennial.rollout.RolloutEvidence.Control;
import dev.perennial.rollout.RolloutEvidence.Day;
import dev.perennial.rollout.Spread.Sums;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Computes every guard of a rollout at one look, from closed clusters and from what earlier days taught. */
final class GuardBook {
    /** Days that a correlation must have been learnt from; fewer say nothing that a rollout could rely on. */
    static final int DAYS_MIN = 8;

    private static final String NO_SCORES = "nobody asked for it; scores may differ, grossly too";
    private static final String NO_ERRORS = "nobody asked for it; the scorers' fuses stay";

    private final RolloutPlan plan;
    private final RolloutLimits limits;
    private final Learnt learnt;

    GuardBook(RolloutPlan plan, RolloutLimits limits, Learnt learnt) {
        this.plan = plan;
        this.limits = limits;
        this.learnt = learnt;
    }

    List<GuardLook> looks(List<Day> closed, @Nullable Shift shift, @Nullable Harm harm, int judged, RolloutStep step) {
        return List.of(harm(harm, judged), score(shift, closed), errors(closed), latency(closed, step));
    }

    private GuardLook harm(@Nullable Harm harm, int judged) {
        double alpha = limits.alpha().harm();
        double margin = plan.stopOn().harmMargin();
        if (!plan.labels()) {
            return GuardLook.without(Guard.HARM, margin, alpha, Verdict.OFF, "no outcomes are expected");
        }
        if (harm == null) {
            return missing(Guard.HARM, margin, alpha, "no row that both scored has an outcome yet");
        }
        return new GuardLook(
                Guard.HARM.title(),
                judged,
                harm.estimate(),
                harm.low(),
                harm.high(),
                margin,
                alpha,
                harm.deff(),
                verdict(harm.low() > margin),
                taught(learnt.days()));
    }

    private GuardLook score(@Nullable Shift shift, List<Day> closed) {
        double alpha = limits.alpha().score();
        double tolerance = plan.stopOn().scoreShiftPsi();
        if (!plan.wants(Guard.SCORE)) {
            return GuardLook.without(Guard.SCORE, tolerance, alpha, Verdict.OFF, NO_SCORES);
        }
        if (closed.stream().anyMatch(Day::tensors)) {
            return GuardLook.without(Guard.SCORE, tolerance, alpha, Verdict.OFF, "this endpoint gives tensors");
        }
        if (shift == null) {
            return missing(Guard.SCORE, tolerance, alpha, "no row was scored by both yet");
        }
        int clusters = ScoreShift.looked(closed, plan.pace()).size();
        double spent = AlphaPlan.spent(alpha, ScoreShift.number(clusters, plan.pace()));
        double low = ScoreShift.low(shift, limits.shiftLevel(), spent);
        return new GuardLook(
                Guard.SCORE.title(),
                clusters,
                shift.psi(),
                low,
                null,
                tolerance,
                alpha,
                shift.deff(),
                verdict(low > tolerance),
                taught(learnt.days()));
    }

    private GuardLook errors(List<Day> closed) {
        double alpha = limits.alpha().errors();
        double tolerated = plan.stopOn().errorShare();
        if (!plan.wants(Guard.ERRORS)) {
            return GuardLook.without(Guard.ERRORS, tolerated, alpha, Verdict.OFF, NO_ERRORS);
        }
        GuardMean mean = new GuardMean();
        for (Day day : closed) {
            Control control = day.control();
            mean.add(
                    binary(day.calls(), day.errors()),
                    control == null ? null : binary(control.calls(), control.errors()));
        }
        if (mean.empty()) {
            return missing(Guard.ERRORS, tolerated, alpha, "the candidate was not called yet");
        }
        Spread spread = learnt.errorSpread(plan.labels());
        if (spread == null) {
            return missing(Guard.ERRORS, tolerated, alpha, untaught(0));
        }
        double atBound = Math.sqrt(tolerated * (1 - tolerated));
        GuardMean.Sequence sequence = mean.sequence(spread.rho(), Math.max(spread.sd(), atBound), alpha);
        Double level = mean.controlled() ? limits.errorLevel() : null;
        return doubted(sequence.look(Guard.ERRORS, tolerated, alpha, level), spread.days());
    }

    private GuardLook latency(List<Day> closed, RolloutStep step) {
        double alpha = limits.alpha().latency();
        Double declared = plan.latencyRatio();
        if (declared == null) {
            return GuardLook.without(Guard.LATENCY, 1, alpha, Verdict.OFF, "no tolerance is declared");
        }
        if (plan.replayed()) {
            return GuardLook.without(Guard.LATENCY, declared, alpha, Verdict.OFF, "a replay does not measure time");
        }
        GuardMean mean = new GuardMean();
        for (Day day : closed) {
            Control control = day.control();
            if (day.time() != null && control != null && control.time() != null) {
                mean.add(day.time(), control.time());
            }
        }
        if (mean.empty() || !mean.controlled()) {
            return step.shadow()
                    ? GuardLook.without(
                            Guard.LATENCY, declared, alpha, Verdict.OFF, "in the shadow nobody waits for the candidate")
                    : missing(Guard.LATENCY, declared, alpha, "no calls of candidate and control were timed yet");
        }
        Spread spread = learnt.latency();
        if (spread == null) {
            return missing(Guard.LATENCY, declared, alpha, untaught(0));
        }
        GuardMean.Sequence logs = mean.sequence(spread.rho(), spread.sd(), alpha);
        double micros = Math.exp(mean.controlMean()) * Math.expm1(mean.difference());
        boolean shown = Math.exp(logs.low()) > declared && micros >= limits.latencyFloorMicros();
        GuardLook look = new GuardLook(
                Guard.LATENCY.title(),
                logs.clusters(),
                Math.exp(logs.estimate()),
                Math.exp(logs.low()),
                Math.exp(logs.high()),
                declared,
                alpha,
                logs.deff(),
                verdict(shown),
                null);
        return doubted(look, spread.days());
    }

    private Verdict verdict(boolean shown) {
        if (learnt.days() < DAYS_MIN) {
            return Verdict.NOT_COMPUTABLE;
        }
        return shown ? Verdict.SHOWN : Verdict.CLEAR;
    }

    private GuardLook doubted(GuardLook look, int days) {
        return days >= DAYS_MIN
                ? look
                : new GuardLook(
                        look.guard(),
                        look.clusters(),
                        look.estimate(),
                        look.low(),
                        look.high(),
                        look.bound(),
                        look.alpha(),
                        look.deff(),
                        Verdict.NOT_COMPUTABLE,
                        untaught(days));
    }

    private @Nullable String taught(int days) {
        return days >= DAYS_MIN ? null : untaught(days);
    }

    private String untaught(int days) {
        return plan.pace().calendar() != null
                ? "how much days swing is known from " + Wording.days(days) + ", " + DAYS_MIN + " are needed"
                : "how much the champion's callers swing is known from " + days + " earlier "
                        + (days == 1 ? "period" : "periods") + ", " + DAYS_MIN + " are needed";
    }

    private static GuardLook missing(Guard guard, double bound, double alpha, String why) {
        return GuardLook.without(guard, bound, alpha, Verdict.NOT_COMPUTABLE, why);
    }

    private static Sums binary(long calls, long errors) {
        return new Sums(calls, errors, errors);
    }
}
