package dev.perennial.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import dev.perennial.tracking.ArtifactManifest;
import dev.perennial.tracking.Artifacts;
import dev.perennial.tracking.ImportMarks;
import dev.perennial.tracking.ImportMarks.Kind;
import dev.perennial.tracking.RunImport;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Takes registered models from another server with the numbers, times and stages of their versions: a model comes, then its versions one
 * by one, then the mark that it is complete, and with that the aliases of the versions that came. What is here from elsewhere is never
 * touched, an alias that points somewhere is never moved, and a number that was given here is not given again. Nothing is told to
 * webhooks: it is no news. Every change is in the ledger. Thread-safe.
 */
public final class RegistryImport {
    private final Database database;
    private final InstantSource clock;
    private final Origins origins;
    private final Artifacts artifacts;

    /**
     * @param origins freezes the files of versions
     * @param artifacts of this server, where what was frozen is read back
     */
    public RegistryImport(Database database, InstantSource clock, Origins origins, Artifacts artifacts) {
        this.database = database;
        this.clock = clock;
        this.origins = origins;
        this.artifacts = artifacts;
    }

    /** A model that wants to come, with the numbers of its versions. */
    public record Wanted(ModelName name, List<Integer> versions) {
        public Wanted {
            versions = List.copyOf(versions);
        }
    }

    /** What cannot come because something else is in its place, one sentence each. Changes nothing. */
    public List<String> collisions(String source, List<Wanted> models) {
        RunImport.atMost("registered_models", models.size(), RunImport.IDS_MAX);
        return database.read(sql -> {
            List<String> found = new ArrayList<>();
            for (Wanted wanted : models) {
                ModelRows.find(sql, wanted.name()).ifPresent(there -> collisions(sql, source, wanted, there, found));
            }
            return found;
        });
    }

    private static void collisions(Handle sql, String source, Wanted wanted, ModelRows.Row there, List<String> into) {
        if (state(sql, source, wanted.name()).isEmpty()) {
            into.add(collision(source, there));
            return;
        }
        int last = lastNumber(sql, there.id());
        for (int number : wanted.versions()) {
            if (number <= last && state(sql, source, wanted.name(), number).isEmpty()) {
                into.add(collision(source, wanted.name(), number));
            }
        }
    }

    private static String collision(String source, ModelRows.Row there) {
        return "registered model '" + there.name() + "' is here already and did not come from " + source
                + (there.inLoop() ? ": a lifecycle file keeps it" : "");
    }

    private static String collision(String source, ModelName name, int number) {
        return "version " + number + " of registered model '" + name + "': that number was given here and did not come"
                + " from " + source;
    }

    private static int lastNumber(Handle sql, long model) {
        return sql.createQuery("select last_number from registered_model where id = :id")
                .bind("id", model)
                .mapTo(Integer.class)
                .one();
    }

    private static Optional<Boolean> state(Handle sql, String source, ModelName name) {
        return ImportMarks.state(sql, source, Kind.REGISTERED_MODEL, mark(name));
    }

    private static Optional<Boolean> state(Handle sql, String source, ModelName name, int number) {
        return ImportMarks.state(sql, source, Kind.MODEL_VERSION, mark(name) + "/" + number);
    }

    private static String mark(ModelName name) {
        return name.project() + "/" + name.text();
    }

    /**
     * What of a model was here before.
     *
     * @param complete whether all of it had come
     * @param versions numbers
     */
    public record Came(boolean complete, List<Integer> versions) {
        public Came {
            versions = List.copyOf(versions);
        }
    }

    /**
     * Makes a model, or leaves the one alone that came before.
     *
     * @param actor as the ledger names who acts, {@code user:NAME}
     */
    public Came model(String actor, String source, ImportedRegistration model) {
        ModelName name = model.name();
        return database.write(tx -> {
            RunImport.requireProject(tx.sql(), name.project());
            Optional<ModelRows.Row> there = ModelRows.find(tx.sql(), name);
            Optional<Boolean> state = state(tx.sql(), source, name);
            if (state.isPresent()) {
                return new Came(
                        state.get(),
                        there.map(row -> numbers(tx.sql(), row.id())).orElse(List.of()));
            }
            there.ifPresent(row -> {
                throw PerennialException.conflict(collision(source, row));
            });
            long id = ModelRows.insert(
                    tx,
                    name,
                    model.description(),
                    model.user(),
                    false,
                    model.times().createdAt());
            model.tags().forEach(tag -> ModelRows.putTag(tx, id, tag));
            ImportMarks.mark(tx, source, Kind.REGISTERED_MODEL, mark(name), false);
            String prompt = Boolean.toString(RegisteredModel.isPrompt(model.tags()));
            GovernedChange.ofModel(
                    tx,
                    actor,
                    "model.create",
                    name,
                    clock.millis(),
                    from(source).put("prompt", prompt));
            return new Came(false, List.of());
        });
    }

