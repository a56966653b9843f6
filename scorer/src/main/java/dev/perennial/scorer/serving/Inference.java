package dev.perennial.scorer.serving;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.ScorerSettings;
import dev.perennial.scoring.ModelFailure;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one door to the models, used by every protocol. Small work of our own evaluator is done on the caller's event loop; foreign models
 * and large bodies go to a bounded pool, and a full pool refuses at once. Never blocks. Thread-safe.
 */
public final class Inference {
    private static final Logger LOG = LoggerFactory.getLogger(Inference.class);
    private static final int INLINE_BYTES_MAX = 64 << 10;

    private final Vertx vertx;
    private final Router router;
    private final Predictor predictor;
    private final int queued;
    private final ThreadPoolExecutor pool;

    /** Turns an outcome into the action that sends it. */
    public interface Answering {
        /** Called once, on the thread where the model ran; what it returns is run on the caller's event loop. */
        Runnable encode(Outcome outcome);
    }

    public Inference(Vertx vertx, ScorerSettings.Limits limits, Router router, Predictor predictor) {
        this.vertx = vertx;
        this.router = router;
        this.predictor = predictor;
        this.queued = limits.queuedRequests();
        int threads = Runtime.getRuntime().availableProcessors();
        this.pool = new ThreadPoolExecutor(threads, threads, 1, TimeUnit.MINUTES, new ArrayBlockingQueue<>(queued));
        pool.allowCoreThreadTimeOut(true);
    }

    /**
     * Looks at an endpoint while it is leased.
     *
     * @throws PerennialException when it is unknown or not ready
     */
    public void look(String name, Consumer<Endpoint> then) {
        try (Serving serving = router.lease()) {
            then.accept(endpoint(serving, name));
        }
    }

    /** Names of all endpoints that can answer. */
    public java.util.Set<String> names() {
        try (Serving serving = router.lease()) {
            return serving.names();
        }
    }

    /**
     * Answers a call; to be called on an event loop.
     *
     * @throws PerennialException at once when the endpoint is unknown or not ready, or too much waits; {@code answering} is then not
     *     called
     */
    public void infer(Call call, Answering answering) {
        Serving serving = router.lease();
        boolean handedOver = false;
        try {
            Endpoint endpoint = endpoint(serving, call.endpoint());
            if (!endpoint.foreign() && call.bytes() <= INLINE_BYTES_MAX) {
                answer(call, serving, endpoint, answering, Runnable::run);
                return;
            }
            Context context = vertx.getOrCreateContext();
            pool.execute(() -> {
                try (serving) {
                    answer(call, serving, endpoint, answering, send -> context.runOnContext(now -> send.run()));
                }
            });
            handedOver = true;
        } catch (RejectedExecutionException e) {
            throw new PerennialException(
                    ErrorCode.UNAVAILABLE, "more than " + queued + " requests wait for a model; try again");
        } finally {
            if (!handedOver) {
                serving.close();
            }
        }
    }

    private void answer(Call call, Serving serving, Endpoint endpoint, Answering answering, Executor loop) {
        Outcome outcome = outcome(call, serving, endpoint);
        loop.execute(sent(call, endpoint, outcome, encoded(endpoint, outcome, answering)));
    }

    private static Runnable sent(Call call, Endpoint endpoint, Outcome outcome, Runnable send) {
        return () -> {
            send.run();
            if (!(outcome instanceof Outcome.Failed)) {
                endpoint.latency().record(System.nanoTime() - call.since());
            }
            switch (outcome) {
                case Outcome.Scored scored -> scored.sent().run();
                case Outcome.Computed computed -> computed.sent().run();
                case Outcome.Failed _ -> {}
            }
        };
    }

    private static Runnable encoded(Endpoint endpoint, Outcome outcome, Answering answering) {
        try {
            return answering.encode(outcome);
        } catch (PerennialException e) {
            return answering.encode(new Outcome.Failed(e));
        } catch (RuntimeException e) { // the boundary of a request: logged, answered, and the next one goes on
            return answering.encode(failed(endpoint, e));
        }
    }

    private Outcome outcome(Call call, Serving serving, Endpoint endpoint) {
        try {
            if (call.limit().over()) {
                throw new PerennialException(
                        ErrorCode.DEADLINE_EXCEEDED, "the deadline passed before the model could begin");
            }
            return switch (call.reading().read(endpoint)) {
                case Payload.Rows rows -> predictor.predict(serving, endpoint, rows.rows());
                case Payload.Tensors tensors -> predictor.run(endpoint, tensors.inputs(), call.limit());
            };
        } catch (PerennialException e) {
            return new Outcome.Failed(e);
        } catch (ModelFailure e) {
            LOG.warn("{} of {} failed: {}", endpoint.championVersion(), endpoint.name(), e.getMessage());
            return new Outcome.Failed(PerennialException.internal(
                    "the model " + endpoint.championVersion() + " failed: " + e.getMessage(), e));
        } catch (RuntimeException e) { // the boundary of a request: logged, answered, and the next one goes on
            return failed(endpoint, e);
        }
    }

    private static Outcome failed(Endpoint endpoint, RuntimeException e) {
        LOG.error("a request to {} failed", endpoint.name(), e);
        return new Outcome.Failed(PerennialException.internal("an error of the scorer; see its log", e));
    }

    private Endpoint endpoint(Serving serving, String name) {
        Endpoint endpoint = serving.endpoint(name);
        if (endpoint != null) {
            return endpoint;
        }
        if (!router.configured()) {
            throw new PerennialException(
                    ErrorCode.UNAVAILABLE,
                    "the scorer has just started and does not know its endpoints yet; ask again");
        }
        if (serving.unready().contains(name)) {
            throw new PerennialException(ErrorCode.UNAVAILABLE, "endpoint '" + name + "' has no loaded champion yet");
        }
        throw PerennialException.notFound("there is no endpoint '" + name + "'; there are " + serving.names());
    }
}
