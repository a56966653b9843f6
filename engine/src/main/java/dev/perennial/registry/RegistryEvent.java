package dev.perennial.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Transaction;
import java.util.Arrays;

/** What webhooks can be told of: a kind of thing, and what was done with it. */
public enum RegistryEvent {
    REGISTERED_MODEL_CREATED("REGISTERED_MODEL", "CREATED"),
    MODEL_VERSION_CREATED("MODEL_VERSION", "CREATED"),
    MODEL_VERSION_TAG_SET("MODEL_VERSION_TAG", "SET"),
    MODEL_VERSION_TAG_DELETED("MODEL_VERSION_TAG", "DELETED"),
    MODEL_VERSION_ALIAS_CREATED("MODEL_VERSION_ALIAS", "CREATED"),
    MODEL_VERSION_ALIAS_DELETED("MODEL_VERSION_ALIAS", "DELETED"),
    PROMPT_CREATED("PROMPT", "CREATED"),
    PROMPT_VERSION_CREATED("PROMPT_VERSION", "CREATED"),
    PROMPT_TAG_SET("PROMPT_TAG", "SET"),
    PROMPT_TAG_DELETED("PROMPT_TAG", "DELETED"),
    PROMPT_VERSION_TAG_SET("PROMPT_VERSION_TAG", "SET"),
    PROMPT_VERSION_TAG_DELETED("PROMPT_VERSION_TAG", "DELETED"),
    PROMPT_ALIAS_CREATED("PROMPT_ALIAS", "CREATED"),
    PROMPT_ALIAS_DELETED("PROMPT_ALIAS", "DELETED");

    private final String entity;
    private final String action;

    RegistryEvent(String entity, String action) {
        this.entity = entity;
        this.action = action;
    }

    public String entity() {
        return entity;
    }

    public String action() {
        return action;
    }

    /** The event of an entity and an action, as the wire names them. */
    public static RegistryEvent of(String entity, String action) {
        return Arrays.stream(values())
                .filter(event -> event.entity.equals(entity) && event.action.equals(action))
                .findFirst()
                .orElseThrow(() -> PerennialException.invalid(
                        "events",
                        "Invalid webhook event '" + entity + "' '" + action + "': expected one of "
                                + Arrays.stream(values())
                                        .map(event -> event.entity + " " + event.action)
                                        .toList()));
    }

    /** Notes the event in the transaction of its change, when any webhook wants to hear of it. */
    void append(Transaction tx, String project, long at, ObjectNode data) {
        boolean wanted = tx.sql()
                .createQuery("select 1 from webhook_wish w join webhook h on h.id = w.webhook"
                        + " where w.entity = :entity and w.action = :action and h.project = :project and h.status = 'ACTIVE'"
                        + " limit 1")
                .bind("entity", entity)
                .bind("action", action)
                .bind("project", project)
                .mapTo(Integer.class)
                .findOne()
                .isPresent();
        if (!wanted) {
            return;
        }
        long seq = tx.sql()
                .createQuery("update counter set value = value + 1 where name = 'registry_event' returning value")
                .mapTo(Long.class)
                .one();
        tx.sql()
                .createUpdate("insert into registry_event (seq, at, entity, action, project, data)"
                        + " values (:seq, :at, :entity, :action, :project, :data)")
                .bind("seq", seq)
                .bind("at", at)
                .bind("entity", entity)
                .bind("action", action)
                .bind("project", project)
                .bind("data", data.toString())
                .execute();
    }
}
