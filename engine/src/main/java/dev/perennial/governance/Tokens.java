package dev.perennial.governance;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * Tokens, {@code pnl_<kind>_<id>_<secret>}: shown once, kept as SHA-256, looked up at each use, so that a revocation holds from the next
 * request on every server. Thread-safe.
 */
public final class Tokens {
    /** How long a token lasts when nothing is said. */
    public static final Duration LIFE_DEFAULT = Duration.ofDays(90);

    public static final Duration LIFE_MAX = Duration.ofDays(366);

    private static final String PREFIX = "pnl_";
    private static final Pattern FORM = Pattern.compile("pnl_(pat|svc)_([a-z2-7]{12})_([0-9A-Za-z]{49})");
    private static final int NAME_MAX = 100;
    private static final int TOKENS_MAX = 1000;
    private static final long USE_NOTED_MILLIS = 60_000;
    private static final String COLUMNS =
            "select t.*, a.name as owner from account_token t join account a on a.id = t.account";

    private final Database database;
    private final InstantSource clock;
    private final Secrets secrets;
    private final AccessLedger ledger;

    Tokens(Database database, InstantSource clock, Secrets secrets, AccessLedger ledger) {
        this.database = database;
        this.clock = clock;
        this.secrets = secrets;
        this.ledger = ledger;
    }

    /**
     * What a token is to be.
     *
     * @param project null for all of the owner's
     * @param role null for all that the owner may
     * @param scope null for more than one thing
     */
    public record NewToken(
            String owner,
            String name,
            @Nullable String project,
            @Nullable Role role,
            @Nullable TokenScope scope,
            Duration life) {
        /** A token for more than one thing. */
        public NewToken(String owner, String name, @Nullable String project, @Nullable Role role, Duration life) {
            this(owner, name, project, role, null, life);
        }

        public NewToken {
            if (name.isBlank() || name.length() > NAME_MAX || name.chars().anyMatch(Character::isISOControl)) {
                throw PerennialException.invalid(
                        "name",
                        "a token needs a name of 1 to " + NAME_MAX + " printable characters, got '" + name + "'");
            }
            if (life.isNegative() || life.isZero() || life.compareTo(LIFE_MAX) > 0) {
                throw PerennialException.invalid(
                        "days", "a token lasts 1 to " + LIFE_MAX.toDays() + " days, got " + life.toDays());
            }
        }
    }

    /** A token and its text, which nobody will see again. */
    public record Issued(Token token, String text) {
        @Override
        public String toString() {
            return "Issued[" + token + "]";
        }
    }

    static boolean looksLikeOne(String text) {
        return text.startsWith(PREFIX);
    }

    public Issued issue(Caller by, NewToken wanted) {
        String id = secrets.id();
        String secret = secrets.secret();
        return database.write(tx -> {
            Account owner = Accounts.get(tx.sql(), wanted.owner());
            if (wanted.project() != null) {
                Projects.require(tx.sql(), wanted.project());
            }
            refuseTooMany(tx.sql(), owner);
            String kind = owner.kind() == Account.Kind.SERVICE ? "svc" : "pat";
            tx.sql()
                    .createUpdate("insert into account_token (id, account, kind, name, secret, project, role,"
                            + " created_at, expires_at, endpoint, scorer, endpoints)"
                            + " values (:id, :account, :kind, :name, :secret, :project, :role, :now, :expires, :endpoint,"
                            + " :scorer, :endpoints)")
                    .bind("endpoint", wanted.scope() instanceof TokenScope.Endpoint one ? one.name() : null)
                    .bind("scorer", wanted.scope() instanceof TokenScope.Scorer one ? one.id() : null)
                    .bind(
                            "endpoints",
                            wanted.scope() instanceof TokenScope.Scorer one ? Json.write(one.endpoints()) : null)
                    .bind("id", id)
                    .bind("account", owner.id())
                    .bind("kind", kind)
                    .bind("name", wanted.name())
                    .bind("secret", Secrets.sha256(secret))
                    .bind("project", wanted.project())
                    .bind("role", wanted.role() == null ? null : wanted.role().text())
                    .bind("now", clock.millis())
                    .bind("expires", clock.millis() + wanted.life().toMillis())
                    .execute();
            Token token = find(tx.sql(), id).orElseThrow();
            ledger.entry(tx, by, "auth.token.create", "token:" + id, told(owner, wanted));
            return new Issued(token, PREFIX + kind + "_" + id + "_" + secret);
        });
    }

    private static ObjectNode told(Account owner, NewToken wanted) {
        ObjectNode told = Json.object().put("owner", owner.name()).put("name", wanted.name());
        if (wanted.scope() != null) {
            told.set("only", Json.tree(wanted.scope()));
        }
        return told;
    }

