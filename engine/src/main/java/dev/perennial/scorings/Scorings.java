package dev.perennial.scorings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.pipelines.PipelineEngine;
import dev.perennial.pipelines.PipelineSpec;
import dev.perennial.pipelines.RunState;
import dev.perennial.pipelines.RunView;
import dev.perennial.pipelines.StepSpec;
import dev.perennial.pipelines.StepState;
import dev.perennial.scorings.ScoringView.State;
import dev.perennial.serving.Preparation;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jobs that score files. A job is a row, a folder with what is done, and a pipeline run for each attempt; the worker of an attempt passes
 * over what an earlier one finished. Nothing here looks at rights. Thread-safe.
 */
public final class Scorings {
    /** How long jobs, and results that were not fetched, are kept. */
    public static final Duration KEPT = Duration.ofDays(30);

    /** Name of the pipeline. */
    public static final String PIPELINE = "score";

    /** Runs without a subject are shown to administrators only: what a job says of its rows is for those who may see the job. */
    private static final String NO_SUBJECT = "";

    private static final Logger LOG = LoggerFactory.getLogger(Scorings.class);
    private static final String STEP = "score";
    private static final String INPUT = "input";

    private final Database database;
    private final PipelineEngine engine;
    private final InstantSource clock;
    private final Ids ids;
    private final Path folder;
    private final ScoringLedger ledger;

    /** @param folder in which each job has one of its own */
    public Scorings(Database database, PipelineEngine engine, InstantSource clock, Ids ids, Path folder) {
        this.database = database;
        this.engine = engine;
        this.clock = clock;
        this.ids = ids;
        this.folder = folder;
        this.ledger = new ScoringLedger(clock);
    }

    /**
     * Makes a job. That of a file on this machine starts at once, another when its file has come.
     *
     * @throws PerennialException when files or formats do not fit
     */
    public ScoringView create(ScoringOrder order) {
        expire();
        ScoringJob job = new NewScoring(order).job(ids.next(), clock.millis());
        database.writing(tx -> {
            ScoringRows.insert(tx.sql(), job);
            if (!job.sent()) {
                start(tx, job);
            }
        });
        return get(job.id());
    }

    /** Takes the file of a job that waits for it, and starts it. A file that was cut short or changed on its way is refused. */
    public ScoringView take(String id, InputStream bytes) {
        ScoringJob job = job(id);
        if (!job.sent()) {
            throw PerennialException.state("scoring " + id + " waits for no file");
        }
        if (job.attempt() > 0) { // the answer to an earlier call was lost
            Arrived.compare(bytes, new Digest(String.valueOf(job.digest())));
            return get(id);
        }
        Arrived.take(bytes, jobFolder(job).resolve(INPUT), new Digest(String.valueOf(job.digest())));
        database.writing(tx -> start(tx, job));
        return get(id);
    }

    private void start(Transaction tx, ScoringJob job) {
        if (!ScoringRows.next(tx.sql(), job)) {
            throw PerennialException.conflict("scoring " + job.id() + " has been started by somebody else meanwhile");
        }
        String run = engine.start(
                        tx,
                        spec(job),
                        key(job, job.attempt() + 1),
                        Json.object().put("scoring", job.id()),
                        NO_SUBJECT,
                        "score")
                .text();
        if (job.pinned().preparation() != null) {
            ledger.started(tx, job, run);
        }
    }

    private PipelineSpec spec(ScoringJob job) {
        ObjectNode parameters = Json.object()
                .put("id", job.id())
                .put("folder", jobFolder(job).toString())
                .put("input", input(job).toString())
                .put("format", job.format().toString())
                .put("resultFormat", job.resultFormat().toString())
                .put("output", output(job).toString())
                .put("force", job.force())
                .put("version", job.pinned().version());
        if (job.errorsMax() != null) {
            parameters.put("errorsMax", job.errorsMax());
        }
        StepSpec score = StepSpec.worker(STEP, "score");
        Preparation preparation = job.pinned().preparation();
        if (preparation != null) {
            List<StepSpec> steps = new ArrayList<>(preparation.steps());
            steps.add(preparation.scoring(score, parameters));
            return new PipelineSpec(PIPELINE, steps);
        }
        if (job.pinned().environment() != null) {
            parameters.put("environment", job.pinned().environment());
        }
        Digest manifest = Objects.requireNonNull(job.pinned().manifest(), "a version that is ready has a manifest");
        return PipelineSpec.of(
                PIPELINE,
                score.with(parameters)
                        .reading("manifest", Json.tree(manifest.hex()))
                        .reading("model", Json.tree(job.pinned().file().hex())));
    }

    /** A run has ended: what was found when a model was looked at for it is kept and told in the ledger. A second time changes nothing. */
    public void ended(RunView run) {
        if (run.pipeline().equals(PIPELINE) && run.state().terminal()) {
            find(run.parameters().path("scoring").asText())
                    .filter(job -> job.pinned().preparation() != null)
                    .filter(job -> run.dedupKey().equals(key(job, job.attempt())))
                    .ifPresent(job -> settle(job, run));
        }
    }

    private void settle(ScoringJob job, RunView run) {
        JsonNode admission = Preparation.admission(run).orElse(null);
        database.writing(tx -> {
            if (ScoringRows.settle(tx.sql(), job, admission)) {
                ledger.ended(tx, job, run, admission);
            }
        });
    }

