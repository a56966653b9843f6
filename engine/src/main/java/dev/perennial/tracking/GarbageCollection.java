package dev.perennial.tracking;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.store.BlobSweep;
import dev.perennial.store.Database;
import dev.perennial.store.Store;
import dev.perennial.store.UpkeepLock;
import dev.perennial.store.ledger.LedgerEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Deletes for good what was put away longer ago than a retention: runs, logged models and experiments with all that they have, blobs that nothing
 * names any more, and leftovers of this machine. It runs beside writers; a blob that was put within the last hours stays, because whoever put it may be about to name it.
 * Each collection that deleted something is one entry of the ledger. Thread-safe; one at a time for a data directory, and none while a
 * backup is taken.
 */
public final class GarbageCollection {
    /** Longer than any upload or training step lasts. */
    public static final Duration GRACE = Duration.ofHours(24);

    private static final int IDS_IN_LEDGER_MAX = 1_000;

    private final Path dataDir;
    private final Database database;
    private final BlobSweep sweep;
    private final InstantSource clock;
    private final Purge purge;
    private final Leftovers leftovers;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** @param leftovers what goes beside what is stored */
    public GarbageCollection(Store store, TrackingRuns tracking, Leftovers leftovers, InstantSource clock) {
        this.leftovers = leftovers;
        this.dataDir = store.directory().shared();
        this.database = store.database();
        this.sweep = store.sweep();
        this.clock = clock;
        this.purge = new Purge(database, tracking.artifacts());
    }

    /**
     * What goes, or went.
     *
     * @param retention what was put away longer ago
     * @param heldRuns runs that are old enough and stay, because a model version names them
     * @param elsewhere runs whose files are in places that this server does not keep; those files stay
     * @param environments of Python models
     */
    public record Report(
            boolean dryRun,
            Duration retention,
            long runs,
            long points,
            long models,
            long experiments,
            long blobs,
            long bytes,
            long heldRuns,
            long elsewhere,
            Leftovers.Swept environments) {
        public ObjectNode json() {
            ObjectNode told = Json.object()
                    .put("dryRun", dryRun)
                    .put("olderThanMillis", retention.toMillis())
                    .put("runs", runs)
                    .put("points", points)
                    .put("models", models)
                    .put("experiments", experiments)
                    .put("blobs", blobs)
                    .put("bytes", bytes)
                    .put("heldRuns", heldRuns)
                    .put("filesElsewhere", elsewhere)
                    .put("environmentBytes", environments.bytes());
            told.set("environments", Json.tree(environments.names()));
            return told;
        }
    }

    /** Tells what {@link #collect} would delete, and deletes nothing. */
    public Report look(Duration retention) {
        long before = clock.millis() - retention.toMillis();
        Tally tally = new Tally();
        TreeSet<String> folders = new TreeSet<>();
        each(before, run -> {
            tally.add(run, purge.points(run));
            Purge.folder(run.artifactUri()).ifPresent(folders::add);
            return true;
        });
        List<Purge.Run> models = purge.dueModels(before);
        models.forEach(model -> Purge.folder(model.artifactUri()).ifPresent(folders::add));
        tally.models = models.size();
        BlobSweep.Swept swept = sweep.look(youngest(), (parent, blob) -> below(folders, parent));
        return tally.report(
                true,
                retention,
                purge.dueExperiments(before, true).size(),
                swept,
                purge.heldBack(before),
                leftovers.look(youngest()));
    }

    private static boolean below(TreeSet<String> folders, String parent) {
        String nearest = folders.floor(parent);
        while (nearest != null && parent.startsWith(nearest)) {
            if (parent.equals(nearest) || parent.charAt(nearest.length()) == '/') {
                return true;
            }
            nearest = folders.lower(nearest);
        }
        return false;
    }

    private Instant youngest() {
        return clock.instant().minus(GRACE);
    }

