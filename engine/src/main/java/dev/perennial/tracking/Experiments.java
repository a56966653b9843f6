package dev.perennial.tracking;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import dev.perennial.tracking.search.ExperimentSearch;
import dev.perennial.tracking.search.SearchRequest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** Experiments and their tags. Names stay taken while an experiment is put away. Thread-safe. */
public final class Experiments {
    private static final int DATASETS_MAX = 1000;

    private final Database database;
    private final InstantSource clock;
    private final Optional<String> defaultRoot;

    public Experiments(Database database, InstantSource clock) {
        this(database, clock, Optional.empty());
    }

    /**
     * @param defaultRoot where new experiments keep their artifacts; empty for this server
     */
    public Experiments(Database database, InstantSource clock, Optional<String> defaultRoot) {
        this.database = database;
        this.clock = clock;
        this.defaultRoot = defaultRoot;
        if (find(Experiment.DEFAULT).isEmpty()) {
            database.writing(tx -> insert(tx, Experiment.DEFAULT, Visible.DEFAULT_PROJECT, "Default", null));
        }
    }

    /** Makes an experiment and returns its id. Without a location its artifacts are kept on this server. */
    public long create(String name, @Nullable String artifactLocation, List<KeyValue> tags) {
        return create(Visible.DEFAULT_PROJECT, name, artifactLocation, tags, Ownership.NOBODY);
    }

    /** As {@link #create(String, String, List)}, in a project. */
    public long create(
            String project, String name, @Nullable String artifactLocation, List<KeyValue> tags, Ownership ownership) {
        Names.atMost("name", name, Names.EXPERIMENT_NAME_MAX);
        if (artifactLocation != null) {
            Locations.checked(artifactLocation);
        }
        tags.forEach(Experiments::checkTag);
        return database.write(tx -> {
            long id = create(tx, project, name, artifactLocation);
            tags.forEach(tag -> putTag(tx, id, tag));
            ownership.made(tx, id);
            return id;
        });
    }

    private long create(Transaction tx, String project, String name, @Nullable String artifactLocation) {
        find(tx.sql(), project, name).ifPresent(other -> {
            throw taken(other);
        });
        long id = 1
                + tx.sql()
                        .createQuery(Purge.HIGHEST_EXPERIMENT)
                        .mapTo(Long.class)
                        .one();
        insert(tx, id, project, name, artifactLocation);
        return id;
    }

    private void insert(Transaction tx, long id, String project, String name, @Nullable String artifactLocation) {
        tx.sql()
                .createUpdate(
                        "insert into experiment (id, project, name, artifact_location, stage, created_at, updated_at)"
                                + " values (:id, :project, :name, :location, 'active', :now, :now) on conflict do nothing")
                .bind("id", id)
                .bind("project", project)
                .bind("name", name)
                .bind("location", artifactLocation == null ? Locations.ofExperiment(defaultRoot, id) : artifactLocation)
                .bind("now", clock.millis())
                .execute();
    }

    /** The experiment of a name, made when it is not there; for the product's own runs. */
    Experiment named(Transaction tx, String name) {
        Optional<Experiment> found = find(tx.sql(), Visible.DEFAULT_PROJECT, name);
        return found.isPresent() ? found.get() : get(tx.sql(), create(tx, Visible.DEFAULT_PROJECT, name, null));
    }

    public Optional<Experiment> find(long id) {
        return database.read(sql -> find(sql, id));
    }

    public Experiment get(long id) {
        return database.read(sql -> get(sql, id));
    }

    /** As {@link #get(long)}, in the caller's transaction. */
    public static Experiment get(Handle sql, long id) {
        return find(sql, id).orElseThrow(() -> missing(id));
    }

    /** The experiment, which must not be put away. */
    public static Experiment active(Handle sql, long id) {
        Experiment experiment = get(sql, id);
        requireActive(experiment);
        return experiment;
    }

