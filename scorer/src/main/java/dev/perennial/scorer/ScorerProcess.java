package dev.perennial.scorer;

import dev.perennial.kernel.Ids;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.ProcessIdentity;
import dev.perennial.scorer.access.Gate;
import dev.perennial.scorer.config.BlobFetch;
import dev.perennial.scorer.config.BlobSource;
import dev.perennial.scorer.config.ConfigPoller;
import dev.perennial.scorer.config.Hello;
import dev.perennial.scorer.config.LastGoodConfig;
import dev.perennial.scorer.config.LoadingCalls;
import dev.perennial.scorer.config.ScorerConfig;
import dev.perennial.scorer.config.ServerLink;
import dev.perennial.scorer.grpc.GivenUpStreams;
import dev.perennial.scorer.grpc.GrpcFront;
import dev.perennial.scorer.http.Front;
import dev.perennial.scorer.http.Health;
import dev.perennial.scorer.http.Payloads;
import dev.perennial.scorer.serving.Inference;
import dev.perennial.scorer.serving.Predictor;
import dev.perennial.scorer.serving.Router;
import dev.perennial.scorer.serving.Shadows;
import dev.perennial.scorer.spool.Spool;
import dev.perennial.scorer.telemetry.SpanExport;
import dev.perennial.scorer.telemetry.Traces;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All parts of a scorer, wired. Starting order: spool, last good configuration, port, polling. Ending order: no new requests, requests
 * under way, shadow copies, seal, deliver.
 */
