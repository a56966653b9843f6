package dev.perennial.retrain;

import org.jspecify.annotations.Nullable;

/**
 * What the policy knows of a model when it decides. Times are milliseconds of the model's clock.
 *
 * @param servedSince since when predictions could be logged
 * @param lastAskedAt when the last candidate was asked for, whatever became of it; null before the first
 * @param trainingSince when a candidate was asked for that is still being made; null when none is
 * @param rollout the rollout that is running; null when none is
 * @param rejectionsInARow candidates asked for by alerts that gates refused, since the last that passed or a person's resume
 * @param paused a person's pause; null while the loop may go on
 * @param newLabels labelled rows on the days that closed since the last candidate was asked for
 */
public record RetrainState(
        long servedSince,
        @Nullable Long lastAskedAt,
        @Nullable Long trainingSince,
        @Nullable RunningRollout rollout,
        int rejectionsInARow,
        @Nullable Pause paused,
        long newLabels) {

    /** @param step as people call it, {@code canary 10 %} */
    public record RunningRollout(int version, String step, long since) {}

    public record Pause(String by, String reason, long at) {}
}
