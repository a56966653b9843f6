package dev.perennial.governance;

import dev.perennial.kernel.PerennialException;
import java.util.Arrays;
import java.util.Locale;

/** What somebody is in a project; whoever has several roles has the rights of all. */
public enum Role {
    VIEWER(Right.READ),
    CONTRIBUTOR(Right.EDIT),
    MAINTAINER(Right.MANAGE),
    /** Reads, and signs the work of others. No other role signs. */
    APPROVER(Right.READ),
    /** Of the whole installation; not in a project. */
    ADMINISTRATOR(Right.MANAGE);

    private final Right right;

    Role(Right right) {
        this.right = right;
    }

    /** The greatest right on the objects of the project. */
    public Right right() {
        return right;
    }

    /** The name that people write. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Role of(String text) {
        return Arrays.stream(values())
                .filter(role -> role.text().equals(text.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> PerennialException.invalid(
                        "role",
                        "role '" + text + "' is none of "
                                + Arrays.stream(values()).map(Role::text).toList()));
    }

    /** A role that somebody can have in a project. */
    public static Role inProject(String text) {
        Role role = of(text);
        if (role == ADMINISTRATOR) {
            throw PerennialException.invalid(
                    "role",
                    "administrators are so everywhere; make one with 'perennial users update NAME --administrator'");
        }
        return role;
    }
}
