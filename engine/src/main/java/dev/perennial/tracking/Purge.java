package dev.perennial.tracking;

import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.Handle;

/**
 * Deletes runs and experiments for good that were put away before a time. A run disappears in one short transaction; its points follow a
 * piece at a time, so that writers never wait long, and go on after a crash. Numbers of what is gone are not used again. Blobs are left
 * to {@link dev.perennial.store.BlobSweep}. Thread-safe; one at a time.
 */
final class Purge {
    static final String HIGHEST_RUN = "select max(n) from (select coalesce(max(number), 0) as n from tracked_run"
            + " union all select coalesce(max(number), 0) as n from purged_run) as numbers";
    static final String HIGHEST_EXPERIMENT = "select max(n) from (select coalesce(max(id), 0) as n from experiment"
            + " union all select coalesce(max(id), 0) as n from purged_experiment) as numbers";

    /** Tables with a few rows of each run, by their column {@code run}. A new one is added here, or to the next list. */
    static final List<String> OF_RUN = List.of(
            "run_param",
            "run_tag",
            "run_metric_latest",
            "run_metric_rank",
            "run_metric_unranked",
            "run_input",
            "run_input_tag",
            "run_model");

    /** Tables with a column {@code run} whose rows belong to something else and go with that. */
    static final List<String> OF_OTHERS = List.of("logged_model_metric");

    /** Tables with any number of rows of a run, in the order of run and step. */
    static final List<String> POINTS = List.of("run_metric", "run_metric_origin");

    /** Where something that stays names the id of a run, which therefore stays too. */
    static final List<Hold> HOLDS = List.of(new Hold("model_version", "run"), new Hold("registered_version", "run"));

    /** A column with ids of runs. */
    record Hold(String table, String column) {}

    private static final int FOUND_MAX = 500;
    private static final int POINTS_AT_ONCE = 20_000;

    private final Database database;
    private final Artifacts artifacts;

    Purge(Database database, Artifacts artifacts) {
        this.database = database;
        this.artifacts = artifacts;
    }

    /** A run, or a logged model, that may go. */
    record Run(long number, String id, String artifactUri) {}

    private static String held() {
        List<String> parts = HOLDS.stream()
                .map(hold -> "exists (select 1 from " + hold.table() + " h where h." + hold.column() + " = r.id)")
                .toList();
        return "(" + String.join(" or ", parts) + " or " + FILES_OF_RUN + " or " + MODEL_OF_RUN + ")";
    }

    /** Clients load a version from where its files were, so this place stays, whatever run the version itself names. */
    private static String filesOfVersion(String place) {
        return "exists (select 1 from registered_version h where substr(coalesce(h.storage, h.source), 1, length("
                + place + ")) = " + place + ")";
    }

    private static final String FILES_OF_RUN = filesOfVersion("r.artifact_uri");

    /** The run that made a logged model from which a version was registered. */
    private static final String MODEL_OF_RUN = "exists (select 1 from logged_model l join registered_version h on"
            + " h.logged_model = l.id where l.source_run = r.id)";

    private static final String DUE = " from tracked_run r where r.stage = 'deleted' and r.deleted_at < :before";

    /** Runs that may go, by number, after one. */
    List<Run> due(long before, long after) {
        return database.read(sql -> sql.createQuery("select r.number, r.id, r.artifact_uri" + DUE + " and not " + held()
                        + " and r.number > :after order by r.number limit " + FOUND_MAX)
                .bind("before", before)
                .bind("after", after)
                .map((row, context) -> new Run(row.getLong(1), row.getString(2), row.getString(3)))
                .list());
    }

    /** How many are old enough and stay, because something that stays names them. */
    long heldBack(long before) {
        return database.read(sql -> sql.createQuery("select count(*)" + DUE + " and " + held())
                .bind("before", before)
                .mapTo(Long.class)
                .one());
    }

    /** Points of curves that would go. */
    long points(Run run) {
        return database.read(sql -> sql.createQuery("select count(*) from run_metric where run = :run")
                .bind("run", run.number())
                .mapTo(Long.class)
                .one());
    }

