package dev.perennial.scoring.python;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelFailure.Kind;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.python.PythonFrames.Frame;
import dev.perennial.scoring.python.PythonFrames.Part;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one process of a model alive: another one when it ends, at once for the first time and then after a pause that doubles; and a fresh
 * one after some thousand calls, which takes over between two calls. Thread-safe, but for calls: one at a time.
 */
final class PythonKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PythonKeeper.class);
    private static final long PAUSE_MILLIS = 100;
    private static final int PAUSE_DOUBLINGS_MAX = 7;
    /** A worn process goes on so long when its replacement did not start. */
    private static final long REPLACE_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final PythonRuntime runtime;
    private final PythonChild.Plan plan;
    private final ObjectNode order;
    private @Nullable PythonChild current;
    private @Nullable CompletableFuture<PythonChild> coming;
    private long comingFrom;
    private long replaceFrom = System.nanoTime();
    private int failures;
    private boolean closed;

    /** @param order what the process is told to load */
    PythonKeeper(PythonRuntime runtime, PythonChild.Plan plan, ObjectNode order) {
        this.runtime = runtime;
        this.plan = plan;
        this.order = order;
    }

    /**
     * Starts the first process; returns when it has the model.
     *
     * @throws PerennialException when it cannot be started or Python refuses the model, which is told in one sentence
     */
    void open(PythonSpec spec) {
        PythonChild first = start();
        checkVersion(first, spec);
        synchronized (this) {
            adopt(first);
        }
    }

    private static void checkVersion(PythonChild child, PythonSpec spec) {
        String told = child.hello().header().path("python").asText();
        if (!PythonVersion.parse(told).sameMinor(PythonVersion.parse(spec.version()))) {
            child.close();
            throw new PerennialException(
                    ErrorCode.INVALID_STATE,
                    "the environment has Python " + told + ", the model was written by " + spec.version());
        }
    }

    /** A process with the model in it. */
    private PythonChild start() {
        PythonChild child = PythonChild.start(runtime, plan);
        boolean loaded = false;
        try {
            Frame answer = child.call(order.deepCopy(), List.of(), plan.limits().startMillis())
                    .get();
            if (!answer.kind().equals("loaded")) {
                throw refused(answer.header().path("text").asText());
            }
            loaded = true;
            return child;
        } catch (ExecutionException e) {
            throw refused(reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PerennialException(ErrorCode.UNAVAILABLE, "interrupted while Python loaded the model");
        } finally {
            if (!loaded) {
                child.close();
            }
        }
    }

    private static String reason(ExecutionException e) {
        Throwable cause = e.getCause();
        return String.valueOf(cause == null ? e.getMessage() : cause.getMessage());
    }

    private static PerennialException refused(String why) {
        return PerennialException.invalid("model", "Python cannot load the model: " + why);
    }

    /** Whether a call would be begun at once. */
    synchronized boolean prepared() {
        takeOver();
        PythonChild child = current;
        return child != null && child.alive();
    }

    /**
     * Begins a call; no other may be under way.
     *
     * @param ended told once the next call may begin
     * @throws ModelFailure when there is no process, and {@code ended} is not told
     */
    CompletableFuture<Frame> call(List<Part> parts, RunLimit limit, Runnable ended) {
        PythonChild child = ready(limit);
        CompletableFuture<Frame> answer = child.call(
                Json.object().put("kind", "infer"), parts, plan.limits().requestMillis());
        answer.whenComplete((frame, failure) -> {
            ended(child, failure == null);
            ended.run(); // also when nobody waits for the answer any more
        });
        return answer;
    }

    synchronized long peakResidentBytes() {
        PythonChild child = current;
        return child == null ? 0 : child.peakResidentBytes();
    }

    /** The process for the next call; only to be asked by whose turn it is. */
    private PythonChild ready(RunLimit limit) {
        CompletableFuture<PythonChild> awaited;
        synchronized (this) {
            takeOver();
            PythonChild child = current;
            if (child != null && child.alive()) {
                return child;
            }
            if (closed) {
                throw new ModelFailure(Kind.AWAY, "it was unloaded");
            }
            awaited = coming == null ? begin(0) : coming;
            long pause = TimeUnit.NANOSECONDS.toMillis(comingFrom - System.nanoTime());
            if (pause > 0) {
                throw new ModelFailure(
                        Kind.AWAY,
                        "its process ended " + failures + " times in a row and is started again in " + pause + " ms");
            }
        }
        try {
            awaited.get(PythonPool.millis(limit, plan.limits()), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new ModelFailure(Kind.AWAY, "its process is being started");
        } catch (ExecutionException e) {
            throw new ModelFailure(Kind.AWAY, "its process cannot be started: " + reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelFailure(Kind.AWAY, "the scorer ends");
        }
        synchronized (this) {
            takeOver();
            PythonChild child = current;
            if (child != null) {
                return child;
            }
        }
        throw new ModelFailure(Kind.AWAY, "its process is being started");
    }

    /** A process that is ready takes the place of the one before. */
    private void takeOver() {
        CompletableFuture<PythonChild> next = coming;
        if (next == null || !next.isDone() || next.isCompletedExceptionally()) {
            return;
        }
        PythonChild before = current;
        coming = null;
        adopt(next.join());
        if (before != null) {
            before.retire();
        }
    }

    private void adopt(PythonChild child) {
        current = child;
        child.onGone(() -> gone(child));
    }

    private synchronized void ended(PythonChild child, boolean answered) {
        if (answered) {
            failures = 0;
        }
        boolean worn = child == current
                && child.calls() > plan.limits().recycleAfter() // the first of them loaded it
                && System.nanoTime() - replaceFrom >= 0;
        if (worn && child.alive() && coming == null && !closed) {
            begin(0);
        }
    }

    private synchronized void gone(PythonChild child) {
        if (child != current || closed) {
            return;
        }
        current = null;
        failures++;
        LOG.warn("the process {} of a model is gone, for the {}. time in a row", child.pid(), failures);
        if (coming == null) {
            begin(pause());
        }
    }

    private long pause() {
        return failures <= 1 ? 0 : PAUSE_MILLIS << Math.min(PAUSE_DOUBLINGS_MAX, failures - 2);
    }

    private synchronized CompletableFuture<PythonChild> begin(long pauseMillis) {
        CompletableFuture<PythonChild> next = new CompletableFuture<>();
        coming = next;
        comingFrom = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pauseMillis);
        runtime.timer()
                .schedule(
                        () -> {
                            Thread.ofVirtual().name("python-start").start(() -> bring(next));
                        },
                        pauseMillis,
                        TimeUnit.MILLISECONDS);
        return next;
    }

    private void bring(CompletableFuture<PythonChild> next) {
        try {
            PythonChild child = start();
            boolean late;
            synchronized (this) {
                late = closed;
                next.complete(child);
            }
            if (late) {
                child.close();
            }
        } catch (PerennialException e) {
            LOG.error("the process of a model cannot be started again: {}", e.getMessage());
            synchronized (this) {
                coming = null;
                replaceFrom = System.nanoTime() + REPLACE_AGAIN_NANOS;
                PythonChild child = current;
                if (!closed && (child == null || !child.alive())) {
                    failures++;
                    begin(pause());
                }
            }
            next.completeExceptionally(e);
        }
    }

    @Override
    public void close() {
        PythonChild ended;
        CompletableFuture<PythonChild> unused;
        synchronized (this) {
            closed = true;
            ended = current;
            unused = coming;
        }
        if (ended != null) {
            ended.close();
        }
        if (unused != null) {
            unused.thenAccept(PythonChild::close);
        }
    }
}
