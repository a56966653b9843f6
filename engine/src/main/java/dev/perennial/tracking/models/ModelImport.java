package dev.perennial.tracking.models;

import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import dev.perennial.tracking.Experiments;
import dev.perennial.tracking.ImportMarks;
import dev.perennial.tracking.ImportMarks.Kind;
import dev.perennial.tracking.Locations;
import dev.perennial.tracking.Metric;
import dev.perennial.tracking.ModelValues;
import dev.perennial.tracking.RunImport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/**
 * Takes logged models from another tracking server with their ids, times and status, as {@link RunImport} takes runs: a model comes, then
 * its values, then the mark that it is complete. Its experiment and its runs must have come already. Every method is one transaction.
 * Thread-safe.
 */
public final class ModelImport {
    private final Database database;

    public ModelImport(Database database) {
        this.database = database;
    }

    /** Which ids are taken here by what did not come from the source, one sentence each. Changes nothing. */
    public List<String> collisions(String source, List<String> ids) {
        RunImport.atMost("model_ids", ids.size(), RunImport.IDS_MAX);
        return database.read(sql -> {
            List<String> found = new ArrayList<>();
            for (String id : ids) {
                if (ModelRows.find(sql, id).isPresent()
                        && state(sql, source, id).isEmpty()) {
                    found.add(collision(source, id));
                }
            }
            return found;
        });
    }

    private static String collision(String source, String id) {
        return "logged model " + id + " is here already and did not come from " + source;
    }

    private static Optional<Boolean> state(Handle sql, String source, String id) {
        return ImportMarks.state(sql, source, Kind.LOGGED_MODEL, id);
    }

    /**
     * Makes models without metrics, in the place of what came of them before.
     *
     * @return those that were complete already, which were left alone
     */
    public Set<String> models(String source, List<ImportedModel> models) {
        RunImport.atMost("models", models.size(), RunImport.IDS_MAX);
        return database.write(tx -> {
            Set<String> complete = new TreeSet<>();
            for (ImportedModel model : models) {
                String id = model.info().id();
                Optional<Boolean> state = state(tx.sql(), source, id);
                if (state.orElse(false)) {
                    complete.add(id);
                    continue;
                }
                Optional<ModelRows.Key> there = ModelRows.find(tx.sql(), id);
                if (there.isPresent() && state.isEmpty()) {
                    throw PerennialException.conflict(collision(source, id));
                }
                there.ifPresent(key -> remove(tx, key.number()));
                put(tx, model);
                ImportMarks.mark(tx, source, Kind.LOGGED_MODEL, id, false);
            }
            return complete;
        });
    }

    private static void put(Transaction tx, ImportedModel model) {
        ModelInfo info = model.info();
        String own = Locations.ofImportedModel(
                Experiments.get(tx.sql(), info.experiment()).id(), info.id());
        long number = ModelRows.insert(
                tx,
                new ModelInfo(
                        info.id(),
                        info.experiment(),
                        info.name(),
                        info.type(),
                        info.sourceRun(),
                        model.artifactUri() == null ? own : model.artifactUri(),
                        info.status(),
                        info.createdAt(),
                        info.updatedAt(),
                        info.stage()));
        model.params().forEach(param -> ModelRows.putParam(tx, number, info.id(), param));
        model.tags().forEach(tag -> ModelRows.putTag(tx, number, tag));
    }

    private static void remove(Transaction tx, long number) {
        for (String table : List.of("logged_model_param", "logged_model_tag")) {
            tx.sql().execute("delete from " + table + " where model = ?", number);
        }
        tx.sql().execute("delete from logged_model where number = ?", number);
    }

    /**
     * Adds values to a model that has come and is not complete.
     *
     * @param metrics by the run that logged them, each with this model as its origin
     * @return how many were left out, because their run is not here
     */
    public long metrics(String source, String model, Map<String, List<Metric>> metrics) {
        RunImport.atMost(
                "metrics", metrics.values().stream().mapToInt(List::size).sum(), RunImport.METRICS_MAX);
        return database.write(tx -> {
            incomplete(tx.sql(), source, model);
            long left = 0;
            for (Map.Entry<String, List<Metric>> ofRun : metrics.entrySet()) {
                left += ModelValues.add(tx, ofRun.getKey(), ofRun.getValue())
                        ? 0
                        : ofRun.getValue().size();
            }
            return left;
        });
    }

    private static long incomplete(Handle sql, String source, String model) {
        if (state(sql, source, model).orElse(true)) {
            throw PerennialException.state("logged model " + model + " is complete, or did not come from " + source);
        }
        return ModelRows.find(sql, model)
                .orElseThrow(() -> PerennialException.notFound("Logged model with ID '" + model + "' not found."))
                .number();
    }

    /**
     * Marks a model as complete when as much of it is here as the source has; otherwise it stays open.
     *
     * @param runs that logged its values
     */
    public void complete(String source, String model, List<String> runs, ImportedModel.Counts received) {
        database.writing(tx -> {
            long number = incomplete(tx.sql(), source, model);
            ImportedModel.Counts stored = new ImportedModel.Counts(
                    ModelValues.count(tx.sql(), model, runs),
                    count(tx.sql(), "logged_model_param", number),
                    count(tx.sql(), "logged_model_tag", number));
            if (!stored.equals(received)) {
                throw PerennialException.state("logged model " + model + ": received were " + received + ", stored are "
                        + stored + "; import it again");
            }
            ImportMarks.mark(tx, source, Kind.LOGGED_MODEL, model, true);
        });
    }

    private static long count(Handle sql, String table, long model) {
        return sql.createQuery("select count(*) from " + table + " where model = :model")
                .bind("model", model)
                .mapTo(Long.class)
                .one();
    }
}