    /** Where the runs of an experiment keep their files; it must not be put away. */
    static String activeLocation(Transaction tx, long id) {
        record Home(String location, Stage stage) {}
        Home home = Ready.first(
                        tx,
                        "select artifact_location, stage from experiment where id = ?",
                        row -> new Home(row.getString(1), Stage.of(row.getString(2))),
                        id)
                .orElseThrow(() -> missing(id));
        requireActive(id, home.stage());
        return home.location();
    }

    private static PerennialException missing(long id) {
        return PerennialException.notFound("No Experiment with id=" + id + " exists");
    }

    private static Optional<Experiment> find(Handle sql, long id) {
        return sql.createQuery("select * from experiment where id = :id")
                .bind("id", id)
                .map(Experiments::row)
                .findOne()
                .map(experiment -> withTags(sql, List.of(experiment)).getFirst());
    }

    /** Put-away experiments are found too. */
    public Optional<Experiment> find(String name) {
        return find(Visible.DEFAULT_PROJECT, name);
    }

    /** As {@link #find(String)}, in a project. */
    public Optional<Experiment> find(String project, String name) {
        return database.read(sql -> find(sql, project, name));
    }

    private static Optional<Experiment> find(Handle sql, String project, String name) {
        return sql.createQuery("select * from experiment where project = :project and name = :name")
                .bind("project", project)
                .bind("name", name)
                .map(Experiments::row)
                .findOne()
                .map(experiment -> withTags(sql, List.of(experiment)).getFirst());
    }

    public Page<Experiment> search(SearchRequest request) {
        return search(request, Visible.all(Visible.DEFAULT_PROJECT));
    }

    public Page<Experiment> search(SearchRequest request, Visible visible) {
        return database.readWithin(SearchRequest.TIME_MAX, sql -> {
            Page<Experiment> page = ExperimentSearch.page(sql, request, visible, database.dialect(), Experiments::row);
            return new Page<>(withTags(sql, page.items()), page.next());
        });
    }

    public void rename(long id, String name) {
        Names.atMost("new_name", name, Names.EXPERIMENT_NAME_MAX);
        database.writing(tx -> {
            Experiment experiment = get(tx.sql(), id);
            if (experiment.stage() != Stage.ACTIVE) {
                throw PerennialException.state(
                        "Cannot rename experiment " + id + ": it is deleted and must be active; restore it first");
            }
            find(tx.sql(), experiment.project(), name)
                    .filter(other -> other.id() != id)
                    .ifPresent(other -> {
                        throw taken(other);
                    });
            tx.sql()
                    .createUpdate("update experiment set name = :name, updated_at = :now where id = :id")
                    .bind("name", name)
                    .bind("now", clock.millis())
                    .bind("id", id)
                    .execute();
        });
    }

    /** Puts an experiment and its runs away. */
    public void delete(long id) {
        database.writing(tx -> {
            move(tx, id, Stage.ACTIVE, Stage.DELETED);
            tx.sql()
                    .createUpdate("update tracked_run set stage = 'deleted', deleted_with_experiment = 1,"
                            + " deleted_at = :now where experiment = :id and stage = 'active'")
                    .bind("id", id)
                    .bind("now", clock.millis())
                    .execute();
        });
    }

    /** Brings an experiment back with the runs that were deleted with it; runs deleted one by one stay deleted. */
    public void restore(long id) {
        database.writing(tx -> {
            move(tx, id, Stage.DELETED, Stage.ACTIVE);
            tx.sql()
                    .createUpdate(
                            "update tracked_run set stage = 'active', deleted_with_experiment = 0, deleted_at = null"
                                    + " where experiment = :id and deleted_with_experiment = 1")
                    .bind("id", id)
                    .execute();
        });
    }

    private void move(Transaction tx, long id, Stage from, Stage to) {
        int rows = tx.sql()
                .createUpdate("update experiment set stage = :to, updated_at = :now,"
                        + " deleted_at = case when :to = 'deleted' then :now end where id = :id and stage = :from")
                .bind("to", to.text())
                .bind("now", clock.millis())
                .bind("id", id)
                .bind("from", from.text())
                .execute();
        if (rows == 0) {
            throw PerennialException.notFound("No " + from.text() + " Experiment with id=" + id + " exists");
        }
    }

