package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import dev.perennial.tracking.search.SearchRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A tracking room on one dialect, and short ways to fill it. */
abstract class TrackingFixture {
    @TempDir
    Path folder;

    final TestClock clock = TestClock.fixed();
    Store store;
    TrackingRuns tracking;

    abstract StoreSettings storage(Path folder);

    ArtifactSettings artifactSettings(Path folder) {
        return ArtifactSettings.none();
    }

    @BeforeEach
    void open() {
        store = Store.open(storage(folder), clock, SeededIds.of(1, clock), new SecureRandom());
        tracking = new TrackingRuns(
                store.database(),
                store.blobs(),
                clock,
                SeededIds.of(2, clock),
                (sql, models) -> Map.of(),
                artifactSettings(folder));
    }

    @AfterEach
    void close() {
        store.close();
    }

    static NewRun newRun(long experiment, String name) {
        return new NewRun(experiment, name, "ann", 1000L, List.of());
    }

    String run(String name) {
        return tracking.create(newRun(Experiment.DEFAULT, name)).info().id();
    }

    void metrics(String run, Metric... metrics) {
        tracking.log(run, new Batch(List.of(metrics), List.of(), List.of()));
    }

    void pairs(String run, Map<String, String> params, Map<String, String> tags) {
        tracking.log(run, new Batch(List.of(), list(params), list(tags)));
    }

    private static List<KeyValue> list(Map<String, String> map) {
        return map.entrySet().stream()
                .map(e -> new KeyValue(e.getKey(), e.getValue()))
                .toList();
    }

    static byte[] bytes(Artifacts artifacts, String path) throws IOException {
        try (OpenArtifact open = artifacts.open(ArtifactPath.of(path));
                InputStream stream = open.stream()) {
            return stream.readAllBytes();
        }
    }

    static String text(Artifacts artifacts, String path) throws IOException {
        return new String(bytes(artifacts, path), StandardCharsets.UTF_8);
    }

    List<String> names(String filter, String... order) {
        return names(View.ACTIVE_ONLY, filter, order);
    }

    List<String> names(View view, String filter, String... order) {
        return tracking
                .search(new SearchRequest(filter, List.of(order), view, 100, null), List.of(Experiment.DEFAULT))
                .items()
                .stream()
                .map(found -> found.info().name())
                .toList();
    }

    static void refused(ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable work) {
        assertThatThrownBy(work)
                .isInstanceOfSatisfying(
                        PerennialException.class,
                        failure -> assertThat(failure.code()).isEqualTo(code));
    }
}
