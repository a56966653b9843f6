package dev.perennial.registry;

import com.fasterxml.jackson.databind.node.ArrayNode;
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
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The versions of registered models. Numbers of a model are 1, 2, 3, .. in the order of registration and are never given again, also when
 * many register at once. Every change is one transaction, with its entry in the ledger where it is governed. Thread-safe.
 */
public final class RegisteredVersions {
    private static final Set<String> OVER = Set.of("REFUSED", "STOPPED", "RETIRED");

    private final Database database;
    private final InstantSource clock;
    private final Origins origins;
    private final SourceResolver resolver;

    public RegisteredVersions(Database database, InstantSource clock, Origins origins) {
        this.database = database;
        this.clock = clock;
        this.origins = origins;
        this.resolver = new SourceResolver(database, origins);
    }

    /** Registers a version. */
    public RegisteredVersion create(String actor, ModelName name, NewVersion version) {
        RegistryLimits.description(version.description());
        version.tags().forEach(RegistryLimits::tag);
        String logged = SourceResolver.loggedModel(version);
        if (version.loggedModel() != null
                && origins.loggedModel(version.loggedModel()).isEmpty()) {
            throw PerennialException.notFound("Logged model with ID '" + version.loggedModel() + "' not found");
        }
        String run = resolver.run(version);
        boolean prompt = RegisteredModel.isPrompt(version.tags());
        SourceRules.check(version.source(), prompt, resolver.artifacts(run, logged));
        SourceResolver.Found found = resolver.find(name.project(), version.source(), run);
        RegisteredVersion.Origin origin =
                new RegisteredVersion.Origin(version.source(), found.storage(), run, version.runLink(), logged);
        RegisteredVersion.Standing standing = standing(origin, found.manifest());
        return database.write(tx -> {
            ModelRows.Row model = ModelRows.get(tx.sql(), name);
            long now = clock.millis();
            VersionRows.Id id = new VersionRows.Id(model.id(), ModelRows.takeNumber(tx, model.id(), now));
            VersionRows.insert(
                    tx,
                    new VersionRows.Row(
                            id,
                            origin,
                            VersionStage.NONE,
                            standing,
                            new RegisteredVersion.Times(now, now),
                            "",
                            version.description()));
            version.tags().forEach(tag -> VersionRows.putTag(tx, id, tag));
            RegisteredVersion made = read(tx, model, id.number());
            created(tx, made, now);
            GovernedChange.ofVersion(tx, actor, "model_version.create", name, id.number(), now, payload(origin));
            return made;
        });
    }

    /** Freezes the files as they are now; those that a version which this one copies has frozen must still be whole. */
    private RegisteredVersion.Standing standing(RegisteredVersion.Origin origin, @Nullable String frozen) {
        try {
            String place = origin.storage() == null ? origin.source() : origin.storage();
            if (frozen != null) {
                origins.requireWhole(frozen);
            }
            String manifest = frozen == null ? origins.freeze(place).orElse(null) : frozen;
            return new RegisteredVersion.Standing(RegisteredVersion.Status.READY, null, manifest);
        } catch (PerennialException e) {
            if (e.code() == ErrorCode.INVALID_STATE) {
                return new RegisteredVersion.Standing(
                        RegisteredVersion.Status.FAILED_REGISTRATION, e.getMessage(), null);
            }
            throw e;
        }
    }

    private static ObjectNode payload(RegisteredVersion.Origin origin) {
        ObjectNode payload = Json.object().put("source", origin.source());
        if (origin.storage() != null) {
            payload.put("storage", origin.storage());
        }
        if (origin.run() != null) {
            payload.put("run", origin.run());
        }
        return payload;
    }

    /** Tells webhooks of a new version. */
    static void created(Transaction tx, RegisteredVersion version, long at) {
        boolean prompt = RegisteredModel.isPrompt(version.tags());
        ObjectNode data =
                Json.object().put("name", version.model().text()).put("version", String.valueOf(version.number()));
        if (prompt) {
            data.put(
                    "template",
                    version.tags().stream()
                            .filter(tag -> tag.key().equals("mlflow.prompt.text"))
                            .map(KeyValue::value)
                            .findFirst()
                            .orElse(""));
        } else {
            data.put("source", version.origin().source())
                    .put("run_id", version.origin().run());
        }
        data.set("tags", RegisteredModels.texts(version.tags()));
        data.put("description", version.description());
        RegistryEvent event = prompt ? RegistryEvent.PROMPT_VERSION_CREATED : RegistryEvent.MODEL_VERSION_CREATED;
        event.append(tx, version.model().project(), at, data);
    }

    private static RegisteredVersion read(Transaction tx, ModelRows.Row model, int number) {
        return VersionRows.filled(tx.sql(), VersionRows.get(tx.sql(), model, number));
    }

    /** The number that a text means; a text that is no whole number is refused. */
    public static int number(String text) {
        return RegistryLimits.number(text);
    }

    public RegisteredVersion get(ModelName name, int number) {
        return database.read(sql -> VersionRows.filled(sql, VersionRows.get(sql, ModelRows.get(sql, name), number)));
    }

