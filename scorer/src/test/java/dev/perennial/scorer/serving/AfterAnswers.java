package dev.perennial.scorer.serving;

import dev.perennial.predictionlog.CallTally;
import dev.perennial.predictionlog.LogRecord;
import dev.perennial.predictionlog.Segment;
import dev.perennial.predictionlog.SegmentReader;
import dev.perennial.scorer.Lanes;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.ScorerSettings;
import dev.perennial.scorer.access.Caller;
import dev.perennial.scorer.config.ScorerConfig.EndpointConfig;
import dev.perennial.scorer.config.ScorerConfig.FuseConfig;
import dev.perennial.scorer.config.ScorerConfig.ModelFiles;
import dev.perennial.scorer.config.ScorerConfig.Place;
import dev.perennial.scorer.config.ScorerConfig.VariantConfig;
import dev.perennial.scorer.config.ServerLink;
import dev.perennial.scorer.spool.Spool;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.TabularModel;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * A real spool, lanes and shadows behind endpoints {@code m} whose models a test makes: version 1 the champion, version 2 the candidate. Time
 * of models stands until one moves it; the clock stands at minute 7.
 */
final class AfterAnswers implements AutoCloseable {
    static final long MINUTE = 7;
    static final FuseConfig FUSE = new FuseConfig(3, 0.5, 1_000);

    final Metrics metrics = new Metrics();
    final List<FuseReport> blown = new ArrayList<>();
    final Lanes lanes;
    final Spool spool;
    final Router router;
    final Shadows shadows;
    final Predictor predictor;
    long nanos;

    private final Path folder;
    private final Vertx vertx = Vertx.vertx();

    AfterAnswers(Path folder) {
        this(folder, 1_000);
    }

    /** @param waiting rows that may wait for their copies */
    AfterAnswers(Path folder, int waiting) {
        this.folder = folder;
        try {
            ScorerSettings settings = LonelySettings.in(folder);
            lanes = new Lanes(waiting);
            router = new Router(settings, metrics, blown::add);
            var link = new ServerLink(vertx, settings.server(), settings.id(), settings.tokenFile(), "");
            spool = new Spool(
                    settings,
                    () -> Instant.ofEpochSecond(60 * MINUTE + 11),
                    link,
                    lanes,
                    metrics,
                    new SplittableRandom(1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        shadows = new Shadows(lanes, spool, router, metrics);
        predictor = new Predictor(router, spool, shadows, metrics, () -> nanos);
    }

    /** Anybody's call of {@code m} whose body was read before. */
    static Call readCall() {
        return new Call(Caller.ANYBODY, "m", null, 0, 0, RunLimit.NONE, endpoint -> {
            throw new IllegalStateException("read already");
        });
    }

    /** @param place of version 2 */
    Endpoint endpoint(Place place, int weight, Model champion, Model candidate) {
        return endpoint(place, weight, champion, candidate, true);
    }

    /** @param calls whether the server asks for tallies of calls; null for one that knows none */
    Endpoint endpoint(Place place, int weight, Model champion, Model candidate, Boolean calls) {
        Schema schema = champion instanceof TabularModel rows
                ? new Schema(rows.signature(), List.of(rows.signature()), List.of())
                : null;
        VariantConfig first = new VariantConfig("m/1", Place.CHAMPION, 10_000 - weight, files());
        VariantConfig second = new VariantConfig("m/2", place, weight, files());
        EndpointConfig config = new EndpointConfig(
                "m", List.of(), "salt", null, List.of(first, second), FUSE, "r1", null, null, true, null, null, calls);
        return new Endpoint(
                config, schema, variant(first, champion, schema), List.of(variant(second, candidate, schema)));
    }

    private static Variant variant(VariantConfig config, Model model, Schema schema) {
        return new Variant(config, model, schema, new Fuse("m", config.version(), "r1", FUSE, false), new LongAdder());
    }

    private static ModelFiles files() {
        return new ModelFiles("0".repeat(64), "1".repeat(64));
    }

    /** May be leased; it is never given up, since it holds no models of a cache. */
    static Serving serving(Endpoint endpoint) {
        Serving serving = new Serving(Map.of("m", endpoint), Set.of(), List.of(), null);
        serving.lease();
        return serving;
    }

    /** Waits for what comes after answers and reads all that was logged. */
    List<Segment> logged() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        lanes.barrier(done::countDown);
        if (!done.await(1, TimeUnit.MINUTES)) {
            throw new AssertionError("what comes after answers does not come");
        }
        spool.flush(1);
        lanes.drain(TimeUnit.MINUTES.toMillis(1));
        try (Stream<Path> files = Files.list(folder.resolve("spool").resolve("segments"))) {
            return files.filter(file -> file.toString().endsWith(".seg"))
                    .sorted()
                    .map(SegmentReader::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<CallTally> calls() throws InterruptedException {
        return logged().stream().flatMap(segment -> segment.calls().stream()).toList();
    }

    List<LogRecord> records() throws InterruptedException {
        List<LogRecord> records = new ArrayList<>();
        logged().forEach(segment -> segment.forEach(records::add));
        return records;
    }

    @Override
    public void close() {
        lanes.close();
        spool.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
