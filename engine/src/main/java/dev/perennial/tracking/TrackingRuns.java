package dev.perennial.tracking;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.BlobStore;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import dev.perennial.tracking.models.LoggedModels;
import dev.perennial.tracking.models.ModelImport;
import dev.perennial.tracking.models.Registrations;
import dev.perennial.tracking.search.RunSearch;
import dev.perennial.tracking.search.SearchRequest;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Runs and what they log. What a method logged is durable when it returns; a batch is there completely or not at all, and the same
 * batch again changes nothing. Thread-safe.
 */
public final class TrackingRuns {
    /** How far {@link #count} counts. */
    public static final long COUNT_MAX = 10_000;

    private static final String NAME_TAG = "mlflow.runName";
    private static final int RUN_ID_LENGTH = 32;

    private final Database database;
    private final InstantSource clock;
    private final Ids ids;
    private final Experiments experiments;
    private final Artifacts artifacts;
    private final LoggedModels models;

    public TrackingRuns(Database database, BlobStore blobs, InstantSource clock, Ids ids) {
        this(database, blobs, clock, ids, (sql, models) -> Map.of(), ArtifactSettings.none());
    }

    public TrackingRuns(
            Database database,
            BlobStore blobs,
            InstantSource clock,
            Ids ids,
            Registrations registrations,
            ArtifactSettings artifacts) {
        this.database = database;
        this.clock = clock;
        this.ids = ids;
        this.experiments = new Experiments(database, clock, artifacts.defaultRoot());
        this.artifacts = new Artifacts(database, blobs, artifacts);
        this.models = new LoggedModels(database, clock, ids, registrations);
    }

    public Experiments experiments() {
        return experiments;
    }

    public Artifacts artifacts() {
        return artifacts;
    }

    /** Takes runs from another tracking server. */
    public RunImport imported() {
        return new RunImport(database, clock);
    }

    /** Takes logged models from another tracking server. */
    public ModelImport importedModels() {
        return new ModelImport(database);
    }

    public LoggedModels models() {
        return models;
    }

    public TrackedRun create(NewRun wanted) {
        List<KeyValue> tags = wanted.tags().stream().map(Names::runTag).toList();
        for (int i = 0; i < tags.size(); i++) {
            Names.key("tags[" + i + "].key", tags.get(i).key());
        }
        Optional<String> tagged = tags.stream()
                .filter(tag -> tag.key().equals(NAME_TAG))
                .map(KeyValue::value)
                .findFirst();
        String given = wanted.name();
        if (given != null && tagged.isPresent() && !given.equals(tagged.get())) {
            throw PerennialException.invalid(
                    "run_name",
                    "Both 'run_name' argument ('" + given + "') and '" + NAME_TAG + "' tag ('" + tagged.get()
                            + "') are specified, but with different values; give one");
        }
        String id = ids.nextHex();
        String name = given != null ? given : tagged.orElseGet(() -> RunNames.of(id));
        TreeMap<String, KeyValue> kept = new TreeMap<>();
        tags.forEach(tag -> kept.put(tag.key(), tag));
        kept.put(NAME_TAG, Names.runTag(new KeyValue(NAME_TAG, name)));
        return database.write(tx -> {
            RunInfo run = new RunInfo(
                    id,
                    wanted.experiment(),
                    name,
                    wanted.user(),
                    RunStatus.RUNNING,
                    wanted.startedAt() == null ? clock.millis() : wanted.startedAt(),
                    null,
                    Locations.ofRun(Experiments.activeLocation(tx, wanted.experiment()), id),
                    Stage.ACTIVE);
            long number = RunRows.insert(tx, run);
            kept.values().forEach(tag -> RunRows.putTag(tx, number, tag));
            return new TrackedRun(
                    run, List.of(), List.of(), List.copyOf(kept.values()), List.of(), List.of(), List.of());
        });
    }

    /** Deleted runs are found too. */
    public TrackedRun get(String id) {
        return database.read(sql ->
                RunRows.runs(sql, List.of(RunRows.get(sql, id).number())).getFirst());
    }

