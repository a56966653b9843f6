package dev.perennial.governance;

import java.util.List;

/**
 * Somebody and what they are in one project.
 *
 * @param roles all of them, the smallest right first; empty for nobody of the project
 */
public record Membership(String user, List<Role> roles) {
    public Membership {
        roles = List.copyOf(roles);
    }
}