    /** The folder of files with this address, when they are kept here. */
    static Optional<String> folder(String uri) {
        try {
            return Artifacts.directory(uri).filter(path -> !path.root()).map(ArtifactPath::text);
        } catch (PerennialException e) {
            return Optional.empty(); // an old address that no path can lead to
        }
    }

    /** Deletes a run unless it was brought back, or a version came to need it, meanwhile; its points are left to {@link #deletePoints}. */
    boolean delete(Run run, long before) {
        boolean gone = database.write(tx -> {
            int rows = tx.sql()
                    .createUpdate("delete from tracked_run as r where r.number = :run and r.stage = 'deleted'"
                            + " and r.deleted_at < :before and not " + held())
                    .bind("run", run.number())
                    .bind("before", before)
                    .execute();
            if (rows == 0) {
                return false;
            }
            tx.sql().execute("insert into purged_run (number) values (?)", run.number());
            for (String table : OF_RUN) {
                tx.sql().execute("delete from " + table + " where run = ?", run.number());
            }
            deleteRows(tx, folder(run.artifactUri()));
            return true;
        });
        if (gone) {
            deletePlainFiles(folder(run.artifactUri()));
        }
        return gone;
    }

    private void deletePlainFiles(Optional<String> folder) {
        if (!artifacts.inBlobs()) {
            folder.map(ArtifactPath::of).ifPresent(artifacts::deletePurged);
        }
    }

    private static void deleteRows(Transaction tx, Optional<String> folder) {
        folder.ifPresent(root -> deleteFiles(tx, root));
    }

    private static void deleteFiles(Transaction tx, String root) {
        Deque<String> folders = new ArrayDeque<>(List.of(root));
        while (!folders.isEmpty()) {
            String folder = folders.removeLast();
            tx.sql()
                    .createQuery("select name from artifact where parent = :folder and blob is null")
                    .bind("folder", folder)
                    .mapTo(String.class)
                    .forEach(name -> folders.add(folder + "/" + name));
            tx.sql().execute("delete from artifact where parent = ?", folder);
        }
        deleteEmptied(tx, root);
    }

    /** The folder itself, and those above it that hold nothing any more. */
    private static void deleteEmptied(Transaction tx, String root) {
        String folder = root;
        while (!folder.isEmpty() && children(tx.sql(), folder) == 0) {
            int slash = folder.lastIndexOf('/');
            tx.sql()
                    .execute(
                            "delete from artifact where parent = ? and name = ? and blob is null",
                            slash < 0 ? "" : folder.substring(0, slash),
                            folder.substring(slash + 1));
            folder = slash < 0 ? "" : folder.substring(0, slash);
        }
    }

    private static long children(Handle sql, String folder) {
        return sql.createQuery("select count(*) from artifact where parent = :folder")
                .bind("folder", folder)
                .mapTo(Long.class)
                .one();
    }

    /** Deletes points of runs that are gone, also of those that an interrupted purge left. */
    void deletePoints(BooleanSupplier goOn) {
        List<Long> gone = database.read(sql -> sql.createQuery("select number from purged_run order by number")
                .mapTo(Long.class)
                .list());
        for (Long run : gone) {
            for (String table : POINTS) {
                while (goOn.getAsBoolean() && deletePiece(table, run)) {
                    // the next piece in a transaction of its own
                }
            }
            if (!goOn.getAsBoolean()) {
                return;
            }
            database.writing(tx -> tx.sql()
                    .execute(
                            "delete from purged_run where number = ? and number < (select coalesce(max(number), 0) from tracked_run)",
                            run));
        }
    }

