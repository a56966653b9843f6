package dev.perennial.pipelines;

import dev.perennial.kernel.CrashPoint;
import dev.perennial.kernel.PerennialException;
import dev.perennial.pipelines.AttemptRows.AttemptRow;
import dev.perennial.pipelines.AttemptRows.End;
import dev.perennial.pipelines.RunRows.RunRow;
import dev.perennial.pipelines.RunRows.StepRow;
import dev.perennial.pipelines.WorkerLauncher.Presence;
import dev.perennial.pipelines.WorkerRows.WorkerRow;
import dev.perennial.store.Database;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one worker process for each run that has heavy steps: launches it in three phases (intent, launch, confirmation), watches it,
 * stops it, and settles the attempt of one that died. Used by the scheduler's thread alone.
 */
final class Workers {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);
    private static final int TAIL_BYTES = 4_000;
    private static final int LAUNCH_FAILURES_MAX = 5;
    private static final long START_MILLIS = 30_000;
    private static final int EXIT_OUT_OF_MEMORY = 3;
    private static final int EXIT_CONFIG = 78;

    private final Database database;
    private final InstantSource clock;
    private final EngineSettings settings;
    private final WorkerLauncher launcher;
    private final Transitions transitions;
    private final Commits commits;
    private final Heartbeats heartbeats;
    private final Runnable wake;
    private final long startedAt;
    /** When this engine launched the workers that have not ended: a process needs a moment to become visible. */
    private final Map<String, Long> launchedAt = new HashMap<>();

    Workers(
            EngineResources resources,
            EngineSettings settings,
            WorkerLauncher launcher,
            Transitions transitions,
            Commits commits,
            Heartbeats heartbeats,
            Runnable wake) {
        this.database = resources.database();
        this.clock = resources.clock();
        this.settings = settings;
        this.launcher = launcher;
        this.transitions = transitions;
        this.commits = commits;
        this.heartbeats = heartbeats;
        this.wake = wake;
        this.startedAt = clock.millis();
    }

    /** Launches a worker for a run that has a ready heavy step and none to take it. */
    void provide(RunRow run, List<StepRow> steps) {
        boolean wanted = run.state() == RunState.RUNNING
                && steps.stream().anyMatch(s -> s.executor() == StepExecutor.WORKER && s.state() == StepState.READY);
        if (!wanted) {
            return;
        }
        List<WorkerRow> known = database.read(sql -> WorkerRows.ofRun(sql, run.id()));
        boolean busy = known.stream().anyMatch(w -> w.state().serving() || w.state() == WorkerState.STOPPING);
        long living = database.read(WorkerRows::open).stream()
                .filter(w -> w.state() != WorkerState.LEAVING)
                .count();
        if (busy || living >= settings.workersMax()) {
            return;
        }
        List<WorkerRow> failed =
                known.stream().takeWhile(WorkerRow::neverWorked).toList();
        if (failed.size() >= Math.min(LAUNCH_FAILURES_MAX, settings.infraRetry().attemptsMax())) {
            giveUp(run, failed.getFirst());
        } else if (failed.isEmpty() || clock.millis() >= nextLaunch(run, failed)) {
            WorkerRow worker = database.write(tx -> WorkerRows.insert(tx.sql(), run.id(), clock.millis()));
            CrashPoint.hit("pipelines.TX1.afterCommit");
            launch(worker);
        }
    }

    private long nextLaunch(RunRow run, List<WorkerRow> failed) {
        return failed.getFirst().endedAt()
                + settings.infraRetry().delayMillis(run.id().text(), "worker", failed.size());
    }

    private void launch(WorkerRow worker) {
        launchedAt.put(worker.name(), clock.millis());
        try {
            launcher.launch(worker.name(), worker.run(), wake);
        } catch (UncheckedIOException e) {
            LOG.warn("worker not launched name={} why={}", worker.name(), e.getMessage());
            ended(worker, new Presence.Gone(OptionalInt.empty(), e.getMessage() + ": " + e.getCause()));
            return;
        }
        CrashPoint.hit("pipelines.launch.after");
        confirm(worker);
        CrashPoint.hit("pipelines.TX2.afterCommit");
        LOG.info("worker launched name={}", worker.name());
    }

    private void confirm(WorkerRow worker) {
        database.writing(tx -> {
            WorkerRow now = WorkerRows.worker(tx.sql(), worker.name()).orElseThrow();
            if (now.state() == WorkerState.STARTING) {
                WorkerRows.move(tx.sql(), now, WorkerState.RUNNING, 0, "", clock.millis());
            }
        });
    }

    /** The heavy steps of a run cannot start: each gets an attempt that says why. */
    private void giveUp(RunRow run, WorkerRow last) {
        String message = "the worker process does not start: " + last.message() + tail(last.name());
        database.writing(tx -> RunRows.steps(tx.sql(), run.id()).stream()
                .filter(s -> s.executor() == StepExecutor.WORKER && s.state() == StepState.READY)
                .forEach(step -> {
                    AttemptRow attempt = transitions.claim(tx, step, last.name(), last.name() + "/" + step.path(), 0);
                    transitions.fail(tx, attempt, End.failure(FailureClass.CONFIG, message));
                }));
    }

    /** Looks at every worker that has not ended. Returns how many were found alive, launched again, and lost with an attempt. */
    int[] sweep() {
        int[] counts = new int[3];
        for (WorkerRow worker : database.read(WorkerRows::open)) {
            try {
                look(worker, counts);
            } catch (PerennialException e) {
                LOG.warn("worker not settled, next sweep tries again name={} why={}", worker.name(), e.getMessage());
            }
        }
        return counts;
    }

    private void look(WorkerRow worker, int[] counts) {
        switch (launcher.find(worker.name())) {
            case Presence.Absent absent -> {
                boolean wanted =
                        database.read(sql -> RunRows.runOf(sql, worker.run())).state() == RunState.RUNNING;
                if (clock.millis() - launchedAt.getOrDefault(worker.name(), 0L) < START_MILLIS) {
                    return;
                }
                if (worker.state() == WorkerState.STARTING && wanted) {
                    launch(worker);
                    counts[1]++;
                } else {
                    counts[2] += ended(worker, new Presence.Gone(OptionalInt.empty(), "its folder is gone"));
                }
            }
            case Presence.Running running -> {
                counts[0]++;
                watch(worker);
            }
            case Presence.Gone gone -> counts[2] += ended(worker, gone);
            case Presence.Unknown unknown ->
                LOG.warn("cannot tell whether a worker lives name={} why={}", worker.name(), unknown.why());
        }
    }

    private void watch(WorkerRow worker) {
        switch (worker.state()) {
            case STARTING -> confirm(worker);
            case RUNNING -> {
                Optional<String> why = stopWish(worker);
                if (why.isPresent()) {
                    askToStop(worker, why.get());
                }
            }
            case STOPPING, LEAVING -> {
                if (clock.millis() - worker.stopAt() > settings.stopGraceMillis()) {
                    launcher.stop(worker.name(), true);
                }
            }
            case ENDED -> {}
        }
    }

    /** Why a running worker has to go: its step is to stop, took too long, or it has been silent for too long. */
    private Optional<String> stopWish(WorkerRow worker) {
        long now = clock.millis();
        return database.read(sql -> {
            RunRow run = RunRows.runOf(sql, worker.run());
            Optional<AttemptRow> attempt = AttemptRows.ofOwner(sql, worker.name());
            if (attempt.isEmpty()) {
                return run.state() == RunState.CANCELLING
                        ? Optional.of("the run was cancelled")
                        : Optional.<String>empty();
            }
            if (RunRows.step(sql, worker.run(), attempt.get().path()).state() == StepState.STOPPING) {
                return Optional.of("the run was cancelled");
            }
            long heard = Math.max(
                    startedAt,
                    heartbeats
                            .of(attempt.get().fence())
                            .map(Heartbeats.Progress::at)
                            .orElse(attempt.get().heartbeatAt()));
            return now - heard > settings.lostAfterMillis()
                    ? Optional.of("it was silent for " + (now - heard) + " ms")
                    : Optional.<String>empty();
        });
    }

    void askToStop(WorkerRow worker, String why) {
        database.writing(tx -> {
            WorkerRow now = WorkerRows.worker(tx.sql(), worker.name()).orElseThrow();
            if (now.state() == WorkerState.RUNNING || now.state() == WorkerState.STARTING) {
                WorkerRows.move(tx.sql(), now, WorkerState.STOPPING, 0, why, clock.millis());
            }
        });
        launcher.stop(worker.name(), false);
    }

    /** A worker is gone: its attempt ends by the result that it left, or without one. */
    private int ended(WorkerRow worker, Presence.Gone gone) {
        launcher.stop(worker.name(), true); // whatever it started
        Optional<AttemptRow> attempt = database.read(sql -> AttemptRows.ofOwner(sql, worker.name()));
        boolean committed = attempt.isPresent() && commits.fromResultFile(attempt.get());
        String message = gone.message()
                + (gone.exitCode().isPresent()
                        ? " (exit code " + gone.exitCode().getAsInt() + ")"
                        : "");
        database.writing(tx -> {
            WorkerRow now = WorkerRows.worker(tx.sql(), worker.name()).orElseThrow();
            WorkerRows.move(
                    tx.sql(),
                    now,
                    WorkerState.ENDED,
                    gone.exitCode().orElse(WorkerRows.UNKNOWN_EXIT),
                    message,
                    clock.millis());
            AttemptRows.ofOwner(tx.sql(), worker.name())
                    .ifPresent(running -> transitions.fail(tx, running, end(worker, gone, message)));
            tx.afterCommit(wake);
        });
        attempt.ifPresent(a -> heartbeats.forget(a.fence()));
        launchedAt.remove(worker.name());
        LOG.info("worker ended name={} {}", worker.name(), message);
        return attempt.isPresent() && !committed ? 1 : 0;
    }

    private End end(WorkerRow worker, Presence.Gone gone, String message) {
        return switch (gone.exitCode().orElse(WorkerRows.UNKNOWN_EXIT)) {
            case EXIT_CONFIG ->
                End.failure(FailureClass.CONFIG, "worker " + worker.name() + ": " + message + tail(worker.name()));
            case EXIT_OUT_OF_MEMORY -> End.failure(FailureClass.OOM, "worker " + worker.name() + " ran out of memory");
            default -> End.lost("worker " + worker.name() + ": " + message);
        };
    }

    private String tail(String name) {
        long size = launcher.logSize(name);
        byte[] bytes = launcher.log(name, Math.max(0, size - TAIL_BYTES), TAIL_BYTES);
        return bytes.length == 0 ? "" : "; its last lines: " + new String(bytes, StandardCharsets.UTF_8).strip();
    }

    /** Stops processes that no open worker row names. */
    int stopOrphans() {
        List<String> known =
                database.read(WorkerRows::open).stream().map(WorkerRow::name).toList();
        int stopped = 0;
        for (String name : launcher.alive()) {
            if (!known.contains(name)) {
                LOG.warn("stopping a worker that nothing refers to name={}", name);
                launcher.stop(name, true);
                stopped++;
            }
        }
        return stopped;
    }
}