    /** Writes down what ended while no server looked. */
    public void resume() {
        for (ScoringJob job : database.read(ScoringRows::unsettled)) {
            engine.find(key(job, job.attempt())).ifPresent(this::ended);
        }
    }

    private static String key(ScoringJob job, int attempt) {
        return PIPELINE + "/" + job.id() + "/" + attempt;
    }

    private Path jobFolder(ScoringJob job) {
        Path own = folder.resolve(job.id());
        try {
            return Files.createDirectories(own);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the folder " + own, e);
        }
    }

    private Path input(ScoringJob job) {
        return job.input() == null ? jobFolder(job).resolve(INPUT) : Path.of(job.input());
    }

    private Path output(ScoringJob job) {
        return job.output() == null ? jobFolder(job).resolve("result." + job.resultFormat()) : Path.of(job.output());
    }

    /** Starts a job again that failed or was cancelled; what it has done is not done again. */
    public ScoringView resume(String id) {
        ScoringView view = get(id);
        if (view.state() != State.FAILED && view.state() != State.CANCELLED) {
            throw PerennialException.state(
                    "scoring " + id + " is " + view.state() + "; only one that failed or was cancelled is resumed");
        }
        if (view.job().attempt() == 0) {
            throw PerennialException.state("scoring " + id + " has got no file; start a new one");
        }
        database.writing(tx -> start(tx, view.job()));
        return get(id);
    }

    /** Ends a job; one that has ended stays as it is. */
    public ScoringView cancel(String id, String by) {
        ScoringView view = get(id);
        if (view.run() != null && !view.state().ended()) {
            engine.cancel(new dev.perennial.pipelines.RunId(view.run()), by, "the scoring was cancelled");
        }
        return get(id);
    }

    /** @throws PerennialException {@code NOT_FOUND} when there is none */
    public ScoringView get(String id) {
        return view(job(id));
    }

    public Optional<ScoringJob> find(String id) {
        return database.read(sql -> ScoringRows.find(sql, id));
    }

    private ScoringJob job(String id) {
        return find(id).orElseThrow(() -> missing(id));
    }

    /** What is said of a job that is not there, or that the caller must not know of. */
    public static PerennialException missing(String id) {
        return PerennialException.notFound("no scoring '" + id + "'; 'perennial scorings list' shows them");
    }

    /** Jobs, the newest first. */
    public Page<ScoringView> page(PageRequest page) {
        Page<ScoringJob> jobs = database.read(
                sql -> page.page(ScoringRows.before(sql, page.after().orElse(""), page.limit() + 1), ScoringJob::id));
        return new Page<>(jobs.items().stream().map(this::view).toList(), jobs.next());
    }

    /** The file of a result that is kept here. */
    public Path result(String id) {
        ScoringView view = get(id);
        if (view.state() != State.DONE) {
            throw PerennialException.state("scoring " + id + " is " + view.state() + ", there is no result"
                    + (view.line().isEmpty() ? "" : ": " + view.line()));
        }
        if (view.job().output() != null) {
            throw PerennialException.state("the result of scoring " + id + " is on the server's machine: "
                    + view.job().output());
        }
        return output(view.job());
    }

    private ScoringView view(ScoringJob job) {
        Optional<RunView> run = job.attempt() == 0 ? Optional.empty() : engine.find(key(job, job.attempt()));
        if (run.isEmpty()) {
            return new ScoringView(job, State.WAITING, 0, "waits for its file", null, null, null, null, 0);
        }
        RunView.Step step = run.get().step(STEP);
        State state = state(run.get().state());
        String line = run.get().steps().stream()
                .filter(other -> other.state() == StepState.RUNNING)
                .findFirst()
                .orElse(step)
                .line();
        return new ScoringView(
                job,
                state,
                step.share(),
                state == State.FAILED ? run.get().failure() : line,
                run.get().run().text(),
                value(step, "rows"),
                value(step, "errors"),
                value(step, "bytes"),
                run.get().endedAt());
    }

    private static State state(RunState state) {
        return switch (state) {
            case RUNNING -> State.RUNNING;
            case CANCELLING -> State.CANCELLING;
            case SUCCEEDED -> State.DONE;
            case FAILED -> State.FAILED;
            case CANCELLED -> State.CANCELLED;
        };
    }

    private static @Nullable Long value(RunView.Step step, String name) {
        var value = step.values().get(name);
        return value == null ? null : (Long) value.asLong();
    }

    /** Deletes what was made longer ago than {@link #KEPT} and does not run: rows, parts, and results that are kept here. */
    public int expire() {
        long before = clock.millis() - KEPT.toMillis();
        int gone = 0;
        for (ScoringJob job : database.read(sql -> ScoringRows.old(sql, before))) {
            State state = view(job).state();
            if (state.ended() || state == State.WAITING) {
                delete(job);
                gone++;
            }
        }
        return gone;
    }

    private void delete(ScoringJob job) {
        database.writing(tx -> ScoringRows.delete(tx.sql(), job.id()));
        Path own = folder.resolve(job.id());
        if (!Files.isDirectory(own)) {
            return;
        }
        try (Stream<Path> all = Files.walk(own)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.warn("the folder of an old scoring job stays folder={} why={}", own, e.getMessage());
        }
    }
}
