package dev.perennial.pipelines;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.pipelines.AttemptRows.AttemptRow;
import dev.perennial.pipelines.AttemptRows.End;
import dev.perennial.pipelines.RunRows.RunRow;
import dev.perennial.pipelines.RunRows.StepRow;
import dev.perennial.pipelines.WorkerRows.WorkerRow;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that moves every open run on: it is woken after each commit and looks at everything at least once a second. All that it
 * knows it reads from the database, so it has nothing to lose. A sweep costs one query for each open run and each open worker.
 */
final class Scheduler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Scheduler.class);
    private static final long JOIN_MILLIS = 10_000;
    private static final long STOP_MILLIS_MAX = 300_000;

    private final EngineResources resources;
    private final EngineSettings settings;
    private final Transitions transitions;
    private final Specs specs;
    private final InlineRunner inline;
    private final Workers workers;
    private final Heartbeats heartbeats;
    private final Semaphore signal;
    private final Thread thread =
            Thread.ofPlatform().name("pipeline-scheduler").daemon().unstarted(this::loop);
    private volatile boolean closed;
    private long renewedAt;
    private boolean troubled;
    /** Runs whose trouble has been told once; as many as runs are open. */
    private final Set<RunId> broken = new HashSet<>();

    Scheduler(
            EngineResources resources,
            EngineSettings settings,
            Transitions transitions,
            Specs specs,
            InlineRunner inline,
            Workers workers,
            Heartbeats heartbeats,
            Semaphore signal) {
        this.resources = resources;
        this.settings = settings;
        this.transitions = transitions;
        this.specs = specs;
        this.inline = inline;
        this.workers = workers;
        this.heartbeats = heartbeats;
        this.signal = signal;
    }

    void start() {
        thread.start();
    }

    private void loop() {
        long waitMillis = 0;
        while (!closed) {
            try {
                if (signal.tryAcquire(waitMillis, TimeUnit.MILLISECONDS)) {
                    signal.drainPermits();
                }
                waitMillis = closed ? 0 : sweepOnce();
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Returns how long to wait before the next look. A full or broken disk stops the engine from moving on, and nothing fails. */
    private long sweepOnce() {
        try {
            long wait = sweep();
            if (troubled) {
                LOG.info("pipelines go on");
            }
            troubled = false;
            return wait;
        } catch (RuntimeException e) { // the boundary of the loop: whatever it is, the next sweep tries again
            if (!troubled && !closed) {
                LOG.error("pipelines stand still until this is mended: {}", e.getMessage(), e);
            }
            troubled = true;
            return settings.sweepMillis();
        }
    }

    private long sweep() {
        renewLeases();
        workers.sweep();
        long next = resources.clock().millis() + settings.sweepMillis();
        List<RunRow> open = resources.database().read(RunRows::open);
        broken.retainAll(open.stream().map(RunRow::id).toList());
        for (RunRow run : open) {
            next = Math.min(next, look(run));
        }
        return Math.max(1, next - resources.clock().millis());
    }

    /** Moves one run on; returns when it wants to be looked at again. */
    private long look(RunRow run) {
        List<StepRow> steps = resources.database().read(sql -> RunRows.steps(sql, run.id()));
        long next = Long.MAX_VALUE;
        try {
            for (StepRow step : steps) {
                next = Math.min(next, look(run, step));
            }
            workers.provide(run, steps);
        } catch (PerennialException e) {
            if (e.code().retryable()) {
                throw e;
            }
            if (e.code() != ErrorCode.CONFLICT && broken.add(run.id())) {
                LOG.error("run cannot be moved on, others go on run={}", run.id(), e);
            }
        }
        return next;
    }

    private long look(RunRow run, StepRow step) {
        switch (step.state()) {
            case RETRY_WAIT -> {
                if (step.notBefore() > resources.clock().millis()) {
                    return step.notBefore();
                }
                resources.database().writing(tx -> transitions.retry(tx, step));
            }
            case READY -> {
                if (run.state() == RunState.RUNNING && step.executor() == StepExecutor.INLINE) {
                    inline.launch(run, step);
                }
            }
            case RUNNING -> {
                return checkTimeout(run, step);
            }
            case STOPPING -> checkStopping(step);
            case WAITING, SUCCEEDED, FAILED, UPSTREAM_FAILED, CANCELLED -> {}
        }
        return Long.MAX_VALUE;
    }

    private long checkTimeout(RunRow run, StepRow step) {
        long timeout = resources
                .database()
                .read(sql -> specs.of(sql, run).step(step.path()).timeoutMillis());
        if (timeout == 0) {
            return Long.MAX_VALUE;
        }
        Optional<AttemptRow> running =
                resources.database().read(sql -> AttemptRows.running(sql, run.id(), step.path()));
        if (running.isEmpty()) {
            return Long.MAX_VALUE;
        }
        AttemptRow attempt = running.get();
        if (resources.clock().millis() < attempt.startedAt() + timeout) {
            return attempt.startedAt() + timeout;
        }
        String message = "the attempt took longer than " + timeout + " ms";
        resources
                .database()
                .writing(tx -> AttemptRows.attempt(tx.sql(), attempt.run(), attempt.path(), attempt.no())
                        .filter(now -> now.state() == AttemptState.RUNNING)
                        .ifPresent(now -> transitions.fail(tx, now, End.failure(FailureClass.TIMEOUT, message))));
        stop(attempt, message);
        return Long.MAX_VALUE;
    }

    private void checkStopping(StepRow step) {
        Optional<AttemptRow> running =
                resources.database().read(sql -> AttemptRows.running(sql, step.run(), step.path()));
        if (running.isEmpty() || step.executor() == StepExecutor.WORKER) {
            return; // the sweep over workers stops the process and settles its attempt
        }
        AttemptRow attempt = running.get();
        inline.interrupt(attempt);
        long waited = resources.clock().millis() - attempt.startedAt();
        if (!inline.has(attempt) || waited > STOP_MILLIS_MAX) {
            resources
                    .database()
                    .writing(tx -> AttemptRows.attempt(tx.sql(), attempt.run(), attempt.path(), attempt.no())
                            .filter(now -> now.state() == AttemptState.RUNNING)
                            .ifPresent(now -> transitions.fail(tx, now, End.cancelled("stopped"))));
        }
    }

    private void stop(AttemptRow attempt, String why) {
        if (attempt.executor() == StepExecutor.INLINE) {
            inline.interrupt(attempt);
        } else {
            Optional<WorkerRow> worker = resources.database().read(sql -> WorkerRows.worker(sql, attempt.owner()));
            worker.ifPresent(w -> workers.askToStop(w, why));
        }
    }

    private void renewLeases() {
        long now = resources.clock().millis();
        if (now - renewedAt < settings.leaseMillis() / 6) {
            return;
        }
        renewedAt = now;
        Set<Long> fences = heartbeats.drain();
        if (!fences.isEmpty()) {
            resources.database().writing(tx -> AttemptRows.renew(tx.sql(), fences, now, settings.leaseMillis()));
        }
    }

    @Override
    public void close() {
        closed = true;
        signal.release();
        try {
            thread.join(JOIN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