    /** The version that an alias points to; {@code latest} is the newest. */
    public RegisteredVersion byAlias(ModelName name, String alias) {
        ModelAlias.readable(alias);
        return database.read(sql -> {
            ModelRows.Row model = ModelRows.get(sql, name);
            if (alias.equals(ModelAlias.LATEST)) {
                return VersionRows.newest(sql, model.id())
                        .map(row -> VersionRows.filled(sql, row))
                        .orElseThrow(() ->
                                PerennialException.notFound("Registered Model (name=" + name + ") has no version yet"));
            }
            int number = aliased(sql, model, alias)
                    .orElseThrow(() -> PerennialException.invalid(
                            "alias", "Registered model alias " + alias + " not found on model '" + name + "'."));
            return VersionRows.filled(sql, VersionRows.get(sql, model, number));
        });
    }

    static Optional<Integer> aliased(Handle sql, ModelRows.Row model, String alias) {
        return AliasRows.find(sql, model.name().ref(), alias);
    }

    /** The newest version of each of the stages, or of all stages when none is named. */
    public List<RegisteredVersion> latest(ModelName name, List<VersionStage> stages) {
        return database.read(sql -> {
            ModelRows.Row model = ModelRows.get(sql, name);
            return VersionRows.newest(sql, List.of(model.id())).values().stream()
                    .filter(version -> stages.isEmpty() || stages.contains(version.stage()))
                    .toList();
        });
    }

    /** The versions that a filter finds; those of replays are not among them, and prompts only when the filter speaks of them. */
    public Page<RegisteredVersion> search(SearchRequest request, VisibleModels visible) {
        return database.read(sql -> {
            Page<VersionRows.Row> page =
                    RegistrySearch.VERSIONS.page(sql, request, visible, database.dialect(), VersionRows.Row::of);
            return new Page<>(VersionRows.filled(sql, page.items()), page.next());
        });
    }

    /** A version whose files were all there when it was registered; what was wrong with another is told. */
    public RegisteredVersion usable(ModelName name, int number) {
        RegisteredVersion version = get(name, number);
        if (version.standing().status() == RegisteredVersion.Status.FAILED_REGISTRATION) {
            throw PerennialException.state("Model Version (name=" + name + ", version=" + number
                    + ") could not be registered, so it cannot be used: "
                    + version.standing().message());
        }
        return version;
    }

    /** Where the files of a version are, at the end of all hops. */
    public String downloadUri(ModelName name, int number) {
        RegisteredVersion version = usable(name, number);
        String storage = version.origin().storage();
        if (storage == null
                && Registry.LOOP_SCHEME.equals(
                        SourceRules.scheme(version.origin().source()))) {
            throw PerennialException.invalid(
                    "version",
                    "Model Version (name=" + name + ", version=" + number
                            + ") came into the loop as a file from outside or before its files were kept with its run:"
                            + " they cannot be downloaded here");
        }
        if (storage == null && "runs".equals(SourceRules.scheme(version.origin().source()))) {
            storage = resolver.find(
                            name.project(),
                            version.origin().source(),
                            version.origin().run())
                    .storage();
        }
        return storage == null ? version.origin().source() : storage;
    }

    public RegisteredVersion describe(ModelName name, int number, @Nullable String description) {
        RegistryLimits.description(description);
        return database.write(tx -> {
            ModelRows.Row model = ModelRows.get(tx.sql(), name);
            VersionRows.Id id = VersionRows.get(tx.sql(), model, number).id();
            tx.sql()
                    .createUpdate("update registered_version set description = :text, updated_at = :now"
                            + " where model = :model and number = :number")
                    .bind("text", description)
                    .bind("now", clock.millis())
                    .bind("model", id.model())
                    .bind("number", id.number())
                    .execute();
            return read(tx, model, number);
        });
    }

    /**
     * Takes a version with its tags and aliases out of the registry; its number is not given again, and its artifacts stay.
     *
     * @throws PerennialException when its loop may still come back to it, or when it is behind an endpoint
     */
    public void delete(String actor, ModelName name, int number) {
        database.writing(tx -> {
            ModelRows.Row model = ModelRows.get(tx.sql(), name);
            VersionRows.Row version = VersionRows.get(tx.sql(), model, number);
            refuseInUse(tx, name, number);
            ServedVersions.refuse(tx, name, number);
            for (String table : List.of("registered_version_tag", "registered_version")) {
                tx.sql()
                        .createUpdate("delete from " + table + " where model = :model and number = :number")
                        .bind("model", model.id())
                        .bind("number", number)
                        .execute();
            }
            tx.sql()
                    .createUpdate("delete from model_alias where model = :ref and number = :number")
                    .bind("ref", name.ref())
                    .bind("number", number)
                    .execute();
            long now = clock.millis();
            ModelRows.touch(tx, model.id(), now);
            GovernedChange.ofVersion(tx, actor, "model_version.delete", name, number, now, payload(version.origin()));
        });
    }

