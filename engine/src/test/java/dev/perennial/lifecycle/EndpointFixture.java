package dev.perennial.lifecycle;

import dev.perennial.events.EventLog;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Ids;
import dev.perennial.kernel.ModelId;
import dev.perennial.predictionlog.CallTally;
import dev.perennial.predictionlog.LogRecord;
import dev.perennial.predictionlog.LoggedFeatures;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;
import dev.perennial.predictionlog.SegmentHeader;
import dev.perennial.predictionlog.SegmentReader;
import dev.perennial.predictionlog.SegmentWriter;
import dev.perennial.predictionlog.ShadowRecord;
import dev.perennial.rollout.BlockSpec;
import dev.perennial.serving.EndpointCatalogue;
import dev.perennial.serving.EndpointSettings;
import dev.perennial.serving.Endpoints;
import dev.perennial.serving.FuseReports;
import dev.perennial.serving.PredictionLog;
import dev.perennial.serving.RolloutTraffic;
import dev.perennial.serving.ServingAct;
import dev.perennial.serving.Traffic;
import dev.perennial.serving.Variant;
import dev.perennial.serving.VersionRef;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/**
 * An endpoint of two versions, {@code iris/1} and {@code iris/2}, whose rollouts run on a real database; a scorer is played by segments that
 * the test writes. Time stands until a test moves it.
 */
final class EndpointFixture implements AutoCloseable {
    static final ModelId ENDPOINT = ModelId.parse("churn");
    static final String CHAMPION = "iris/1";
    static final String CANDIDATE = "iris/2";
    static final long MINUTE = 60_000;

    final TestClock clock = TestClock.fixed();
    Store store;
    Endpoints endpoints;
    FuseReports fuses;
    PredictionLog log;
    RolloutBook book;
    Decisions decisions;
    EndpointRollouts rollouts;
    Traffic traffic;

    /** When the server dies. */
    final KilledDatabase.Kill kill = new KilledDatabase.Kill();

    /** Whether the scorers deliver when they are asked. */
    boolean delivering = true;

    /** What happens while a look waits for the scorers' deliveries, once. */
    Runnable meanwhile = () -> {};

    /** By how much the scorer's clock is ahead of the server's. */
    Duration ahead = Duration.ZERO;

    /** Of a hundred calls of the candidate so many fail. */
    int failing;

    /** What the candidate adds to its scores, and how many times as long it takes. */
    double shift;

    double times = 1;

    /** Whether calls are tensors, which leave tallies only. */
    boolean tensors;

    private final Path folder;
    private final StoreSettings storage;
    private final Ids ids = SeededIds.of(1, clock);
    private final SplittableRandom random = new SplittableRandom(7);
    private long segments;

    EndpointFixture(Path folder, StoreSettings storage) {
        this.folder = folder;
        this.storage = storage;
        open();
        clock.set(clock.instant().plus(Duration.ofDays(3)));
        if (endpoints.find(ENDPOINT).isEmpty()) {
            declare();
        }
    }

    private void open() {
        store = Store.open(storage, clock, ids, new SecureRandom());
        var database = new KilledDatabase(store.database(), kill);
        endpoints = new Endpoints(database);
        fuses = new FuseReports(database, clock);
        log = new PredictionLog(database, store.blobs(), clock);
        book = new RolloutBook(database);
        decisions = new Decisions(database, new EventLog(database, clock), clock, ids);
        traffic = new Traffic(database, clock);
        rollouts = new EndpointRollouts(
                database, clock, new RolloutTraffic(endpoints, traffic), book, decisions, fuses, this::delivered);
    }

    private OptionalLong delivered() {
        Runnable now = meanwhile;
        meanwhile = () -> {};
        long asked = clock.millis();
        now.run();
        return delivering ? OptionalLong.of(asked) : OptionalLong.empty();
    }

    private void declare() {
        new EndpointCatalogue(store.database(), clock)
                .create(
                        new ServingAct("user:ann", "made"),
                        ENDPOINT,
                        "default",
                        List.of("id"),
                        EndpointSettings.DEFAULT);
        hold(Variant.of(
                VersionRef.parse(CHAMPION), Variant.Role.champion, Variant.ALL, file(CHAMPION), file(CHAMPION)));
    }

    /** Puts the candidate beside the champion, without a share. */
    void hold() {
        hold(
                Variant.of(
                        VersionRef.parse(CHAMPION), Variant.Role.champion, Variant.ALL, file(CHAMPION), file(CHAMPION)),
                Variant.of(VersionRef.parse(CANDIDATE), Variant.Role.shadow, 0, file(CANDIDATE), file(CANDIDATE)));
    }

    /** Puts a version of another model beside them, as a shadow. */
    void holdBeside(String version) {
        hold(
                Variant.of(
                        VersionRef.parse(CHAMPION), Variant.Role.champion, Variant.ALL, file(CHAMPION), file(CHAMPION)),
                Variant.of(VersionRef.parse(CANDIDATE), Variant.Role.shadow, 0, file(CANDIDATE), file(CANDIDATE)),
                Variant.of(VersionRef.parse(version), Variant.Role.shadow, 0, file(version), file(version)));
    }

    private void hold(Variant... variants) {
        store.database().writing(tx -> endpoints.variants(tx, ENDPOINT, List.of(variants)));
    }

    /** Begins a rollout of the candidate, which is held first; returns its id. */
    String start(BlockSpec spec, People.Act act) {
        hold();
        return rollouts.start(ENDPOINT, VersionRef.parse(CANDIDATE), spec, act);
    }

    /** What was decided in a rollout so far, in order. */
    List<String> verdicts(String rollout) {
        return book.decisions(rollout).stream()
                .map(id -> decisions.find(ENDPOINT, id).orElseThrow().verdict())
                .toList();
    }

