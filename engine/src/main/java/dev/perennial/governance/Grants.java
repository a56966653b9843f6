package dev.perennial.governance;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** Rights of single accounts on single objects; they add to what the project gives. Thread-safe. */
public final class Grants {
    private static final int LISTED_MAX = 10_000;
    private static final String COLUMNS =
            "select g.*, a.name as user_name from object_grant g join account a on a.id = g.account";

    private final Database database;
    private final AccessLedger ledger;

    Grants(Database database, InstantSource clock, AccessLedger ledger) {
        this.database = database;
        this.ledger = ledger;
    }

    /** The right of a permission's name, as MLflow spells it. */
    public static Right permission(String text) {
        if (text.equals("NO_PERMISSIONS")) {
            throw PerennialException.invalid(
                    "permission",
                    "NO_PERMISSIONS cannot be granted: rights add up here; delete the permission,"
                            + " take away the role in the project, or lower the default permission");
        }
        try {
            return Right.valueOf(text);
        } catch (IllegalArgumentException e) {
            throw new PerennialException(
                    ErrorCode.INVALID_ARGUMENT,
                    "Invalid permission '" + text + "'. Valid permissions are: READ, USE, EDIT, MANAGE",
                    "permission",
                    e);
        }
    }

    /** Gives a right that is not there yet. */
    public Grant create(Caller by, Thing thing, String user, Right right) {
        return database.write(tx -> {
            Account account = Accounts.get(tx.sql(), user);
            if (find(tx.sql(), thing, user).isPresent()) {
                throw new PerennialException(
                        ErrorCode.ALREADY_EXISTS,
                        "Permission of '" + user + "' on " + named(thing) + " already exists; update it",
                        "username",
                        null);
            }
            put(tx, thing, account.id(), right);
            told(tx, by, "access.role.grant", thing, user, right.name());
            return find(tx.sql(), thing, user).orElseThrow();
        });
    }

    public void update(Caller by, Thing thing, String user, Right right) {
        database.writing(tx -> {
            Grant grant = get(tx.sql(), thing, user);
            put(tx, thing, grant.account(), right);
            told(tx, by, "access.role.grant", thing, user, right.name());
        });
    }

    public void delete(Caller by, Thing thing, String user) {
        database.writing(tx -> {
            Grant grant = get(tx.sql(), thing, user);
            tx.sql()
                    .createUpdate("delete from object_grant where kind = :kind and object = :object"
                            + " and account = :account")
                    .bind("kind", thing.kind().text())
                    .bind("object", thing.object())
                    .bind("account", grant.account())
                    .execute();
            told(tx, by, "access.role.revoke", thing, user, grant.right().name());
        });
    }

    public Grant get(Thing thing, String user) {
        return database.read(sql -> get(sql, thing, user));
    }

    private static Grant get(Handle sql, Thing thing, String user) {
        Accounts.get(sql, user);
        return find(sql, thing, user)
                .orElseThrow(() ->
                        PerennialException.notFound("Permission of '" + user + "' on " + named(thing) + " not found"));
    }

    private static Optional<Grant> find(Handle sql, Thing thing, String user) {
        return sql.createQuery(COLUMNS + " where g.kind = :kind and g.object = :object and a.name = :user")
                .bind("kind", thing.kind().text())
                .bind("object", thing.object())
                .bind("user", user)
                .map(Grants::row)
                .findOne();
    }

    public List<Grant> of(String user) {
        return database.read(
                sql -> sql.createQuery(COLUMNS + " where a.name = :user order by g.kind, g.object limit " + LISTED_MAX)
                        .bind("user", user)
                        .map(Grants::row)
                        .list());
    }

    public List<Grant> on(Thing thing) {
        return database.read(sql -> sql.createQuery(
                        COLUMNS + " where g.kind = :kind and g.object = :object order by a.name limit " + LISTED_MAX)
                .bind("kind", thing.kind().text())
                .bind("object", thing.object())
                .map(Grants::row)
                .list());
    }

    /** Whoever made an object may do everything with it; in the transaction that makes it. */
    public void made(Transaction tx, Caller by, Thing thing) {
        if (by.account() != 0) {
            put(tx, thing, by.account(), Right.MANAGE);
        }
    }

    /** The ids of one kind that an account has rights on in a project; of models the names. */
    List<String> objects(long account, Thing.Kind kind) {
        return database.read(sql -> sql.createQuery("select object from object_grant"
                        + " where account = :account and kind = :kind order by object limit " + LISTED_MAX)
                .bind("account", account)
                .bind("kind", kind.text())
                .mapTo(String.class)
                .list());
    }

    private static void put(Transaction tx, Thing thing, long account, Right right) {
        tx.sql()
                .createUpdate("insert into object_grant (account, kind, object, permission)"
                        + " values (:account, :kind, :object, :permission)"
                        + " on conflict (account, kind, object) do update set permission = excluded.permission")
                .bind("account", account)
                .bind("kind", thing.kind().text())
                .bind("object", thing.object())
                .bind("permission", right.name())
                .execute();
    }

    private void told(Transaction tx, Caller by, String action, Thing thing, String user, String right) {
        ledger.entry(
                tx, by, action, named(thing), Json.object().put("user", user).put("permission", right));
    }

    private static String named(Thing thing) {
        return thing.kind().text() + ":" + thing.object();
    }

    private static Grant row(ResultSet row, StatementContext context) throws SQLException {
        return new Grant(
                row.getString("user_name"),
                row.getLong("account"),
                Thing.Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                row.getString("object"),
                Right.valueOf(row.getString("permission")));
    }
}
