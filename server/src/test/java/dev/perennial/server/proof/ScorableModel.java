package dev.perennial.server.proof;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.VersionId;
import dev.perennial.registry.ModelVersion;
import dev.perennial.registry.Registry;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.Signature;
import dev.perennial.scoring.TabularModel;
import dev.perennial.serving.Endpoints;
import dev.perennial.serving.ScorerConfig;
import dev.perennial.serving.Variant;
import dev.perennial.serving.VersionRef;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A small model that serves at an endpoint of its name, put into a data directory while no server runs. */
public final class ScorableModel {
    public static final VersionId VERSION = new VersionId(ModelId.parse("frames"), 1);
    public static final String HEADER = "f 0,f 1,f 2,f 3,f 4,f 5";

    private static final Path FILE = Path.of(
            System.getProperty("perennial.root"),
            "scoring",
            "src",
            "test",
            "resources",
            "trees",
            "xgboost-3.2-frame.json");

    private ScorableModel() {}

    private static ModelManifest manifest() {
        return ModelManifest.of(
                ModelManifest.XGBOOST_JSON,
                new Signature(IntStream.range(0, 6)
                        .mapToObj(i -> i < 4 ? Column.number("f " + i) : Column.category("f " + i))
                        .toList()),
                Map.of());
    }

    public static void into(Path data) throws IOException {
        TestClock clock = TestClock.fixed();
        Ids ids = SeededIds.of(3, clock);
        try (Store store = Store.open(StoreSettings.local(data), clock, ids, new SecureRandom())) {
            Digest manifest = store.blobs().put(manifest().toJson());
            Digest file = store.blobs().putFile(FILE);
            Endpoints endpoints = new Endpoints(store.database());
            store.database().writing(tx -> {
                new Registry(store.database()).add(tx, version(manifest, file, clock.millis()));
                endpoints.declare(tx, VERSION.model(), List.of("id"), new ScorerConfig.Fuse(5, 0.01, 100), 0, null);
                endpoints.variants(
                        tx,
                        VERSION.model(),
                        List.of(Variant.of(
                                VersionRef.of(VERSION), Variant.Role.champion, Variant.ALL, manifest, file)));
            });
        }
    }

    private static ModelVersion version(Digest manifest, Digest file, long at) {
        return new ModelVersion(
                VERSION,
                at,
                at,
                ModelVersion.Source.IMPORTED,
                manifest,
                file,
                Digest.of("lifecycle"),
                null,
                null,
                null,
                ModelVersion.State.CHAMPION,
                Json.object());
    }

    /** Rows with a number in front, and what the model says of each. */
    public static String csv(int rows) {
        StringBuilder text = new StringBuilder("n," + HEADER + "\n");
        for (int i = 0; i < rows; i++) {
            text.append(line(i)).append('\n');
        }
        return text.toString();
    }

    private static String line(int i) {
        return i + "," + i % 7 + "," + i % 3 + ",0.5," + -(i % 11) + ",v" + i % 5 + ",v" + i % 40;
    }

    /** The lines that scoring {@link #csv} must give. */
    public static List<String> scored(int rows) throws IOException {
        try (TabularModel model =
                new ModelLoader(Path.of("unused")).loadTabular(manifest().toJson(), Files.readAllBytes(FILE))) {
            List<String> lines = new java.util.ArrayList<>(List.of("n," + HEADER + ",score,version,error"));
            for (int i = 0; i < rows; i++) {
                lines.add(line(i) + "," + model.score(row(line(i).split(","))) + "," + VERSION + ",");
            }
            return lines;
        }
    }

    private static Row row(String[] cells) {
        Row row = new Row(6);
        for (int i = 0; i < 6; i++) {
            if (i < 4) {
                row.number(i, Double.parseDouble(cells[i + 1]));
            } else {
                row.text(i, cells[i + 1]);
            }
        }
        return row;
    }
}
