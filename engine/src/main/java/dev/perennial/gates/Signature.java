package dev.perennial.gates;

import dev.perennial.kernel.PerennialException;

/**
 * A person who takes a REVIEW upon themselves.
 *
 * @param by the name given; not authenticated
 * @param reason why the finding is acceptable
 * @param at when, in epoch milliseconds
 */
public record Signature(String by, String reason, long at) {
    public Signature {
        if (by.isBlank()) {
            throw PerennialException.invalid("by", "a signature needs the name of a person; say who signs");
        }
        if (reason.isBlank()) {
            throw PerennialException.invalid(
                    "reason", "the signature of " + by + " gives no reason; say why the finding is acceptable");
        }
    }
}
