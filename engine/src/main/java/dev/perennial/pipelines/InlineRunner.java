package dev.perennial.pipelines;

import dev.perennial.kernel.CrashPoint;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.pipelines.AttemptRows.AttemptRow;
import dev.perennial.pipelines.AttemptRows.End;
import dev.perennial.pipelines.RunRows.RunRow;
import dev.perennial.pipelines.RunRows.StepRow;
import dev.perennial.pipelines.Transitions.Made;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs inline steps on a bounded number of threads and commits what they made. */
final class InlineRunner implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InlineRunner.class);
    private static final long FULL_WAIT_MILLIS = 1_000;

    private final EngineResources resources;
    private final Transitions transitions;
    private final Specs specs;
    private final Map<String, InlineStep> kinds;
    private final String engine;
    private final Runnable freed;
    private final long stopGraceMillis;
    private final Semaphore room;
    private final ExecutorService threads;
    private final Map<Long, Future<?>> running = new ConcurrentHashMap<>();

    InlineRunner(
            EngineResources resources,
            EngineSettings settings,
            Transitions transitions,
            Specs specs,
            Map<String, InlineStep> kinds,
            String engine,
            Runnable freed) {
        this.resources = resources;
        this.transitions = transitions;
        this.specs = specs;
        this.kinds = Map.copyOf(kinds);
        this.engine = engine;
        this.freed = freed;
        this.stopGraceMillis = settings.stopGraceMillis();
        this.room = new Semaphore(settings.inlineMax());
        this.threads = Executors.newFixedThreadPool(
                settings.inlineMax(),
                Thread.ofPlatform().name("pipeline-inline-", 0).daemon().factory());
    }

    boolean knows(String kind) {
        return kinds.containsKey(kind);
    }

    /** Claims a ready step and runs it, when there is room. */
    void launch(RunRow run, StepRow step) {
        if (!room.tryAcquire()) {
            return;
        }
        boolean handedOver = false;
        try {
            Optional<AttemptRow> attempt = resources.database().write(tx -> {
                StepRow now = RunRows.step(tx.sql(), step.run(), step.path());
                boolean open = now.state() == StepState.READY
                        && RunRows.runOf(tx.sql(), run.id()).state() == RunState.RUNNING;
                return open
                        ? Optional.of(transitions.claim(
                                tx, now, engine, resources.ids().nextHex(), 0))
                        : Optional.<AttemptRow>empty();
            });
            CrashPoint.hit("pipelines.inline.claimed");
            if (attempt.isPresent()) {
                AttemptRow claimed = attempt.get();
                running.put(claimed.fence(), threads.submit(() -> runAndFree(run, step.kind(), claimed)));
                handedOver = true;
            }
        } finally {
            if (!handedOver) {
                room.release();
            }
        }
    }

    /** Interrupts an attempt that runs here. */
    void interrupt(AttemptRow attempt) {
        Future<?> future = running.get(attempt.fence());
        if (future != null) {
            future.cancel(true);
        }
    }

    /** Whether an attempt runs on a thread of this engine. */
    boolean has(AttemptRow attempt) {
        return running.containsKey(attempt.fence());
    }

    private void runAndFree(RunRow run, String kind, AttemptRow attempt) {
        try {
            run(run, kind, attempt);
        } finally {
            running.remove(attempt.fence());
            room.release();
            freed.run();
        }
    }

    private void run(RunRow run, String kind, AttemptRow attempt) {
        try {
            InlineStep step = kinds.get(kind);
            if (step == null) {
                fail(attempt, FailureClass.CONFIG, "this server has no inline step of kind '" + kind + "'");
                return;
            }
            StepInputs inputs = StepInputs.resolve(resources.database(), specs, run, attempt.path());
            InlineStep.Context context = new InlineStep.Context(
                    run.id(), attempt.path(), attempt.no(), run.subject(), inputs.parameters(), inputs.files());
            InlineStep.Output output = step.run(context);
            commit(attempt, step, context, output);
        } catch (PerennialException e) {
            fail(attempt, e.code().retryable() ? FailureClass.INFRA : FailureClass.USER, message(e));
        } catch (InterruptedException e) {
            fail(attempt, FailureClass.INFRA, "interrupted");
        } catch (Throwable e) { // the boundary of foreign code: whatever it throws ends the attempt, never the engine
            LOG.warn("inline step failed run={} path={} kind={}", run.id(), attempt.path(), kind, e);
            fail(attempt, e instanceof OutOfMemoryError ? FailureClass.OOM : FailureClass.USER, message(e));
        }
    }

    private void commit(AttemptRow attempt, InlineStep step, InlineStep.Context context, InlineStep.Output output)
            throws InterruptedException {
        Map<String, Long> sizes = new TreeMap<>();
        for (Map.Entry<String, Digest> file : output.files().entrySet()) {
            sizes.put(file.getKey(), resources.blobs().size(file.getValue()));
        }
        boolean interrupted = Thread.interrupted();
        untilWritable(() -> resources.database().writing(tx -> {
            AttemptRow now = AttemptRows.attempt(tx.sql(), attempt.run(), attempt.path(), attempt.no())
                    .orElseThrow();
            if (now.state() == AttemptState.RUNNING) {
                transitions.succeed(tx, now, new Made(output.values(), output.files(), sizes), End.success(0, 0, 0));
                step.commit(tx, context, output);
                Transitions.beforeCommit();
            }
        }));
        Transitions.afterCommit();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void fail(AttemptRow attempt, FailureClass failure, String message) {
        Thread.interrupted();
        try {
            untilWritable(() -> resources.database().writing(tx -> {
                AttemptRow now = AttemptRows.attempt(tx.sql(), attempt.run(), attempt.path(), attempt.no())
                        .orElseThrow();
                if (now.state() == AttemptState.RUNNING) {
                    transitions.fail(tx, now, End.failure(failure, message));
                }
            }));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A full disk is no failure of the step: its result waits until it can be written. */
    private static void untilWritable(Runnable write) throws InterruptedException {
        while (true) {
            try {
                write.run();
                return;
            } catch (PerennialException e) {
                if (e.code() != ErrorCode.STORAGE_FULL) {
                    throw e;
                }
                LOG.error("the disk is full; the result of a step waits until it can be written");
                TimeUnit.MILLISECONDS.sleep(FULL_WAIT_MILLIS);
            }
        }
    }

    static String message(Throwable e) {
        String text = e.getMessage();
        return text == null ? e.getClass().getSimpleName() : text;
    }

    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(stopGraceMillis, TimeUnit.MILLISECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
