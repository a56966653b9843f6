package dev.perennial.pipelines;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.pipelines.AttemptRows.AttemptRow;
import dev.perennial.pipelines.RunRows.RunRow;
import dev.perennial.store.Transaction;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs pipelines durably. The database is the only truth: any process may die at any moment, and the run ends as if none had. Steps run
 * at least once; what they make inside Perennial is recorded exactly once. One engine works on a data directory at a time, which the
 * directory's lock ensures. Thread-safe.
 *
 * <p>Life: construct, {@link #open} (settles what the last server left, then starts to work), {@link #close} (worker processes live on).
 */
public final class PipelineEngine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PipelineEngine.class);
    private static final int KEY_CHARS_MAX = 500;
    private static final int WORKER_LOGS_MAX = 500;
    private static final int LOG_BYTES_MAX = 1 << 20;

    private final EngineResources resources;
    private final Specs specs = new Specs();
    private final Heartbeats heartbeats = new Heartbeats();
    private final Semaphore signal = new Semaphore(0);
    private final ExecutorService notifier = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("pipeline-completion").daemon().factory());
    private final CompletionListener listener;
    private final WorkerLauncher launcher;
    private final String engine;
    private final Transitions transitions;
    private final Commits commits;
    private final InlineRunner inline;
    private final Workers workers;
    private final Scheduler scheduler;
    private final WorkerProtocol protocol;
    private final RunViews views;

    /** @param steps the inline steps by kind; heavy steps are the worker's affair */
    public PipelineEngine(
            EngineResources resources,
            EngineSettings settings,
            WorkerLauncher launcher,
            List<? extends InlineStep> steps,
            CompletionListener listener) {
        this.resources = resources;
        this.listener = listener;
        this.launcher = launcher;
        this.engine = "engine-" + resources.ids().next();
        Map<String, InlineStep> kinds = steps.stream().collect(Collectors.toMap(InlineStep::kind, Function.identity()));
        this.transitions = new Transitions(resources.clock(), settings, specs, signal::release, this::announce);
        this.commits = new Commits(resources, transitions, launcher);
        this.inline = new InlineRunner(resources, settings, transitions, specs, kinds, engine, signal::release);
        this.workers = new Workers(resources, settings, launcher, transitions, commits, heartbeats, signal::release);
        this.scheduler = new Scheduler(resources, settings, transitions, specs, inline, workers, heartbeats, signal);
        this.protocol = new WorkerProtocol(resources, settings, transitions, specs, commits, heartbeats, launcher);
        this.views = new RunViews(heartbeats);
    }

    /** Settles what the last server left and starts to work. */
    public RecoveryReport open() {
        List<RunRow> open = resources.database().read(RunRows::open);
        List<AttemptRow> threads = resources.database().read(sql -> AttemptRows.inlineOfOthers(sql, engine));
        for (AttemptRow attempt : threads) {
            resources
                    .database()
                    .writing(tx ->
                            transitions.fail(tx, attempt, AttemptRows.End.lost("the server stopped while it ran")));
        }
        int[] counts = workers.sweep();
        int orphans = workers.stopOrphans();
        launcher.prune(WORKER_LOGS_MAX);
        List<String> running = open.stream().map(run -> run.id().text()).toList();
        commits.staged().filter(name -> !running.contains(name)).forEach(name -> commits.sweepStaging(new RunId(name)));
        RecoveryReport report =
                new RecoveryReport(open.size(), counts[0], counts[1], counts[2] + threads.size(), orphans);
        LOG.info(
                "pipelines open runs={} attached={} relaunched={} lost={} orphans={}",
                report.recovered(),
                report.attached(),
                report.relaunched(),
                report.lost(),
                report.orphansStopped());
        scheduler.start();
        return report;
    }

    /**
     * Starts a run, or finds the one that was started with the same key. When this returns, the run is durable.
     *
     * @param dedupKey names the occasion; a second start with the same key returns the first run, whatever the rest says
     * @param parameters of the run, an object
     * @param subject text of the model it works for
     * @param cause why, in words
     */
    public RunId start(PipelineSpec spec, String dedupKey, JsonNode parameters, String subject, String cause) {
        return resources.database().write(tx -> start(tx, spec, dedupKey, parameters, subject, cause));
    }

    /** As {@link #start(PipelineSpec, String, JsonNode, String, String)}, as a part of the caller's transaction. */
    public RunId start(
            Transaction tx, PipelineSpec spec, String dedupKey, JsonNode parameters, String subject, String cause) {
        check(spec, dedupKey, parameters);
        Optional<RunRow> known = RunRows.runOfKey(tx.sql(), dedupKey);
        if (known.isPresent()) {
            return known.get().id();
        }
        RunId id = new RunId(resources.ids().next());
        RunRow run = new RunRow(
                id,
                spec.digest().hex(),
                spec.name(),
                subject,
                dedupKey,
                Json.canonical(parameters),
                cause,
                RunState.RUNNING,
                0,
                "",
                "",
                resources.clock().millis(),
                0);
        transitions.create(tx, run, spec);
        return id;
    }

    private void check(PipelineSpec spec, String dedupKey, JsonNode parameters) {
        if (dedupKey.isEmpty() || dedupKey.length() > KEY_CHARS_MAX) {
            throw PerennialException.invalid(
                    "dedupKey",
                    "the key of a run has " + dedupKey.length() + " characters; expected 1 to " + KEY_CHARS_MAX);
        }
        if (!parameters.isObject()) {
            throw PerennialException.invalid(
                    "parameters", "the parameters of a run are " + parameters.getNodeType() + "; expected an object");
        }
        for (StepSpec step : spec.steps()) {
            if (step.executor() == StepExecutor.INLINE && !inline.knows(step.kind())) {
                throw PerennialException.invalid(
                        "kind",
                        "step '" + step.path() + "': this server has no inline step of kind '" + step.kind() + "'");
            }
        }
    }

    /** Cancels a run; it ends when everything that runs has stopped. A run that has ended or is being cancelled stays as it is. */
    public void cancel(RunId run, String actor, String reason) {
        resources.database().writing(tx -> {
            RunRow row = RunRows.runOf(tx.sql(), run);
            if (row.state() == RunState.RUNNING) {
                transitions.cancel(tx, row, actor, reason);
            }
        });
    }

    public Optional<RunView> find(RunId run) {
        return resources.database().read(sql -> RunRows.run(sql, run).map(row -> views.of(sql, row)));
    }

    /** The run that was started with a key. */
    public Optional<RunView> find(String dedupKey) {
        return resources.database().read(sql -> RunRows.runOfKey(sql, dedupKey).map(row -> views.of(sql, row)));
    }

    /** Runs, the newest first, of one subject or of all; without what their steps made. */
    public Page<RunView> list(Optional<String> subject, PageRequest page) {
        return resources.database().read(sql -> {
            List<RunView> runs = RunRows.before(sql, subject, page.after().orElse(""), page.limit() + 1).stream()
                    .map(row -> views.listed(sql, row))
                    .toList();
            return page.page(runs, run -> run.run().text());
        });
    }

    /** Changes of state of a run after a position, oldest first. */
    public List<RunEvent> events(RunId run, long after, int limit) {
        return resources
                .database()
                .read(sql -> RunRows.events(sql, run, after, Math.clamp(limit, 1, PageRequest.LIMIT_MAX)));
    }

    /** All attempts of a run, in the order in which they started. */
    public List<AttemptView> attempts(RunId run) {
        return resources.database().read(sql -> AttemptRows.views(sql, run));
    }

    /** What the worker wrote during an attempt, from an offset within the attempt's part of the log. */
    public byte[] log(RunId run, String path, int attempt, long offset) {
        AttemptRow row = resources
                .database()
                .read(sql -> AttemptRows.attempt(sql, run, path, attempt))
                .orElseThrow(() -> PerennialException.notFound(
                        "run " + run + " has no attempt " + attempt + " of step '" + path + "'"));
        long[] range = resources
                .database()
                .read(sql -> AttemptRows.logRange(sql, run, path, attempt))
                .orElseThrow();
        long end = range[1] == 0 ? Long.MAX_VALUE : range[1];
        long from = range[0] + offset;
        return launcher.log(row.owner(), from, (int) Math.clamp(end - from, 0, LOG_BYTES_MAX));
    }

    /** Worker processes that have not ended: name, run, state and process id (0 when unknown). */
    public List<WorkerView> workers() {
        return resources.database().read(WorkerRows::open).stream()
                .map(w -> new WorkerView(
                        w.name(),
                        w.run(),
                        w.state(),
                        launcher.find(w.name()) instanceof WorkerLauncher.Presence.Running running ? running.pid() : 0))
                .toList();
    }

    /** What worker processes ask. */
    public WorkerProtocol protocol() {
        return protocol;
    }

    private void announce(RunId run) {
        if (notifier.isShutdown()) {
            return; // who depends on it finds the run by its key
        }
        notifier.execute(() -> {
            try {
                commits.sweepStaging(run);
                find(run).ifPresent(listener::ended);
            } catch (RuntimeException e) { // the boundary of foreign code; the run stands, and is found by its key
                LOG.error("the listener did not take the end of a run run={}", run, e);
            }
        });
    }

    /** Stops to work. Threads get a few seconds; worker processes go on and are found again by the next server. */
    @Override
    public void close() {
        scheduler.close();
        inline.close();
        notifier.close();
    }
}
