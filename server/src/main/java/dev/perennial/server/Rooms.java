package dev.perennial.server;

import dev.perennial.events.EventLog;
import dev.perennial.governance.GovernanceRoom;
import dev.perennial.kernel.Ids;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.Program;
import dev.perennial.lifecycle.EndpointRolloutLoop;
import dev.perennial.lifecycle.EndpointRollouts;
import dev.perennial.lifecycle.LifecycleRoom;
import dev.perennial.monitoring.Alerts;
import dev.perennial.monitoring.DayBook;
import dev.perennial.monitoring.Monitoring;
import dev.perennial.monitoring.Performances;
import dev.perennial.monitoring.References;
import dev.perennial.monitoring.SourceArrivals;
import dev.perennial.pipelines.EngineResources;
import dev.perennial.pipelines.EngineSettings;
import dev.perennial.pipelines.LocalLauncher;
import dev.perennial.pipelines.PipelineEngine;
import dev.perennial.pipelines.RunView;
import dev.perennial.registry.Registry;
import dev.perennial.registry.RegistryRoom;
import dev.perennial.registry.webhooks.SecretBox;
import dev.perennial.replay.Replays;
import dev.perennial.scorings.ScoringTargets;
import dev.perennial.scorings.Scorings;
import dev.perennial.server.access.AccessSettings;
import dev.perennial.server.access.EndpointTokens;
import dev.perennial.server.access.FirstStart;
import dev.perennial.serving.Deployments;
import dev.perennial.serving.EndpointCatalogue;
import dev.perennial.serving.Endpoints;
import dev.perennial.serving.EnvironmentSweep;
import dev.perennial.serving.FuseReports;
import dev.perennial.serving.Labels;
import dev.perennial.serving.PredictionLog;
import dev.perennial.serving.RolloutTraffic;
import dev.perennial.serving.ScorerFleet;
import dev.perennial.serving.Traffic;
import dev.perennial.serving.VersionFinder;
import dev.perennial.serving.Warmth;
import dev.perennial.store.BlobStore;
import dev.perennial.store.Database;
import dev.perennial.store.PlainFolders;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.tracking.GarbageCollection;
import dev.perennial.tracking.Owners;
import dev.perennial.tracking.TrackingRuns;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.eclipse.microprofile.config.Config;

/**
 * Everything that the server consists of, put together once at start and taken apart at the end. Adapters get their services here.
 */
@ApplicationScoped
public class Rooms {
    private static final Duration DELIVERY_PATIENCE = Duration.ofSeconds(5);

    private final ServerSettings settings;
    private final InstantSource clock = InstantSource.system();
    private final long startedAt = clock.millis();
    private Store store;
    private InternalToken token;
    private InstallationId installation;
    private EventLog events;
    private Registry registry;
    private Endpoints endpoints;
    private ScorerFleet fleet;
    private Warmth warmth;
    private PredictionLog predictions;
    private Labels labels;
    private FuseReports fuses;
    private EndpointCatalogue catalogue;
    private Traffic traffic;
    private Deployments deployments;
    private EndpointRollouts endpointRollouts;
    private EndpointRolloutLoop rolloutLoop;
    private DayBook days;
    private Performances performances;
    private SourceArrivals arrivals;
    private Alerts alerts;
    private Monitoring monitoring;
    private PipelineEngine engine;
    private LifecycleRoom lifecycle;
    private Replays replays;
    private Scorings scorings;
    private ScoringTargets scoringTargets;
    private ScorerSupervisor scorer;
    private BlobStore blobs;
    private Notifier notifier;
    private TrackingRuns tracking;
    private Leading leading;
    private RegistryRoom registered;
    private GuardedHttp outgoing;
    private WebhookSender webhookSender;
    private final Vertx vertx;
    private Upkeep upkeep;
    private BackupWatch backupNotes;
    private Owners owners;
    private GovernanceRoom governance;
    private final AccessSettings access;

    @SuppressWarnings("NullAway.Init") // the rooms are built when the server starts, before the first request
    public Rooms(Config config, Vertx vertx) {
        this.vertx = vertx;
        settings = ServerSettings.from(config);
        access = AccessSettings.from(config).checked();
    }

