package dev.perennial.scorer.serving;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.ScorerSettings;
import dev.perennial.scorer.access.Caller;
import dev.perennial.scorer.access.Right;
import dev.perennial.scorer.serving.BatchQueue.Waiting;
import dev.perennial.scorer.serving.Predictor.RowsCall;
import dev.perennial.scorer.serving.Predictor.TensorsCall;
import dev.perennial.scorer.telemetry.Histogram;
import dev.perennial.scorer.telemetry.TraceContext;
import dev.perennial.scorer.telemetry.Traces;
import dev.perennial.scoring.ModelFailure;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one door to the models, used by every protocol. Small work of our own evaluator is done on the caller's event loop; calls of
 * foreign models and large bodies wait in the bounded queue of their endpoint, where a thread takes several at once; a full queue refuses
 * at once. Never blocks. Thread-safe.
 */
public final class Inference {
    private static final Logger LOG = LoggerFactory.getLogger(Inference.class);
    private static final int INLINE_BYTES_MAX = 64 << 10;

    private static final int QUEUED_BYTES_SHARE = 4;
    private static final int SERVER_FAULT = 500;

    private final Vertx vertx;
    private final Router router;
    private final Predictor predictor;
    private final Metrics metrics;
    private final int queued;
    private final int rowsMax;
    private final int processors = Runtime.getRuntime().availableProcessors();
    private final ThreadPoolExecutor threads;
    private final Statistics statistics;
    private final LoadWaits loading;
    private final Traces traces;
    private final Map<String, BatchQueue> queues = new ConcurrentHashMap<>();

    /** Turns an outcome into the action that sends it. */
    public interface Answering {
        /** Called once, on the thread where the model ran; what it returns is run on the caller's event loop. */
        Runnable encode(Outcome outcome);
    }

    public Inference(
            Vertx vertx,
            ScorerSettings.Limits limits,
            InstantSource clock,
            Router router,
            Predictor predictor,
            Metrics metrics,
            Traces traces) {
        this.traces = traces;
        this.statistics = new Statistics(clock, metrics);
        this.vertx = vertx;
        this.loading = new LoadWaits(vertx, limits.queuedRequests());
        metrics.gauge("perennial_scorer_loading_calls", loading::waiting);
        this.router = router;
        this.predictor = predictor;
        this.metrics = metrics;
        this.queued = limits.queuedRequests();
        this.rowsMax = limits.batchRows();
        this.threads = new ThreadPoolExecutor(
                2 * processors, 2 * processors, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>());
        threads.allowCoreThreadTimeOut(true);
    }

    /**
     * Looks at an endpoint while it is leased; needs the right to read it.
     *
     * @throws PerennialException when it is unknown, to this caller at least, or not ready
     */
    public void look(Caller caller, String name, Consumer<Endpoint> then) {
        try (Serving serving = router.lease()) {
            then.accept(endpoint(serving, caller, name));
        }
    }

    /** What each live version of an endpoint has done since the process began, the champion first. */
    public List<VersionStatistics.Snapshot> statistics(Endpoint endpoint) {
        return endpoint.versions().stream()
                .map(version -> statistics.snapshot(endpoint, version))
                .toList();
    }

    /**
     * Forgets the metrics of endpoints and versions that are configured no more.
     *
     * @param versions by endpoint
     */
    public void retain(Map<String, Set<String>> versions) {
        statistics.retain(versions);
        queues.keySet().retainAll(versions.keySet()); // one that still works ends with its last call
        metrics.retain(versions);
    }

    /** Endpoints that are configured but cannot answer, of those that the caller may see. */
    public Set<String> unready(Caller caller) {
        try (Serving serving = router.lease()) {
            return seen(caller, serving.unready());
        }
    }

    /** Names of all endpoints that can answer, of those that the caller may see. */
    public Set<String> names(Caller caller) {
        try (Serving serving = router.lease()) {
            return seen(caller, serving.names());
        }
    }

    private static Set<String> seen(Caller caller, Set<String> names) {
        return caller.may(Right.READ, Caller.ALL)
                ? names
                : names.stream().filter(name -> caller.may(Right.READ, name)).collect(Collectors.toSet());
    }

