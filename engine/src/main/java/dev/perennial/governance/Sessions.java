package dev.perennial.governance;

import dev.perennial.store.Database;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Sessions of browsers: a random reference, kept as SHA-256. They end after half an hour without a request, after twelve hours, at
 * sign-out, and when the account's revision changes. Thread-safe.
 */
public final class Sessions {
    public static final Duration IDLE = Duration.ofMinutes(30);
    public static final Duration LONGEST = Duration.ofHours(12);

    private static final long SEEN_NOTED_MILLIS = 60_000;

    private final Database database;
    private final InstantSource clock;
    private final Secrets secrets;

    Sessions(Database database, InstantSource clock, Secrets secrets) {
        this.database = database;
        this.clock = clock;
        this.secrets = secrets;
    }

    private record Session(long account, long revision, long createdAt, long seenAt) {}

    /** Begins a session and returns its secret. */
    String begin(Account account) {
        String secret = secrets.secret();
        long now = clock.millis();
        database.writing(tx -> {
            tx.sql()
                    .createUpdate("delete from account_session where created_at < :old or seen_at < :idle")
                    .bind("old", now - LONGEST.toMillis())
                    .bind("idle", now - IDLE.toMillis())
                    .execute();
            tx.sql()
                    .createUpdate("insert into account_session (secret, account, revision, created_at, seen_at)"
                            + " values (:secret, :account, :revision, :now, :now)")
                    .bind("secret", Secrets.sha256(secret))
                    .bind("account", account.id())
                    .bind("revision", account.revision())
                    .bind("now", now)
                    .execute();
        });
        return secret;
    }

    /** The account of a live session. */
    Optional<Account> verify(String secret) {
        if (!Secrets.wellFormed(secret)) {
            return Optional.empty();
        }
        String kept = Secrets.sha256(secret);
        long now = clock.millis();
        Optional<Session> session =
                database.read(sql -> sql.createQuery("select * from account_session where secret = :secret")
                        .bind("secret", kept)
                        .map((row, context) -> new Session(
                                row.getLong("account"),
                                row.getLong("revision"),
                                row.getLong("created_at"),
                                row.getLong("seen_at")))
                        .findOne());
        if (session.isEmpty()
                || now - session.get().createdAt() >= LONGEST.toMillis()
                || now - session.get().seenAt() >= IDLE.toMillis()) {
            return Optional.empty();
        }
        if (now - session.get().seenAt() >= SEEN_NOTED_MILLIS) {
            database.writing(tx -> tx.sql()
                    .createUpdate("update account_session set seen_at = :now where secret = :secret")
                    .bind("now", now)
                    .bind("secret", kept)
                    .execute());
        }
        long revision = session.get().revision();
        return database.read(sql -> sql.createQuery("select * from account where id = :id")
                        .bind("id", session.get().account())
                        .map(Accounts::row)
                        .findOne())
                .filter(account -> account.revision() == revision && !account.disabled());
    }

    void end(String secret) {
        database.writing(tx -> tx.sql()
                .createUpdate("delete from account_session where secret = :secret")
                .bind("secret", Secrets.sha256(secret))
                .execute());
    }
}
