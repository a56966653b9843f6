package dev.perennial.rollout;

import dev.perennial.lifecycle.file.ModelCalendar;
import dev.perennial.lifecycle.file.Rollout;
import dev.perennial.lifecycle.file.Rollout.StopOn;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a rollout is judged by: its steps, what stops it, and what it counts by.
 *
 * @param stopOn tolerances; a harm metric of {@link #NO_LABELS} means that no outcomes are expected
 * @param latencyRatio tolerated ratio of the candidate's typical time to the control's; null for no guard
 * @param replayed in a replay time is not measured, and the latency guard is off
 * @param off titles of guards that nobody asked for; null for none
 */
public record RolloutPlan(
        List<RolloutStep> steps,
        StopOn stopOn,
        Pace pace,
        @Nullable Double latencyRatio,
        boolean replayed,
        @Nullable List<String> off) {
    /** The harm metric of an endpoint whose outcomes nobody learns. */
    public static final String NO_LABELS = "none";

    public RolloutPlan {
        steps = List.copyOf(steps);
        off = off == null ? null : List.copyOf(off);
    }

    /** A plan with every guard. */
    public RolloutPlan(
            List<RolloutStep> steps, StopOn stopOn, Pace pace, @Nullable Double latencyRatio, boolean replayed) {
        this(steps, stopOn, pace, latencyRatio, replayed, null);
    }

    /** The plan of a lifecycle file. */
    public static RolloutPlan of(Rollout declared, ModelCalendar calendar, boolean replayed) {
        return new RolloutPlan(
                RolloutStep.of(declared),
                declared.stopOn(),
                Pace.days(calendar),
                declared.stopOn().latencyRatio(),
                replayed);
    }

    boolean wants(Guard guard) {
        return off == null || !off.contains(guard.title());
    }

    boolean labels() {
        return !stopOn.harmMetric().equals(NO_LABELS);
    }
}