    /**
     * Answers a call; to be called on an event loop. Needs the right to use the endpoint, and to edit it when the version is chosen.
     *
     * @throws PerennialException at once when the caller may not, the endpoint or its version is unknown or not ready, or too much waits; {@code answering}
     *     is then not called
     */
    public void infer(Call asked, Answering answering) {
        Serving serving = router.lease();
        boolean handedOver = false;
        try {
            Endpoint endpoint = endpoint(serving, asked.caller(), asked.endpoint());
            allowed(asked);
            Call call = asked.within(endpoint.config().limitsOrDefault().deadlineMillis());
            Variant forced = forced(call, endpoint);
            handedOver = loading.await(call, endpoint, why -> loaded(call, serving, endpoint, answering, why));
            if (handedOver) {
                return;
            }
            boolean foreign = endpoint.foreign() || (forced != null && forced.foreign());
            if (!foreign && call.bytes() <= INLINE_BYTES_MAX) {
                Progress progress = new Progress(Traces.current());
                Outcome outcome = alone(call, serving, endpoint, progress);
                sent(outcome, encoded(call, endpoint, outcome, answering, progress))
                        .run();
                return;
            }
            enqueue(call, serving, endpoint, answering);
            handedOver = true;
        } finally {
            if (!handedOver) {
                serving.close();
            }
        }
    }

    private static void allowed(Call call) {
        if (call.version() == null) {
            call.caller().need(Right.USE, call.endpoint(), "ask for answers");
        } else {
            call.caller().need(Right.EDIT, call.endpoint(), "choose the version that answers");
        }
    }

    /** @throws PerennialException when too much waits; the lease is still the caller's then */
    private void enqueue(Call call, Serving serving, Endpoint endpoint, Answering answering) {
        Context context = vertx.getOrCreateContext();
        BatchQueue queue = queue(endpoint.name());
        grow(endpoint.instances());
        if (!queue.offer(call, serving, endpoint, answering, send -> context.runOnContext(now -> send.run()))) {
            metrics.counter("perennial_scorer_shed_total", "endpoint", endpoint.name())
                    .increment();
            throw new PerennialException(
                    ErrorCode.UNAVAILABLE,
                    "more than " + queue.bounds().calls()
                            + " requests (--queued-requests, or limits.queueRows), or more than "
                            + queue.bounds().bytes() + " bytes of them (limits.queueBytes), wait for a model of '"
                            + endpoint.name() + "'; try again");
        }
    }

    /** The models of a call are loaded, or it is told why not; on its event loop. */
    private void loaded(
            Call call, Serving serving, Endpoint endpoint, Answering answering, @Nullable PerennialException why) {
        try {
            if (why == null) {
                enqueue(call, serving, endpoint, answering);
                return;
            }
            refuse(call, serving, endpoint, answering, why);
        } catch (PerennialException e) {
            refuse(call, serving, endpoint, answering, e);
        }
    }

    private void refuse(Call call, Serving serving, Endpoint endpoint, Answering answering, PerennialException why) {
        try (serving) {
            Progress progress = new Progress(Traces.current());
            progress.begun();
            progress.read();
            encoded(call, endpoint, new Outcome.Failed(why), answering, progress)
                    .run();
        }
    }

    /**
     * The version that the caller named; null when the split chooses.
     *
     * @throws PerennialException when it is not there, or does not speak as the endpoint does
     */
    private static @Nullable Variant forced(Call call, Endpoint endpoint) {
        if (call.version() == null) {
            return null;
        }
        Variant forced = endpoint.live(call.version());
        if (!endpoint.tabular()
                && !forced.model().schema().equals(endpoint.champion().model().schema())) {
            throw new PerennialException(
                    ErrorCode.NOT_IMPLEMENTED,
                    "version " + forced.version() + " takes or gives other tensors than the champion "
                            + endpoint.championVersion() + " and cannot be called beside it");
        }
        return forced;
    }

    private BatchQueue queue(String endpoint) {
        return queues.computeIfAbsent(endpoint, name -> {
            BatchQueue queue =
                    new BatchQueue(threads, new BatchQueue.Bounds(processors, queued, queuedBytesMax()), this::work);
            metrics.gauge("perennial_scorer_queue_calls", queue::waiting, "endpoint", name);
            metrics.gauge("perennial_scorer_batch_limit", queue::limit, "endpoint", name);
            return queue;
        });
    }