    public void setTag(long id, KeyValue tag) {
        checkTag(tag);
        database.writing(tx -> {
            requireActive(get(tx.sql(), id));
            putTag(tx, id, tag);
        });
    }

    private static void checkTag(KeyValue tag) {
        Names.key("key", tag.key());
        Names.atMost("value", tag.value(), Names.EXPERIMENT_TAG_VALUE_MAX);
    }

    private static void putTag(Transaction tx, long id, KeyValue tag) {
        tx.sql()
                .createUpdate("insert into experiment_tag (experiment, key, value) values (:id, :key, :value)"
                        + " on conflict (experiment, key) do update set value = excluded.value")
                .bind("id", id)
                .bind("key", tag.key())
                .bind("value", tag.value())
                .execute();
    }

    public void deleteTag(long id, String key) {
        database.writing(tx -> {
            requireActive(get(tx.sql(), id));
            int rows = tx.sql()
                    .createUpdate("delete from experiment_tag where experiment = :id and key = :key")
                    .bind("id", id)
                    .bind("key", key)
                    .execute();
            if (rows == 0) {
                throw PerennialException.notFound("No tag with name: " + key + " in experiment with id " + id);
            }
        });
    }

    /** The datasets that runs of the experiments used, at most 1,000. */
    public List<DatasetSummary> datasets(List<Long> experiments) {
        return experiments.isEmpty()
                ? List.of()
                : database.read(
                        sql -> sql.createQuery("select distinct d.experiment, d.name, d.digest, t.value as context"
                                        + " from tracked_dataset d join run_input i on i.dataset = d.number"
                                        + " join tracked_run r on r.number = i.run"
                                        + " left join run_input_tag t on t.run = i.run and t.dataset = i.dataset"
                                        + " and t.key = 'mlflow.data.context'"
                                        + " where r.stage = 'active' and d.experiment in (<experiments>)"
                                        + " order by d.experiment, d.name, d.digest, context limit " + DATASETS_MAX)
                                .bindList("experiments", experiments)
                                .map((row, context) -> new DatasetSummary(
                                        row.getLong("experiment"),
                                        row.getString("name"),
                                        row.getString("digest"),
                                        row.getString("context")))
                                .list());
    }

    private static void requireActive(Experiment experiment) {
        requireActive(experiment.id(), experiment.stage());
    }

    private static void requireActive(long id, Stage stage) {
        if (stage != Stage.ACTIVE) {
            throw PerennialException.invalid(
                    "experiment_id",
                    "The experiment " + id
                            + " must be in the 'active' state. Current state is 'deleted'; restore it first");
        }
    }

    private static PerennialException taken(Experiment other) {
        return new PerennialException(
                ErrorCode.ALREADY_EXISTS,
                "Experiment '" + other.name() + "' already exists"
                        + (other.stage() == Stage.ACTIVE ? "" : " in deleted state; restore it"),
                "name",
                null);
    }

    private static Experiment row(ResultSet row, StatementContext context) throws SQLException {
        return new Experiment(
                row.getLong("id"),
                row.getString("project"),
                row.getString("name"),
                row.getString("artifact_location"),
                Stage.of(row.getString("stage")),
                row.getLong("created_at"),
                row.getLong("updated_at"),
                List.of());
    }

    private static List<Experiment> withTags(Handle sql, List<Experiment> experiments) {
        Map<Long, List<KeyValue>> tags = Pairs.read(
                sql,
                "experiment_tag",
                "experiment",
                experiments.stream().map(Experiment::id).toList());
        List<Experiment> result = new ArrayList<>(experiments.size());
        for (Experiment e : experiments) {
            result.add(new Experiment(
                    e.id(),
                    e.project(),
                    e.name(),
                    e.artifactLocation(),
                    e.stage(),
                    e.createdAt(),
                    e.updatedAt(),
                    tags.getOrDefault(e.id(), List.of())));
        }
        return result;
    }
}
