package dev.perennial.retrain;

import org.jspecify.annotations.Nullable;

/**
 * What the policy knows of a model when it decides.
 *
 * @param lastTrainingEndedAt event time at which the last training ended, whatever became of its candidate; null before the first
 * @param trainingSince a training that is running; null when none is
 * @param rollout the rollout that is running; null when none is
 * @param rejectionsInARow candidates asked for by alerts that gates refused, since the last that passed or a person's resume
 * @param paused a person's pause; null while the loop may go on
 * @param newLabels labels that became known since the last training's data ended
 */
public record RetrainState(
        @Nullable Long lastTrainingEndedAt,
        @Nullable Long trainingSince,
        @Nullable RunningRollout rollout,
        int rejectionsInARow,
        @Nullable Pause paused,
        long newLabels) {

    /** @param step as people call it, {@code canary 10 %} */
    public record RunningRollout(String candidate, String step, long startedAt) {}

    public record Pause(String by, String reason, long at) {}
}