    private static List<Integer> numbers(Handle sql, long model) {
        return sql.createQuery("select number from registered_version where model = :model order by number")
                .bind("model", model)
                .mapTo(Integer.class)
                .list();
    }

    private static ObjectNode from(String source) {
        return Json.object().put("importedFrom", source);
    }

    /**
     * What became of a version.
     *
     * @param made false when it had come before
     * @param files that were frozen; what is kept elsewhere has none
     * @param note what the caller should tell; null when there is nothing
     */
    public record Taken(
            boolean made, long files, long bytes, @Nullable String note) {}

    /** Makes a version under its number and freezes its files as they are here now; one that came before is left alone. */
    public Taken version(String actor, String source, ModelName name, ImportedVersion version) {
        Optional<Taken> before = database.read(sql -> before(sql, source, name, version));
        if (before.isPresent()) {
            return before.get();
        }
        Frozen frozen = frozen(version);
        return database.write(tx -> {
            ModelRows.Row model = ModelRows.get(tx.sql(), name);
            int number = version.number();
            if (number <= lastNumber(tx.sql(), model.id())) {
                throw PerennialException.conflict(collision(source, name, number));
            }
            insert(tx, model.id(), version, frozen.standing());
            ImportMarks.mark(tx, source, Kind.MODEL_VERSION, mark(name) + "/" + number, false);
            ObjectNode payload = from(source).put("source", version.origin().source());
            GovernedChange.ofVersion(
                    tx,
                    actor,
                    "model_version.create",
                    name,
                    number,
                    clock.millis(),
                    payload.put("manifest", frozen.standing().manifest()));
            return new Taken(
                    true, frozen.files(), frozen.bytes(), frozen.standing().message());
        });
    }

    private static Optional<Taken> before(Handle sql, String source, ModelName name, ImportedVersion version) {
        Optional<ModelRows.Row> model = ModelRows.find(sql, name);
        int number = version.number();
        if (model.isEmpty()) {
            return Optional.of(left("registered model '" + name + "' came before and was deleted or renamed here"));
        }
        if (state(sql, source, name, number).isEmpty()) {
            return Optional.empty();
        }
        Optional<VersionRows.Row> there =
                VersionRows.find(sql, new VersionRows.Id(model.get().id(), number));
        if (there.isEmpty()) {
            return Optional.of(left("version " + number + " of '" + name + "' came before and was deleted here"));
        }
        boolean same = there.get().times().createdAt() == version.times().createdAt();
        return Optional.of(
                same
                        ? new Taken(false, 0, 0, null)
                        : left("version " + number + " of '" + name
                                + "' is another one there now: it was deleted and its number given again"));
    }

    private static Taken left(String note) {
        return new Taken(false, 0, 0, note);
    }

    private static void insert(
            Transaction tx, long model, ImportedVersion version, RegisteredVersion.Standing standing) {
        VersionRows.Id id = new VersionRows.Id(model, version.number());
        VersionRows.insert(
                tx,
                new VersionRows.Row(
                        id,
                        version.origin(),
                        version.stage(),
                        standing,
                        version.times(),
                        version.user(),
                        version.description()));
        version.tags().forEach(tag -> VersionRows.putTag(tx, id, tag));
        tx.sql()
                .createUpdate("update registered_model set last_number = :number where id = :id")
                .bind("number", version.number())
                .bind("id", model)
                .execute();
    }

    private record Frozen(RegisteredVersion.Standing standing, long files, long bytes) {}

    private Frozen frozen(ImportedVersion version) {
        RegisteredVersion.Standing told = version.standing();
        if (told.status() != RegisteredVersion.Status.READY) {
            return new Frozen(told, 0, 0);
        }
        String storage = version.origin().storage();
        try {
            Optional<Digest> digest = origins.freeze(
                            storage == null ? version.origin().source() : storage)
                    .map(Digest::new);
            if (digest.isEmpty()) {
                return new Frozen(told, 0, 0);
            }
            ArtifactManifest manifest = artifacts.manifest(digest.get());
            return new Frozen(
                    new RegisteredVersion.Standing(
                            told.status(), null, digest.get().hex()),
                    manifest.files().size(),
                    manifest.size());
        } catch (PerennialException e) {
            return switch (e.code()) {
                case INVALID_STATE ->
                    new Frozen(
                            new RegisteredVersion.Standing(
                                    RegisteredVersion.Status.FAILED_REGISTRATION, e.getMessage(), null),
                            0,
                            0);
                case INVALID_ARGUMENT -> new Frozen(told, 0, 0); // an address that leads nowhere on this server
                default -> throw e;
            };
        }
    }

