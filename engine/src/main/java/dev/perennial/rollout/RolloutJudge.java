package dev.perennial.rollout;

import dev.perennial.lifecycle.file.ModelCalendar;
import dev.perennial.lifecycle.file.Rollout;
import dev.perennial.lifecycle.file.Rollout.StopOn;
import dev.perennial.rollout.RolloutDecision.Action;
import dev.perennial.rollout.RolloutDecision.Harm;
import dev.perennial.rollout.RolloutDecision.Numbers;
import dev.perennial.rollout.RolloutDecision.Reason;
import dev.perennial.rollout.RolloutDecision.Shift;
import dev.perennial.rollout.RolloutEvidence.Day;
import dev.perennial.rollout.RolloutState.Phase;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Decides what a rollout does next: a pure function of plan, state, evidence and clock. Ask it at each publication hour and whenever a
 * fuse may have blown; asking more often changes nothing.
 *
 * <p>Dangers come first, in this order: the scorer's fuse, a gross shift of scores, errors, a shift beyond tolerance on closed days, shown
 * harm. They stop the rollout even while it is paused. A step then passes when its days are over, as many of them as the step has days
 * have enough labels, and there are rows; what is missing extends the step by a day, and never promotes.
 */
public final class RolloutJudge {
    private final ModelCalendar calendar;
    private final RolloutLimits limits;

    public RolloutJudge(ModelCalendar calendar, RolloutLimits limits) {
        this.calendar = calendar;
        this.limits = limits;
    }

    public RolloutDecision judge(Rollout plan, RolloutState state, RolloutEvidence evidence, long clock) {
        Look look = look(plan, evidence, clock);
        if (!state.running()) {
            return new RolloutDecision(
                    Action.HOLD,
                    Reason.ENDED,
                    "The rollout of " + state.candidate() + " has ended: " + state.phase() + ".",
                    look.numbers(),
                    state);
        }
        return danger(plan.stopOn(), state, evidence, look, clock)
                .orElseGet(() -> step(plan, state, evidence, look, clock));
    }

    private Look look(Rollout plan, RolloutEvidence evidence, long clock) {
        List<Day> closed = evidence.days().stream()
                .filter(day -> calendar.closed(LocalDate.parse(day.day()), clock))
                .toList();
        List<Day> judged = closed.stream()
                .filter(day -> day.labels() > 0 && day.coverage() >= evidence.labelCoverage())
                .toList();
        StopOn stopOn = plan.stopOn();
        Numbers numbers = new Numbers(
                closed.size(),
                judged.size(),
                closed.stream().mapToLong(day -> day.comparison().rows()).sum(),
                judged.stream().mapToLong(day -> day.comparison().labelled()).sum(),
                ScoreShift.of(closed, evidence.learnt(), stopOn.scoreShiftPsi(), limits.alpha()),
                HarmBound.of(
                        judged,
                        evidence.learnt(),
                        HarmMetric.of(stopOn.harmMetric()),
                        stopOn.harmMargin(),
                        limits.alpha()),
                evidence.days().stream().mapToLong(Day::calls).sum(),
                evidence.days().stream().mapToLong(Day::errors).sum(),
                evidence.days().stream().mapToLong(Day::fallbacks).sum());
        ScoreBins all = new ScoreBins();
        evidence.days()
                .forEach(day -> all.add(
                        day.comparison().candidateBins(), day.comparison().championBins()));
        return new Look(judged, numbers, all);
    }

    private Optional<RolloutDecision> danger(
            StopOn stopOn, RolloutState state, RolloutEvidence evidence, Look look, long clock) {
        Numbers numbers = look.numbers();
        if (evidence.blownFuse() != null) {
            return stop(
                    state,
                    look,
                    Reason.BLOWN_FUSE,
                    "the scorer sent the traffic back to the champion by itself: " + evidence.blownFuse(),
                    clock);
        }
        if (look.all().rows() >= limits.fuseRows() && look.all().psi() > limits.fusePsi()) {
            return stop(
                    state,
                    look,
                    Reason.GROSS_SCORE_SHIFT,
                    String.format(
                            Locale.ROOT,
                            "on %,d rows its scores have nothing to do with the champion's (PSI %.2f, the fuse blows above %.1f)",
                            look.all().rows(),
                            look.all().psi(),
                            limits.fusePsi()),
                    clock);
        }
        double allowed = stopOn.errorShare() * Math.max(numbers.calls(), limits.errorCallsMin());
        if (numbers.errors() > allowed) {
            return stop(
                    state,
                    look,
                    Reason.ERRORS,
                    String.format(
                            Locale.ROOT,
                            "%,d of its %,d calls failed, %s %% are tolerated (the champion answered %,d of them)",
                            numbers.errors(),
                            numbers.calls(),
                            Wording.plain(100 * stopOn.errorShare()),
                            numbers.fallbacks()),
                    clock);
        }
        Shift shift = numbers.shift();
        if (shift != null && shift.psi() > shift.tolerance() && shift.pTol() <= limits.alpha()) {
            return stop(
                    state,
                    look,
                    Reason.SCORE_SHIFT,
                    "its scores leave the champion's on the same rows: " + text(shift),
                    clock);
        }
        Harm harm = numbers.harm();
        if (harm != null && harm.low() > harm.margin()) {
            return stop(state, look, Reason.HARM, "it is shown to be worse than the champion: " + text(harm), clock);
        }
        return Optional.empty();
    }

