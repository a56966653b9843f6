package dev.perennial.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.predictionlog.ColumnType;
import dev.perennial.predictionlog.LogColumn;
import dev.perennial.predictionlog.LogRecord;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.SegmentHeader;
import dev.perennial.predictionlog.SegmentReader;
import dev.perennial.predictionlog.SegmentWriter;
import dev.perennial.predictionlog.ShadowRecord;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What endpoints, scorers, labels and the prediction log promise on every database. */
abstract class ServingContract {
    private static final ModelId MODEL = ModelId.parse("parcels");
    private static final ModelId REPLAYED = ModelId.parse("parcels@spring");
    private static final ScorerConfig.Fuse FUSE = new ScorerConfig.Fuse(5, 0.01, 100);
    private static final long WEEK = Duration.ofDays(7).toMillis();

    @TempDir
    Path folder;

    private final TestClock clock = TestClock.fixed();
    private Store store;
    private Endpoints endpoints;
    private ScorerFleet fleet;
    private Labels labels;
    private PredictionLog log;
    private FuseReports fuses;

    abstract StoreSettings storage(Path folder);

    @BeforeEach
    void open() {
        store = Store.open(storage(folder), clock, SeededIds.of(1, clock), new SecureRandom());
        endpoints = new Endpoints(store.database());
        fleet = new ScorerFleet(store.database(), endpoints, clock);
        labels = new Labels(store.database(), store.blobs(), clock);
        log = new PredictionLog(store.database(), store.blobs(), clock);
        fuses = new FuseReports(store.database(), clock);
    }

    @AfterEach
    void close() {
        fleet.close();
        store.close();
    }

    private void declare(ModelId model, long keepWarm, Long until) {
        store.database().writing(tx -> endpoints.declare(tx, model, List.of("id"), FUSE, keepWarm, until));
    }

    private void serve(ModelId model, Variant... variants) {
        store.database().writing(tx -> endpoints.variants(tx, model, List.of(variants)));
    }

    private static Variant variant(ModelId model, int number, Variant.Role role, int weight) {
        return Variant.of(
                VersionRef.of(new VersionId(model, number)),
                role,
                weight,
                Digest.of("manifest " + number),
                Digest.of("file " + number));
    }

    private void poll() {
        fleet.poll(ScorerPoll.first("s1", "http://127.0.0.1:1", -1, endpoints.revision()), Duration.ZERO);
    }

    private List<Integer> numbers(ModelId model) {
        return endpoints.variants(model).stream().map(v -> v.version().number()).toList();
    }

    @Test
    void theConfigurationHoldsWhatWasDeclared() {
        declare(MODEL, WEEK, null);
        serve(MODEL, variant(MODEL, 2, Variant.Role.champion, 9_000), variant(MODEL, 3, Variant.Role.canary, 1_000));
        ScorerConfig config = endpoints.config();
        assertThat(config.revision()).isEqualTo(endpoints.revision());
        assertThat(config.endpoints()).singleElement().satisfies(endpoint -> {
            assertThat(endpoint.name()).isEqualTo("parcels");
            assertThat(endpoint.key()).containsExactly("id");
            assertThat(endpoint.live()).isTrue();
            assertThat(endpoint.clock().until()).isNull();
            assertThat(endpoint.fuse()).isEqualTo(FUSE);
            assertThat(endpoint.variants())
                    .extracting(v -> v.version() + " " + v.role() + " " + v.weight())
                    .containsExactly("parcels/2 champion 9000", "parcels/3 canary 1000");
        });
    }

    @Test
    void everyChangeRaisesTheRevision() {
        long before = endpoints.revision();
        declare(REPLAYED, WEEK, 5L);
        assertThat(endpoints.revision()).isEqualTo(before + 1);
        serve(REPLAYED, variant(REPLAYED, 1, Variant.Role.champion, Variant.ALL));
        assertThat(endpoints.revision()).isEqualTo(before + 2);
        store.database().writing(tx -> endpoints.clock(tx, REPLAYED, 9));
        assertThat(endpoints.revision()).isEqualTo(before + 3);
        assertThat(endpoints.clock(REPLAYED)).isEqualTo(9);
    }

