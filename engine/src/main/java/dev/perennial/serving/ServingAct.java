package dev.perennial.serving;

import dev.perennial.kernel.PerennialException;

/**
 * Who changes an endpoint, and why.
 *
 * @param actor as the ledger names who acts, {@code user:NAME} or {@code system:loop}
 * @param reason one to 2,000 characters
 */
public record ServingAct(String actor, String reason) {
    private static final int REASON_MAX = 2_000;

    public ServingAct {
        if (actor.isBlank()) {
            throw PerennialException.invalid("by", "the name of the person who acts is needed");
        }
        if (reason.isBlank() || reason.length() > REASON_MAX) {
            throw PerennialException.invalid("reason", "a reason of 1 to 2,000 characters is needed");
        }
    }
}