    /** What the loop may still come back to stays. */
    private static void refuseInUse(Transaction tx, ModelName name, int number) {
        Optional<String> state = tx.sql()
                .createQuery("select state from model_version where model = :ref and number = :number")
                .bind("ref", name.ref())
                .bind("number", number)
                .mapTo(String.class)
                .findOne();
        if (state.isEmpty()) {
            return;
        }
        boolean aliased = RegisteredModels.OF_LOOP.stream()
                .anyMatch(alias -> AliasRows.find(tx.sql(), name.ref(), alias)
                        .filter(at -> at == number)
                        .isPresent());
        if (aliased || !OVER.contains(state.get())) {
            throw PerennialException.state("Model Version (name=" + name + ", version=" + number + ") is "
                    + state.get()
                    + " in its lifecycle and cannot be deleted; once it is refused, stopped or retired, and"
                    + " no rollback leads to it, it can");
        }
    }

    /**
     * Moves a version to a stage.
     *
     * @param archiveOthers whether the others in that stage become archived
     */
    public RegisteredVersion transition(
            String actor, ModelName name, int number, VersionStage stage, boolean archiveOthers) {
        if (archiveOthers && stage != VersionStage.STAGING && stage != VersionStage.PRODUCTION) {
            throw PerennialException.invalid(
                    "archive_existing_versions",
                    "Model version transition cannot archive existing model versions because '" + stage.text()
                            + "' is not an Active stage. Valid stages are Staging, Production");
        }
        return database.write(tx -> {
            ModelRows.Row model = ModelRows.get(tx.sql(), name);
            VersionStage before = VersionRows.get(tx.sql(), model, number).stage();
            long now = clock.millis();
            List<Integer> archived = archiveOthers ? archive(tx, model.id(), number, stage, now) : List.of();
            stage(tx, new VersionRows.Id(model.id(), number), stage, now);
            ModelRows.touch(tx, model.id(), now);
            RegisteredVersion moved = read(tx, model, number);
            ObjectNode payload = Json.object().put("from", before.text()).put("to", stage.text());
            ArrayNode others = payload.putArray("archived");
            archived.forEach(other -> others.add(String.valueOf(other)));
            GovernedChange.ofVersion(tx, actor, "stage.set", name, number, now, payload);
            return moved;
        });
    }

    private static List<Integer> archive(Transaction tx, long model, int number, VersionStage stage, long now) {
        List<Integer> others = tx.sql()
                .createQuery("select number from registered_version where model = :model and stage = :stage"
                        + " and number <> :number order by number")
                .bind("model", model)
                .bind("stage", stage.text())
                .bind("number", number)
                .mapTo(Integer.class)
                .list();
        others.forEach(other -> stage(tx, new VersionRows.Id(model, other), VersionStage.ARCHIVED, now));
        return others;
    }

    private static void stage(Transaction tx, VersionRows.Id id, VersionStage stage, long now) {
        tx.sql()
                .createUpdate("update registered_version set stage = :stage, updated_at = :now"
                        + " where model = :model and number = :number")
                .bind("stage", stage.text())
                .bind("now", now)
                .bind("model", id.model())
                .bind("number", id.number())
                .execute();
    }

    public void setTag(ModelName name, int number, KeyValue tag) {
        RegistryLimits.tag(tag);
        database.writing(tx -> {
            ModelRows.Row model = ModelRows.get(tx.sql(), name);
            VersionRows.Id id = VersionRows.get(tx.sql(), model, number).id();
            VersionRows.putTag(tx, id, tag);
            RegistryEvent event = RegisteredModels.isPrompt(tx, model)
                    ? RegistryEvent.PROMPT_VERSION_TAG_SET
                    : RegistryEvent.MODEL_VERSION_TAG_SET;
            event.append(
                    tx,
                    name.project(),
                    clock.millis(),
                    tagData(name, number, tag.key()).put("value", tag.value()));
        });
    }

    private static ObjectNode tagData(ModelName name, int number, String key) {
        return Json.object()
                .put("name", name.text())
                .put("version", String.valueOf(number))
                .put("key", key);
    }

    /** Removes a tag; one that is not there is no error. */
    public void deleteTag(ModelName name, int number, String key) {
        database.writing(tx -> {
            ModelRows.Row model = ModelRows.get(tx.sql(), name);
            VersionRows.Id id = VersionRows.get(tx.sql(), model, number).id();
            int rows = tx.sql()
                    .createUpdate(
                            "delete from registered_version_tag where model = :model and number = :number and key ="
                                    + " :key")
                    .bind("model", id.model())
                    .bind("number", id.number())
                    .bind("key", key)
                    .execute();
            if (rows > 0) {
                RegistryEvent event = RegisteredModels.isPrompt(tx, model)
                        ? RegistryEvent.PROMPT_VERSION_TAG_DELETED
                        : RegistryEvent.MODEL_VERSION_TAG_DELETED;
                event.append(tx, name.project(), clock.millis(), tagData(name, number, key));
            }
        });
    }
}