    /** Leaves everything as it is and starts anew on it, as after the death of a server. */
    void restart() {
        store.close();
        open();
    }

    @Override
    public void close() {
        store.close();
    }

    long now() {
        return clock.millis();
    }

    /** Serves so many calls in each of the next minutes as the traffic stands, turning the loop after each. */
    void minutes(int minutes, int calls) {
        for (int i = 0; i < minutes; i++) {
            serve(calls);
            clock.set(clock.instant().plusMillis(MINUTE));
            turn();
        }
    }

    void turn() {
        while (rollouts.turn(ENDPOINT)) {
            Thread.onSpinWait();
        }
    }

    /** Hours of the champion before the rollout. */
    void earlier(int hours, int callsAnHour) {
        for (int i = 0; i < hours; i++) {
            serve(callsAnHour);
            clock.set(clock.instant().plus(Duration.ofHours(1)));
        }
    }

    /** One segment of calls of this minute. */
    byte[] serve(int calls) {
        int weight = endpoints.variants(ENDPOINT).stream()
                .filter(variant -> variant.version().toString().equals(CANDIDATE))
                .mapToInt(variant -> variant.weight())
                .sum();
        boolean shadowed = endpoints.variants(ENDPOINT).stream()
                .anyMatch(variant -> variant.role().name().equals("shadow"));
        if (tensors) {
            byte[] told = segment(List.of(), tallies(calls, weight, shadowed));
            log.accept("s1", told, SegmentReader.read(told).root().hex());
            return told;
        }
        List<LogRecord> records = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            int bucket = random.nextInt(10_000);
            double score = random.nextDouble();
            String id = segments + "-" + i;
            if (bucket < weight) {
                records.add(canary(id, score, i));
            } else {
                boolean control = weight == 0 ? bucket < 5_000 : bucket < 2 * weight;
                records.add(record(id, Role.CHAMPION, score, control, 1, null, null));
            }
            if (shadowed) {
                records.add(shadow(id, score, i));
            }
        }
        byte[] bytes = segment(records);
        log.accept("s1", bytes, SegmentReader.read(bytes).root().hex());
        return bytes;
    }

    private List<CallTally> tallies(int calls, int weight, boolean shadowed) {
        List<CallTally> tallies = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            int bucket = random.nextInt(10_000);
            boolean failed = i % 100 < failing;
            long micros = Math.round(Math.exp(10 + 0.3 * random.nextGaussian()));
            if (bucket < weight) {
                tallies.add(call(
                        CANDIDATE,
                        CallTally.Group.CANDIDATE,
                        failed,
                        failed ? CallTally.Times.NONE : CallTally.Times.of(Math.round(times * micros))));
            } else {
                boolean control = weight == 0 ? bucket < 5_000 : bucket < 2 * weight;
                CallTally.Group group = control ? CallTally.Group.CONTROL : CallTally.Group.REST;
                tallies.add(call(CHAMPION, group, false, CallTally.Times.of(micros)));
            }
            if (shadowed) {
                tallies.add(call(CANDIDATE, CallTally.Group.CANDIDATE, failed, CallTally.Times.NONE));
            }
        }
        return tallies;
    }

    private CallTally call(String version, CallTally.Group group, boolean failed, CallTally.Times times) {
        int errors = failed ? 1 : 0;
        return new CallTally(told() / MINUTE, version, group, new CallTally.Counts(1, 3, errors, errors), times);
    }

    private LogRecord canary(String id, double score, int i) {
        return i % 100 < failing
                ? record(id, Role.FALLBACK, score, false, 1, null, new PredictionRecord.Failure(CANDIDATE, "it broke"))
                : record(
                        id,
                        Role.CANARY,
                        score + shift,
                        false,
                        times,
                        new PredictionRecord.Paired(CHAMPION, score),
                        null);
    }

    /** The time by the scorer's clock. */
    private long told() {
        return now() + ahead.toMillis();
    }

    private LogRecord shadow(String id, double score, int i) {
        boolean failed = i % 100 < failing;
        return new ShadowRecord(
                id,
                CANDIDATE,
                told(),
                told(),
                failed ? Double.NaN : score + shift,
                failed ? "it broke" : null,
                new PredictionRecord.Paired(CHAMPION, score));
    }

    private PredictionRecord record(
            String id,
            Role role,
            double score,
            boolean control,
            double slower,
            PredictionRecord.Paired paired,
            PredictionRecord.Failure failure) {
        long micros = Math.round(slower * Math.exp(10 + 0.3 * random.nextGaussian()));
        return new PredictionRecord(
                id,
                new PredictionRecord.Answer(role == Role.CANARY ? CANDIDATE : CHAMPION, role, score, control, micros),
                told(),
                told(),
                new LoggedFeatures(List.of(), new double[0], new String[0]),
                paired,
                failure);
    }

    byte[] segment(List<LogRecord> records) {
        return segment(records, List.of());
    }

    private byte[] segment(List<LogRecord> records, List<CallTally> calls) {
        Path file = folder.resolve("segment-" + segments + ".open");
        try (SegmentWriter writer =
                SegmentWriter.create(file, new SegmentHeader(ENDPOINT.toString(), "s1", 17, segments++, List.of()))) {
            writer.append(records);
            writer.tellCalls(calls);
            writer.seal();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            byte[] bytes = Files.readAllBytes(file);
            Files.delete(file);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Digest file(String version) {
        return Digest.of("file " + version);
    }

    /** Who serves, as {@code version role weight}. */
    List<String> serving() {
        return endpoints.variants(ENDPOINT).stream()
                .map(variant -> variant.version() + " " + variant.role() + " " + variant.weight())
                .toList();
    }
}
