package dev.perennial.governance;

import dev.perennial.store.Database;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;

/**
 * The services of this room, put together.
 *
 * @param ledger for refusals that the adapter sees
 */
public record GovernanceRoom(
        Accounts accounts,
        Tokens tokens,
        Projects projects,
        Grants grants,
        Access access,
        ServingRights serving,
        Authentication authentication,
        SetUp setUp,
        Recovery recovery,
        ModelProjects models,
        AccessLedger ledger) {

    /** @param everybody what each signed-in caller may do everywhere; empty for nothing */
    public static GovernanceRoom of(
            Database database, InstantSource clock, SecureRandom random, Optional<Right> everybody) {
        AccessLedger ledger = new AccessLedger(database, clock);
        Passwords passwords = new Passwords(random, Runtime.getRuntime().availableProcessors());
        Secrets secrets = new Secrets(random);
        Accounts accounts = new Accounts(database, clock, passwords, ledger);
        Tokens tokens = new Tokens(database, clock, secrets, ledger);
        Sessions sessions = new Sessions(database, clock, secrets);
        Grants grants = new Grants(database, clock, ledger);
        Access access = new Access(database, grants, everybody);
        return new GovernanceRoom(
                accounts,
                tokens,
                new Projects(database, clock, ledger),
                grants,
                access,
                new ServingRights(database, access, tokens),
                new Authentication(
                        accounts,
                        tokens,
                        sessions,
                        passwords,
                        new VerifiedOnce(random, clock),
                        new Attempts(clock),
                        ledger),
                new SetUp(database, clock, secrets, accounts),
                new Recovery(database, clock, accounts, passwords, ledger),
                new ModelProjects(database),
                ledger);
    }
}
