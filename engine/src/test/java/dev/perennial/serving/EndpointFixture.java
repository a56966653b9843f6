package dev.perennial.serving;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.governance.GovernanceRoom;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.pipelines.EngineResources;
import dev.perennial.pipelines.EngineSettings;
import dev.perennial.pipelines.PipelineEngine;
import dev.perennial.pipelines.RunId;
import dev.perennial.pipelines.ScriptedWorkers;
import dev.perennial.pipelines.WorkerResult;
import dev.perennial.registry.ModelName;
import dev.perennial.registry.ModelVersion;
import dev.perennial.registry.NewVersion;
import dev.perennial.registry.RegisteredVersion;
import dev.perennial.registry.Registry;
import dev.perennial.registry.RegistryRoom;
import dev.perennial.registry.webhooks.SecretBox;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.store.Transaction;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import dev.perennial.tracking.ArtifactPath;
import dev.perennial.tracking.Artifacts;
import dev.perennial.tracking.Experiment;
import dev.perennial.tracking.NewRun;
import dev.perennial.tracking.RunInfo;
import dev.perennial.tracking.TrackingRuns;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Endpoints on one dialect with registry, pipelines and scripted workers; it can be closed and opened as after the death of a server. */
abstract class EndpointFixture {
    static final ModelId CHURN = ModelId.parse("churn");
    static final ModelId PARCELS = ModelId.parse("parcels");
    static final ServingAct ANN = new ServingAct("user:ann", "because");
    static final String ADMITTED = "ADMITTED";
    private static final String MLMODEL = """
            flavors:
              %s
            signature:
              inputs: '[{"type": "double", "name": "petal"}, {"type": "long", "name": "leaves"}]'
            """;
    static final String XGBOOST = "xgboost: {data: model.xgb, model_format: xgb}";

    @TempDir
    Path folder;

    final TestClock clock = TestClock.fixed();
    private StoreSettings settings;
    private int opened;
    Store store;
    Endpoints endpoints;
    EndpointCatalogue catalogue;
    Traffic traffic;
    Deployments deployments;
    PipelineEngine engine;
    ScriptedWorkers workers;
    GovernanceRoom governance;
    private TrackingRuns tracking;
    RegistryRoom registered;
    Registry loop;
    VersionFinder finder;

    abstract StoreSettings storage(Path folder);

    @BeforeEach
    void open() {
        settings = storage(folder);
        reopen();
    }

    void reopen() {
        Ids ids = SeededIds.of(++opened, clock);
        SecureRandom random = new SecureRandom();
        store = Store.open(settings, clock, ids, random);
        tracking = new TrackingRuns(store.database(), store.blobs(), clock, ids);
        registered = RegistryRoom.of(
                store.database(), clock, ids, tracking, SecretBox.open(folder.resolve("webhook.key"), random));
        loop = new Registry(store.database());
        governance = GovernanceRoom.of(store.database(), clock, random, Optional.empty());
        endpoints = new Endpoints(store.database());
        catalogue = new EndpointCatalogue(store.database(), clock);
        traffic = new Traffic(store.database(), clock);
        workers = new ScriptedWorkers(() -> engine.protocol());
        admitting(ADMITTED, "");
        workers.on("bundle", work -> {
            Files.writeString(Path.of(work.staging()).resolve("m.json"), "{\"format\": \"xgboost-ubj\"}");
            return new WorkerResult(
                    Map.of("format", Json.tree("xgboost-ubj")),
                    Map.of("manifest", "m.json"),
                    new WorkerResult.Usage(0, 0));
        });
        engine = new PipelineEngine(
                new EngineResources(store.database(), store.blobs(), clock, ids, folder.resolve("staging")),
                EngineSettings.defaults(),
                workers,
                List.of(),
                run -> {});
        finder = new VersionFinder(
                loop,
                registered.versions(),
                tracking.artifacts(),
                governance.models(),
                store.blobs(),
                List.of("/opt/python"));
        deployments =
                new Deployments(new Deployments.Parts(store.database(), clock, ids, engine, finder), this::begins);
        engine.open();
    }

    /** What a rollout engine would do; none is there unless a test says otherwise. */
    boolean begins(Transaction tx, ModelId endpoint, VersionRef version, JsonNode plan, String by) {
        return false;
    }

    @AfterEach
    void close() {
        engine.close();
        store.close();
    }