    /** Calls for each run that may go; ends early when the visitor says so. */
    private void each(long before, Predicate<Purge.Run> visitor) {
        List<Purge.Run> some = purge.due(before, Long.MIN_VALUE);
        while (!some.isEmpty()) {
            for (Purge.Run run : some) {
                if (!visitor.test(run)) {
                    return;
                }
            }
            some = purge.due(before, some.getLast().number());
        }
    }

    /**
     * Deletes; {@code CONFLICT} while a backup is taken. What an interrupted collection left is finished.
     *
     * @param by who asked, as in the ledger: {@code user:NAME}
     * @param progress told what goes on
     */
    public Report collect(Duration retention, String by, Consumer<String> progress) {
        try (UpkeepLock apart = UpkeepLock.forDeletion(dataDir)) {
            return locked(retention, by, progress);
        }
    }

    private Report locked(Duration retention, String by, Consumer<String> progress) {
        long before = clock.millis() - retention.toMillis();
        BooleanSupplier goOn = () -> !closed.get();
        Tally tally = new Tally();
        long held = purge.heldBack(before);
        progress.accept("deleting runs");
        each(before, run -> {
            long points = purge.points(run);
            if (purge.delete(run, before)) {
                tally.add(run, points);
            }
            return goOn.getAsBoolean();
        });
        progress.accept("deleting points of curves");
        purge.deletePoints(goOn);
        for (Purge.Run model : goOn.getAsBoolean() ? purge.dueModels(before) : List.<Purge.Run>of()) {
            if (purge.deleteModel(model, before)) {
                tally.models++;
            }
        }
        List<Long> experiments = new ArrayList<>();
        for (Iterator<Long> due = purge.dueExperiments(before, false).iterator();
                due.hasNext() && goOn.getAsBoolean(); ) {
            long id = due.next();
            if (purge.deleteExperiment(id, before)) {
                experiments.add(id);
            }
        }
        progress.accept("looking for blobs that nothing names");
        BlobSweep.Swept swept = goOn.getAsBoolean() ? sweep.delete(youngest(), goOn) : new BlobSweep.Swept(0, 0);
        progress.accept("looking for environments that nothing needs");
        Leftovers.Swept environments = leftovers.delete(youngest(), goOn);
        Report report = tally.report(false, retention, experiments.size(), swept, held, environments);
        tell(report, by, tally.ids, experiments);
        return report;
    }

    private void tell(Report report, String by, List<String> runs, List<Long> experiments) {
        long environments = report.environments().names().size();
        if (report.runs() + report.models() + report.experiments() + report.blobs() + environments == 0) {
            return;
        }
        ObjectNode payload = report.json();
        ArrayNode ids = payload.putArray("runIds");
        runs.stream().limit(IDS_IN_LEDGER_MAX).forEach(ids::add);
        ArrayNode gone = payload.putArray("experimentIds");
        experiments.stream().limit(IDS_IN_LEDGER_MAX).map(String::valueOf).forEach(gone::add);
        database.writing(tx -> tx.ledger(new LedgerEvent("system", by, "data.delete", "gc", clock.millis(), payload)));
    }

    /** Ends a running collection at its next step; what is left is done by the next one. */
    public void close() {
        closed.set(true);
    }

    private static final class Tally {
        private final List<String> ids = new ArrayList<>();
        private long points;
        private long models;
        private long elsewhere;

        void add(Purge.Run run, long itsPoints) {
            ids.add(run.id());
            points += itsPoints;
            elsewhere += Purge.folder(run.artifactUri()).isEmpty() ? 1 : 0;
        }

        Report report(
                boolean dryRun,
                Duration retention,
                long experiments,
                BlobSweep.Swept swept,
                long held,
                Leftovers.Swept environments) {
            return new Report(
                    dryRun,
                    retention,
                    ids.size(),
                    points,
                    models,
                    experiments,
                    swept.blobs(),
                    swept.bytes(),
                    held,
                    elsewhere,
                    environments);
        }
    }
}