    /** Deletes some 20,000 rows; true when there may be more. */
    private boolean deletePiece(String table, long run) {
        return database.write(tx -> {
            Optional<Long> step = tx.sql()
                    .createQuery("select step from " + table + " where run = :run order by step limit 1 offset "
                            + POINTS_AT_ONCE)
                    .bind("run", run)
                    .mapTo(Long.class)
                    .findOne();
            if (step.isEmpty()) {
                tx.sql().execute("delete from " + table + " where run = ?", run);
                return false;
            }
            tx.sql().execute("delete from " + table + " where run = ? and step <= ?", run, step.get());
            return true;
        });
    }

    /** Of a logged model: deleted long ago, or of an experiment that was, and needed by no version. */
    private static final String DUE_MODEL = "(m.deleted_at < :before or exists (select 1 from experiment e where e.id ="
            + " m.experiment and e.stage = 'deleted' and e.deleted_at < :before and e.id <> " + Experiment.DEFAULT
            + "))"
            + " and not exists (select 1 from registered_version v where v.logged_model = m.id)"
            + " and not " + filesOfVersion("m.artifact_uri");

    /** Logged models that may go. */
    List<Run> dueModels(long before) {
        return database.read(sql -> sql.createQuery("select m.number, m.id, m.artifact_uri from logged_model m where "
                        + DUE_MODEL + " order by m.number")
                .bind("before", before)
                .map((row, context) -> new Run(row.getLong(1), row.getString(2), row.getString(3)))
                .list());
    }

    /** Deletes a logged model unless a version came to need it, or its experiment was brought back, meanwhile. */
    boolean deleteModel(Run model, long before) {
        boolean gone = database.write(tx -> {
            int rows = tx.sql()
                    .createUpdate("delete from logged_model as m where m.number = :model and " + DUE_MODEL)
                    .bind("model", model.number())
                    .bind("before", before)
                    .execute();
            if (rows == 0) {
                return false;
            }
            tx.sql().execute("delete from logged_model_param where model = ?", model.number());
            tx.sql().execute("delete from logged_model_tag where model = ?", model.number());
            tx.sql().execute("delete from logged_model_metric where model_id = ?", model.id());
            tx.sql().execute("delete from run_model where model_id = ?", model.id());
            deleteRows(tx, folder(model.artifactUri()));
            return true;
        });
        if (gone) {
            deletePlainFiles(folder(model.artifactUri()));
        }
        return gone;
    }

    /** Experiments that may go: old enough, and none of their runs is left or every one is among those that may go. */
    List<Long> dueExperiments(long before, boolean withRunsThatMayGo) {
        String runsLeft = "exists (select 1 from tracked_run r where r.experiment = e.id"
                + (withRunsThatMayGo ? " and (r.stage <> 'deleted' or r.deleted_at >= :before or " + held() + ")" : "")
                + ")";
        return new ArrayList<>(
                database.read(sql -> sql.createQuery("select e.id from experiment e where e.stage = 'deleted'"
                                + " and e.deleted_at < :before and e.id <> " + Experiment.DEFAULT + " and not "
                                + runsLeft
                                + " order by e.id")
                        .bind("before", before)
                        .mapTo(Long.class)
                        .list()));
    }

    /** Deletes an experiment unless it was brought back, or has runs. */
    boolean deleteExperiment(long id, long before) {
        return database.write(tx -> {
            int rows = tx.sql()
                    .createUpdate("delete from experiment where id = :id and stage = 'deleted' and deleted_at < :before"
                            + " and not exists (select 1 from tracked_run r where r.experiment = :id)"
                            + " and not exists (select 1 from logged_model m where m.experiment = :id)")
                    .bind("id", id)
                    .bind("before", before)
                    .execute();
            if (rows > 0) {
                tx.sql().execute("delete from experiment_tag where experiment = ?", id);
                tx.sql().execute("delete from tracked_dataset where experiment = ?", id);
                tx.sql()
                        .execute(
                                "delete from object_grant where kind = 'experiment' and object = ?",
                                String.valueOf(id));
                tx.sql().execute("insert into purged_experiment (id) values (?)", id);
                tx.sql().execute("delete from purged_experiment where id < (select max(id) from purged_experiment)");
            }
            return rows > 0;
        });
    }
}
