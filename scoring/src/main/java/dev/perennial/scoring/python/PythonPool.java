package dev.perennial.scoring.python;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelFailure.Kind;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.TabularModel;
import dev.perennial.scoring.python.PythonFrames.Frame;
import dev.perennial.scoring.python.PythonFrames.Part;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a model's process alive: one call at a time, another process when one ends, at once for the first time and then after a pause
 * that doubles; and a fresh one after some thousand calls, which takes over between two calls. Thread-safe.
 */
final class PythonPool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PythonPool.class);
    private static final long PAUSE_MILLIS = 100;
    private static final int PAUSE_DOUBLINGS_MAX = 7;
    /** A worn process goes on so long when its replacement did not start. */
    private static final long REPLACE_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final PythonRuntime runtime;
    private final Path interpreter;
    private final PythonHome home;
    private final ObjectNode order;
    private final Semaphore turn = new Semaphore(1, true);
    private @Nullable PythonChild current;
    private @Nullable CompletableFuture<PythonChild> coming;
    private long comingFrom;
    private long replaceFrom = System.nanoTime();
    private int failures;
    private boolean closed;

    private PythonPool(PythonRuntime runtime, Path interpreter, PythonHome home, ObjectNode order) {
        this.runtime = runtime;
        this.interpreter = interpreter;
        this.home = home;
        this.order = order;
    }

    /**
     * Starts the first process.
     *
     * @throws PerennialException when it cannot be started or Python refuses the model, which is told in one sentence
     */
    static PythonPool open(PythonRuntime runtime, Path interpreter, PythonHome home, ModelManifest manifest) {
        PythonSpec spec = Objects.requireNonNull(manifest.python());
        ObjectNode order = Json.object()
                .put("kind", "load")
                .put("folder", home.model().toAbsolutePath().toString());
        order.set("types", Json.tree(spec.types()));
        List<TensorSpec> outputs = manifest.outputs();
        order.set(
                "outputs",
                Json.tree(outputs == null ? List.of(TensorSpec.column(TabularModel.SCORE, DataType.FP64)) : outputs));
        PythonPool pool = new PythonPool(runtime, interpreter, home, order);
        PythonChild first = pool.start();
        checkVersion(first, spec);
        synchronized (pool) {
            pool.adopt(first);
        }
        return pool;
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
        PythonChild child = PythonChild.start(runtime, interpreter, home.scratch());
        boolean loaded = false;
        try {
            Frame answer = child.call(
                            order.deepCopy(), List.of(), runtime.limits().startMillis())
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

    /**
     * Runs the model.
     *
     * @throws ModelFailure when it fails, ends, is not there, or does not answer in time
     */
    List<Tensor> run(List<Part> parts, RunLimit limit) {
        await(() -> turn.tryAcquire(millis(limit), TimeUnit.MILLISECONDS));
        CompletableFuture<Frame> answer;
        boolean handedOver = false;
        try {
            if (limit.over()) {
                throw late(); // nobody waits: it is not begun
            }
            PythonChild child = ready(limit);
            answer = child.call(
                    Json.object().put("kind", "infer"), parts, runtime.limits().requestMillis());
            answer.whenComplete((frame, failure) -> ended(child, failure == null));
            handedOver = true; // the turn ends with the answer, also when nobody waits for it any more
        } finally {
            if (!handedOver) {
                turn.release();
            }
        }
        return outputs(get(answer, limit));
    }

    synchronized long peakResidentBytes() {
        PythonChild child = current;
        return child == null ? 0 : child.peakResidentBytes();
    }

    private interface Waiting {
        boolean done() throws InterruptedException;
    }

    private static void await(Waiting waiting) {
        try {
            if (!waiting.done()) {
                throw late();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelFailure(Kind.AWAY, "the scorer ends");
        }
    }

    private long millis(RunLimit limit) {
        long left = limit.nanosLeft();
        long most = runtime.limits().requestMillis();
        return left == Long.MAX_VALUE ? most : Math.min(most, TimeUnit.NANOSECONDS.toMillis(left));
    }

    private static ModelFailure late() {
        return new ModelFailure(Kind.DEADLINE, "the deadline passed before it could answer");
    }

    private Frame get(CompletableFuture<Frame> answer, RunLimit limit) {
        try {
            long left = limit.nanosLeft();
            return left == Long.MAX_VALUE ? answer.get() : answer.get(left, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw late(); // its process goes on and is ended by its own limit
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ModelFailure failure) {
                throw new ModelFailure(failure.kind(), String.valueOf(failure.getMessage()));
            }
            throw new ModelFailure("its answer was lost", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelFailure(Kind.AWAY, "the scorer ends");
        }
    }

    private static List<Tensor> outputs(Frame answer) {
        if (answer.kind().equals("result")) {
            return answer.tensors();
        }
        JsonNode header = answer.header();
        Kind kind = header.path("fault").asText().equals("input") ? Kind.INPUT : Kind.MODEL;
        throw new ModelFailure(kind, header.path("text").asText("it gave no answer"));
    }

    /** The process for the next call; only to be asked by who has the turn. */
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
            awaited.get(millis(limit), TimeUnit.MILLISECONDS);
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

    private void ended(PythonChild child, boolean answered) {
        synchronized (this) {
            if (answered) {
                failures = 0;
            }
            boolean worn = child == current
                    && child.calls() > runtime.limits().recycleAfter() // the first of them loaded it
                    && System.nanoTime() - replaceFrom >= 0;
            if (worn && child.alive() && coming == null && !closed) {
                begin(0);
            }
        }
        turn.release();
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
        home.close();
    }
}