    void start(@Observes StartupEvent event) {
        SecureRandom random = new SecureRandom();
        Ids ids = new Ids(clock, random);
        store = openStore(ids, random);
        var database = store.database();
        token = InternalToken.in(settings.dataDir());
        installation = InstallationId.in(settings.dataDir(), ids);
        blobs = store.blobs();
        events = new EventLog(database, clock);
        registry = new Registry(database);
        startTracking(database, ids, random);
        owners = new Owners(database);
        governance = GovernanceRoom.of(database, clock, random, access.everybody());
        endpoints = new Endpoints(database);
        fleet = new ScorerFleet(
                database,
                endpoints,
                clock,
                new EndpointTokens(governance, endpoints, access.auth()),
                Program.SCORER.build(settings.dist()));
        warmth = new Warmth(database, clock);
        predictions = new PredictionLog(database, blobs, clock);
        labels = new Labels(database, blobs, clock);
        fuses = new FuseReports(database, clock);
        References references = new References(database);
        days = new DayBook(database, predictions, labels, references, clock);
        arrivals = new SourceArrivals(database);
        alerts = new Alerts(database, events, clock, ids);
        performances = new Performances(database, days);
        monitoring = new Monitoring(database, days, performances, references, arrivals, alerts);
        engine = new PipelineEngine(
                new EngineResources(
                        database, blobs, clock, ids, store.directory().staging()),
                EngineSettings.defaults().withWorkersMax(3),
                new LocalLauncher(store.directory().workers(), settings.workerCommand(token), clock),
                List.of(),
                this::ended);
        lifecycle = lifecycleRoom(database, ids, references);
        startServing(database, ids);
        replays = new Replays(database, lifecycle.lifecycles(), endpoints, fleet, lifecycle.loop());
        scorings = new Scorings(database, engine, clock, ids, store.directory().scorings());
        outgoing = new GuardedHttp(vertx, settings.webhookPrivate());
        notifier = new Notifier(database, clock, outgoing);
        webhookSender = new WebhookSender(registered.webhooks(), registered.deliveries(), outgoing, clock, ids);
        scorer = new ScorerSupervisor(
                settings, store.directory().scorer(), store.directory().blobs(), token, installation);
        leading = new Leading(
                store.leadership(),
                database,
                clock,
                "http://127.0.0.1:" + settings.port(),
                this::lead,
                () -> Quarkus.asyncExit(1));
        leading.start();
        publishAddress();
        FirstStart.prepare(access, governance.accounts(), governance.setUp(), settings.port(), settings.dataDir());
    }

    private void startTracking(Database database, Ids ids, SecureRandom random) {
        tracking = new TrackingRuns(database, blobs, clock, ids, RegistryRoom.registrations(), settings.artifacts());
        registered = RegistryRoom.of(
                database,
                clock,
                ids,
                tracking,
                SecretBox.open(store.directory().keys().resolve("webhook.key"), random));
        upkeep = new Upkeep(new GarbageCollection(
                store,
                tracking,
                new EnvironmentSweep(database, settings.dataDir().resolve("environments")),
                clock));
        backupNotes = new BackupWatch(() -> store.tellBackups(clock));
        new PlainFolders(
                        settings.artifacts().destination(),
                        settings.artifacts().defaultRoot(),
                        settings.artifacts().rootFolder())
                .tell(store.directory().shared());
    }

    private void startServing(Database database, Ids ids) {
        catalogue = new EndpointCatalogue(database, clock);
        traffic = new Traffic(database, clock);
        VersionFinder finder = new VersionFinder(
                registry,
                registered.versions(),
                tracking.artifacts(),
                governance.models(),
                blobs,
                settings.pythonFolders());
        scoringTargets = new ScoringTargets(endpoints, registry);
        endpointRollouts = new EndpointRollouts(
                database,
                clock,
                new RolloutTraffic(endpoints, traffic),
                lifecycle.rollouts(),
                lifecycle.decisions(),
                fuses,
                () -> fleet.delivered(DELIVERY_PATIENCE));
        rolloutLoop = new EndpointRolloutLoop(endpointRollouts, fleet::wake);
        deployments =
                new Deployments(new Deployments.Parts(database, clock, ids, engine, finder), endpointRollouts::begin);
    }

    private LifecycleRoom lifecycleRoom(Database database, Ids ids, References references) {
        return LifecycleRoom.of(new LifecycleRoom.Parts(
                database,
                blobs,
                clock,
                ids,
                events,
                registry,
                engine,
                endpoints,
                fleet,
                predictions,
                fuses,
                days,
                monitoring,
                references,
                tracking));
    }

    private void lead() {
        backupNotes.start();
        notifier.start();
        webhookSender.start();
        engine.open();
        deployments.resume();
        scorings.resume();
        scorings.expire();
        lifecycle.loop().start();
        rolloutLoop.start();
        scorer.start();
    }

