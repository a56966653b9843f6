package dev.perennial.governance;

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
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** Projects and who has which role in them. The default project is always there. Thread-safe. */
public final class Projects {
    private static final Pattern NAME = Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])");
    private static final int DESCRIPTION_MAX = 2000;
    private static final int PROJECTS_MAX = 10_000;
    private static final String MEMBERS =
            "select m.project, m.role, a.name from project_member m join account a on a.id = m.account";

    private final Database database;
    private final InstantSource clock;
    private final AccessLedger ledger;

    Projects(Database database, InstantSource clock, AccessLedger ledger) {
        this.database = database;
        this.clock = clock;
        this.ledger = ledger;
    }

    public Project create(Caller by, String name, String description, String artifactLocation) {
        if (!NAME.matcher(name).matches()) {
            throw PerennialException.invalid(
                    "name",
                    "project name '" + name
                            + "' must have 2 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends");
        }
        checkDescription(description);
        return database.write(tx -> {
            int rows = tx.sql()
                    .createUpdate("insert into project (name, description, artifact_location, created_at)"
                            + " values (:name, :description, :location, :now) on conflict do nothing")
                    .bind("name", name)
                    .bind("description", description)
                    .bind("location", artifactLocation)
                    .bind("now", clock.millis())
                    .execute();
            if (rows == 0) {
                throw new PerennialException(
                        ErrorCode.ALREADY_EXISTS, "Workspace '" + name + "' already exists", "name", null);
            }
            if (by.account() != 0) {
                putRole(tx, name, by.account(), Role.MAINTAINER);
            }
            ledger.entry(tx, by, "access.project.create", "project:" + name, Json.object());
            return require(tx.sql(), name);
        });
    }

    private static void checkDescription(String description) {
        if (description.length() > DESCRIPTION_MAX) {
            throw PerennialException.invalid(
                    "description", "a description has at most " + DESCRIPTION_MAX + " characters");
        }
    }

    public Project describe(Caller by, String name, String description) {
        checkDescription(description);
        return database.write(tx -> {
            require(tx.sql(), name);
            tx.sql()
                    .createUpdate("update project set description = :description where name = :name")
                    .bind("description", description)
                    .bind("name", name)
                    .execute();
            ledger.entry(
                    tx,
                    by,
                    "access.policy.publish",
                    "project:" + name,
                    Json.object().put("description", description));
            return require(tx.sql(), name);
        });
    }

    /** Removes an empty project. */
    public void delete(Caller by, String name) {
        if (name.equals(Caller.DEFAULT_PROJECT)) {
            throw PerennialException.invalid("name", "the project 'default' is always there and cannot be deleted");
        }
        database.writing(tx -> {
            require(tx.sql(), name);
            long held = tx.sql()
                    .createQuery("select (select count(*) from experiment where project = :name)"
                            + " + (select count(*) from model_project where project = :name)")
                    .bind("name", name)
                    .mapTo(Long.class)
                    .one();
            if (held > 0) {
                throw PerennialException.state("project '" + name + "' still holds " + held
                        + " experiments and models, deleted ones included; only an empty project can be deleted");
            }
            tx.sql()
                    .createUpdate("delete from project_member where project = :name")
                    .bind("name", name)
                    .execute();
            tx.sql()
                    .createUpdate("update account set default_project = 'default' where default_project = :name")
                    .bind("name", name)
                    .execute();
            tx.sql()
                    .createUpdate("delete from project where name = :name")
                    .bind("name", name)
                    .execute();
            ledger.entry(tx, by, "access.project.archive", "project:" + name, Json.object());
        });
    }

    public Optional<Project> find(String name) {
        return database.read(sql -> find(sql, name));
    }

    public Project get(String name) {
        return database.read(sql -> require(sql, name));
    }

    private static Optional<Project> find(Handle sql, String name) {
        return sql.createQuery("select * from project where name = :name")
                .bind("name", name)
                .map(Projects::row)
                .findOne();
    }

    static Project require(Handle sql, String name) {
        return find(sql, name).orElseThrow(() -> missing(name));
    }

    /** What is said of a project that is not there, and of one that may not be seen. */
    public static PerennialException missing(String name) {
        return PerennialException.notFound("Workspace '" + name + "' not found");
    }

    public List<Project> all() {
        return database.read(sql -> sql.createQuery("select * from project order by name limit " + PROJECTS_MAX)
                .map(Projects::row)
                .list());
    }

    public List<Member> members(String project) {
        return database.read(sql -> sql.createQuery(MEMBERS + " where m.project = :project order by a.name, m.role")
                .bind("project", project)
                .map(Projects::member)
                .list());
    }

    /** Who has roles in a project, by name, each with all of them. */
    public Page<Membership> memberships(String project, PageRequest request) {
        List<Member> rows = database.read(sql -> sql.createQuery(MEMBERS
                        + " where m.project = :project and a.name in (select distinct a.name from project_member m"
                        + " join account a on a.id = m.account"
                        + " where m.project = :project and a.name > :after order by a.name limit :limit)"
                        + " order by a.name")
                .bind("project", project)
                .bind("after", request.after().orElse(""))
                .bind("limit", request.limit() + 1)
                .map(Projects::member)
                .list());
        Map<String, EnumSet<Role>> people = new LinkedHashMap<>();
        for (Member row : rows) {
            people.computeIfAbsent(row.user(), user -> EnumSet.noneOf(Role.class))
                    .add(row.role());
        }
        return request.page(
                people.entrySet().stream()
                        .map(one -> new Membership(one.getKey(), List.copyOf(one.getValue())))
                        .toList(),
                Membership::user);
    }

    private static Membership membership(Handle sql, String project, String user) {
        return new Membership(
                user,
                sql
                        .createQuery(MEMBERS + " where m.project = :project and a.name = :user")
                        .bind("project", project)
                        .bind("user", user)
                        .map(Projects::member)
                        .list()
                        .stream()
                        .map(Member::role)
                        .sorted()
                        .toList());
    }

    public List<Member> rolesOf(String user) {
        return database.read(sql -> sql.createQuery(MEMBERS + " where a.name = :user order by m.project, m.role")
                .bind("user", user)
                .map(Projects::member)
                .list());
    }

    public void grant(Caller by, String project, String user, Role role) {
        Role.inProject(role.text());
        refuseNaming(by, role);
        database.writing(tx -> {
            require(tx.sql(), project);
            putRole(tx, project, Accounts.get(tx.sql(), user).id(), role);
            change(tx, by, "access.role.grant", project, user, role);
        });
    }

    /** Who deploys does not decide who approves: approvers are named by administrators. */
    private static void refuseNaming(Caller by, Role role) {
        if (role == Role.APPROVER && !by.unrestricted()) {
            throw Access.denied();
        }
    }

    /** Who takes approvers away weakens the rule of four eyes: administrators do, and an approver may stop being one. */
    private static void refuseTaking(Caller by, long account, Role role) {
        if (role == Role.APPROVER && !by.unrestricted() && by.account() != account) {
            throw Access.denied();
        }
    }

    /** Gives somebody exactly these roles; what stays as it was is not told again. */
    public Membership set(Caller by, String project, String user, Set<Role> roles) {
        if (roles.isEmpty()) {
            throw PerennialException.invalid("roles", "name at least one role; remove the member to take all away");
        }
        roles.forEach(role -> Role.inProject(role.text()));
        return database.write(tx -> {
            require(tx.sql(), project);
            Account account = Accounts.get(tx.sql(), user);
            List<Role> had = membership(tx.sql(), project, user).roles();
            for (Role role : EnumSet.copyOf(roles)) {
                if (!had.contains(role)) {
                    refuseNaming(by, role);
                    putRole(tx, project, account.id(), role);
                    change(tx, by, "access.role.grant", project, user, role);
                }
            }
            for (Role role : had) {
                if (!roles.contains(role)) {
                    refuseTaking(by, account.id(), role);
                    takeRoles(tx, project, account.id(), role);
                    change(tx, by, "access.role.revoke", project, user, role);
                }
            }
            return membership(tx.sql(), project, user);
        });
    }

    private static int takeRoles(Transaction tx, String project, long account, @Nullable Role role) {
        return tx.sql()
                .createUpdate("delete from project_member where project = :project and account = :account"
                        + (role == null ? "" : " and role = '" + role.text() + "'"))
                .bind("project", project)
                .bind("account", account)
                .execute();
    }

    /**
     * Takes a role away.
     *
     * @param role null for all
     */
    public void revoke(Caller by, String project, String user, @Nullable Role role) {
        database.writing(tx -> {
            Account account = Accounts.get(tx.sql(), user);
            membership(tx.sql(), project, user).roles().stream()
                    .filter(had -> role == null || role == had)
                    .forEach(had -> refuseTaking(by, account.id(), had));
            if (takeRoles(tx, project, account.id(), role) == 0) {
                throw PerennialException.notFound("'" + user + "' has no "
                        + (role == null ? "role" : "role '" + role.text() + "'") + " in project '" + project + "'");
            }
            change(tx, by, "access.role.revoke", project, user, role);
        });
    }

    private void change(Transaction tx, Caller by, String action, String project, String user, @Nullable Role role) {
        ledger.entry(
                tx,
                by,
                action,
                "project:" + project,
                Json.object().put("user", user).put("role", role == null ? "all" : role.text()));
    }

    private static void putRole(Transaction tx, String project, long account, Role role) {
        tx.sql()
                .createUpdate("insert into project_member (project, account, role) values (:project, :account, :role)"
                        + " on conflict do nothing")
                .bind("project", project)
                .bind("account", account)
                .bind("role", role.text())
                .execute();
    }

    private static Member member(ResultSet row, StatementContext context) throws SQLException {
        return new Member(row.getString("project"), row.getString("name"), role(row.getString("role")));
    }

    static Role role(String stored) {
        return Role.valueOf(stored.toUpperCase(Locale.ROOT));
    }

    private static Project row(ResultSet row, StatementContext context) throws SQLException {
        return new Project(
                row.getString("name"),
                row.getString("description"),
                row.getString("artifact_location"),
                row.getLong("created_at"));
    }
}
