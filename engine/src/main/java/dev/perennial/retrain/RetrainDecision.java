package dev.perennial.retrain;

import org.jspecify.annotations.Nullable;

/**
 * Whether a candidate is tried now; recorded also when the answer is no.
 *
 * @param againAt when the same trigger would be answered otherwise; null when time alone changes nothing
 * @param text one sentence for people
 */
public record RetrainDecision(Verdict verdict, @Nullable Long againAt, String text) {

    public enum Verdict {
        /** A candidate is made. */
        FIRED,
        /** A person paused the loop. */
        PAUSED,
        /** One candidate at a time: a rollout is running. */
        SKIPPED_ROLLOUT_RUNNING,
        /** The model has served for fewer days than a gate looks at. */
        TOO_YOUNG,
        /** The candidate before is still being made. */
        SKIPPED_TRAINING_RUNNING,
        /** An alert asks too soon after the last candidate. */
        COOLDOWN,
        /** Alerts asked too often in vain; a person must resume. */
        BREAKER_OPEN,
        /** No outcome became known since the last candidate. */
        NO_NEW_DATA,
        /** The lifecycle file does not let these monitors ask. */
        DISABLED
    }

    public boolean fired() {
        return verdict == Verdict.FIRED;
    }
}