public final class ScorerProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ScorerProcess.class);
    private static final int HEADER_BYTES_MAX = 16 << 10;
    private static final int URL_BYTES_MAX = 8 << 10;
    /** Bytes that a caller may send before we read; large tensors need fewer turns then. */
    private static final int H2_STREAM_WINDOW = 1 << 20;

    private static final int H2_CONNECTION_WINDOW = 4 << 20;
    /** Calls that one connection may give up within 30 s: a caller with short deadlines gives up many, and does no harm. */
    private static final int H2_RESETS_A_WINDOW = 30_000;

    private static final long START_SECONDS = 30;
    private static final long READY_MILLIS = 60_000;
    private static final Set<String> TLS = Set.of("TLSv1.3", "TLSv1.2");

    private final Vertx vertx;
    private final ScorerSettings.Network network;
    private final Gate gate;
    private final ServerLink link;
    private final Lanes lanes;
    private final Spool spool;
    private final ConfigPoller poller;
    private final Front front;
    private final GrpcFront grpc;
    private final Router router;
    private final Inference inference;
    private final Connections connections = new Connections();
    private final Health health;
    private final Traces traces;
    private final @Nullable SpanExport spans;
    private final LoadingCalls loading;
    private final EnvironmentMaking environments;
    private ScorerConfig newest = ScorerConfig.NONE;
    private final Shadows shadows;
    private final java.util.concurrent.atomic.AtomicReference<String> web =
            new java.util.concurrent.atomic.AtomicReference<>("");
    private final CompletableFuture<String> foreign = new CompletableFuture<>();
    private volatile int port;
    private volatile boolean draining;
    private final int drainWaitMillis;
    private boolean served;
    private boolean recovered;
    private long asked;
    private long flushed;

    private ScorerProcess(ScorerSettings settings, InstantSource clock, RandomGenerator random) throws IOException {
        Metrics metrics = new Metrics();
        drainWaitMillis = settings.limits().drainWaitMillis();
        port = settings.port();
        vertx = SharedPort.vertx(new VertxOptions()
                .setEventLoopPoolSize(settings.limits().eventLoops())
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        network = settings.network();
        link = ServerLink.of(vertx, settings);
        gate = new Gate(clock, network.beyondLoopback(), internal(settings));
        lanes = new Lanes(settings.limits().shadowRows());
        spool = new Spool(settings, clock, link, lanes, metrics, random);
        BlobSource blobs = network.standalone() ? new BlobFetch(link) : BlobSource.LOCAL;
        environments = EnvironmentMaking.of(settings);
        router = new Router(settings, blobs, environments.environments(), metrics, spool.delivery()::report);
        shadows = new Shadows(lanes, spool, router, metrics);
        poller = new ConfigPoller(
                link,
                new LastGoodConfig(settings.spool()),
                this::apply,
                this::url,
                random,
                foreign::complete,
                this::hello);
        health = new Health(router, poller::applied, poller::connected, () -> draining, spool::problem);
        metrics.gauge("perennial_scorer_config_revision", poller::applied);
        metrics.measure("perennial_scorer_server_silent_seconds", () -> poller.silentNanos() / 1e9);
        Predictor predictor = new Predictor(router, spool, shadows, metrics);
        URI collector = settings.telemetry().collector();
        spans = collector == null ? null : new SpanExport(vertx, collector, settings.id(), metrics);
        traces = new Traces(clock, settings.telemetry().traceShare(), spans);
        inference = new Inference(vertx, settings.limits(), clock, router, predictor, metrics, traces);
        Payloads payloads = new Payloads(clock, settings.limits().batchRows(), new Ids(clock, random)::next);
        loading = new LoadingCalls(vertx, link, poller::applied);
        front = new Front(
                settings.limits(),
                gate,
                clock,
                payloads,
                inference,
                loading,
                health,
                metrics,
                () -> settings.defaultEndpoint().isEmpty() ? router.defaultEndpoint() : settings.defaultEndpoint());
        grpc = new GrpcFront(
                vertx,
                settings.limits(),
                gate,
                inference,
                loading,
                payloads,
                () -> health.reason().isEmpty(),
                metrics);
    }

    /**
     * Starts a scorer; when it returns the port is open. It is ready as soon as it has a configuration, and before the port is open where
     * it takes another one's place.
     *
     * @throws PerennialException when the port or the spool folder is taken, or it is not ready in time to take another one's place
     */
    public static ScorerProcess start(ScorerSettings settings, InstantSource clock, RandomGenerator random)
            throws IOException {
        ScorerProcess process = new ScorerProcess(settings, clock, random);
        try {
            process.environments.start(process::again);
            process.spool.start();
            Optional<ProcessIdentity> before = process.spool.before();
            if (before.isPresent()) {
                process.replace(settings, before.get());
            } else {
                SharedPort.refuseTaken(process.network.host(), settings.port());
                process.listen(settings);
                process.poller.start();
            }
            return process;
        } catch (PerennialException e) {
            process.close();
            throw e;
        }
    }

    private void replace(ScorerSettings settings, ProcessIdentity before) {
        if (!SharedPort.supported()) {
            throw PerennialException.state("on this system two processes cannot share a port: end pid " + before.pid()
                    + " with SIGTERM, then start this one");
        }
        poller.start();
        try {
            Connections.await(() -> health.reason().isEmpty(), READY_MILLIS);
        } catch (InterruptedException e) {
            throw PerennialException.internal("interrupted while getting ready", e);
        }
        if (!health.reason().isEmpty()) {
            throw PerennialException.state(
                    "not ready to take the place of pid " + before.pid() + ", which goes on: " + health.reason());
        }
        listen(settings);
        new Takeover(before, this::adopt).start(port);
    }

    public int port() {
        return port;
    }

    public String url() {
        if (!network.url().isEmpty()) {
            return network.url();
        }
        String host = network.host().equals("0.0.0.0") ? hostName() : network.host();
        return (network.certificate() == null ? "http://" : "https://") + host + ":" + port;
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    /** The installation's own scorer answers the installation's own processes; a standalone one has no such secret. */
    private static String internal(ScorerSettings settings) throws IOException {
        return settings.network().standalone() || settings.network().tokenless()
                ? ""
                : Files.readString(settings.tokenFile()).strip();
    }

    /** Completes, with the server's words, when the server turns out to belong to another installation. */
    public CompletionStage<String> foreign() {
        return foreign;
    }

    private Hello hello() {
        return new Hello(network.build(), hostName(), spool.instance()).with(router.unprepared());
    }

    private synchronized boolean apply(ScorerConfig config) {
        if (config.revision() != newest.revision()) {
            environments.hurry();
        }
        newest = config;
        gate.apply(config.access());
        boolean whole = router.apply(config);
        if (whole) {
            inference.retain(config.versions());
        }
        served |= whole;
        asked = Math.max(asked, config.flush());
        catchUp();
        return whole;
    }

    /** What is known of environments has changed: another look at what is to be served; false to be called again. */
    private synchronized boolean again() {
        return newest == ScorerConfig.NONE || router.apply(newest);
    }

    /** The process that was replaced is gone: what it left is delivered before the server hears that everything is. */
    private synchronized boolean adopt() throws IOException {
        if (!spool.adopt()) {
            return false;
        }
        catchUp();
        return true;
    }

    private void catchUp() {
        if (spool.beside()) {
            return;
        }
        if (served && !recovered) {
            recovered = true;
            shadows.recover();
        }
        if (asked > flushed) {
            flushed = asked;
            spool.flush(flushed);
        }
    }

    private void listen(ScorerSettings settings) {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(network.host())
                .setPort(settings.port())
                .setMaxHeaderSize(HEADER_BYTES_MAX)
                .setMaxInitialLineLength(URL_BYTES_MAX)
                .setDecompressionSupported(false)
                .setHandle100ContinueAutomatically(true)
                .setTcpNoDelay(true)
                .setHttp2ConnectionWindowSize(H2_CONNECTION_WINDOW)
                .setHttp2RstFloodMaxRstFramePerWindow(H2_RESETS_A_WINDOW);
        options.getInitialSettings().setInitialWindowSize(H2_STREAM_WINDOW);
        secure(options);
        try {
            String deployed = vertx.deployVerticle(
                            () -> new Listener(options),
                            new DeploymentOptions()
                                    .setInstances(settings.limits().eventLoops()))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(START_SECONDS, TimeUnit.SECONDS);
            web.set(deployed);
        } catch (ExecutionException e) {
            throw SharedPort.taken(network.host(), settings.port(), e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw PerennialException.internal("starting the HTTP server took too long", e);
        }
    }

    /** TLS 1.2 and 1.3; a caller says by ALPN whether it speaks HTTP/2, which gRPC needs. */
    private void secure(HttpServerOptions options) {
        if (network.certificate() != null && network.key() != null) {
            options.setSsl(true)
                    .setUseAlpn(true)
                    .setEnabledSecureTransportProtocols(TLS)
                    .setKeyCertOptions(new PemKeyCertOptions()
                            .setCertPath(network.certificate().toString())
                            .setKeyPath(network.key().toString()));
        }
    }

    private void handle(HttpServerRequest request) {
        connections.asked(request);
        traces.begin(request);
        if (GrpcFront.takes(request)) {
            grpc.handle(request);
        } else {
            front.handle(request);
        }
    }

    private final class Listener extends AbstractVerticle {
        private final HttpServerOptions options;
        private final GivenUpStreams streams = new GivenUpStreams();

        Listener(HttpServerOptions options) {
            this.options = options;
        }

        private void opened(HttpConnection connection) {
            streams.watch(connection);
            connections.opened(connection);
        }

        @Override
        public void start(Promise<Void> started) {
            HttpServer server = vertx.createHttpServer(options)
                    .connectionHandler(this::opened)
                    .requestHandler(ScorerProcess.this::handle);
            server.listen()
                    .onSuccess(listening -> {
                        port = listening.actualPort();
                        started.complete();
                    })
                    .onFailure(started::fail);
        }
    }

    /**
     * Ends gracefully: says for a while that it is not ready, takes no more connections, answers what is under way, seals and delivers, and
     * waits for that so long at most. What could not be delivered stays in the spool for the next start.
     */
    public void drain(long millis) throws InterruptedException {
        draining = true;
        Thread.sleep(drainWaitMillis); // balancers look at readiness now and then; whoever still comes is answered
        poller.close();
        connections.ending();
        front.split();
        IntSupplier calls = grpc.waitingNow();
        grpc.drain(millis);
        Connections.await(() -> front.fromBefore() + calls.getAsInt() == 0, millis);
        grpc.end();
        connections.refuse();
        connections.awaitEnd(() -> front.underWay() + grpc.underWay(), millis);
        await(vertx.undeploy(web.get()), millis); // closing while it goes on ends in an error
        spool.drain(millis);
        close();
        LOG.info("ended");
    }

    private static void await(Future<Void> done, long millis) throws InterruptedException {
        try {
            done.toCompletionStage().toCompletableFuture().get(millis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("the port does not close", e);
        }
    }

    /** Ends at once; nothing that was answered is lost. */
    @Override
    public void close() {
        poller.close();
        environments.close();
        if (spans != null) {
            spans.close();
        }
        loading.close();
        spool.close();
        lanes.close();
        link.close();
        vertx.close();
    }
}
