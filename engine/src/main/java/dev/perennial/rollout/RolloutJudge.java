package dev.perennial.rollout;

import dev.perennial.lifecycle.file.Rollout.StopOn;
import dev.perennial.rollout.GuardLook.Verdict;
import dev.perennial.rollout.Look.Minima;
import dev.perennial.rollout.RolloutDecision.Action;
import dev.perennial.rollout.RolloutDecision.Harm;
import dev.perennial.rollout.RolloutDecision.Numbers;
import dev.perennial.rollout.RolloutDecision.Reason;
import dev.perennial.rollout.RolloutDecision.Shift;
import dev.perennial.rollout.RolloutEvidence.Day;
import dev.perennial.rollout.RolloutState.Phase;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Decides what a rollout does next: a pure function of plan, state, evidence and clock. Ask it at each publication hour and whenever a
 * fuse may have blown; asking more often changes nothing.
 *
 * <p>Dangers come first, in this order: the scorer's fuse, a gross shift of scores where scores are guarded, then each guard that shows
 * harm on closed days (or blocks): errors, a score shift beyond tolerance, worse outcomes, latency. They stop the rollout even while it is
 * paused. A step then passes when its days are over, as many of them as the step has days have enough labels, there are rows, and every guard that is wanted
 * can be computed; what is missing is inconclusive: it extends the step by a day, and never promotes.
 */
public final class RolloutJudge {
    private final RolloutLimits limits;

    public RolloutJudge(RolloutLimits limits) {
        this.limits = limits;
    }

    public RolloutDecision judge(RolloutPlan plan, RolloutState state, RolloutEvidence evidence, long clock) {
        Seen look = look(plan, state, evidence, clock);
        if (!state.running()) {
            return new RolloutDecision(
                    Action.HOLD,
                    Reason.ENDED,
                    "The rollout of " + state.candidate() + " has ended: " + state.phase() + ".",
                    look.numbers(),
                    look.look(),
                    state);
        }
        return danger(plan, state, evidence, look, clock).orElseGet(() -> step(plan, state, evidence, look, clock));
    }

    private Seen look(RolloutPlan plan, RolloutState state, RolloutEvidence evidence, long clock) {
        List<Day> closed = evidence.days().stream()
                .filter(day -> plan.pace().closed(day.day(), clock))
                .toList();
        List<Day> judged = closed.stream()
                .filter(day -> !plan.labels() || day.labels() > 0 && day.coverage() >= evidence.labelCoverage())
                .toList();
        Learnt learnt = evidence.learnt();
        StopOn stopOn = plan.stopOn();
        Shift shift = ScoreShift.of(ScoreShift.looked(closed, plan.pace()), learnt, stopOn.scoreShiftPsi());
        Harm harm = plan.labels()
                ? HarmBound.of(
                        judged,
                        learnt,
                        HarmMetric.of(stopOn.harmMetric()),
                        stopOn.harmMargin(),
                        limits.alpha().harm())
                : null;
        Numbers numbers = new Numbers(
                closed.size(),
                judged.size(),
                closed.stream().mapToLong(day -> day.comparison().rows()).sum(),
                judged.stream().mapToLong(day -> day.comparison().labelled()).sum(),
                shift,
                harm,
                evidence.days().stream().mapToLong(Day::calls).sum(),
                evidence.days().stream().mapToLong(Day::errors).sum(),
                evidence.days().stream().mapToLong(Day::fallbacks).sum());
        RolloutStep step = plan.steps().get(state.step());
        boolean tensors = closed.stream().anyMatch(Day::tensors);
        List<Day> counted = judged.stream()
                .filter(day -> plan.pace().counts(day.day(), state.stepEnteredAt()))
                .toList();
        Minima minima = new Minima(
                counted.size(),
                step.clusters(),
                counted.stream().mapToLong(day -> rows(plan, day, tensors)).sum(),
                rowsNeeded(plan, step));
        ScoreBins all = new ScoreBins();
        evidence.days()
                .forEach(day -> all.add(
                        day.comparison().candidateBins(), day.comparison().championBins()));
        List<GuardLook> guards = new GuardBook(plan, limits, learnt).looks(closed, shift, harm, judged.size(), step);
        return new Seen(new Look(clock, state.step(), guards, minima), numbers, all, tensors);
    }

    private int rowsNeeded(RolloutPlan plan, RolloutStep step) {
        if (step.rows() > 0) {
            return step.rows();
        }
        return plan.labels() ? limits.labelledRowsMin() : limits.rowsMin();
    }

    /** Rows that say something: labelled ones, those that both scored, rows of tensors, or calls where scores are not compared. */
    private static long rows(RolloutPlan plan, Day day, boolean tensors) {
        if (plan.labels()) {
            return day.comparison().labelled();
        }
        if (tensors) {
            return day.tensorRows() == null ? 0 : day.tensorRows();
        }
        return plan.wants(Guard.SCORE) ? day.comparison().rows() : day.calls();
    }

