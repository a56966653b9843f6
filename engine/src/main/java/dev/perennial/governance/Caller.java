package dev.perennial.governance;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who asks, as the gate found out; it says nothing of rights, which are read when they are needed.
 *
 * @param account 0 for callers without one
 * @param name as the ledger tells it
 * @param how they proved it
 * @param token its id, when a token was shown
 * @param project the only one that the token is for
 * @param role the most that the token may do
 * @param scope the one thing that the token is for
 * @param defaultProject where names are looked up when the request says nothing
 */
public record Caller(
        long account,
        String name,
        boolean administrator,
        How how,
        @Nullable String token,
        @Nullable String project,
        @Nullable Role role,
        @Nullable TokenScope scope,
        String defaultProject) {
    /** The project that everybody has. */
    public static final String DEFAULT_PROJECT = "default";

    /** Ways to prove who one is. */
    public enum How {
        /** Access control is off: the name is a claim. */
        NOBODY_ASKED,
        PASSWORD,
        TOKEN,
        SESSION,
        /** The installation itself, by the token of its data directory. */
        INTERNAL
    }

    /** A caller of a server without access control. */
    public static Caller unchecked(String name) {
        return new Caller(0, name, true, How.NOBODY_ASKED, null, null, null, null, DEFAULT_PROJECT);
    }

    /** The installation's own processes, and whoever can read its data directory. */
    public static Caller internal(String name) {
        return new Caller(0, name, true, How.INTERNAL, null, null, null, null, DEFAULT_PROJECT);
    }

    static Caller of(Account account, How how) {
        return new Caller(
                account.id(),
                account.name(),
                account.administrator(),
                how,
                null,
                null,
                null,
                null,
                account.defaultProject());
    }

    /** Whoever shows a token. */
    static Caller of(Token token, boolean administrator, String defaultProject) {
        return new Caller(
                        token.account(),
                        token.owner(),
                        administrator,
                        How.TOKEN,
                        null,
                        null,
                        null,
                        null,
                        defaultProject)
                .by(token);
    }

    Caller by(Token token) {
        return new Caller(
                account,
                name,
                administrator,
                How.TOKEN,
                token.id(),
                token.project(),
                token.role(),
                token.scope(),
                defaultProject);
    }

    /** The same caller, were the token not for one thing alone. */
    Caller wide() {
        return new Caller(account, name, administrator, how, token, project, role, null, defaultProject);
    }

    /** Whether nothing has to be looked up: such a caller may do everything but sign. */
    public boolean unrestricted() {
        return administrator && project == null && role == null && scope == null;
    }

    public boolean checked() {
        return how != How.NOBODY_ASKED;
    }

    /** Where names of this request are looked up. */
    public String project(Optional<String> asked) {
        return asked.orElse(project == null ? defaultProject : project);
    }
}
