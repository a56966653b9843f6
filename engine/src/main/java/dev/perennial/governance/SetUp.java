package dev.perennial.governance;

import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import java.time.Duration;
import java.time.InstantSource;

/** Makes the first administrator, by a secret that is printed once and lasts a quarter of an hour. Thread-safe. */
public final class SetUp {
    public static final Duration LIFE = Duration.ofMinutes(15);

    private final Database database;
    private final InstantSource clock;
    private final Secrets secrets;
    private final Accounts accounts;

    SetUp(Database database, InstantSource clock, Secrets secrets, Accounts accounts) {
        this.database = database;
        this.clock = clock;
        this.secrets = secrets;
        this.accounts = accounts;
    }

    /** A new secret; the one before is void. */
    public String secret() {
        String secret = secrets.secret();
        database.writing(tx -> {
            tx.sql().execute("delete from setup_secret");
            tx.sql()
                    .createUpdate("insert into setup_secret (secret, expires_at) values (:secret, :expires)")
                    .bind("secret", Secrets.sha256(secret))
                    .bind("expires", clock.millis() + LIFE.toMillis())
                    .execute();
        });
        return secret;
    }

    /** Makes the administrator and voids the secret; when name or password are refused the secret stays. */
    public Account administrator(String secret, String name, String password) {
        Passwords.checked("password", Accounts.checkedName(name), password);
        boolean valid = accounts.none()
                && database.read(sql -> sql.createQuery(
                                        "select count(*) from setup_secret where secret = :secret and expires_at > :now")
                                .bind("secret", Secrets.sha256(secret))
                                .bind("now", clock.millis())
                                .mapTo(Long.class)
                                .one()
                        > 0);
        int taken = !valid
                ? 0
                : database.write(tx -> tx.sql()
                        .createUpdate("delete from setup_secret where secret = :secret")
                        .bind("secret", Secrets.sha256(secret))
                        .execute());
        if (taken == 0) {
            throw new PerennialException(
                    dev.perennial.kernel.ErrorCode.PERMISSION_DENIED,
                    "this set-up address is used up or too old; start the server again for a new one");
        }
        return accounts.create(
                Caller.internal("set-up"), new Accounts.NewAccount(name, Account.Kind.PERSON, password, true));
    }
}