    private Optional<RolloutDecision> danger(
            RolloutPlan plan, RolloutState state, RolloutEvidence evidence, Seen look, long clock) {
        if (evidence.blownFuse() != null) {
            return stop(
                    state,
                    look,
                    Reason.BLOWN_FUSE,
                    "the scorer sent the traffic back to the champion by itself: " + evidence.blownFuse(),
                    clock);
        }
        double gross = limits.grossShift(plan);
        if (look.all().rows() >= limits.fuseRows() && look.all().psi() > gross) {
            return stop(
                    state,
                    look,
                    Reason.GROSS_SCORE_SHIFT,
                    String.format(
                            Locale.ROOT,
                            "on %,d rows its scores have nothing to do with the champion's (PSI %.2f, the fuse blows above %.1f)",
                            look.all().rows(),
                            look.all().psi(),
                            gross),
                    clock);
        }
        if (look.shown(Guard.ERRORS)) {
            return stop(state, look, Reason.ERRORS, errors(plan.stopOn(), look), clock);
        }
        if (look.shown(Guard.SCORE)) {
            return stop(
                    state,
                    look,
                    Reason.SCORE_SHIFT,
                    "its scores leave the champion's on the same rows: "
                            + text(Objects.requireNonNull(look.numbers().shift())),
                    clock);
        }
        if (look.shown(Guard.HARM)) {
            return stop(
                    state,
                    look,
                    Reason.HARM,
                    "it is shown to be worse than the champion: "
                            + text(Objects.requireNonNull(look.numbers().harm())),
                    clock);
        }
        return look.shown(Guard.LATENCY)
                ? stop(state, look, Reason.LATENCY, latency(look.guard(Guard.LATENCY)), clock)
                : Optional.empty();
    }

    private static String errors(StopOn stopOn, Seen look) {
        return String.format(
                Locale.ROOT,
                "%,d of its %,d calls failed, at every look more than %s %%; %s %% are tolerated (the champion answered %,d of them)",
                look.numbers().errors(),
                look.numbers().calls(),
                Wording.plain(
                        100 * Objects.requireNonNull(look.guard(Guard.ERRORS).low())),
                Wording.plain(100 * stopOn.errorShare()),
                look.numbers().fallbacks());
    }

    private static String latency(GuardLook guard) {
        return String.format(
                Locale.ROOT,
                "a row takes it %.2f times as long as the champion, at every look more than %.2f times; %.2f times are tolerated",
                guard.estimate(),
                guard.low(),
                guard.bound());
    }

    private RolloutDecision step(
            RolloutPlan plan, RolloutState state, RolloutEvidence evidence, Seen look, long clock) {
        RolloutStep step = plan.steps().get(state.step());
        if (state.hold() != null) {
            return new RolloutDecision(
                    Action.HOLD,
                    Reason.PAUSED,
                    state.candidate() + " stays in " + step.title() + ": paused by "
                            + state.hold().by() + " (" + state.hold().reason() + ").",
                    look.numbers(),
                    look.look(),
                    state);
        }
        if (!state.over(clock)) {
            return new RolloutDecision(
                    Action.HOLD,
                    Reason.STEP_RUNNING,
                    state.candidate() + " is in " + step.title() + "; nothing speaks against it so far"
                            + found(look.numbers()) + ".",
                    look.numbers(),
                    look.look(),
                    state);
        }
        Minima minima = look.look().minima();
        if (minima.clusters() < minima.clustersNeeded()) {
            return extend(plan, state, step, look, Reason.LABELS_MISSING, fewClusters(plan, evidence, minima), clock);
        }
        if (minima.rows() < minima.rowsNeeded()) {
            return extend(plan, state, step, look, Reason.TOO_FEW_ROWS, fewRows(plan, look, minima), clock);
        }
        Optional<GuardLook> blind = look.look().guards().stream()
                .filter(guard -> guard.verdict() == Verdict.NOT_COMPUTABLE)
                .findFirst();
        if (blind.isPresent() && state.signed() == null) {
            String why = "the guard on " + blind.get().guard() + " cannot be computed: "
                    + blind.get().why();
            return extend(plan, state, step, look, Reason.NOT_COMPUTABLE, why, clock);
        }
        return passed(plan, state, step, look, clock);
    }

    private static String fewRows(RolloutPlan plan, Seen look, Minima minima) {
        String what;
        if (plan.labels()) {
            what = "labelled rows were scored by both versions";
        } else if (look.tensors()) {
            what = "rows of tensors reached it";
        } else {
            what = plan.wants(Guard.SCORE) ? "rows were scored by both versions" : "calls reached it";
        }
        return String.format(Locale.ROOT, "only %,d %s, %,d are needed", minima.rows(), what, minima.rowsNeeded());
    }

