package dev.perennial.governance;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * Persons and services that sign in. The last administrator that can sign in cannot be removed, disabled or made an ordinary user.
 * Thread-safe.
 */
public final class Accounts {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@+-]{0,98}");

    private final Database database;
    private final InstantSource clock;
    private final Passwords passwords;
    private final AccessLedger ledger;

    Accounts(Database database, InstantSource clock, Passwords passwords, AccessLedger ledger) {
        this.database = database;
        this.clock = clock;
        this.passwords = passwords;
        this.ledger = ledger;
    }

    /**
     * Whom to make.
     *
     * @param password null for services
     */
    public record NewAccount(
            String name, Account.Kind kind, @Nullable String password, boolean administrator) {}

    public Account create(Caller by, NewAccount wanted) {
        String name = checkedName(wanted.name());
        if (wanted.kind() == Account.Kind.SERVICE && (wanted.password() != null || wanted.administrator())) {
            throw PerennialException.invalid(
                    "kind", "a service has tokens, no password, and is no administrator; leave these out");
        }
        String hash = wanted.kind() == Account.Kind.SERVICE
                ? null
                : passwords.hash(
                        Passwords.checked("password", name, wanted.password() == null ? "" : wanted.password()));
        return database.write(tx -> {
            if (named(tx.sql(), name).isPresent()) {
                throw new PerennialException(
                        ErrorCode.ALREADY_EXISTS, "User '" + name + "' already exists", "username", null);
            }
            return insert(tx, by, wanted, hash);
        });
    }

    /** Makes an account whose name is checked and free. */
    Account insert(Transaction tx, Caller by, NewAccount wanted, @Nullable String hash) {
        long id = 1
                + tx.sql()
                        .createQuery("select coalesce(max(id), 0) from account")
                        .mapTo(Long.class)
                        .one();
        tx.sql()
                .createUpdate("insert into account (id, name, kind, password, administrator, disabled,"
                        + " default_project, revision, created_at)"
                        + " values (:id, :name, :kind, :password, :admin, 0, :project, :now, :now)")
                .bind("id", id)
                .bind("name", wanted.name())
                .bind("kind", wanted.kind().text())
                .bind("password", hash)
                .bind("admin", wanted.administrator() ? 1 : 0)
                .bind("project", Caller.DEFAULT_PROJECT)
                .bind("now", clock.millis())
                .execute();
        ledger.entry(
                tx,
                by,
                "access.role.grant",
                "user:" + wanted.name(),
                Json.object()
                        .put("change", "created")
                        .put("kind", wanted.kind().text())
                        .put("administrator", wanted.administrator()));
        return get(tx.sql(), wanted.name());
    }

    static String checkedName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw PerennialException.invalid(
                    "username",
                    "name '" + name + "' must have 1 to 99 letters, digits and . _ @ + -, the first a letter or digit");
        }
        return name;
    }

    public boolean none() {
        return database.read(sql -> sql.createQuery("select count(*) from account")
                        .mapTo(Long.class)
                        .one()
                == 0);
    }

    public Account get(String name) {
        return database.read(sql -> get(sql, name));
    }

    static Account get(Handle sql, String name) {
        return named(sql, name)
                .orElseThrow(() -> PerennialException.notFound("User with username=" + name + " not found"));
    }

    Optional<Account> find(long id) {
        return database.read(sql -> sql.createQuery("select * from account where id = :id")
                .bind("id", id)
                .map(Accounts::row)
                .findOne());
    }

    static Optional<Account> named(Handle sql, String name) {
        return sql.createQuery("select * from account where name = :name")
                .bind("name", name)
                .map(Accounts::row)
                .findOne();
    }

    /** By name. */
    public Page<Account> page(PageRequest request) {
        return database.read(sql -> {
            List<Account> found = sql.createQuery(
                            "select * from account where name > :after order by name limit :limit")
                    .bind("after", request.after().orElse(""))
                    .bind("limit", request.limit() + 1)
                    .map(Accounts::row)
                    .list();
            return request.page(found, Account::name);
        });
    }

    /** Ends all sessions of the account; its tokens stay. */
    public void password(Caller by, String name, String password) {
        String hash = passwords.hash(Passwords.checked("password", name, password));
        database.writing(tx -> {
            Account account = get(tx.sql(), name);
            if (account.kind() == Account.Kind.SERVICE) {
                throw PerennialException.invalid(
                        "username", "'" + name + "' is a service: it signs in with tokens alone");
            }
            tx.sql()
                    .createUpdate("update account set password = :hash, revision = revision + 1 where id = :id")
                    .bind("hash", hash)
                    .bind("id", account.id())
                    .execute();
            ledger.entry(tx, by, "auth.password.change", "user:" + name, Json.object());
        });
    }

    public void administrator(Caller by, String name, boolean administrator) {
        database.writing(tx -> {
            Account account = get(tx.sql(), name);
            if (account.kind() == Account.Kind.SERVICE && administrator) {
                throw PerennialException.invalid("is_admin", "'" + name + "' is a service and cannot be administrator");
            }
            if (account.administrator() && !administrator) {
                refuseLast(tx, account);
            }
            tx.sql()
                    .createUpdate("update account set administrator = :admin where id = :id")
                    .bind("admin", administrator ? 1 : 0)
                    .bind("id", account.id())
                    .execute();
            change(tx, by, account, administrator ? "access.role.grant" : "access.role.revoke", "administrator");
        });
    }

    /** A disabled account signs in no more; its sessions and tokens are dead at once and come back with it. */
    public void disabled(Caller by, String name, boolean disabled) {
        database.writing(tx -> {
            Account account = get(tx.sql(), name);
            if (disabled) {
                refuseLast(tx, account);
            }
            tx.sql()
                    .createUpdate("update account set disabled = :disabled, revision = revision + 1 where id = :id")
                    .bind("disabled", disabled ? 1 : 0)
                    .bind("id", account.id())
                    .execute();
            change(tx, by, account, disabled ? "access.role.revoke" : "access.role.grant", "enabled");
        });
    }

    public void defaultProject(Caller by, String name, String project) {
        database.writing(tx -> {
            Account account = get(tx.sql(), name);
            Projects.require(tx.sql(), project);
            tx.sql()
                    .createUpdate("update account set default_project = :project where id = :id")
                    .bind("project", project)
                    .bind("id", account.id())
                    .execute();
            change(tx, by, account, "access.role.grant", "default project " + project);
        });
    }

    /** Deletes an account with its tokens, sessions, roles and grants. */
    public void delete(Caller by, String name) {
        database.writing(tx -> {
            Account account = get(tx.sql(), name);
            refuseLast(tx, account);
            for (String table : List.of("account_token", "account_session", "project_member", "object_grant")) {
                tx.sql()
                        .createUpdate("delete from " + table + " where account = :id")
                        .bind("id", account.id())
                        .execute();
            }
            tx.sql()
                    .createUpdate("delete from account where id = :id")
                    .bind("id", account.id())
                    .execute();
            change(tx, by, account, "access.role.revoke", "deleted");
        });
    }

    private void change(Transaction tx, Caller by, Account account, String action, String what) {
        ObjectNode payload = Json.object().put("change", what);
        ledger.entry(tx, by, action, "user:" + account.name(), payload);
    }

    private static void refuseLast(Transaction tx, Account account) {
        long others = tx.sql()
                .createQuery("select count(*) from account where administrator = 1 and disabled = 0"
                        + " and password is not null and id <> :id")
                .bind("id", account.id())
                .mapTo(Long.class)
                .one();
        if (account.administrator() && !account.disabled() && others == 0) {
            throw PerennialException.state(
                    "'" + account.name() + "' is the last administrator; make another one before");
        }
    }

    /** The stored password; empty for services. */
    Optional<String> phc(long id) {
        return database.read(sql -> sql.createQuery("select password from account where id = :id")
                .bind("id", id)
                .map((row, context) -> Optional.ofNullable(row.getString("password")))
                .findOne()
                .flatMap(phc -> phc));
    }

    Optional<Account> named(String name) {
        return database.read(sql -> named(sql, name));
    }

    static Account row(ResultSet row, StatementContext context) throws SQLException {
        return new Account(
                row.getLong("id"),
                row.getString("name"),
                Account.Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                row.getLong("administrator") != 0,
                row.getLong("disabled") != 0,
                row.getString("default_project"),
                row.getLong("revision"),
                row.getLong("created_at"));
    }
}
