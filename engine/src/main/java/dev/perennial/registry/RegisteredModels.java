package dev.perennial.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import dev.perennial.tracking.KeyValue;
import dev.perennial.tracking.search.SearchRequest;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The models of the registry with their tags and aliases. What the loop keeps is here too, but its name and the aliases that take traffic
 * are the loop's alone. Every change is one transaction, with its entry in the ledger where it is governed. Thread-safe.
 */
public final class RegisteredModels {
    /** The aliases that the loop moves on its models. */
    static final Set<String> OF_LOOP = Set.of(Registry.CHAMPION, "previous");

    private final Database database;
    private final InstantSource clock;

    public RegisteredModels(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * Makes a model without versions.
     *
     * @param actor as the ledger names who acts, {@code user:NAME}
     */
    public RegisteredModel create(String actor, ModelName name, @Nullable String description, List<KeyValue> tags) {
        return create(actor, name, description, tags, tx -> {});
    }

    /**
     * As {@link #create(String, ModelName, String, List)}.
     *
     * @param also done in the same transaction
     */
    public RegisteredModel create(
            String actor,
            ModelName name,
            @Nullable String description,
            List<KeyValue> tags,
            Consumer<Transaction> also) {
        RegistryLimits.description(description);
        tags.forEach(RegistryLimits::tag);
        boolean prompt = RegisteredModel.isPrompt(tags);
        return database.write(tx -> {
            ModelRows.find(tx.sql(), name).ifPresent(other -> {
                throw taken(tx, other, prompt);
            });
            long now = clock.millis();
            long id = ModelRows.insert(tx, name, description, "", false, now);
            tags.forEach(tag -> ModelRows.putTag(tx, id, tag));
            RegistryEvent event = prompt ? RegistryEvent.PROMPT_CREATED : RegistryEvent.REGISTERED_MODEL_CREATED;
            ObjectNode data = Json.object().put("name", name.text());
            data.set("tags", texts(tags));
            event.append(tx, name.project(), now, data.put("description", description));
            also.accept(tx);
            RegisteredModel made = read(tx, name);
            GovernedChange.ofModel(
                    tx, actor, "model.create", name, now, Json.object().put("prompt", Boolean.toString(prompt)));
            return made;
        });
    }

    private static PerennialException taken(Transaction tx, ModelRows.Row other, boolean prompt) {
        boolean otherPrompt = RegisteredModel.isPrompt(ModelRows.tags(tx.sql(), other.id()));
        String message = prompt == otherPrompt
                ? (prompt ? "Prompt" : "Registered Model") + " (name=" + other.name() + ") already exists."
                : "Tried to create a " + word(prompt) + " with name '" + other.name()
                        + "', but the name is already taken by a " + word(otherPrompt)
                        + ". Models and prompts share their names; choose another.";
        return new PerennialException(ErrorCode.ALREADY_EXISTS, message, "name", null);
    }

    private static String word(boolean prompt) {
        return prompt ? "prompt" : "registered model";
    }

    static ObjectNode texts(List<KeyValue> tags) {
        ObjectNode node = Json.object();
        tags.forEach(tag -> node.put(tag.key(), tag.value()));
        return node;
    }

    public RegisteredModel get(ModelName name) {
        return database.read(
                sql -> ModelRows.filled(sql, List.of(ModelRows.get(sql, name))).getFirst());
    }

    private static RegisteredModel read(Transaction tx, ModelName name) {
        return ModelRows.filled(tx.sql(), List.of(ModelRows.get(tx.sql(), name)))
                .getFirst();
    }

    /** The models that a filter finds; replays are not among them, and prompts only when the filter speaks of them. */
    public Page<RegisteredModel> search(SearchRequest request, VisibleModels visible) {
        return database.read(sql -> {
            Page<ModelRows.Row> page =
                    RegistrySearch.MODELS.page(sql, request, visible, database.dialect(), ModelRows.Row::of);
            return new Page<>(ModelRows.filled(sql, page.items()), page.next());
        });
    }

    public RegisteredModel describe(ModelName name, @Nullable String description) {
        RegistryLimits.description(description);
        return database.write(tx -> {
            ModelRows.Row model = ModelRows.get(tx.sql(), name);
            tx.sql()
                    .createUpdate("update registered_model set description = :text, updated_at = :now where id = :id")
                    .bind("text", description)
                    .bind("now", clock.millis())
                    .bind("id", model.id())
                    .execute();
            return read(tx, name);
        });
    }

    /** Gives a model another name; versions, tags and aliases follow. */
    public RegisteredModel rename(String actor, ModelName name, ModelName other) {
        return rename(actor, name, other, tx -> {});
    }

    /**
     * As {@link #rename(String, ModelName, ModelName)}.
     *
     * @param also done in the same transaction
     */
    public RegisteredModel rename(String actor, ModelName name, ModelName other, Consumer<Transaction> also) {
        return database.write(tx -> {
            ModelRows.Row model = ModelRows.get(tx.sql(), name);
            if (model.inLoop()) {
                throw ofTheLoop(name, "it cannot be renamed", "apply the file under another name instead");
            }
            ModelRows.find(tx.sql(), other)
                    .filter(there -> there.id() != model.id())
                    .ifPresent(there -> {
                        throw taken(tx, there, RegisteredModel.isPrompt(ModelRows.tags(tx.sql(), model.id())));
                    });
            long now = clock.millis();
            tx.sql()
                    .createUpdate(
                            "update registered_model set name = :name, ref = :ref, updated_at = :now where id = :id")
                    .bind("name", other.text())
                    .bind("ref", other.ref())
                    .bind("now", now)
                    .bind("id", model.id())
                    .execute();
            tx.sql()
                    .createUpdate("update model_alias set model = :ref where model = :before")
                    .bind("ref", other.ref())
                    .bind("before", name.ref())
                    .execute();
            also.accept(tx);
            RegisteredModel renamed = read(tx, other);
            GovernedChange.ofModel(
                    tx, actor, "model.delete", name, now, Json.object().put("renamedTo", other.text()));
            GovernedChange.ofModel(
                    tx, actor, "model.create", other, now, Json.object().put("renamedFrom", name.text()));
            return renamed;
        });
    }

    /**
     * Removes a model with its versions, tags and aliases; the artifacts stay.
     *
     * @throws PerennialException when a loop has it, or when a version of it is behind an endpoint
     */
    public void delete(String actor, ModelName name) {
        delete(actor, name, tx -> {});
    }

    /**
     * As {@link #delete(String, ModelName)}.
     *
     * @param also done in the same transaction
     */
    public void delete(String actor, ModelName name, Consumer<Transaction> also) {
        database.writing(tx -> {
            ModelRows.Row model = ModelRows.get(tx.sql(), name);
            if (model.inLoop()) {
                throw ofTheLoop(name, "it cannot be deleted", "delete single versions that are no longer used");
            }
            ServedVersions.refuseAny(tx, name);
            int versions = 0;
            for (String table : List.of("registered_version_tag", "registered_version", "registered_model_tag")) {
                int rows = tx.sql()
                        .createUpdate("delete from " + table + " where model = :id")
                        .bind("id", model.id())
                        .execute();
                versions = table.equals("registered_version") ? rows : versions;
            }
            tx.sql()
                    .createUpdate("delete from model_alias where model = :ref")
                    .bind("ref", name.ref())
                    .execute();
            tx.sql()
                    .createUpdate("delete from registered_model where id = :id")
                    .bind("id", model.id())
                    .execute();
            also.accept(tx);
            GovernedChange.ofModel(
                    tx,
                    actor,
                    "model.delete",
                    name,
                    clock.millis(),
                    Json.object().put("versions", String.valueOf(versions)));
        });
    }

    public void setTag(ModelName name, KeyValue tag) {
        RegistryLimits.tag(tag);
        database.writing(tx -> {
            ModelRows.Row model = ModelRows.get(tx.sql(), name);
            ModelRows.putTag(tx, model.id(), tag);
            if (isPrompt(tx, model)) {
                RegistryEvent.PROMPT_TAG_SET.append(
                        tx,
                        name.project(),
                        clock.millis(),
                        Json.object()
                                .put("name", name.text())
                                .put("key", tag.key())
                                .put("value", tag.value()));
            }
        });
    }

    static boolean isPrompt(Transaction tx, ModelRows.Row model) {
        return RegisteredModel.isPrompt(ModelRows.tags(tx.sql(), model.id()));
    }

    /** Removes a tag; one that is not there is no error. */
    public void deleteTag(ModelName name, String key) {
        database.writing(tx -> {
            ModelRows.Row model = ModelRows.get(tx.sql(), name);
            boolean prompt = isPrompt(tx, model);
            int rows = tx.sql()
                    .createUpdate("delete from registered_model_tag where model = :id and key = :key")
                    .bind("id", model.id())
                    .bind("key", key)
                    .execute();
            if (prompt && rows > 0) {
                RegistryEvent.PROMPT_TAG_DELETED.append(
                        tx,
                        name.project(),
                        clock.millis(),
                        Json.object().put("name", name.text()).put("key", key));
            }
        });
    }

    /** Points an alias at a version, wherever it pointed before. */
    public void setAlias(String actor, ModelName name, String alias, int number) {
        ModelAlias.checked(alias);
        database.writing(tx -> {
            ModelRows.Row model = ModelRows.get(tx.sql(), name);
            movable(model, alias);
            VersionRows.get(tx.sql(), model, number);
            long now = clock.millis();
            AliasRows.put(tx, name.ref(), alias, number, now);
            RegistryEvent event = isPrompt(tx, model)
                    ? RegistryEvent.PROMPT_ALIAS_CREATED
                    : RegistryEvent.MODEL_VERSION_ALIAS_CREATED;
            event.append(tx, name.project(), now, aliasData(name, alias).put("version", String.valueOf(number)));
            GovernedChange.ofVersion(
                    tx, actor, "alias.set", name, number, now, Json.object().put("alias", alias));
        });
    }

    private static ObjectNode aliasData(ModelName name, String alias) {
        return Json.object().put("name", name.text()).put("alias", alias);
    }

    /** Removes an alias; one that is not there is no error. */
    public void deleteAlias(String actor, ModelName name, String alias) {
        ModelAlias.readable(alias);
        database.writing(tx -> {
            ModelRows.Row model = ModelRows.get(tx.sql(), name);
            movable(model, alias);
            if (AliasRows.delete(tx, name.ref(), alias)) {
                long now = clock.millis();
                RegistryEvent event = isPrompt(tx, model)
                        ? RegistryEvent.PROMPT_ALIAS_DELETED
                        : RegistryEvent.MODEL_VERSION_ALIAS_DELETED;
                event.append(tx, name.project(), now, aliasData(name, alias));
                GovernedChange.ofModel(
                        tx, actor, "alias.delete", name, now, Json.object().put("alias", alias));
            }
        });
    }

    private static void movable(ModelRows.Row model, String alias) {
        if (model.inLoop() && OF_LOOP.contains(alias)) {
            throw PerennialException.invalid(
                    "alias",
                    "alias '" + alias + "' of model '" + model.name()
                            + "' says what serves, and its lifecycle alone moves it: propose a candidate or roll back"
                            + " ('perennial rollback " + model.name() + "'), or choose another alias");
        }
    }

    private static PerennialException ofTheLoop(ModelName name, String what, String advice) {
        return PerennialException.state(
                "Registered Model (name=" + name + ") is kept by its lifecycle file, so " + what + "; " + advice);
    }
}
