package dev.perennial.rollout;

import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a rollout stands. Immutable and stored as JSON after every decision, so that a restart goes on where it was.
 *
 * @param candidate the version on trial, {@code MODEL/NUMBER}
 * @param champion the version it would replace
 * @param step position in {@link RolloutPlan#steps}
 * @param stepEndsAt when the step may end at the earliest; each extension moves it by a day or block
 * @param extensions how often the present step was extended, each time by a day or by the step's blocks
 * @param hold a person's pause; null while the loop may go on
 * @param ending how it ended; null while it runs
 * @param signed a person's signature that lets the present step pass without the guards that cannot be computed; null without one
 */
public record RolloutState(
        String candidate,
        String champion,
        Phase phase,
        int step,
        long startedAt,
        long stepEnteredAt,
        long stepEndsAt,
        int extensions,
        @Nullable Act hold,
        @Nullable Act ending,
        @Nullable Act signed) {

    /** The stations of a rollout; the last three are final. */
    public enum Phase {
        SHADOW,
        CANARY,
        PROMOTED,
        STOPPED,
        ABORTED
    }

    /** What was done: by whom ({@code loop} or a person's name), why, and when. */
    public record Act(String by, String reason, long at) {}

    /** A rollout that enters its first step now. */
    public static RolloutState start(RolloutPlan plan, VersionId candidate, VersionId champion, long clock) {
        return start(plan, candidate.toString(), champion.toString(), clock);
    }

    /** The same for versions of whatever models an endpoint has. */
    public static RolloutState start(RolloutPlan plan, String candidate, String champion, long clock) {
        if (plan.steps().isEmpty()) {
            throw PerennialException.invalid(
                    "rollout",
                    "the rollout of " + candidate + " has no step; declare shadow days or at least one canary step");
        }
        if (plan.labels()) {
            HarmMetric.of(plan.stopOn().harmMetric());
        }
        RolloutState blank =
                new RolloutState(candidate, champion, Phase.SHADOW, 0, clock, clock, clock, 0, null, null, null);
        return blank.enter(plan, 0, clock);
    }

    /** Whether traffic still follows this rollout. */
    public boolean running() {
        return phase == Phase.SHADOW || phase == Phase.CANARY;
    }

    public boolean paused() {
        return hold != null;
    }

    /** Share of the traffic that the candidate answers, 0 to 1. */
    public double share(List<RolloutStep> steps) {
        return switch (phase) {
            case SHADOW, STOPPED, ABORTED -> 0;
            case CANARY -> steps.get(step).share();
            case PROMOTED -> 1;
        };
    }

    /**
     * A person's pause: no step is entered and nothing is promoted until {@link #resume}. Traffic stays as it is, days go on being
     * counted, and harm, errors and score shifts still stop the rollout.
     */
    public RolloutState pause(String by, String reason, long at) {
        requireRunning("pause");
        if (paused()) {
            throw PerennialException.state("the rollout of " + candidate + " is paused already; resume it first");
        }
        return with(phase, step, stepEnteredAt, stepEndsAt, extensions, new Act(by, reason, at), null, signed);
    }

    public RolloutState resume() {
        requireRunning("resume");
        if (!paused()) {
            throw PerennialException.state(
                    "the rollout of " + candidate + " is not paused; there is nothing to resume");
        }
        return with(phase, step, stepEnteredAt, stepEndsAt, extensions, null, null, signed);
    }

    /**
     * A person's signature: the present step may pass although guards cannot be computed. Its time and its rows are still needed, and what
     * is dangerous still stops the rollout.
     */
    public RolloutState sign(String by, String reason, long at) {
        requireRunning("sign");
        return with(phase, step, stepEnteredAt, stepEndsAt, extensions, hold, null, new Act(by, reason, at));
    }

    /** A person's abort: the champion takes all traffic back. */
    public RolloutState abort(String by, String reason, long at) {
        requireRunning("abort");
        return with(Phase.ABORTED, step, stepEnteredAt, stepEndsAt, extensions, hold, new Act(by, reason, at), signed);
    }

    RolloutState enter(RolloutPlan plan, int next, long clock) {
        RolloutStep entered = plan.steps().get(next);
        return with(
                entered.shadow() ? Phase.SHADOW : Phase.CANARY,
                next,
                clock,
                plan.pace().stepEnd(clock, entered),
                0,
                hold,
                null,
                null);
    }

    /** Whether the step's own time is over, and a signed one need not wait for the end of its extension. */
    boolean over(long clock) {
        return clock >= stepEndsAt || signed != null && extensions > 0;
    }

    RolloutState extend(long endsAt) {
        return with(phase, step, stepEnteredAt, endsAt, extensions + 1, hold, null, signed);
    }

    RolloutState end(Phase last, String reason, long clock) {
        return with(last, step, stepEnteredAt, stepEndsAt, extensions, hold, new Act("loop", reason, clock), signed);
    }

    private RolloutState with(
            Phase phase,
            int step,
            long enteredAt,
            long endsAt,
            int extensions,
            @Nullable Act hold,
            @Nullable Act ending,
            @Nullable Act signed) {
        return new RolloutState(
                candidate, champion, phase, step, startedAt, enteredAt, endsAt, extensions, hold, ending, signed);
    }

    private void requireRunning(String verb) {
        if (!running()) {
            throw PerennialException.state("cannot " + verb + " the rollout of " + candidate + ": it is " + phase);
        }
    }
}