    private static void refuseTooMany(Handle sql, Account owner) {
        long there = sql.createQuery("select count(*) from account_token where account = :id and revoked_at is null")
                .bind("id", owner.id())
                .mapTo(Long.class)
                .one();
        if (there >= TOKENS_MAX) {
            throw PerennialException.state("'" + owner.name() + "' has " + there + " tokens; revoke some first");
        }
    }

    /** The live token of a text; empty for anything else, without a reason. */
    Optional<Token> verify(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches() || !Secrets.wellFormed(parts.group(3))) {
            return Optional.empty();
        }
        long now = clock.millis();
        Optional<Token> token = database.read(sql -> sql.createQuery(COLUMNS + " where t.id = :id")
                .bind("id", parts.group(2))
                .map((row, context) -> Secrets.same(row.getString("secret"), Secrets.sha256(parts.group(3)))
                        ? row(row, context)
                        : null)
                .findOne());
        return token.filter(live -> live.revokedAt() == null
                && live.expiresAt() > now
                && live.kind().equals(parts.group(1)));
    }

    /**
     * A token that holds, of an account that may sign in.
     *
     * @param caller whoever shows it
     */
    record Live(Token token, String sha256, Caller caller) {}

    /** All tokens that hold, ordered by their ids. */
    List<Live> live() {
        return database.read(sql -> sql.createQuery("select t.*, a.name as owner, a.administrator, a.default_project"
                        + " from account_token t join account a on a.id = t.account"
                        + " where t.revoked_at is null and t.expires_at > :now and a.disabled = 0 order by t.id")
                .bind("now", clock.millis())
                .map((row, context) -> {
                    Token token = row(row, context);
                    return new Live(
                            token,
                            row.getString("secret"),
                            Caller.of(token, row.getInt("administrator") != 0, row.getString("default_project")));
                })
                .list());
    }

    /** Notes a use, at most once a minute. */
    void used(Token token) {
        long now = clock.millis();
        if (token.usedAt() == null || now - token.usedAt() >= USE_NOTED_MILLIS) {
            database.writing(tx -> tx.sql()
                    .createUpdate("update account_token set used_at = :now where id = :id")
                    .bind("now", now)
                    .bind("id", token.id())
                    .execute());
        }
    }

    public Token get(String id) {
        return database.read(sql -> find(sql, id)).orElseThrow(() -> unknown(id));
    }

    private static PerennialException unknown(String id) {
        return PerennialException.notFound("there is no token '" + id + "'");
    }

    private static Optional<Token> find(Handle sql, String id) {
        return sql.createQuery(COLUMNS + " where t.id = :id")
                .bind("id", id)
                .map(Tokens::row)
                .findOne();
    }

    /** Of one owner, the newest first. */
    public List<Token> of(String owner) {
        return database.read(sql -> sql.createQuery(
                        COLUMNS + " where a.name = :owner order by t.created_at desc, t.id limit " + TOKENS_MAX)
                .bind("owner", owner)
                .map(Tokens::row)
                .list());
    }

    public void revoke(Caller by, String id) {
        database.writing(tx -> {
            Token token = find(tx.sql(), id).orElseThrow(() -> unknown(id));
            if (token.revokedAt() == null) {
                tx.sql()
                        .createUpdate("update account_token set revoked_at = :now where id = :id")
                        .bind("now", clock.millis())
                        .bind("id", id)
                        .execute();
                ledger.entry(
                        tx,
                        by,
                        "auth.token.revoke",
                        "token:" + id,
                        Json.object().put("owner", token.owner()));
            }
        });
    }

    private static @Nullable TokenScope scope(ResultSet row) throws SQLException {
        String endpoint = row.getString("endpoint");
        String scorer = row.getString("scorer");
        if (scorer != null) {
            return new TokenScope.Scorer(scorer, List.of(Json.read(row.getString("endpoints"), String[].class)));
        }
        return endpoint == null ? null : new TokenScope.Endpoint(endpoint);
    }

    private static Token row(ResultSet row, StatementContext context) throws SQLException {
        String role = row.getString("role");
        long used = row.getLong("used_at");
        Long usedAt = row.wasNull() ? null : used;
        long revoked = row.getLong("revoked_at");
        Long revokedAt = row.wasNull() ? null : revoked;
        return new Token(
                row.getString("id"),
                row.getLong("account"),
                row.getString("owner"),
                row.getString("kind"),
                row.getString("name"),
                row.getString("project"),
                role == null ? null : Role.of(role),
                scope(row),
                row.getLong("created_at"),
                row.getLong("expires_at"),
                usedAt,
                revokedAt);
    }
}