    /** How much of a model there is, to compare two sides. */
    public record Counts(long versions, long versionTags, long tags) {
        @Override
        public String toString() {
            return versions + " versions, " + versionTags + " tags of versions, " + tags + " tags";
        }
    }

    /**
     * How a model was closed.
     *
     * @param aliases how many were set
     * @param notes what was not done with aliases, one sentence each
     */
    public record Closed(int aliases, List<String> notes) {
        public Closed {
            notes = List.copyOf(notes);
        }
    }

    /**
     * Gives the versions that came since the last time their aliases, and marks the model as complete. The first time as much must be here
     * as the source has; otherwise the model stays open.
     *
     * @param aliases as the source has them now
     */
    public Closed complete(
            String actor, String source, ModelName name, long updatedAt, Counts received, List<ModelAlias> aliases) {
        return database.write(tx -> {
            Optional<ModelRows.Row> there = ModelRows.find(tx.sql(), name);
            Optional<Boolean> state = state(tx.sql(), source, name);
            if (there.isEmpty() || state.isEmpty()) {
                return new Closed(0, List.of());
            }
            ModelRows.Row model = there.get();
            if (!state.get()) {
                requireAll(tx, model, received);
                ModelRows.touch(tx, model.id(), updatedAt);
            }
            List<String> notes = new ArrayList<>();
            List<ModelAlias> set = new ArrayList<>();
            aliases.forEach(
                    alias -> refusal(tx, source, model, alias).ifPresentOrElse(notes::add, () -> set.add(alias)));
            long now = clock.millis();
            set.forEach(alias -> AliasRows.put(tx, name.ref(), ModelAlias.checked(alias.alias()), alias.number(), now));
            ImportMarks.mark(tx, source, Kind.REGISTERED_MODEL, mark(name), true);
            close(tx, source, name, model.id());
            set.forEach(alias -> GovernedChange.ofVersion(
                    tx,
                    actor,
                    "alias.set",
                    name,
                    alias.number(),
                    now,
                    from(source).put("alias", alias.alias())));
            return new Closed(
                    set.size(), notes.stream().filter(note -> !note.isEmpty()).toList());
        });
    }

    private static void requireAll(Transaction tx, ModelRows.Row model, Counts received) {
        Counts stored = new Counts(
                count(tx, "registered_version", model.id()),
                count(tx, "registered_version_tag", model.id()),
                count(tx, "registered_model_tag", model.id()));
        if (!model.inLoop() && !stored.equals(received)) {
            throw PerennialException.state("registered model '" + model.name() + "': received were " + received
                    + ", stored are " + stored + "; import it again");
        }
    }

    private static long count(Transaction tx, String table, long model) {
        return tx.sql()
                .createQuery("select count(*) from " + table + " where model = :model")
                .bind("model", model)
                .mapTo(Long.class)
                .one();
    }

    /** Why an alias is left as it is here: empty text when it needs no word, nothing when it may be set. */
    private static Optional<String> refusal(Transaction tx, String source, ModelRows.Row model, ModelAlias alias) {
        String told = "alias '" + alias.alias() + "' of '" + model.name() + "' for version " + alias.number();
        Optional<Integer> here = AliasRows.find(tx.sql(), model.name().ref(), alias.alias());
        if (here.isPresent() && here.get() == alias.number()) {
            return Optional.of("");
        }
        if (model.inLoop() && RegisteredModels.OF_LOOP.contains(alias.alias())) {
            return Optional.of(told + ": its lifecycle alone moves it");
        }
        if (here.isPresent()) {
            return Optional.of(told + ": here it points to version " + here.get());
        }
        Optional<Boolean> came = state(tx.sql(), source, model.name(), alias.number());
        if (came.isEmpty()) {
            return Optional.of(told + ": that version is not here");
        }
        return came.get() ? Optional.of(told + ": that version came before, without it") : Optional.empty();
    }

    /** Versions that came before get no more aliases. */
    private static void close(Transaction tx, String source, ModelName name, long model) {
        numbers(tx.sql(), model).stream()
                .filter(number -> !state(tx.sql(), source, name, number).orElse(true))
                .forEach(number -> ImportMarks.mark(tx, source, Kind.MODEL_VERSION, mark(name) + "/" + number, true));
    }
}
