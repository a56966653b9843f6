package dev.perennial.registry.webhooks;

import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PerennialException;
import dev.perennial.registry.RegistryEvent;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import dev.perennial.store.ledger.LedgerEvent;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The webhooks of an installation. Who makes, changes and removes them stands in the ledger. Thread-safe. */
public final class Webhooks {
    private static final Pattern ID = Pattern.compile("[0-9a-f-]{36}");

    private final Database database;
    private final InstantSource clock;
    private final Ids ids;
    private final SecretBox secrets;

    public Webhooks(Database database, InstantSource clock, Ids ids, SecretBox secrets) {
        this.database = database;
        this.clock = clock;
        this.ids = ids;
        this.secrets = secrets;
    }

    /** Makes a webhook; the draft must have a name, an address and at least one event. */
    public Webhook create(String actor, String project, WebhookDraft draft) {
        if (draft.name() == null || draft.url() == null || draft.events().isEmpty()) {
            throw PerennialException.invalid(
                    "events", "a webhook needs a name, a url and at least one event, got " + draft.events());
        }
        String id = ids.next();
        return database.write(tx -> {
            long now = clock.millis();
            tx.sql()
                    .createUpdate(
                            "insert into webhook (id, project, name, description, url, secret, status, created_at,"
                                    + " updated_at) values (:id, :project, :name, :description, :url, :secret, :status,"
                                    + " :now, :now)")
                    .bind("id", id)
                    .bind("project", project)
                    .bind("name", draft.name())
                    .bind("description", draft.description())
                    .bind("url", draft.url())
                    .bind("secret", closed(id, draft.secret()))
                    .bind("status", status(draft).name())
                    .bind("now", now)
                    .execute();
            wish(tx, id, draft.events());
            Webhook made = get(tx.sql(), id);
            note(tx, actor, made, "created", now);
            return made;
        });
    }

    private static WebhookStatus status(WebhookDraft draft) {
        return draft.status() == null ? WebhookStatus.ACTIVE : draft.status();
    }

    private @Nullable String closed(String id, @Nullable String secret) {
        return secret == null || secret.isEmpty() ? null : secrets.close(id, secret);
    }

    private static void wish(Transaction tx, String id, List<RegistryEvent> events) {
        for (int i = 0; i < events.size(); i++) {
            tx.sql()
                    .createUpdate("insert into webhook_wish (webhook, position, entity, action)"
                            + " values (:id, :position, :entity, :action)")
                    .bind("id", id)
                    .bind("position", i)
                    .bind("entity", events.get(i).entity())
                    .bind("action", events.get(i).action())
                    .execute();
        }
    }

    private static void note(Transaction tx, String actor, Webhook webhook, String what, long at) {
        tx.ledger(new LedgerEvent(
                "system",
                actor,
                "system.config.change",
                "webhook:" + webhook.id(),
                at,
                Json.object()
                        .put("what", what)
                        .put("name", webhook.name())
                        .put("url", webhook.url())
                        .put("status", webhook.status().name())));
    }

    public Webhook get(String id) {
        return database.read(sql -> get(sql, id));
    }

    static Webhook get(Handle sql, String id) {
        return sql.createQuery("select * from webhook where id = :id")
                .bind("id", id)
                .map((row, context) -> row(row, wishes(sql, List.of(id))))
                .findOne()
                .orElseThrow(() -> PerennialException.notFound("Webhook with ID " + id + " not found."));
    }

    /**
     * The webhooks of a project in the order in which they were made.
     *
     * @param token of the page before; null for the first page
     */
    public Page<Webhook> list(String project, int limit, @Nullable String token) {
        if (token != null && !ID.matcher(token).matches()) {
            throw PerennialException.invalid("page_token", "Invalid page token '" + token + "': start without one");
        }
        return database.read(sql -> {
            List<String> found = sql.createQuery(
                            "select id from webhook where project = :project and id > :after order by id limit :limit")
                    .bind("project", project)
                    .bind("after", token == null ? "" : token)
                    .bind("limit", limit + 1)
                    .mapTo(String.class)
                    .list();
            List<String> kept = found.subList(0, Math.min(limit, found.size()));
            return new Page<>(
                    kept.stream().map(id -> get(sql, id)).toList(),
                    found.size() > limit ? Optional.of(kept.getLast()) : Optional.empty());
        });
    }

    /** Changes what the draft says; events are replaced when it names any. */
    public Webhook update(String actor, String id, WebhookDraft draft) {
        return database.write(tx -> {
            Webhook before = get(tx.sql(), id);
            long now = clock.millis();
            tx.sql()
                    .createUpdate("update webhook set name = :name, description = :description, url = :url,"
                            + " status = :status, updated_at = :now where id = :id")
                    .bind("name", draft.name() == null ? before.name() : draft.name())
                    .bind("description", draft.description() == null ? before.description() : draft.description())
                    .bind("url", draft.url() == null ? before.url() : draft.url())
                    .bind("status", (draft.status() == null ? before.status() : draft.status()).name())
                    .bind("now", now)
                    .bind("id", id)
                    .execute();
            if (draft.secret() != null) {
                tx.sql()
                        .createUpdate("update webhook set secret = :secret where id = :id")
                        .bind("secret", closed(id, draft.secret()))
                        .bind("id", id)
                        .execute();
            }
            if (!draft.events().isEmpty()) {
                forget(tx, "webhook_wish", id);
                wish(tx, id, draft.events());
            }
            Webhook changed = get(tx.sql(), id);
            note(tx, actor, changed, "changed", now);
            return changed;
        });
    }

    /** Removes a webhook with what was still to be sent to it. */
    public void delete(String actor, String id) {
        database.writing(tx -> {
            Webhook webhook = get(tx.sql(), id);
            forget(tx, "webhook_wish", id);
            forget(tx, "webhook_delivery", id);
            tx.sql()
                    .createUpdate("delete from webhook where id = :id")
                    .bind("id", id)
                    .execute();
            note(tx, actor, webhook, "removed", clock.millis());
        });
    }

    private static void forget(Transaction tx, String table, String id) {
        tx.sql()
                .createUpdate("delete from " + table + " where webhook = :id")
                .bind("id", id)
                .execute();
    }

    /** What signs the messages of a webhook; empty when they are not signed. For the sender alone. */
    public Optional<String> secret(String id) {
        return database.read(sql -> sql.createQuery("select secret from webhook where id = :id and secret is not null")
                        .bind("id", id)
                        .mapTo(String.class)
                        .findOne())
                .map(closed -> secrets.open(id, closed));
    }

    private static Map<String, List<RegistryEvent>> wishes(Handle sql, List<String> ids) {
        Map<String, List<RegistryEvent>> wishes = new HashMap<>();
        sql.createQuery("select webhook, entity, action from webhook_wish where webhook in (<ids>)"
                        + " order by webhook, position")
                .bindList("ids", ids)
                .map((row, context) -> wishes.computeIfAbsent(row.getString("webhook"), id -> new ArrayList<>())
                        .add(RegistryEvent.of(row.getString("entity"), row.getString("action"))))
                .list();
        return wishes;
    }

    private static Webhook row(ResultSet row, Map<String, List<RegistryEvent>> wishes) throws SQLException {
        return new Webhook(
                row.getString("id"),
                row.getString("name"),
                row.getString("description"),
                row.getString("url"),
                wishes.getOrDefault(row.getString("id"), List.of()),
                WebhookStatus.valueOf(row.getString("status")),
                row.getLong("created_at"),
                row.getLong("updated_at"));
    }
}
