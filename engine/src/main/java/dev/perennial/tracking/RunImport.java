package dev.perennial.tracking;

import static dev.perennial.tracking.ImportMarks.mark;
import static dev.perennial.tracking.ImportMarks.state;

import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import dev.perennial.tracking.ImportMarks.Kind;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/**
 * Takes experiments and runs from another tracking server with their ids, times and stages. What came from a source may come from it again:
 * then it is replaced or, once complete, left alone. What is here from elsewhere is never touched. Every method is one transaction. Thread-safe.
 */
public final class RunImport {
    /** Ids of one question, and runs of one batch. */
    public static final int IDS_MAX = 1000;

    /** Values of one batch. */
    public static final int METRICS_MAX = 25_000;

    private final Database database;
    private final InstantSource clock;

    public RunImport(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * An experiment that wants to come.
     *
     * @param id as the source has it
     */
    public record Name(long id, String name) {}

    /** What cannot come because something else is in its place, one sentence each. Changes nothing. */
    public List<String> collisions(String source, String project, List<Name> experiments, List<String> runs) {
        atMost("experiments", experiments.size(), IDS_MAX);
        atMost("runs", runs.size(), IDS_MAX);
        return database.read(sql -> {
            requireProject(sql, project);
            List<String> found = new ArrayList<>();
            for (Name wanted : experiments) {
                collision(sql, source, project, wanted).ifPresent(found::add);
            }
            for (String run : runs) {
                if (RunRows.find(sql, run).isPresent()
                        && state(sql, source, Kind.RUN, run).isEmpty()) {
                    found.add("run " + run + " is here already and did not come from " + source);
                }
            }
            return found;
        });
    }

    /** Refuses a project that does not exist. */
    public static void requireProject(Handle sql, String project) {
        boolean there = sql.createQuery("select name from project where name = :name")
                .bind("name", project)
                .mapTo(String.class)
                .findOne()
                .isPresent();
        if (!there) {
            throw PerennialException.notFound("there is no project '" + project + "' to import into; make it first");
        }
    }

    private static Optional<String> collision(Handle sql, String source, String project, Name wanted) {
        if (moved(wanted.id(), project)) {
            return Optional.empty(); // it gets an id of its own, or joins the one of that name
        }
        Optional<Here> byId = here(sql, "id = :id", project, wanted);
        Optional<Here> byName = here(sql, "project = :project and name = :name", project, wanted);
        String told = "experiment " + wanted.id() + " '" + wanted.name() + "'";
        if (byName.isPresent() && byName.get().id() != wanted.id()) {
            return Optional.of(
                    told + ": that name belongs to experiment " + byName.get().id() + " here; rename one of the two");
        }
        boolean ours =
                state(sql, source, Kind.EXPERIMENT, String.valueOf(wanted.id())).isPresent();
        boolean both = wanted.id() == Experiment.DEFAULT && byName.isPresent();
        if (byId.isPresent() && !ours && !both) {
            return Optional.of(told + ": experiment " + wanted.id() + " is '"
                    + byId.get().name() + "' here and did not come from " + source);
        }
        return byId.filter(there -> !there.project().equals(project))
                .map(there -> told + ": it came into project '" + there.project() + "' before; import into that one");
    }

    /** An experiment of this server. */
    private record Here(long id, String project, String name) {}

    private static Optional<Here> here(Handle sql, String which, String project, Name wanted) {
        return sql.createQuery("select id, project, name from experiment where " + which)
                .bindMap(Map.of("id", wanted.id(), "project", project, "name", wanted.name()))
                .map((row, context) -> new Here(row.getLong("id"), row.getString("project"), row.getString("name")))
                .findOne();
    }

    /** Every server has experiment 0, and here it belongs to the default project: into another one it comes under another id. */
    private static boolean moved(long id, String project) {
        return id == Experiment.DEFAULT && !project.equals(Visible.DEFAULT_PROJECT);
    }

    /**
     * Makes experiments or brings them to the state that the source has now.
     *
     * @return under which id each of them is here
     */
    public Map<Long, Long> experiments(String source, List<Experiment> experiments) {
        return database.write(tx -> {
            Map<Long, Long> ids = new LinkedHashMap<>();
            for (Experiment experiment : experiments) {
                requireProject(tx.sql(), experiment.project());
                collision(tx.sql(), source, experiment.project(), new Name(experiment.id(), experiment.name()))
                        .ifPresent(RunImport::refuse);
                Experiment here = settled(tx.sql(), experiment);
                put(tx, here, clock.millis());
                String mark = here.id() == experiment.id() ? "" : experiment.project() + "/";
                mark(tx, source, Kind.EXPERIMENT, mark + experiment.id(), true);
                ids.put(experiment.id(), here.id());
            }
            return ids;
        });
    }

    private static Experiment settled(Handle sql, Experiment experiment) {
        if (!moved(experiment.id(), experiment.project())) {
            return experiment;
        }
        Name wanted = new Name(experiment.id(), experiment.name());
        long id = here(sql, "project = :project and name = :name", experiment.project(), wanted)
                .map(Here::id)
                .orElseGet(() -> 1
                        + sql.createQuery(Purge.HIGHEST_EXPERIMENT)
                                .mapTo(Long.class)
                                .one());
        return new Experiment(
                id,
                experiment.project(),
                experiment.name(),
                experiment.artifactLocation(),
                experiment.stage(),
                experiment.createdAt(),
                experiment.updatedAt(),
                experiment.tags());
    }

    private static void put(Transaction tx, Experiment experiment, long now) {
        tx.sql()
                .createUpdate(
                        "insert into experiment (id, project, name, artifact_location, stage, created_at, updated_at, deleted_at)"
                                + " values (:id, :project, :name, :location, :stage, :created, :updated, :deleted) on conflict (id) do update set"
                                + " stage = excluded.stage, deleted_at = excluded.deleted_at, created_at = excluded.created_at, updated_at = excluded.updated_at")
                .bind("id", experiment.id())
                .bind("project", experiment.project())
                .bind("name", experiment.name())
                .bind("location", Locations.OWN + ":/" + experiment.id())
                .bind("stage", experiment.stage().text())
                .bind("created", experiment.createdAt())
                .bind("updated", experiment.updatedAt())
                .bind("deleted", experiment.stage() == Stage.DELETED ? Long.valueOf(now) : null)
                .execute();
        for (KeyValue tag : experiment.tags()) {
            tx.sql()
                    .createUpdate("insert into experiment_tag (experiment, key, value) values (:id, :key, :value)"
                            + " on conflict (experiment, key) do update set value = excluded.value")
                    .bind("id", experiment.id())
                    .bind("key", tag.key())
                    .bind("value", tag.value())
                    .execute();
        }
    }

    /**
     * Makes runs without metrics, in the place of what came of them before. Their experiments must have come already.
     *
     * @return those that were complete already, which were left alone
     */
    public Set<String> runs(String source, List<ImportedRun> runs) {
        atMost("runs", runs.size(), IDS_MAX);
        return database.write(tx -> {
            Set<String> complete = new TreeSet<>();
            for (ImportedRun run : runs) {
                String id = run.info().id();
                Optional<Boolean> state = state(tx.sql(), source, Kind.RUN, id);
                if (state.orElse(false)) {
                    complete.add(id);
                    continue;
                }
                Optional<RunRows.Key> there = RunRows.find(tx.sql(), id);
                if (there.isPresent() && state.isEmpty()) {
                    refuse("run " + id + " is here already and did not come from " + source);
                }
                put(tx, run, there, clock.millis());
                mark(tx, source, Kind.RUN, id, false);
            }
            return complete;
        });
    }

    private static void put(Transaction tx, ImportedRun run, Optional<RunRows.Key> there, long now) {
        Experiment home = Experiments.get(tx.sql(), run.info().experiment());
        String own =
                Locations.ofRun(Locations.OWN + ":/" + home.id(), run.info().id());
        RunInfo info = run.info();
        RunInfo here = new RunInfo(
                info.id(),
                info.experiment(),
                info.name(),
                info.user(),
                info.status(),
                info.startedAt(),
                info.endedAt(),
                run.artifactUri() == null ? own : run.artifactUri(),
                info.stage());
        there.ifPresent(key -> remove(tx, key.number()));
        long number = RunRows.insert(tx, here);
        if (info.stage() == Stage.DELETED && home.stage() == Stage.ACTIVE) {
            RunRows.stage(tx, number, Stage.DELETED, now); // by itself: it does not come back with its experiment
        }
        run.params().forEach(param -> RunRows.putParam(tx, number, info.id(), param));
        run.tags().forEach(tag -> RunRows.putTag(tx, number, tag));
        DatasetRows.insert(tx, info.experiment(), number, run.inputs());
        ModelLinks.insertInputs(tx, number, run.modelInputs());
        ModelLinks.insertOutputs(tx, number, run.outputs());
    }

    private static void remove(Transaction tx, long number) {
        ImportMarks.reopenModelsOf(tx, number);
        for (String table : List.of(
                "run_param",
                "run_tag",
                "run_metric",
                "run_metric_latest",
                "run_metric_rank",
                "run_metric_unranked",
                "run_metric_origin",
                "logged_model_metric",
                "run_input",
                "run_input_tag",
                "run_model")) {
            tx.sql()
                    .createUpdate("delete from " + table + " where run = :run")
                    .bind("run", number)
                    .execute();
        }
        tx.sql()
                .createUpdate("delete from tracked_run where number = :run")
                .bind("run", number)
                .execute();
    }

    /** Adds values to a run that has come and is not complete. */
    public void metrics(String source, String run, List<Metric> metrics) {
        atMost("metrics", metrics.size(), METRICS_MAX);
        database.writing(tx -> {
            RunRows.Key key = incomplete(tx, source, run);
            MetricIntake.insert(tx, database.dialect(), key.number(), metrics);
        });
    }

    private static RunRows.Key incomplete(Transaction tx, String source, String run) {
        if (state(tx.sql(), source, Kind.RUN, run).orElse(true)) {
            throw PerennialException.state("run " + run + " is complete, or did not come from " + source);
        }
        return RunRows.get(tx.sql(), run);
    }

    /** Marks a run as complete when as much of it is here as the source has; otherwise it stays open. */
    public void complete(String source, String run, ImportedRun.Counts received) {
        database.writing(tx -> {
            RunRows.Key key = incomplete(tx, source, run);
            ImportedRun.Counts stored = counts(tx.sql(), key.number());
            if (!stored.equals(received)) {
                throw PerennialException.state(
                        "run " + run + ": received were " + received + ", stored are " + stored + "; import it again");
            }
            mark(tx, source, Kind.RUN, run, true);
        });
    }

    private static ImportedRun.Counts counts(Handle sql, long run) {
        return new ImportedRun.Counts(
                count(sql, "run_metric", run),
                count(sql, "run_param", run),
                count(sql, "run_tag", run),
                count(sql, "run_input", run));
    }

    private static long count(Handle sql, String table, long run) {
        return sql.createQuery("select count(*) from " + table + " where run = :run")
                .bind("run", run)
                .mapTo(Long.class)
                .one();
    }

    private static void refuse(String why) {
        throw PerennialException.conflict(why);
    }

    /** Refuses a list that is longer than a bound. */
    public static void atMost(String field, int count, int max) {
        if (count > max) {
            throw PerennialException.invalid(field, "at most " + max + " " + field + " at once, got " + count);
        }
    }
}
