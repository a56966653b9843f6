package dev.perennial.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.ModelId;
import org.jspecify.annotations.Nullable;

/**
 * Something that the loop or a person decided, also when the answer was no.
 *
 * @param at the model's clock at which it takes effect
 * @param verdict of its kind, for example {@code FIRED}, {@code PASS}, {@code STOP}
 * @param version the version it is about, null for none
 * @param text one plain sentence with its numbers
 * @param entry hash of its ledger entry
 * @param injected belongs to a fault that a story injected
 */
public record Decision(
        String id,
        ModelId model,
        long at,
        long recordedAt,
        Kind kind,
        String verdict,
        @Nullable Integer version,
        String title,
        String text,
        JsonNode evidence,
        @Nullable String entry,
        boolean injected) {

    /** What was decided about. */
    public enum Kind {
        APPLY("plan.apply"),
        RETRAIN("retrain.trigger"),
        GATE("gate.evaluate"),
        SIGN("gate.override"),
        ROLLOUT("rollout.step"),
        PROMOTION("rollout.promote"),
        ROLLBACK("rollout.rollback"),
        PAUSE("loop.pause"),
        RESUME("loop.resume");

        private final String action;

        Kind(String action) {
            this.action = action;
        }

        /** The ledger's name for it. */
        public String action() {
            return action;
        }
    }
}