    private RolloutDecision step(Rollout plan, RolloutState state, RolloutEvidence evidence, Look look, long clock) {
        List<RolloutStep> steps = RolloutStep.of(plan);
        RolloutStep step = steps.get(state.step());
        if (state.hold() != null) {
            return new RolloutDecision(
                    Action.HOLD,
                    Reason.PAUSED,
                    state.candidate() + " stays in " + step.title() + ": paused by "
                            + state.hold().by() + " (" + state.hold().reason() + ").",
                    look.numbers(),
                    state);
        }
        if (clock < state.stepEndsAt()) {
            return new RolloutDecision(
                    Action.HOLD,
                    Reason.STEP_RUNNING,
                    state.candidate() + " is in " + step.title() + "; nothing speaks against it so far"
                            + found(look.numbers()) + ".",
                    look.numbers(),
                    state);
        }
        LocalDate first = calendar.day(state.stepEnteredAt());
        List<Day> counted = look.judged().stream()
                .filter(day -> !LocalDate.parse(day.day()).isBefore(first))
                .toList();
        if (counted.size() < step.days()) {
            return extend(
                    state,
                    step,
                    look,
                    Reason.LABELS_MISSING,
                    String.format(
                            Locale.ROOT,
                            "%d of the %s it needs have labels for at least %s %% of their predictions",
                            counted.size(),
                            Wording.days(step.days()),
                            Wording.plain(100 * evidence.labelCoverage())),
                    clock);
        }
        long labelled =
                counted.stream().mapToLong(day -> day.comparison().labelled()).sum();
        if (labelled < limits.labelledRowsMin()) {
            return extend(
                    state,
                    step,
                    look,
                    Reason.TOO_FEW_ROWS,
                    String.format(
                            Locale.ROOT,
                            "only %,d labelled rows were scored by both versions, %,d are needed",
                            labelled,
                            limits.labelledRowsMin()),
                    clock);
        }
        return passed(state, steps, step, look, clock);
    }

    private RolloutDecision passed(
            RolloutState state, List<RolloutStep> steps, RolloutStep step, Look look, long clock) {
        String start = state.candidate() + " has passed " + step.title() + found(look.numbers()) + ": ";
        if (state.step() + 1 == steps.size()) {
            return new RolloutDecision(
                    Action.PROMOTE,
                    Reason.STEP_PASSED,
                    start + "it becomes champion, " + state.champion() + " is kept warm.",
                    look.numbers(),
                    state.end(Phase.PROMOTED, "passed every step", clock));
        }
        RolloutStep next = steps.get(state.step() + 1);
        return new RolloutDecision(
                Action.ADVANCE,
                Reason.STEP_PASSED,
                start + "it goes on to " + next.title() + " for " + Wording.days(next.days()) + ".",
                look.numbers(),
                state.enter(steps, state.step() + 1, calendar, clock));
    }

    private RolloutDecision extend(
            RolloutState state, RolloutStep step, Look look, Reason reason, String why, long clock) {
        if (state.extensions() >= limits.extensionsMax()) {
            String text = String.format(
                    Locale.ROOT,
                    "%s was stopped in %s after %s of waiting, because %s; missing data never promote, so a person must decide what to do.",
                    state.candidate(),
                    step.title(),
                    Wording.days(state.extensions()),
                    why);
            return new RolloutDecision(
                    Action.STOP,
                    Reason.STARVED,
                    text,
                    look.numbers(),
                    state.end(Phase.STOPPED, Reason.STARVED.name(), clock));
        }
        String text = String.format(
                Locale.ROOT,
                "%s stays in %s a day longer (%d of at most %d), because %s.",
                state.candidate(),
                step.title(),
                state.extensions() + 1,
                limits.extensionsMax(),
                why);
        return new RolloutDecision(
                Action.EXTEND, reason, text, look.numbers(), state.extend(calendar.nextPublication(clock)));
    }

    private static Optional<RolloutDecision> stop(
            RolloutState state, Look look, Reason reason, String why, long clock) {
        return Optional.of(new RolloutDecision(
                Action.STOP,
                reason,
                state.candidate() + " was stopped and " + state.champion() + " has all traffic: " + why + ".",
                look.numbers(),
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

    /** What one look sees: days that count, their numbers, and the scores of all rows so far. */
    private record Look(List<Day> judged, Numbers numbers, ScoreBins all) {}
}
