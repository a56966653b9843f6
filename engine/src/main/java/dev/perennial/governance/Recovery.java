package dev.perennial.governance;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Gives an administrator back to an installation in which nobody can sign in any more. Whoever had the account before is out: its tokens
 * and sessions end in the same transaction. Thread-safe.
 */
public final class Recovery {
    private final Database database;
    private final InstantSource clock;
    private final Accounts accounts;
    private final Passwords passwords;
    private final AccessLedger ledger;

    Recovery(Database database, InstantSource clock, Accounts accounts, Passwords passwords, AccessLedger ledger) {
        this.database = database;
        this.clock = clock;
        this.accounts = accounts;
        this.passwords = passwords;
        this.ledger = ledger;
    }

    /**
     * What a recovery did.
     *
     * @param made whether the account was not there before
     * @param tokens how many live tokens it ended
     * @param sessions how many browser sessions it ended
     */
    public record Recovered(Account account, boolean made, int tokens, int sessions) {}

    /** Makes the account an administrator that can sign in with this password and in no other way; an account that is not there is made. */
    public Recovered administrator(Caller by, String name, String password) {
        String hash = passwords.hash(Passwords.checked("password", Accounts.checkedName(name), password));
        return database.write(tx -> {
            Optional<Account> there = Accounts.named(tx.sql(), name);
            if (there.isEmpty()) {
                Account made = accounts.insert(
                        tx, by, new Accounts.NewAccount(name, Account.Kind.PERSON, password, true), hash);
                return new Recovered(made, true, 0, 0);
            }
            if (there.get().kind() == Account.Kind.SERVICE) {
                throw PerennialException.invalid(
                        "name", "'" + name + "' is a service and cannot be administrator; recover a person");
            }
            long id = there.get().id();
            int tokens = endTokens(tx, id);
            int sessions = tx.sql()
                    .createUpdate("delete from account_session where account = :id")
                    .bind("id", id)
                    .execute();
            tx.sql()
                    .createUpdate("update account set password = :hash, administrator = 1, disabled = 0,"
                            + " revision = revision + 1 where id = :id")
                    .bind("hash", hash)
                    .bind("id", id)
                    .execute();
            ledger.entry(
                    tx,
                    by,
                    "auth.password.change",
                    "user:" + name,
                    Json.object()
                            .put("change", "recovered")
                            .put("administrator", true)
                            .put("tokensEnded", tokens)
                            .put("sessionsEnded", sessions));
            return new Recovered(Accounts.get(tx.sql(), name), false, tokens, sessions);
        });
    }

    private int endTokens(Transaction tx, long account) {
        return tx.sql()
                .createUpdate("update account_token set revoked_at = :now"
                        + " where account = :id and revoked_at is null and expires_at > :now")
                .bind("now", clock.millis())
                .bind("id", account)
                .execute();
    }
}