    /** There are threads for as many calls at once as a model has instances, beside those of other models. */
    private void grow(int instances) {
        int wanted = 2 * processors + (instances == 1 ? 0 : instances);
        if (threads.getCorePoolSize() < wanted) {
            synchronized (threads) {
                if (threads.getCorePoolSize() < wanted) {
                    threads.setMaximumPoolSize(wanted);
                    threads.setCorePoolSize(wanted);
                }
            }
        }
    }

    private static long queuedBytesMax() {
        return Runtime.getRuntime().maxMemory() / QUEUED_BYTES_SHARE;
    }

    private void work(List<Waiting> batch) {
        Endpoint first = batch.getFirst().endpoint();
        metrics.histogram("perennial_scorer_batch_calls", Histogram.Scale.COUNTS, "endpoint", first.name())
                .record(batch.size());
        List<Waiting> rows = new ArrayList<>();
        List<RowsCall> calls = new ArrayList<>();
        List<Waiting> tensors = new ArrayList<>();
        List<TensorsCall> computing = new ArrayList<>();
        int size = 0;
        for (Waiting waiting : batch) {
            if (waiting.call().version() != null) {
                answer(waiting, alone(waiting.call(), waiting.serving(), waiting.endpoint(), waiting.progress()));
                continue;
            }
            Payload payload;
            try {
                payload = read(waiting.call(), waiting.endpoint(), waiting.progress());
            } catch (PerennialException e) {
                answer(waiting, new Outcome.Failed(e));
                continue;
            } catch (RuntimeException e) { // the boundary of a request: logged, answered, and the next one goes on
                answer(waiting, failed(waiting.endpoint(), e));
                continue;
            }
            switch (payload) {
                case Payload.Tensors read -> {
                    tensors.add(waiting);
                    computing.add(new TensorsCall(waiting.call(), read));
                }
                case Payload.Rows read -> {
                    if (size + read.rows().size() > rowsMax) {
                        predict(rows, calls);
                        size = 0;
                    }
                    rows.add(waiting);
                    calls.add(new RowsCall(waiting.call(), read.rows(), read.key()));
                    size += read.rows().size();
                }
            }
        }
        predict(rows, calls);
        run(tensors, computing);
    }

    private void predict(List<Waiting> waiting, List<RowsCall> calls) {
        if (waiting.isEmpty()) {
            return;
        }
        Waiting first = waiting.getFirst();
        answer(waiting, () -> predictor.predictAll(first.serving(), first.endpoint(), calls));
        waiting.clear();
        calls.clear();
    }

    private void run(List<Waiting> waiting, List<TensorsCall> calls) {
        if (waiting.isEmpty()) {
            return;
        }
        Waiting first = waiting.getFirst();
        answer(waiting, () -> predictor.run(first.serving(), first.endpoint(), calls));
    }

    private void answer(List<Waiting> waiting, Supplier<List<Outcome>> work) {
        List<Outcome> outcomes;
        try {
            outcomes = work.get();
        } catch (RuntimeException e) { // the boundary of these requests: logged, answered, and the next ones go on
            outcomes = Collections.nCopies(
                    waiting.size(), failed(waiting.getFirst().endpoint(), e));
        }
        for (int i = 0; i < waiting.size(); i++) {
            answer(waiting.get(i), outcomes.get(i));
        }
    }

    private void answer(Waiting waiting, Outcome outcome) {
        Runnable send = encoded(waiting.call(), waiting.endpoint(), outcome, waiting.answering(), waiting.progress());
        waiting.loop().execute(sent(outcome, send));
        waiting.serving().close();
    }

    private static Runnable sent(Outcome outcome, Runnable send) {
        return () -> {
            send.run();
            switch (outcome) {
                case Outcome.Scored scored -> scored.sent().run();
                case Outcome.Computed computed -> computed.sent().run();
                case Outcome.Failed _ -> {}
            }
        };
    }

    private Runnable encoded(Call call, Endpoint endpoint, Outcome outcome, Answering answering, Progress progress) {
        progress.inferred();
        Runnable send = encoded(endpoint, outcome, answering);
        long end = System.nanoTime();
        if (outcome instanceof Outcome.Failed failed) {
            failed(call, endpoint, failed.why(), progress, end);
        } else {
            statistics.succeeded(endpoint, outcome, progress.timing(call.since(), end));
            TraceContext trace = progress.trace();
            if (trace != null) {
                traces.ended(
                        trace, endpoint.name(), version(outcome, endpoint), progress.times(call.since(), end), null);
            }
        }
        return send;
    }

