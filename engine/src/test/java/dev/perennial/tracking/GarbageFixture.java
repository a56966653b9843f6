package dev.perennial.tracking;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.tracking.models.LoggedModel;
import dev.perennial.tracking.models.NewLoggedModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What the tests of garbage collection share: full runs, blobs of any age, and a collection by ann. */
abstract class GarbageFixture extends TrackingFixture {
    static final Duration RETENTION = Duration.ofDays(30);
    static final Duration LATER = Duration.ofDays(31);

    Leftovers leftovers = Leftovers.NONE;

    GarbageCollection garbage() {
        return new GarbageCollection(store, tracking, leftovers, clock);
    }

    GarbageCollection.Report collect() {
        return garbage().collect(RETENTION, "user:ann", text -> {});
    }

    Digest file(String run, String name, String content) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        ArtifactPath folder = Artifacts.directory(tracking.get(run).info()).orElseThrow();
        tracking.artifacts().put(folder.resolve(ArtifactPath.of(name)), new ByteArrayInputStream(bytes));
        return age(Digest.of(bytes));
    }

    Digest blob(String content) {
        return age(store.blobs().put(content.getBytes(StandardCharsets.UTF_8)));
    }

    /** As if it had been put long before the fixture's clock. */
    Digest age(Digest blob) {
        try {
            Path file = store.blobs().file(blob);
            Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
            return blob;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    long count(String table) {
        return store.database()
                .read(sql -> sql.createQuery("select count(*) from " + table)
                        .mapTo(Long.class)
                        .one());
    }

    void sql(String statement, Object... values) {
        store.database().writing(tx -> tx.sql().execute(statement, values));
    }

    String fullRun(String name) {
        String run = run(name);
        metrics(run, new Metric("loss", 0.5, 1, 1), new Metric("loss", 0.4, 2, 2), new Metric("acc", Double.NaN, 1, 0));
        pairs(run, Map.of("depth", "7"), Map.of("colour", "blue"));
        return run;
    }

    static ObjectNode figures(GarbageCollection.Report report) {
        ObjectNode figures = report.json();
        figures.remove("dryRun");
        return figures;
    }

    LoggedModel model(long experiment, String name) {
        return tracking.models()
                .create(new NewLoggedModel(
                        experiment,
                        name,
                        null,
                        null,
                        List.of(new KeyValue("p", "1")),
                        List.of(new KeyValue("t", "1"))));
    }
}