    /** A run that may be written. */
    public RunInfo active(String id) {
        return database.read(sql -> RunRows.info(sql, RunRows.active(sql, id).number()));
    }

    /** Changes what is given and leaves the rest. */
    public RunInfo update(String id, @Nullable RunStatus status, @Nullable Long endedAt, @Nullable String name) {
        return database.write(tx -> {
            long run = RunRows.logged(tx, id).number();
            if (name != null) {
                RunRows.putTag(tx, run, Names.runTag(new KeyValue(NAME_TAG, name)));
            }
            return RunRows.update(tx, run, status, endedAt, name);
        });
    }

    private static void rename(Transaction tx, long run, String name) {
        RunRows.rename(tx, run, name);
        RunRows.putTag(tx, run, Names.runTag(new KeyValue(NAME_TAG, name)));
    }

    public void delete(String id) {
        database.writing(tx -> RunRows.stage(tx, RunRows.get(tx.sql(), id).number(), Stage.DELETED, clock.millis()));
    }

    public void restore(String id) {
        database.writing(tx -> RunRows.stage(tx, RunRows.get(tx.sql(), id).number(), Stage.ACTIVE, clock.millis()));
    }

    /** Logs everything of the batch or nothing. */
    public void log(String id, Batch batch) {
        SortedMetrics metrics = SortedMetrics.of(batch.metrics());
        database.writing(tx -> {
            long run = RunRows.logged(tx, id).number();
            for (KeyValue param : batch.params()) {
                RunRows.putParam(tx, run, id, param);
            }
            MetricIntake.insert(tx, database.dialect(), run, metrics);
            for (KeyValue tag : batch.tags()) {
                if (tag.key().equals(NAME_TAG)) {
                    rename(tx, run, tag.value());
                } else {
                    RunRows.putTag(tx, run, tag);
                }
            }
        });
    }

    public void deleteTag(String id, String key) {
        database.writing(tx -> {
            if (!RunRows.deleteTag(tx, RunRows.active(tx.sql(), id).number(), key)) {
                throw PerennialException.notFound("No tag with name: " + key + " in run with id " + id);
            }
        });
    }

    public void logInputs(String id, List<DatasetInput> inputs) {
        logInputs(id, inputs, List.of());
    }

    /**
     * Keeps what a run read; what it is known to have read already changes nothing.
     *
     * @param models ids of logged models
     */
    public void logInputs(String id, List<DatasetInput> inputs, List<String> models) {
        DatasetRows.check(inputs);
        ModelLinks.checkInputs(models);
        database.writing(tx -> {
            RunRows.Key run = RunRows.active(tx.sql(), id);
            DatasetRows.insert(tx, run.experiment(), run.number(), inputs);
            ModelLinks.insertInputs(tx, run.number(), models);
        });
    }

    /** Keeps which models a run made. */
    public void logOutputs(String id, List<ModelOutput> models) {
        ModelLinks.checkOutputs(models);
        database.writing(
                tx -> ModelLinks.insertOutputs(tx, RunRows.active(tx.sql(), id).number(), models));
    }

    /**
     * Changes one tag by what it holds, in one transaction.
     *
     * @param change gets the tag's value, or null when it is not there
     */
    public void changeTag(String id, String key, java.util.function.Function<Optional<String>, String> change) {
        Names.key("key", key);
        database.writing(tx -> {
            long run = RunRows.active(tx.sql(), id).number();
            RunRows.putTag(tx, run, new KeyValue(key, change.apply(RunRows.tag(tx.sql(), run, key))));
        });
    }

    public Page<TrackedRun> search(SearchRequest request, List<Long> among) {
        return search(request, among, 0);
    }