    private void failed(Call call, Endpoint endpoint, PerennialException why, Progress progress, long end) {
        String version = version(call, endpoint);
        statistics.failed(endpoint, version, why.code(), end - call.since());
        TraceContext trace = progress.trace();
        if (why.code().httpStatus() >= SERVER_FAULT) {
            predictor.failed(endpoint, version);
            if (trace != null) {
                LOG.warn("a request to {} failed, trace {}: {}", endpoint.name(), trace.trace(), why.getMessage());
            }
        }
        if (trace != null) {
            traces.ended(trace, endpoint.name(), version, progress.times(call.since(), end), why.getMessage());
        }
    }

    private static String version(Outcome outcome, Endpoint endpoint) {
        return switch (outcome) {
            case Outcome.Scored scored when scored.answers() instanceof ColumnAnswers columns -> columns.version();
            case Outcome.Scored scored
            when !scored.answers().isEmpty() -> scored.answers().getFirst().version();
            case Outcome.Computed computed -> computed.version();
            default -> endpoint.championVersion();
        };
    }

    private static String version(Call call, Endpoint endpoint) {
        return call.version() == null ? endpoint.championVersion() : endpoint.version(call.version());
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

    private static Payload read(Call call, Endpoint endpoint, Progress progress) {
        progress.begun();
        checkTime(call);
        Payload payload = call.reading().read(endpoint);
        progress.read();
        checkTime(call);
        return payload;
    }

    private static void checkTime(Call call) {
        if (call.limit().over()) {
            throw new PerennialException(
                    ErrorCode.DEADLINE_EXCEEDED, "the deadline passed before the model could begin");
        }
    }

    private Outcome alone(Call call, Serving serving, Endpoint endpoint, Progress progress) {
        try {
            Payload payload = read(call, endpoint, progress);
            Variant forced = forced(call, endpoint);
            return switch (payload) {
                case Payload.Rows rows ->
                    forced == null
                            ? predictor.predict(serving, endpoint, rows)
                            : predictor.forced(serving, endpoint, forced, rows.rows());
                case Payload.Tensors tensors ->
                    forced == null
                            ? predictor
                                    .run(serving, endpoint, List.of(new TensorsCall(call, tensors)))
                                    .getFirst()
                            : predictor.run(endpoint, forced, tensors.inputs(), call.limit());
            };
        } catch (PerennialException e) {
            return new Outcome.Failed(e);
        } catch (ModelFailure e) {
            return failed(endpoint, version(call, endpoint), e);
        } catch (RuntimeException e) { // the boundary of a request: logged, answered, and the next one goes on
            return failed(endpoint, e);
        }
    }

    static Outcome.Failed failed(Endpoint endpoint, ModelFailure e) {
        return failed(endpoint, endpoint.championVersion(), e);
    }

    private static Outcome.Failed failed(Endpoint endpoint, String version, ModelFailure e) {
        LOG.warn("{} of {} failed: {}", version, endpoint.name(), e.getMessage());
        boolean callers = e.kind() == ModelFailure.Kind.INPUT;
        return new Outcome.Failed(new PerennialException(
                e.kind().code(),
                "the model " + version + (callers ? " does not take this: " : " failed: ") + e.getMessage(),
                null,
                e));
    }

    private static Outcome.Failed failed(Endpoint endpoint, RuntimeException e) {
        LOG.error("a request to {} failed", endpoint.name(), e);
        return new Outcome.Failed(PerennialException.internal("an error of the scorer; see its log", e));
    }

    private Endpoint endpoint(Serving serving, Caller caller, String name) {
        boolean seen = caller.may(Right.READ, name);
        Endpoint endpoint = serving.endpoint(name);
        if (endpoint != null && seen) {
            return endpoint;
        }
        if (!router.configured()) {
            throw new PerennialException(
                    ErrorCode.UNAVAILABLE,
                    "the scorer has just started and does not know its endpoints yet; ask again");
        }
        if (seen && serving.unready().contains(name)) {
            throw new PerennialException(ErrorCode.UNAVAILABLE, "endpoint '" + name + "' has no loaded champion yet");
        }
        throw PerennialException.notFound(
                "there is no endpoint '" + name + "'; there are " + new TreeSet<>(seen(caller, serving.names())));
    }
}
