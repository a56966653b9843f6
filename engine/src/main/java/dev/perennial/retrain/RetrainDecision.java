package dev.perennial.retrain;

import org.jspecify.annotations.Nullable;

/**
 * Whether a candidate is trained now; recorded also when the answer is no.
 *
 * @param againAt when the same trigger would be answered otherwise; null when time alone changes nothing
 * @param text one sentence for people
 */
public record RetrainDecision(Verdict verdict, @Nullable Long againAt, String text) {

    public enum Verdict {
        /** A training starts. */
        FIRED,
        /** One candidate at a time: a rollout is running. */
        SKIPPED_ROLLOUT_RUNNING,
        /** A training is running already. */
        SKIPPED_TRAINING_RUNNING,
        /** Too soon after the last training. */
        COOLDOWN,
        /** Alerts asked too often in vain; a person must resume. */
        BREAKER_OPEN,
        /** A person paused the loop. */
        PAUSED,
        /** Nothing became known that the last training had not seen. */
        NO_NEW_DATA,
        /** The lifecycle file does not let this monitor ask. */
        DISABLED
    }

    public boolean fired() {
        return verdict == Verdict.FIRED;
    }
}
