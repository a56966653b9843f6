package dev.perennial.registry;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import dev.perennial.tracking.Experiment;
import dev.perennial.tracking.KeyValue;
import dev.perennial.tracking.NewRun;
import dev.perennial.tracking.TrackingRuns;
import dev.perennial.tracking.View;
import dev.perennial.tracking.search.SearchRequest;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A registry on one dialect, and short ways to fill it. */
abstract class RegistryFixture {
    static final String ANN = "user:ann";
    static final String BUCKET = "s3://bucket/model";
    static final KeyValue PROMPT = new KeyValue(RegisteredModel.PROMPT_TAG, "true");
    static final ModelId LOOP = new ModelId("flight-delay", ModelId.LIVE);

    @TempDir
    Path folder;

    final TestClock clock = TestClock.fixed();
    private StoreSettings settings;
    Store store;
    TrackingRuns tracking;
    Registry loop;
    RegisteredModels models;
    RegisteredVersions versions;

    abstract StoreSettings storage(Path folder);

    @BeforeEach
    void open() {
        settings = storage(folder);
        reopen();
    }

    /** Opens the same store; after it was closed. */
    void reopen() {
        store = Store.open(settings, clock, SeededIds.of(1, clock), new SecureRandom());
        tracking = new TrackingRuns(store.database(), store.blobs(), clock, SeededIds.of(2, clock));
        loop = new Registry(store.database());
        models = new RegisteredModels(store.database(), clock);
        versions = new RegisteredVersions(store.database(), clock, origins());
    }

    /** Runs are looked up for real; two logged models are made up. */
    private Origins origins() {
        Origins runs = new TrackedOrigins(tracking);
        Map<String, Origins.Logged> logged = Map.of(
                "m-1",
                new Origins.Logged("mlflow-artifacts:/0/models/m-1/artifacts", "0123"),
                "m-2",
                new Origins.Logged("mlflow-artifacts:/0/models/m-2/artifacts", null));
        return new Origins() {
            @Override
            public Optional<String> artifactsOfRun(String run) {
                return runs.artifactsOfRun(run);
            }

            @Override
            public Optional<Logged> loggedModel(String id) {
                return Optional.ofNullable(logged.get(id));
            }

            @Override
            public void requireWhole(String manifest) {
                runs.requireWhole(manifest);
            }

            @Override
            public Optional<String> freeze(String artifacts) {
                return runs.freeze(artifacts);
            }
        };
    }

    @AfterEach
    void close() {
        store.close();
    }

    String run() {
        return tracking.create(new NewRun(Experiment.DEFAULT, "r", "ann", 1L, List.of()))
                .info()
                .id();
    }

    RegisteredModel model(String name, KeyValue... tags) {
        return models.create(ANN, ModelName.of(name), null, List.of(tags));
    }

    RegisteredVersion version(String name, KeyValue... tags) {
        return from(name, BUCKET, tags);
    }

    RegisteredVersion from(String name, String source, KeyValue... tags) {
        return versions.create(ANN, ModelName.of(name), new NewVersion(source, null, null, null, null, List.of(tags)));
    }

    /** A version of the loop, which has made those before it. */
    void loopVersion(ModelId model, int number, ModelVersion.State state) {
        store.database()
                .writing(tx -> loop.add(
                        tx,
                        new ModelVersion(
                                new VersionId(model, number),
                                clock.millis(),
                                2_000,
                                ModelVersion.Source.TRAINED,
                                Digest.of("manifest" + number),
                                Digest.of("model" + number),
                                Digest.of("lifecycle"),
                                Digest.of("snapshot"),
                                "f00d",
                                5L,
                                state,
                                Json.parse("{\"log_loss\":0.5,\"rows\":12,\"note\":\"x\"}"))));
    }

    void later() {
        clock.advance(Duration.ofSeconds(1));
    }

    static SearchRequest request(String filter, int limit, String token, String... order) {
        return new SearchRequest(filter, List.of(order), View.ALL, limit, token);
    }

    List<String> modelNames(String filter, String... order) {
        return models
                .search(request(filter, 100, null, order), VisibleModels.all(ModelName.DEFAULT_PROJECT))
                .items()
                .stream()
                .map(found -> found.name().text())
                .toList();
    }

    /** Found versions as {@code name/number}. */
    List<String> versionNames(String filter, String... order) {
        return versions
                .search(request(filter, 100, null, order), VisibleModels.all(ModelName.DEFAULT_PROJECT))
                .items()
                .stream()
                .map(found -> found.model() + "/" + found.number())
                .toList();
    }

    /** The actions in the ledger, oldest first. */
    List<String> ledger() {
        return store.database()
                .read(sql -> sql.createQuery("select header from ledger_entry order by stream, seq")
                        .mapTo(byte[].class)
                        .map(header -> {
                            var json = Json.parse(header);
                            return json.path("action").asText() + " "
                                    + json.path("object").asText();
                        })
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