    @Test
    void declaringAgainKeepsSaltClockAndVariants() {
        declare(REPLAYED, WEEK, 5L);
        serve(REPLAYED, variant(REPLAYED, 1, Variant.Role.champion, Variant.ALL));
        String salt = endpoints.config().endpoints().getFirst().salt();
        declare(REPLAYED, WEEK, 77L);
        ScorerConfig.Endpoint endpoint = endpoints.config().endpoints().getFirst();
        assertThat(endpoint.salt()).isEqualTo(salt);
        assertThat(endpoint.clock().until()).isEqualTo(5);
        assertThat(endpoint.live()).isFalse();
        assertThat(endpoint.variants()).hasSize(1);
    }

    @Test
    void aRolledBackTransactionChangesNothing() {
        declare(MODEL, WEEK, null);
        long before = endpoints.revision();
        assertThatThrownBy(() -> store.database().writing(tx -> {
                    endpoints.variants(tx, MODEL, List.of(variant(MODEL, 1, Variant.Role.champion, Variant.ALL)));
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");
        assertThat(endpoints.revision()).isEqualTo(before);
        assertThat(endpoints.variants(MODEL)).isEmpty();
    }

    @Test
    void anUnknownModelHasNoClockAndNoVariants() {
        assertThat(endpoints.clock(MODEL)).isZero();
        assertThat(endpoints.variants(MODEL)).isEmpty();
        assertThat(endpoints.config().endpoints()).isEmpty();
    }

    @Test
    void aFormerChampionStaysWarmForItsTimeAndIsLetGoThen() {
        declare(MODEL, WEEK, null);
        serve(MODEL, variant(MODEL, 2, Variant.Role.champion, Variant.ALL), variant(MODEL, 1, Variant.Role.warm, 0));
        poll();
        clock.advance(Duration.ofDays(7).minusMillis(1));
        poll();
        assertThat(numbers(MODEL)).containsExactly(1, 2);
        long before = endpoints.revision();
        clock.advance(Duration.ofMillis(1));
        poll();
        assertThat(numbers(MODEL)).containsExactly(2);
        assertThat(endpoints.revision()).as("scorers are told").isEqualTo(before + 1);
        poll();
        assertThat(endpoints.revision()).as("once").isEqualTo(before + 1);
    }

    @Test
    void aNewRolloutDoesNotProlongTheWarmTime() {
        declare(MODEL, WEEK, null);
        serve(MODEL, variant(MODEL, 2, Variant.Role.champion, Variant.ALL), variant(MODEL, 1, Variant.Role.warm, 0));
        poll();
        clock.advance(Duration.ofDays(5));
        serve(
                MODEL,
                variant(MODEL, 2, Variant.Role.champion, Variant.ALL),
                variant(MODEL, 1, Variant.Role.warm, 0),
                variant(MODEL, 3, Variant.Role.shadow, 0));
        poll();
        clock.advance(Duration.ofDays(2));
        poll();
        assertThat(numbers(MODEL)).containsExactly(2, 3);
    }

    @Test
    void aRollbackMakesTheOtherVersionWarmAnew() {
        declare(MODEL, WEEK, null);
        serve(MODEL, variant(MODEL, 2, Variant.Role.champion, Variant.ALL), variant(MODEL, 1, Variant.Role.warm, 0));
        poll();
        clock.advance(Duration.ofDays(6));
        serve(MODEL, variant(MODEL, 1, Variant.Role.champion, Variant.ALL), variant(MODEL, 2, Variant.Role.warm, 0));
        poll();
        clock.advance(Duration.ofDays(6));
        poll();
        assertThat(numbers(MODEL)).containsExactly(1, 2);
    }

    @Test
    void inAReplayTheReplaysClockCounts() {
        declare(REPLAYED, WEEK, 1_000L);
        serve(
                REPLAYED,
                variant(REPLAYED, 2, Variant.Role.champion, Variant.ALL),
                variant(REPLAYED, 1, Variant.Role.warm, 0));
        poll();
        clock.advance(Duration.ofDays(400));
        poll();
        assertThat(numbers(REPLAYED)).containsExactly(1, 2);
        store.database().writing(tx -> endpoints.clock(tx, REPLAYED, 1_000 + WEEK));
        poll();
        assertThat(numbers(REPLAYED)).containsExactly(2);
    }

    @Test
    void withoutAWarmTimeTheFormerChampionGoesAtTheNextPoll() {
        declare(MODEL, 0, null);
        serve(MODEL, variant(MODEL, 2, Variant.Role.champion, Variant.ALL), variant(MODEL, 1, Variant.Role.warm, 0));
        poll();
        assertThat(numbers(MODEL)).containsExactly(2);
    }

    @Test
    void aPollIsAnsweredWhenTheConfigurationIsNewer() {
        declare(MODEL, WEEK, null);
        assertThat(fleet.poll(ScorerPoll.first("s1", "", -1, 0), Duration.ZERO)).isPresent();
        assertThat(fleet.poll(ScorerPoll.first("s1", "http://127.0.0.1:1", endpoints.revision(), 1), Duration.ZERO))
                .isEmpty();
    }

    @Test
    void aWaitingPollIsWokenByAChange() throws Exception {
        long known = endpoints.revision();
        var waiting = CompletableFuture.supplyAsync(
                () -> fleet.poll(ScorerPoll.first("s1", "http://127.0.0.1:1", known, known), Duration.ofSeconds(60)));
        declare(MODEL, WEEK, null);
        fleet.wake();
        assertThat(waiting.get(30, TimeUnit.SECONDS)).isPresent();
    }

    @Test
    void closingEndsAllWaiting() throws Exception {
        var waiting = CompletableFuture.supplyAsync(
                () -> fleet.poll(ScorerPoll.first("s1", "", endpoints.revision(), 0), Duration.ofSeconds(60)));
        fleet.close();
        assertThat(waiting.get(30, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void aScorerThatLagsIsNotSettledAndSettlingSaysSo() {
        declare(MODEL, WEEK, null);
        fleet.poll(ScorerPoll.first("s1", "", -1, endpoints.revision() - 1), Duration.ZERO);
        assertThat(fleet.settled(Duration.ZERO)).isFalse();
        assertThatThrownBy(() -> fleet.settle(Duration.ZERO))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
                .hasMessageContaining("perennial status");
        poll();
        assertThat(fleet.settled(Duration.ZERO)).isTrue();
    }

    @Test
    void aSilentScorerIsNotWaitedFor() {
        declare(MODEL, WEEK, null);
        fleet.poll(ScorerPoll.first("s1", "", -1, 0), Duration.ZERO);
        clock.advance(ScorerFleet.SILENT_AFTER);
        assertThat(fleet.scorers()).singleElement().returns(false, ScorerFleet.Scorer::alive);
        assertThat(fleet.settled(Duration.ZERO)).isTrue();
    }

    @Test
    void aFlushWaitsForEveryLiveScorer() {
        poll();
        assertThatThrownBy(() -> fleet.flush(Duration.ZERO)).hasMessageContaining("deliver their prediction log");
        long asked = endpoints.config().flush();
        fleet.flushed("s1", asked + 1);
        fleet.flush(Duration.ZERO);
        fleet.flushed("s1", asked - 1);
        assertThat(fleet.scorers().getFirst().flushed()).as("never goes back").isEqualTo(asked + 1);
    }

    @Test
    void aFuseReportIsKeptOnceUntilItIsHandled() {
        VersionId version = new VersionId(MODEL, 3);
        fuses.accept("s1", version, "5 errors in a row", Json.object());
        clock.advance(Duration.ofSeconds(1));
        fuses.accept("s1", version, "sent again", Json.object());
        FuseReport report = fuses.next(MODEL).orElseThrow();
        assertThat(report.reason()).isEqualTo("5 errors in a row");
        store.database().writing(tx -> fuses.handled(tx, report));
        assertThat(fuses.next(MODEL)).isEmpty();
        fuses.accept("s1", version, "late copy", Json.object());
        assertThat(fuses.next(MODEL))
                .as("a report that is sent again stays handled")
                .isEmpty();
    }

    @Test
    void aSegmentOfAnotherScorerIsRefused() throws IOException {
        byte[] bytes = segment(1, 10);
        assertThatThrownBy(() -> log.accept("s2", bytes, root(bytes)))
                .hasMessage("the segment was written by scorer 's1', 's2' may not deliver it");
        log.accept("s1", bytes, root(bytes));
        assertThat(log.count(MODEL)).isEqualTo(1);
    }

    @Test
    void theOldestReportOfTheModelComesFirst() {
        fuses.accept("s1", new VersionId(REPLAYED, 1), "another model", Json.object());
        fuses.accept("s2", new VersionId(MODEL, 2), "first", Json.object());
        clock.advance(Duration.ofSeconds(1));
        fuses.accept("s1", new VersionId(MODEL, 2), "second", Json.object());
        assertThat(fuses.next(MODEL).orElseThrow().reason()).isEqualTo("first");
    }

    private static Label label(String id, int value, long event, long known) {
        return new Label(id, value, event, known);
    }

    @Test
    void labelsAreReadBackByTheirEventTime() {
        assertThat(labels.accept(MODEL, List.of(label("a", 1, 10, 11), label("b", 0, 20, 21)), 100))
                .isEqualTo(2);
        assertThat(labels.between(MODEL, 10, 20)).containsOnlyKeys("a");
        assertThat(labels.between(MODEL, 10, 21)).containsOnlyKeys("a", "b");
        assertThat(labels.between(MODEL, 11, 20)).isEmpty();
        assertThat(labels.between(REPLAYED, 0, 100)).isEmpty();
    }

    @Test
    void aBatchThatIsSentTwiceCountsOnce() {
        List<Label> batch = List.of(label("a", 1, 10, 11));
        assertThat(labels.accept(MODEL, batch, 100)).isEqualTo(1);
        assertThat(labels.accept(MODEL, batch, 100)).isZero();
        assertThat(labels.count(MODEL)).isEqualTo(1);
        assertThat(labels.accept(REPLAYED, batch, 100)).as("of another model").isEqualTo(1);
    }

    @Test
    void ofTwoLabelsOfOnePredictionTheLaterKnownCounts() {
        labels.accept(MODEL, List.of(label("a", 1, 10, 30)), 100);
        labels.accept(MODEL, List.of(label("a", 0, 10, 20)), 100);
        assertThat(labels.between(MODEL, 0, 100).get("a").label()).isEqualTo(1);
        labels.accept(MODEL, List.of(label("a", 0, 10, 40)), 100);
        assertThat(labels.between(MODEL, 0, 100).get("a").label()).isZero();
    }

    @Test
    void aBatchIsTakenWholeOrNotAtAll() {
        List<Label> batch = List.of(label("a", 1, 10, 11), label("b", 2, 10, 11));
        assertThatThrownBy(() -> labels.accept(MODEL, batch, 100)).isInstanceOf(PerennialException.class);
        assertThat(labels.count(MODEL)).isZero();
        assertThat(labels.between(MODEL, 0, 100)).isEmpty();
    }

    @Test
    void labelsFromTheModelsFutureAreRefused() {
        assertThatThrownBy(() -> labels.accept(MODEL, List.of(label("a", 1, 10, 101)), 100))
                .isInstanceOf(PerennialException.class);
        assertThat(labels.accept(MODEL, List.of(label("a", 1, 10, 100)), 100)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, Labels.BATCH_MAX + 1})
    void aBatchOfNoneOrTooManyIsRefusedWithTheBound(int size) {
        List<Label> batch =
                IntStream.range(0, size).mapToObj(i -> label("p" + i, 0, 1, 1)).toList();
        assertThatThrownBy(() -> labels.accept(MODEL, batch, 100))
                .hasMessage(size + " labels in one call; send 1 to 20000");
    }

    private byte[] segment(long number, long... eventTimes) throws IOException {
        Path file = folder.resolve("segment-" + number + ".open");
        SegmentHeader header =
                new SegmentHeader(MODEL.toString(), "s1", 17, number, List.of(new LogColumn("x", ColumnType.NUMBER)));
        try (SegmentWriter writer = SegmentWriter.create(file, header)) {
            for (long time : eventTimes) {
                writer.append(new ShadowRecord(
                        number + "-" + time,
                        "parcels/2",
                        time,
                        time,
                        0.5,
                        null,
                        new PredictionRecord.Paired("parcels/1", 0.4)));
            }
            writer.seal();
        }
        byte[] bytes = Files.readAllBytes(file);
        Files.delete(file);
        return bytes;
    }

    private static String root(byte[] segment) {
        return SegmentReader.read(segment).root().hex();
    }

    private List<String> ids(long from, long to) {
        List<String> ids = new ArrayList<>();
        log.between(MODEL, from, to, (LogRecord record) -> ids.add(((ShadowRecord) record).id()));
        return ids;
    }

    @Test
    void aDeliveredSegmentIsReadBackByEventTime() throws IOException {
        byte[] bytes = segment(1, 10, 20, 30);
        log.accept(bytes, root(bytes));
        assertThat(ids(10, 30)).containsExactly("1-10", "1-20");
        assertThat(ids(30, 31)).containsExactly("1-30");
        assertThat(ids(31, 99)).isEmpty();
        assertThat(log.count(MODEL)).isEqualTo(3);
    }

    @Test
    void aSegmentThatIsDeliveredTwiceCountsOnce() throws IOException {
        byte[] bytes = segment(1, 10);
        log.accept(bytes, root(bytes));
        log.accept(bytes, root(bytes));
        assertThat(log.count(MODEL)).isEqualTo(1);
        assertThat(ids(0, 99)).containsExactly("1-10");
    }

    @Test
    void twoDeliveriesOfOneSegmentAtOnceCountOnce() throws Exception {
        byte[] bytes = segment(1, 10, 11);
        String root = root(bytes);
        List<CompletableFuture<Void>> all = IntStream.range(0, 4)
                .mapToObj(i -> CompletableFuture.runAsync(() -> log.accept(bytes, root)))
                .toList();
        for (CompletableFuture<Void> one : all) {
            one.get(30, TimeUnit.SECONDS);
        }
        assertThat(log.count(MODEL)).isEqualTo(2);
    }

    @Test
    void segmentsAreReadInTheOrderOfTheirNumbersHoweverTheyArrive() throws IOException {
        for (long number : new long[] {3, 1, 2}) {
            byte[] bytes = segment(number, 10);
            log.accept(bytes, root(bytes));
        }
        assertThat(ids(0, 99)).containsExactly("1-10", "2-10", "3-10");
    }

    @Test
    void anotherRootThanAnnouncedIsRefused() throws IOException {
        byte[] bytes = segment(1, 10);
        for (String wrong : List.of("", "0".repeat(64), root(bytes).toUpperCase(java.util.Locale.ROOT))) {
            assertThatThrownBy(() -> log.accept(bytes, wrong))
                    .isInstanceOf(PerennialException.class)
                    .hasMessageContaining("announced was " + wrong);
        }
        assertThat(log.count(MODEL)).isZero();
    }

    @Test
    void anUnsealedOrChangedOrEmptySegmentIsRefused() throws IOException {
        byte[] whole = segment(1, 10, 20);
        String root = root(whole);
        byte[] cut = java.util.Arrays.copyOf(whole, whole.length - 1);
        byte[] changed = whole.clone();
        changed[changed.length / 2] ^= 1;
        for (Map.Entry<String, byte[]> bad :
                Map.of("cut", cut, "changed", changed, "empty", new byte[0]).entrySet()) {
            assertThatThrownBy(() -> log.accept(bad.getValue(), root))
                    .as(bad.getKey())
                    .isInstanceOf(PerennialException.class);
        }
        assertThat(log.count(MODEL)).isZero();
    }

    @Test
    void everythingIsThereAfterARestart() throws IOException {
        declare(MODEL, WEEK, null);
        serve(MODEL, variant(MODEL, 1, Variant.Role.champion, Variant.ALL));
        labels.accept(MODEL, List.of(label("a", 1, 10, 11)), 100);
        byte[] bytes = segment(1, 10);
        log.accept(bytes, root(bytes));
        ScorerConfig before = endpoints.config();
        close();
        open();
        assertThat(endpoints.config()).isEqualTo(before);
        assertThat(labels.between(MODEL, 0, 99)).containsOnlyKeys("a");
        assertThat(ids(0, 99)).containsExactly("1-10");
    }
}
