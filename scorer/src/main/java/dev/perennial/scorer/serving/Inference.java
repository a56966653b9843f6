package dev.perennial.scorer.serving;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.ScorerSettings;
import dev.perennial.scoring.ModelFailure;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
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
    private final Statistics statistics;

    /** Turns an outcome into the action that sends it. */
    public interface Answering {
        /** Called once, on the thread where the model ran; what it returns is run on the caller's event loop. */
        Runnable encode(Outcome outcome);
    }

    public Inference(
            Vertx vertx, ScorerSettings.Limits limits, InstantSource clock, Router router, Predictor predictor) {
        this.statistics = new Statistics(clock);
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

    /** What each live version of an endpoint has done since the process began, the champion first. */
    public List<VersionStatistics.Snapshot> statistics(Endpoint endpoint) {
        return endpoint.versions().stream()
                .map(version -> statistics.snapshot(endpoint, version))
                .toList();
    }

    /** Endpoints that are configured but cannot answer. */
    public Set<String> unready() {
        try (Serving serving = router.lease()) {
            return serving.unready();
        }
    }

    /** Names of all endpoints that can answer. */
    public Set<String> names() {
        try (Serving serving = router.lease()) {
            return serving.names();
        }
    }

    /**
     * Answers a call; to be called on an event loop.
     *
     * @throws PerennialException at once when the endpoint or its version is unknown or not ready, or too much waits; {@code answering}
     *     is then not called
     */
    public void infer(Call call, Answering answering) {
        Serving serving = router.lease();
        boolean handedOver = false;
        try {
            Endpoint endpoint = endpoint(serving, call.endpoint());
            Variant forced = call.version() == null ? null : forced(endpoint, call.version());
            boolean foreign = endpoint.foreign() || (forced != null && forced.foreign());
            if (!foreign && call.bytes() <= INLINE_BYTES_MAX) {
                answer(call, new Place(serving, endpoint, forced), answering, Runnable::run);
                return;
            }
            Context context = vertx.getOrCreateContext();
            pool.execute(() -> {
                try (serving) {
                    answer(
                            call,
                            new Place(serving, endpoint, forced),
                            answering,
                            send -> context.runOnContext(now -> send.run()));
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

    /** @param forced the version that shall answer; null leaves it to the split */
    private record Place(Serving serving, Endpoint endpoint, @Nullable Variant forced) {
        String version() {
            return forced == null ? endpoint.championVersion() : forced.version();
        }
    }

    private static Variant forced(Endpoint endpoint, String version) {
        Variant forced = endpoint.live(version);
        if (!endpoint.tabular()
                && !forced.model().schema().equals(endpoint.champion().model().schema())) {
            throw new PerennialException(
                    ErrorCode.NOT_IMPLEMENTED,
                    "version " + forced.version() + " takes or gives other tensors than the champion "
                            + endpoint.championVersion() + " and cannot be called beside it");
        }
        return forced;
    }

    private void answer(Call call, Place place, Answering answering, Executor loop) {
        Clocked clocked = new Clocked(System.nanoTime());
        Outcome outcome = outcome(call, place, clocked);
        clocked.inferred = System.nanoTime();
        Runnable send = encoded(place.endpoint(), outcome, answering);
        long end = System.nanoTime();
        if (outcome instanceof Outcome.Failed) {
            statistics.failed(place.endpoint(), place.version(), end - call.since());
        } else {
            statistics.succeeded(place.endpoint(), outcome, clocked.timing(call.since(), end));
        }
        loop.execute(sent(call, place.endpoint(), outcome, send));
    }

    /** When the steps of one request ended, by {@link System#nanoTime}. */
    private static final class Clocked {
        private final long begun;
        private long read;
        private long inferred;

        Clocked(long begun) {
            this.begun = begun;
        }

        VersionStatistics.Timing timing(long since, long end) {
            return new VersionStatistics.Timing(begun - since, read - begun, inferred - read, end - inferred);
        }
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

    private Outcome outcome(Call call, Place place, Clocked clocked) {
        Endpoint endpoint = place.endpoint();
        try {
            checkTime(call);
            Payload payload = call.reading().read(endpoint);
            clocked.read = System.nanoTime();
            checkTime(call);
            Variant forced = place.forced();
            return switch (payload) {
                case Payload.Rows rows ->
                    forced == null
                            ? predictor.predict(place.serving(), endpoint, rows.rows(), call.since())
                            : predictor.forced(place.serving(), endpoint, forced, rows.rows(), call.since());
                case Payload.Tensors tensors ->
                    predictor.run(
                            endpoint, forced == null ? endpoint.champion() : forced, tensors.inputs(), call.limit());
            };
        } catch (PerennialException e) {
            return new Outcome.Failed(e);
        } catch (ModelFailure e) {
            LOG.warn("{} of {} failed: {}", place.version(), endpoint.name(), e.getMessage());
            return new Outcome.Failed(PerennialException.internal(
                    "the model " + place.version() + " failed: " + e.getMessage(), e));
        } catch (RuntimeException e) { // the boundary of a request: logged, answered, and the next one goes on
            return failed(endpoint, e);
        }
    }

    private static void checkTime(Call call) {
        if (call.limit().over()) {
            throw new PerennialException(
                    ErrorCode.DEADLINE_EXCEEDED, "the deadline passed before the model could begin");
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