    private static String fewClusters(RolloutPlan plan, RolloutEvidence evidence, Minima minima) {
        String needed = plan.pace().text(minima.clustersNeeded());
        return plan.labels()
                ? String.format(
                        Locale.ROOT,
                        "%d of the %s it needs have labels for at least %s %% of their predictions",
                        minima.clusters(),
                        needed,
                        Wording.plain(100 * evidence.labelCoverage()))
                : minima.clusters() + " of the " + needed + " it needs are closed";
    }

    private RolloutDecision passed(RolloutPlan plan, RolloutState state, RolloutStep step, Seen look, long clock) {
        String start = state.candidate() + " has passed " + step.title() + found(look.numbers()) + ": ";
        if (state.step() + 1 == plan.steps().size()) {
            return new RolloutDecision(
                    Action.PROMOTE,
                    Reason.STEP_PASSED,
                    start + "it becomes champion, " + state.champion() + " is kept warm.",
                    look.numbers(),
                    look.look(),
                    state.end(Phase.PROMOTED, "passed every step", clock));
        }
        RolloutStep next = plan.steps().get(state.step() + 1);
        return new RolloutDecision(
                Action.ADVANCE,
                Reason.STEP_PASSED,
                start + "it goes on to " + next.title() + " for " + plan.pace().text(next.clusters()) + ".",
                look.numbers(),
                look.look(),
                state.enter(plan, state.step() + 1, clock));
    }

    private RolloutDecision extend(
            RolloutPlan plan, RolloutState state, RolloutStep step, Seen look, Reason reason, String why, long clock) {
        if (state.extensions() >= limits.extensionsMax()) {
            String text = String.format(
                    Locale.ROOT,
                    "%s was stopped in %s after %s of waiting, because %s; missing data never promote, so a person must decide what to do.",
                    state.candidate(),
                    step.title(),
                    plan.pace().waited(state.extensions(), step),
                    why);
            return new RolloutDecision(
                    Action.STOP,
                    Reason.STARVED,
                    text,
                    look.numbers(),
                    look.look(),
                    state.end(Phase.STOPPED, Reason.STARVED.name(), clock));
        }
        String text = String.format(
                Locale.ROOT,
                "%s stays in %s %s longer (%d of at most %d), because %s.",
                state.candidate(),
                step.title(),
                plan.pace().extension(step),
                state.extensions() + 1,
                limits.extensionsMax(),
                why);
        boolean signable = reason == Reason.NOT_COMPUTABLE && plan.pace().calendar() == null;
        return new RolloutDecision(
                Action.EXTEND,
                reason,
                signable
                        ? text + " When a person signs ('perennial rollouts sign'), the step passes without it."
                        : text,
                look.numbers(),
                look.look(),
                state.extend(plan.pace().extended(clock, step)));
    }

    private static Optional<RolloutDecision> stop(
            RolloutState state, Seen look, Reason reason, String why, long clock) {
        return Optional.of(new RolloutDecision(
                Action.STOP,
                reason,
                state.candidate() + " was stopped and " + state.champion() + " has all traffic: " + why + ".",
                look.numbers(),
                look.look(),
                state.end(Phase.STOPPED, reason.name(), clock)));
    }

    private static String found(Numbers numbers) {
        Shift shift = numbers.shift();
        Harm harm = numbers.harm();
        if (shift == null || harm == null) {
            return "";
        }
        return " (" + text(harm) + "; scores: " + text(shift) + ")";
    }

    private static String text(Shift shift) {
        return String.format(
                Locale.ROOT,
                "PSI %.3f against a tolerance of %.2f, p %.3f, on %,d rows worth %.0f pairs when days are the sample",
                shift.psi(),
                shift.tolerance(),
                shift.pTol(),
                shift.rows(),
                shift.effectiveRows());
    }

    private static String text(Harm harm) {
        return String.format(
                Locale.ROOT,
                "%s differs by %s, at every look within [%s, %s]; harm would be more than %s",
                harm.metric(),
                Wording.signed(harm.estimate()),
                Wording.signed(harm.low()),
                Wording.signed(harm.high()),
                Wording.signed(harm.margin()));
    }

    /** What one look sees: the guards, the numbers in words, the scores of all rows so far, and whether calls have tensors in their place. */
    private record Seen(Look look, Numbers numbers, ScoreBins all, boolean tensors) {
        private GuardLook guard(Guard guard) {
            return look.guards().stream()
                    .filter(one -> one.guard().equals(guard.title()))
                    .findFirst()
                    .orElseThrow();
        }

        private boolean shown(Guard guard) {
            return guard(guard).verdict() == Verdict.SHOWN;
        }
    }
}
