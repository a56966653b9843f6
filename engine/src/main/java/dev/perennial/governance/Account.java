package dev.perennial.governance;

import java.util.Locale;

/**
 * A person or a service that signs in.
 *
 * @param revision raised by every change that ends sessions: password, state
 * @param createdAt milliseconds since 1970
 */
public record Account(
        long id,
        String name,
        Kind kind,
        boolean administrator,
        boolean disabled,
        String defaultProject,
        long revision,
        long createdAt) {
    /** Services have tokens alone. */
    public enum Kind {
        PERSON,
        SERVICE;

        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
