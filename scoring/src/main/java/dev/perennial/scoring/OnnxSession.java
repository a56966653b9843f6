package dev.perennial.scoring;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A loaded graph. One session serves all threads at once, by default with one native thread for each call. Several sessions hold the weights
 * several times; they are for graphs that run on several native threads, which calls of one session share. Calls take turns over them.
 * Must not be closed while it runs.
 */
final class OnnxSession implements AutoCloseable {
    private final OrtEnvironment environment;
    private final List<OrtSession> sessions;
    private final AtomicInteger next = new AtomicInteger();
    private final Watchdog watchdog;

    OnnxSession(OrtEnvironment environment, List<OrtSession> sessions, Watchdog watchdog) {
        this.environment = environment;
        this.sessions = List.copyOf(sessions);
        this.watchdog = watchdog;
    }

    /** Makes the inputs of a run. */
    interface Inputs {
        Map<String, OnnxTensor> tensors(OrtEnvironment environment) throws OrtException;
    }

    /** Takes from a result what must outlive it. */
    interface Taking<T> {
        T take(OrtSession.Result result) throws OrtException;
    }

    Map<String, NodeInfo> inputs() {
        try {
            return sessions.getFirst().getInputInfo();
        } catch (OrtException e) {
            throw OnnxRuntime.refused("ONNX Runtime says: " + e.getMessage());
        }
    }

    Map<String, NodeInfo> outputs() {
        try {
            return sessions.getFirst().getOutputInfo();
        } catch (OrtException e) {
            throw OnnxRuntime.refused("ONNX Runtime says: " + e.getMessage());
        }
    }

    /**
     * Runs the graph; its time grows with the rows and ends with the limit.
     *
     * @throws ModelFailure when the graph fails or takes longer than a model may
     * @throws PerennialException when the caller's deadline passes
     */
    <T> T run(Inputs inputs, long rows, Set<String> outputs, RunLimit limit, Taking<T> taking) {
        long own = Watchdog.nanos(rows);
        long nanos = Math.min(own, limit.nanosLeft());
        long began = System.nanoTime();
        try {
            return run(inputs, outputs, nanos, taking);
        } catch (OrtException e) {
            if (System.nanoTime() - began < nanos) {
                throw new ModelFailure("ONNX Runtime says: " + e.getMessage(), e);
            }
            if (nanos < own) {
                throw new PerennialException(
                        ErrorCode.DEADLINE_EXCEEDED, "the deadline passed while the model ran", null, e);
            }
            throw new ModelFailure("it did not end within " + TimeUnit.NANOSECONDS.toMillis(own) + " ms", e);
        }
    }

    private OrtSession session() {
        return sessions.size() == 1
                ? sessions.getFirst()
                : sessions.get(Math.floorMod(next.getAndIncrement(), sessions.size()));
    }

    private <T> T run(Inputs inputs, Set<String> outputs, long nanos, Taking<T> taking) throws OrtException {
        Map<String, OnnxTensor> tensors = inputs.tensors(environment);
        OrtSession.RunOptions run = new OrtSession.RunOptions();
        Future<?> watch = watchdog.watch(run, nanos);
        try (OrtSession.Result result = session().run(tensors, outputs, run)) {
            return taking.take(result);
        } finally {
            watch.cancel(false);
            synchronized (run) {
                run.close();
            }
            tensors.values().forEach(OnnxTensor::close);
        }
    }

    @Override
    public void close() {
        close(sessions);
    }

    static void close(List<OrtSession> sessions) {
        for (OrtSession session : sessions) {
            try {
                session.close();
            } catch (OrtException e) {
                throw new IllegalStateException("cannot close an ONNX session", e);
            }
        }
    }
}
