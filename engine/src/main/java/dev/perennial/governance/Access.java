package dev.perennial.governance;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says who may do what. Rights add up: the roles in the object's project, the grants on the object, and what everybody may. A token
 * narrows them. Costs one indexed read for callers with an account, none for the others. Thread-safe.
 */
public final class Access {
    private final Database database;
    private final Grants grants;
    private final Optional<Right> everybody;

    /** @param everybody what each signed-in caller may do everywhere */
    Access(Database database, Grants grants, Optional<Right> everybody) {
        this.database = database;
        this.grants = grants;
        this.everybody = everybody;
    }

    /** The greatest right; empty when the caller may not even know of the object. */
    public Optional<Right> right(Caller caller, Thing thing) {
        if (caller.unrestricted()) {
            return Optional.of(Right.MANAGE);
        }
        if (caller.scope() != null || elsewhere(caller, thing)) {
            return Optional.empty();
        }
        return narrowed(caller, thing, own(caller, thing));
    }

    private static boolean elsewhere(Caller caller, Thing thing) {
        return caller.project() != null && !caller.project().equals(thing.project());
    }

    /** What the account may, whatever the caller's token narrows. */
    Optional<Right> own(Caller caller, Thing thing) {
        Right right = caller.administrator() ? Right.MANAGE : everybody.orElse(null);
        if (!caller.administrator()) {
            for (String given : given(caller, thing)) {
                right = greater(right, given);
            }
        }
        return Optional.ofNullable(right);
    }

    /** What a token's project and role leave of its owner's right. */
    static Optional<Right> narrowed(Caller caller, Thing thing, Optional<Right> own) {
        Right most = caller.role() == null ? Right.MANAGE : caller.role().right();
        return elsewhere(caller, thing) ? Optional.empty() : own.map(found -> found.compareTo(most) > 0 ? most : found);
    }

    private List<String> given(Caller caller, Thing thing) {
        return database.read(sql -> sql.createQuery("select role from project_member"
                        + " where project = :project and account = :account"
                        + " union all select permission from object_grant"
                        + " where account = :account and kind = :kind and object = :object")
                .bind("project", thing.project())
                .bind("account", caller.account())
                .bind("kind", thing.kind().text())
                .bind("object", thing.object())
                .mapTo(String.class)
                .list());
    }

    private static Right greater(@Nullable Right right, String given) {
        boolean role = Character.isLowerCase(given.charAt(0));
        Right other = role ? Projects.role(given).right() : Right.valueOf(given);
        return right == null || other.compareTo(right) > 0 ? other : right;
    }

    public boolean may(Caller caller, Right right, Thing thing) {
        return right(caller, thing).filter(has -> has.compareTo(right) >= 0).isPresent();
    }

    /**
     * Refuses what may not be done.
     *
     * @param missing what is said when the object may not even be known of: the same as for one that is not there
     */
    public void require(Caller caller, Right right, Thing thing, Supplier<PerennialException> missing) {
        Optional<Right> has = right(caller, thing);
        if (has.isEmpty()) {
            throw missing.get();
        }
        if (has.get().compareTo(right) < 0) {
            throw denied();
        }
    }

    /** Whether the caller may sign work of this project: only by the role, also for administrators. */
    public boolean maySign(Caller caller, String project) {
        if (!caller.checked()) {
            return true;
        }
        if (caller.scope() != null
                || caller.role() != null && caller.role() != Role.APPROVER
                || caller.project() != null && !caller.project().equals(project)) {
            return false;
        }
        return given(caller, Thing.project(project)).contains(Role.APPROVER.text());
    }

    /**
     * What a search of a project may show.
     *
     * @param whole everything; otherwise only the objects named
     */
    public record Readable(boolean whole, List<String> objects) {
        public Readable {
            objects = List.copyOf(objects);
        }
    }

    public Readable readable(Caller caller, Thing.Kind kind, String project) {
        if (right(caller, Thing.project(project)).isPresent()) {
            return new Readable(true, List.of());
        }
        if (caller.scope() != null
                || caller.project() != null && !caller.project().equals(project)) {
            return new Readable(false, List.of());
        }
        List<String> named = new ArrayList<>();
        String prefix = project + "/";
        for (String object : grants.objects(caller.account(), kind)) {
            if (kind != Thing.Kind.MODEL) {
                named.add(object);
            } else if (object.startsWith(prefix)) {
                named.add(object.substring(prefix.length()));
            }
        }
        return new Readable(false, named);
    }

    /** What people of the installation alone may do. */
    public void requireAdministrator(Caller caller) {
        if (!caller.unrestricted()) {
            throw denied();
        }
    }

    public static PerennialException denied() {
        return new PerennialException(ErrorCode.PERMISSION_DENIED, "Permission denied");
    }
}