    private Store openStore(Ids ids, SecureRandom random) {
        return Store.open(
                new StoreSettings(
                        settings.dataDir(),
                        settings.databaseUrl(),
                        settings.databaseUser(),
                        settings.databasePassword(),
                        settings.databaseSizeLimit(),
                        settings.sharedDir()),
                clock,
                ids,
                random);
    }

    /** Workers that outlive a server find the next one here, whatever port it has. */
    private void publishAddress() {
        try {
            java.nio.file.Files.writeString(
                    settings.dataDir().resolve("server.url"), "http://127.0.0.1:" + settings.port());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException("cannot write the server's address into " + settings.dataDir(), e);
        }
    }

    /** Before requests are waited for: whoever waits for news is answered now. */
    void leave(@Observes ShutdownDelayInitiatedEvent event) {
        fleet.close();
        events.close();
    }

    void stop(@Observes ShutdownEvent event) {
        fleet.close();
        events.close();
        scorer.close();
        notifier.close();
        webhookSender.close();
        outgoing.close();
        lifecycle.loop().close();
        rolloutLoop.close();
        engine.close();
        leading.close();
        backupNotes.close();
        upkeep.close();
        store.close();
    }

    private void ended(RunView run) {
        if (run.pipeline().equals(ReplayRuns.PIPELINE)) {
            ReplayRuns.ended(replays, blobs, run);
        } else if (run.pipeline().equals(Deployments.PIPELINE)) {
            deployments.ended(run);
            fleet.wake();
        } else if (run.pipeline().equals(Scorings.PIPELINE)) {
            scorings.ended(run);
        } else if (!run.subject().isEmpty()) {
            lifecycle.loop().wake(ModelId.parse(run.subject()));
        }
    }

    ServerSettings settings() {
        return settings;
    }

    InstantSource clock() {
        return clock;
    }

    long startedAt() {
        return startedAt;
    }

    InternalToken token() {
        return token;
    }

    InstallationId installation() {
        return installation;
    }

    EventLog events() {
        return events;
    }

    public Registry registry() {
        return registry;
    }

    public Endpoints endpoints() {
        return endpoints;
    }

    Warmth warmth() {
        return warmth;
    }

    ScorerFleet fleet() {
        return fleet;
    }

    PredictionLog predictions() {
        return predictions;
    }

    Labels labels() {
        return labels;
    }

    EndpointCatalogue catalogue() {
        return catalogue;
    }

    Traffic traffic() {
        return traffic;
    }

    EndpointRollouts endpointRollouts() {
        return endpointRollouts;
    }

    EndpointRolloutLoop rolloutLoop() {
        return rolloutLoop;
    }

    Deployments deployments() {
        return deployments;
    }

    FuseReports fuses() {
        return fuses;
    }

    DayBook days() {
        return days;
    }

    Performances performances() {
        return performances;
    }

    SourceArrivals arrivals() {
        return arrivals;
    }

    public Alerts alerts() {
        return alerts;
    }

    Monitoring monitoring() {
        return monitoring;
    }

    public PipelineEngine engine() {
        return engine;
    }

    public LifecycleRoom lifecycle() {
        return lifecycle;
    }

    public Replays replays() {
        return replays;
    }

    public Scorings scorings() {
        return scorings;
    }

    ScoringTargets scoringTargets() {
        return scoringTargets;
    }

    ScorerSupervisor scorer() {
        return scorer;
    }

    BlobStore blobs() {
        return blobs;
    }

    public GovernanceRoom governance() {
        return governance;
    }

    public AccessSettings access() {
        return access;
    }

    /** To whom runs and files belong. */
    public Owners owners() {
        return owners;
    }

    /** Whether an Authorization header is of this installation's own processes, or of whoever can read its data directory. */
    public boolean isInternal(String authorization) {
        return token.matches(authorization);
    }

    /** Of the MLflow adapter, which lives in a package of its own. */
    public TrackingRuns tracking() {
        return tracking;
    }

    /** Of the MLflow adapter, as {@link #tracking()}. */
    public WebhookSender webhookSender() {
        return webhookSender;
    }

    Leading leading() {
        return leading;
    }

    Upkeep upkeep() {
        return upkeep;
    }

    /** Of the MLflow adapter, as {@link #tracking()}. */
    public RegistryRoom registered() {
        return registered;
    }

    Notifier notifier() {
        return notifier;
    }

    public Store store() {
        return store;
    }
}