    final void admitting(String verdict, String reason) {
        workers.on(
                "admit",
                work -> new WorkerResult(
                        Map.of("verdict", Json.tree(verdict), "reason", Json.tree(reason), "evidence", Json.object()),
                        Map.of(),
                        new WorkerResult.Usage(0, 0)));
    }

    /** Registers a version whose folder holds the given flavors and files. */
    final RegisteredVersion logged(String model, String flavors, String... files) {
        RunInfo run = tracking.create(new NewRun(Experiment.DEFAULT, "r", "ann", 1L, List.of()))
                .info();
        ArtifactPath place = Artifacts.directory(run).orElseThrow();
        put(place, "model/MLmodel", MLMODEL.formatted(flavors));
        for (String file : files) {
            put(place, "model/" + file, "content of " + file);
        }
        ModelName name = ModelName.of(model);
        try {
            registered.models().get(name);
        } catch (PerennialException e) {
            registered.models().create("user:ann", name, null, List.of());
        }
        return registered
                .versions()
                .create(
                        "user:ann",
                        name,
                        new NewVersion("runs:/" + run.id() + "/model", run.id(), null, null, null, List.of()));
    }

    private void put(ArtifactPath place, String path, String text) {
        tracking.artifacts()
                .put(
                        place.resolve(ArtifactPath.of(path)),
                        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    final void alias(String model, String alias, int number) {
        registered.models().setAlias("user:ann", ModelName.of(model), alias, number);
    }

    final void loopVersion(ModelId model, int number) {
        store.blobs().put(("manifest" + number).getBytes(StandardCharsets.UTF_8));
        store.blobs().put(("model" + number).getBytes(StandardCharsets.UTF_8));
        store.database()
                .writing(tx -> loop.add(
                        tx,
                        new ModelVersion(
                                new VersionId(model, number),
                                1,
                                2,
                                ModelVersion.Source.TRAINED,
                                Digest.of("manifest" + number),
                                Digest.of("model" + number),
                                Digest.of("lifecycle"),
                                null,
                                null,
                                5L,
                                ModelVersion.State.CHAMPION,
                                Json.object())));
    }

    final void declared(ModelId model) {
        store.database()
                .writing(tx ->
                        endpoints.declare(tx, model, List.of("id"), ScorerConfig.Fuse.tolerating(0.01), 1_000, null));
    }

    /** Deploys and waits for the run; what the server does with its end is left to the test. */
    final Deployment begun(ModelId endpoint, String version, Deployment.Plan plan) {
        Deployment started = deployments.deploy(ANN, new Deployments.Order(endpoint, "default", version, plan));
        while (!engine.find(new RunId(started.run())).orElseThrow().state().terminal()) {
            LockSupport.parkNanos(1_000_000);
        }
        return started;
    }

    /** Deploys to the end. */
    final Deployment deployed(ModelId endpoint, String version, Deployment.Plan plan) {
        Deployment started = begun(endpoint, version, plan);
        deployments.resume();
        return deployments.find(started.id()).orElseThrow();
    }

    final List<String> placed(ModelId endpoint) {
        return endpoints.variants(endpoint).stream()
                .map(variant -> variant.version() + " " + variant.role() + " " + variant.weight())
                .toList();
    }

    /** A rollout of the endpoint runs. */
    final void rollingOut(ModelId endpoint) {
        store.database().writing(tx -> {
            endpoints.rollout(tx, endpoint, "r1");
            tx.sql()
                    .execute("insert into rollout (id, model, number, champion, plan, phase, started_at)"
                            + " values ('r1', '" + endpoint + "', 2, 1, '{}', 'SHADOW', 1)");
        });
    }

    /** Actions and objects of the stream of an endpoint, oldest first. */
    final List<String> ledger(ModelId endpoint) {
        return store.database()
                .read(sql -> sql.createQuery("select header from ledger_entry where stream = :stream order by seq")
                        .bind("stream", "endpoint:" + endpoint)
                        .mapTo(byte[].class)
                        .map(header -> Json.parse(header).path("action").asText())
                        .list());
    }

    static AbstractThrowableAssert<?, ?> refused(ErrorCode code, ThrowingCallable work) {
        return assertThatThrownBy(work)
                .isInstanceOfSatisfying(
                        PerennialException.class,
                        failure -> org.assertj.core.api.Assertions.assertThat(failure.code())
                                .isEqualTo(code));
    }
}