    /**
     * The same for a page in the middle, for somebody who jumps there.
     *
     * @param skipped how many runs to leave out before the page, with a token after the place that it names; each of them costs time
     */
    public Page<TrackedRun> search(SearchRequest request, List<Long> among, long skipped) {
        RunSearch search = RunSearch.of(request, among, database.dialect());
        boolean ranked = search.asksForMetrics() && MetricRanks.caughtUp(database, clock);
        return database.readWithin(SearchRequest.TIME_MAX, sql -> {
            Page<Long> page = search.page(sql, ranked, skipped, (row, context) -> row.getLong("number"));
            return new Page<>(RunRows.runs(sql, page.items()), page.next());
        });
    }

    /**
     * How many runs a search finds, whatever its order and page. Apart from the search itself, because counting may cost far more than a
     * page: it stops behind the bound, and a greater result means more than that.
     */
    public long count(SearchRequest request, List<Long> among, long bound) {
        RunSearch search = RunSearch.of(request, among, database.dialect());
        if (search.asksForMetrics()) {
            MetricRanks.caughtUp(database, clock);
        }
        return database.readWithin(SearchRequest.TIME_MAX, sql -> search.count(sql, bound));
    }

    /** The history of one metric by time, step and value; an unknown run has none. */
    public Page<Metric> history(String id, String key, HistoryPage page) {
        return database.read(sql -> RunRows.find(sql, id)
                .map(run -> page.cut(
                        MetricOrigins.added(
                                sql,
                                run.number(),
                                key,
                                MetricRows.history(sql, run.number(), key, page.after(id, key), page.limit() + 1)),
                        id,
                        key))
                .orElseGet(() -> new Page<>(List.of(), Optional.empty())));
    }

    /** A metric of several runs at some of its steps; unknown runs are left out. */
    public List<MetricSample.OfRun> sample(MetricSample asked) {
        return database.read(asked::read);
    }

    /** The folder of a run's artifacts on this server, within a transaction; empty when they are elsewhere. */
    public Optional<ArtifactPath> folder(Transaction tx, String id) {
        return tx.sql()
                .createQuery("select artifact_uri from tracked_run where id = :id")
                .bind("id", id)
                .mapTo(String.class)
                .findOne()
                .flatMap(Artifacts::directory);
    }

    /**
     * Keeps a training of the product itself as a run, in the caller's transaction. The same key again returns the same run id and
     * changes nothing.
     *
     * @param key names the training, for instance by its pipeline run
     * @param experiment made when it is not there
     */
    public String record(Transaction tx, String key, String experiment, TrainingRun training) {
        String id = Digest.of("training-run " + key).hex().substring(0, RUN_ID_LENGTH);
        if (RunRows.find(tx.sql(), id).isPresent()) {
            return id;
        }
        Experiment home = experiments.named(tx, experiment);
        long run = RunRows.insert(
                tx,
                new RunInfo(
                        id,
                        home.id(),
                        training.name(),
                        "",
                        training.status(),
                        training.startedAt(),
                        training.endedAt(),
                        Locations.ofRun(home.artifactLocation(), id),
                        home.stage()));
        sorted(training.params())
                .forEach((name, value) -> RunRows.putParam(tx, run, id, Names.param(new KeyValue(name, value))));
        sorted(training.tags())
                .forEach((name, value) -> RunRows.putTag(tx, run, Names.runTag(new KeyValue(name, value))));
        RunRows.putTag(tx, run, Names.runTag(new KeyValue(NAME_TAG, training.name())));
        MetricIntake.insert(tx, database.dialect(), run, metrics(training));
        return id;
    }

    private static List<Metric> metrics(TrainingRun training) {
        List<Metric> metrics = new ArrayList<>();
        sorted(training.metrics()).forEach((key, value) -> metrics.add(new Metric(key, value, training.endedAt(), 0)));
        sorted(training.curves())
                .forEach((key, points) -> points.forEach(
                        point -> metrics.add(new Metric(key, point.value(), training.endedAt(), point.step()))));
        return metrics;
    }

    private static <V> TreeMap<String, V> sorted(Map<String, V> map) {
        return new TreeMap<>(map);
    }
}
