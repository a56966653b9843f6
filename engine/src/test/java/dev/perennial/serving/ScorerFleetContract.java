package dev.perennial.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.predictionlog.ColumnType;
import dev.perennial.predictionlog.LogColumn;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How scorers of several builds, places and owners are told what they serve, on every database. */
abstract class ScorerFleetContract {
    private static final String BUILD = "b2";
    private static final String ONE = "0123456789abcdef/7";
    private static final String LATER = "0123456789abcdef/8";
    private static final String OTHER = "fedcba9876543210/7";

    @TempDir
    Path folder;

    private final TestClock clock = TestClock.fixed();
    private final Tokens tokens = new Tokens();
    private Store store;
    private Endpoints endpoints;
    private ScorerFleet fleet;

    /** Who may ask, as the test says. */
    private static final class Tokens implements ServingAccess {
        private final AtomicLong version = new AtomicLong();
        private final AtomicReference<List<String>> names = new AtomicReference<>(List.of());

        void are(String... wanted) {
            names.set(List.of(wanted));
            version.incrementAndGet();
        }

        /** Something happened that changes nobody's right. */
        void stir() {
            version.incrementAndGet();
        }

        @Override
        public long version() {
            return version.get();
        }

        @Override
        public String digest(List<String> all) {
            return names.get().toString();
        }

        @Override
        public ScorerConfig.Access of(List<String> wanted) {
            return new ScorerConfig.Access(
                    true,
                    names.get().stream()
                            .map(name -> new ScorerConfig.Token(
                                    name, "hash", name, 1, Map.of(String.join("+", wanted), "USE")))
                            .toList());
        }
    }

    abstract StoreSettings storage(Path folder);

    @BeforeEach
    void open() {
        store = Store.open(storage(folder), clock, SeededIds.of(1, clock), new SecureRandom());
        endpoints = new Endpoints(store.database());
        fleet = fleet();
        for (String name : List.of("a", "b")) {
            ModelId model = ModelId.parse(name);
            store.database().writing(tx -> {
                endpoints.declare(tx, model, List.of("id"), ScorerConfig.Fuse.tolerating(0.01), 0, null);
                endpoints.variants(
                        tx,
                        model,
                        List.of(Variant.of(
                                VersionRef.of(new VersionId(model, 1)),
                                Variant.Role.champion,
                                Variant.ALL,
                                Digest.of("manifest " + name),
                                Digest.of("file " + name))));
            });
        }
    }

    private ScorerFleet fleet() {
        return new ScorerFleet(store.database(), endpoints, clock, tokens, BUILD);
    }

    @AfterEach
    void close() {
        fleet.close();
        store.close();
    }

    private static ScorerHello hello(String build, Integer... protocols) {
        return new ScorerHello(List.of(protocols), List.of(1), build, "host-1");
    }

    private static ScorerHello hello(String instance) {
        return new ScorerHello(
                List.of(1, 2),
                List.of(1),
                BUILD,
                "host-1",
                ScorerInstance.parse(instance).orElseThrow());
    }

    private void poll(String id, String instance, long applied) {
        fleet.poll(
                new ScorerPoll(
                        id,
                        "http://x",
                        Long.MAX_VALUE,
                        applied,
                        2,
                        name -> true,
                        ScorerInstance.parse(instance).orElseThrow()),
                Duration.ZERO);
    }

    private ScorerConfig config(String id, int protocol, String... mine) {
        List<String> wanted = List.of(mine);
        return fleet.poll(
                        new ScorerPoll(
                                id, "http://x", -1, 0, protocol, name -> wanted.isEmpty() || wanted.contains(name)),
                        Duration.ZERO)
                .orElseThrow();
    }

    private ScorerFleet.Scorer scorer(String id) {
        return fleet.scorers().stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void bothGoOnWithTheGreatestProtocolThatTheyShare() {
        assertThat(fleet.hello("s", hello(BUILD, 1, 2), true, null).protocol()).isEqualTo(2);
        assertThat(fleet.hello("s", hello(BUILD, 1), true, null).protocol()).isEqualTo(1);
        assertThat(fleet.hello("s", hello(BUILD, 2, 3, 99), true, null).protocol())
                .isEqualTo(2);
    }

    @Test
    void withoutACommonProtocolOrFormatItIsRefusedWithBothLists() {
        assertThatThrownBy(() -> fleet.hello("s", hello(BUILD, 7, 8), true, null))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.field()).isEqualTo("protocols"))
                .hasMessage("the scorer speaks protocol [7, 8], this server [1, 2]; use programs of nearer releases");
        assertThatThrownBy(() -> fleet.hello("s", new ScorerHello(List.of(2), List.of(9), BUILD, "h"), true, null))
                .hasMessageStartingWith("the scorer speaks segment format [9]");
        assertThat(fleet.scorers()).isEmpty();
    }

    @Test
    void theServersOwnScorerOfAnotherBuildIsToldThatItWillBeReplaced() {
        assertThat(fleet.hello("local-1", hello("b1", 1, 2), true, null).replaceBy())
                .isEqualTo(BUILD);
        assertThat(fleet.hello("local-1", hello(BUILD, 1, 2), true, null).replaceBy())
                .isNull();
        assertThat(fleet.hello("edge", hello("b1", 1, 2), false, null).replaceBy())
                .isNull();
    }

    @Test
    void whatAScorerSaysOfItselfIsShown() {
        fleet.hello("edge", hello("b9", 1, 2), false, List.of("a"));
        config("edge", 2, "a");
        ScorerFleet.Scorer shown = scorer("edge");
        assertThat(shown.build()).isEqualTo("b9");
        assertThat(shown.host()).isEqualTo("host-1");
        assertThat(shown.protocol()).isEqualTo(2);
        assertThat(shown.serves("a")).isTrue();
        assertThat(shown.serves("b")).isFalse();
    }

    @Test
    void aHelloAloneIsNoSignOfLife() {
        fleet.hello("edge", hello("b9", 1, 2), false, null);
        assertThat(scorer("edge").alive()).isFalse();
        assertThat(fleet.settled(Duration.ZERO)).isTrue();
    }

    @Test
    void aScorerThatSaysNothingSpeaksProtocolOne() {
        config("old", 1);
        assertThat(scorer("old").protocol()).isEqualTo(1);
        assertThat(scorer("old").build()).isNull();
        assertThat(scorer("old").serves("a")).isTrue();
    }

    @Test
    void aBuildIsForgottenWhenAnOlderProgramTakesTheNameOver() {
        fleet.hello("local-1", hello(BUILD, 1, 2), true, null);
        config("local-1", 2);
        assertThat(scorer("local-1").build()).isEqualTo(BUILD);
        config("local-1", 1);
        assertThat(scorer("local-1").build()).isNull();
    }

    @Test
    void aSecondScorerOfANameThatIsInUseIsRefusedWithWords() {
        fleet.hello("edge", hello(ONE), false, null);
        poll("edge", ONE, 1);
        clock.advance(Duration.ofSeconds(3));
        assertThatThrownBy(() -> fleet.hello("edge", hello(OTHER), false, null))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.field()).isEqualTo("name"))
                .hasMessage(
                        "another scorer named 'edge' runs on host-1 and was heard 3000 ms ago: give this one another"
                                + " --name, or end that one; its name is free 30 s later");
        assertThatThrownBy(() -> poll("edge", OTHER, 9)).hasMessageStartingWith("another scorer named 'edge' runs");
        assertThat(scorer("edge").applied()).isEqualTo(1);
        fleet.hello("edge-2", hello(OTHER), false, null);
    }

    @Test
    void aNameIsTakenOverOnceItsScorerHasBeenSilent() {
        fleet.hello("edge", hello(ONE), false, null);
        poll("edge", ONE, 1);
        clock.advance(ScorerFleet.SILENT_AFTER.minusMillis(1));
        assertThatThrownBy(() -> fleet.hello("edge", hello(OTHER), false, null)).hasMessageContaining("29999 ms ago");
        clock.advance(Duration.ofMillis(1));
        fleet.hello("edge", hello(OTHER), false, null);
        poll("edge", OTHER, 2);
        assertThatThrownBy(() -> poll("edge", ONE, 1)).hasMessageStartingWith("another scorer named 'edge' runs");
        assertThat(scorer("edge").applied()).isEqualTo(2);
    }

    @Test
    void aScorerThatStartsAgainIsTheSameScorer() {
        fleet.hello("edge", hello(ONE), false, null);
        poll("edge", ONE, 5);
        fleet.hello("edge", hello(LATER), false, null);
        poll("edge", LATER, 1);
        assertThat(scorer("edge").applied()).isEqualTo(1);
    }

    @Test
    void whatARunSaysThatAnotherReplacesDoesNotCountAnyMore() {
        fleet.hello("local-1", hello(ONE), true, null);
        poll("local-1", ONE, 3);
        fleet.flushed("local-1", 1, ScorerInstance.parse(ONE).orElseThrow());
        assertThat(scorer("local-1").flushed()).isEqualTo(1);
        fleet.hello("local-1", hello(LATER), true, null);
        poll("local-1", LATER, 3);
        fleet.flushed("local-1", 2, ScorerInstance.parse(ONE).orElseThrow());
        poll("local-1", ONE, 9);
        assertThat(scorer("local-1").flushed()).isEqualTo(1);
        assertThat(scorer("local-1").applied()).isEqualTo(3);
        fleet.flushed("local-1", 2, ScorerInstance.parse(LATER).orElseThrow());
        assertThat(scorer("local-1").flushed()).isEqualTo(2);
    }

    @Test
    void anOlderProgramThatTakesTheNameOverIsBelieved() {
        fleet.hello("local-1", hello(LATER), true, null);
        poll("local-1", LATER, 3);
        fleet.hello("local-1", hello(BUILD, 1, 2), true, null);
        config("local-1", 2);
        fleet.flushed("local-1", 4);
        assertThat(scorer("local-1").flushed()).isEqualTo(4);
        fleet.hello("local-1", hello(OTHER), true, null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "0123456789abcdef", "0123456789abcdef/", "0123456789ABCDEF/1", "0123456789abcdef/-1"})
    void anInstanceThatIsNoneIsRefused(String text) {
        assertThatThrownBy(() -> ScorerInstance.parse(text))
                .hasMessage("instance '" + text + "' must be 16 hexadecimal digits, a slash and a whole number");
    }

    @Test
    void whoSaysNothingHasNoInstance() {
        assertThat(ScorerInstance.parse(null)).isEmpty();
        assertThat(ScorerInstance.parse("")).isEmpty();
    }

    @Test
    void aScorerGetsItsEndpointsAndTheirTokensOnly() {
        tokens.are("t1");
        ScorerConfig config = config("edge", 2, "b");
        assertThat(config.endpoints()).extracting(ScorerConfig.Endpoint::name).containsExactly("b");
        assertThat(config.access().tokens())
                .singleElement()
                .satisfies(token -> assertThat(token.grants()).containsOnlyKeys("b"));
        assertThat(config("local-1", 2).access().tokens().getFirst().grants()).containsOnlyKeys("a+b");
    }

    @Test
    void onlyFilesOfItsEndpointsAreItsFiles() {
        assertThat(fleet.names(Digest.of("file a"), name -> name.equals("a"))).isTrue();
        assertThat(fleet.names(Digest.of("manifest a"), name -> name.equals("a")))
                .isTrue();
        assertThat(fleet.names(Digest.of("file a"), name -> name.equals("b"))).isFalse();
        assertThat(fleet.names(Digest.of("other"), name -> true)).isFalse();
    }

    @Test
    void aChangeOfRightsWakesAScorerThatWaits() throws Exception {
        tokens.are("t1");
        long known = config("local-1", 2).revision();
        long now = Math.max(known, endpoints.revision());
        CompletableFuture<Optional<ScorerConfig>> waiting = CompletableFuture.supplyAsync(
                () -> fleet.poll(new ScorerPoll("local-1", "", now, now, 2, name -> true), Duration.ofSeconds(60)));
        tokens.are();
        ScorerConfig told = waiting.get(30, TimeUnit.SECONDS).orElseThrow();
        assertThat(told.revision()).isGreaterThan(known);
        assertThat(told.access().tokens()).isEmpty();
    }

    @Test
    void aRightThatWasToldByTheWayAndIsTakenBackAtOnceIsTakenBackFromTheScorerToo() {
        tokens.are("t1");
        config("local-1", 2);
        tokens.are("t1", "t2");
        endpoints.askForFlush();
        ScorerConfig by = config("local-1", 2);
        assertThat(by.access().tokens()).hasSize(2);
        tokens.are("t1");
        Optional<ScorerConfig> told = fleet.poll(
                new ScorerPoll("local-1", "", by.revision(), by.revision(), 2, name -> true), Duration.ofSeconds(2));
        assertThat(told.orElseThrow().access().tokens()).hasSize(1);
    }

    @Test
    void whatChangesNobodysRightTellsNobody() {
        tokens.are("t1");
        config("local-1", 2);
        long before = endpoints.revision();
        tokens.stir();
        try (ScorerFleet next = fleet()) {
            next.poll(new ScorerPoll("local-1", "", before, before, 2, name -> true), Duration.ZERO);
        }
        assertThat(endpoints.revision()).isEqualTo(before);
    }

    @Test
    void aServerThatStartsAgainTellsScorersWhatChangedMeanwhile() {
        tokens.are("t1");
        config("local-1", 2);
        long before = endpoints.revision();
        tokens.are("t2");
        try (ScorerFleet next = fleet()) {
            assertThat(next.poll(new ScorerPoll("local-1", "", before, before, 2, name -> true), Duration.ZERO))
                    .isPresent();
        }
    }

    @Test
    void aSegmentOfSomebodyElsesEndpointIsRefused() throws IOException {
        PredictionLog log = new PredictionLog(store.database(), store.blobs(), clock);
        byte[] bytes = segment();
        String root = SegmentReader.read(bytes).root().hex();
        assertThatThrownBy(() -> log.accept("edge", name -> name.equals("b"), bytes, root))
                .hasMessage("scorer 'edge' may not deliver for endpoint 'a'");
        assertThatThrownBy(() -> log.accept("other", name -> true, bytes, root))
                .hasMessage("the segment was written by scorer 'edge', 'other' may not deliver it");
        log.accept("edge", name -> name.equals("a"), bytes, root);
        log.accept("edge", name -> name.equals("a"), bytes, root);
        assertThat(log.count(ModelId.parse("a"))).isEqualTo(1);
    }

    private byte[] segment() throws IOException {
        Path file = folder.resolve("edge.seg");
        SegmentHeader header = new SegmentHeader("a", "edge", 17, 1, List.of(new LogColumn("x", ColumnType.NUMBER)));
        try (SegmentWriter writer = SegmentWriter.create(file, header)) {
            writer.append(new ShadowRecord("r", "a/2", 10, 10, 0.5, null, new PredictionRecord.Paired("a/1", 0.4)));
            writer.seal();
        }
        return Files.readAllBytes(file);
    }

    private static ScorerHello lacking(String... endpoints) {
        List<MissingEnvironment> missing = Stream.of(endpoints)
                .map(endpoint -> new MissingEnvironment(endpoint, endpoint + "/1", "FAILED", "no Python 3.11.7"))
                .toList();
        return new ScorerHello(List.of(2), List.of(1), BUILD, "host-1", null, missing);
    }

    @Test
    void theEnvironmentsThatAScorerLacksAreKnownUntilItSaysOtherwise() {
        fleet.hello("s", lacking("trees"), false, null);
        assertThat(scorer("s").environments())
                .containsExactly(new MissingEnvironment("trees", "trees/1", "FAILED", "no Python 3.11.7"));
        fleet.hello("s", hello(BUILD, 2), false, null);
        assertThat(scorer("s").environments()).isEmpty();
    }

    @Test
    void ofEndpointsThatAreNotItsOwnAScorerSaysNothing() {
        fleet.hello("s", lacking("trees", "others"), false, List.of("trees"));
        assertThat(scorer("s").environments())
                .extracting(MissingEnvironment::endpoint)
                .containsExactly("trees");
    }

    @Test
    void aScorerThatSaysNothingOfEnvironmentsLacksNone() {
        poll("s", "0123456789abcdef/1", 0);
        assertThat(scorer("s").environments()).isEmpty();
        assertThat(MissingEnvironment.parse(Json.parse("{}").path("environments")))
                .isEmpty();
    }

    @Test
    void oddEnvironmentsAreRefused() {
        for (String odd : List.of(
                "[{\"endpoint\":\"m\",\"version\":\"m/1\",\"state\":\"LOST\"}]",
                "[7]",
                "[{\"endpoint\":\"m\",\"version\":\"m/1\",\"state\":\"FAILED\",\"message\":\"" + "x".repeat(5_001)
                        + "\"}]",
                "[{\"endpoint\":\"" + "m".repeat(301) + "\",\"version\":\"m/1\",\"state\":\"FAILED\"}]")) {
            assertThatThrownBy(() -> MissingEnvironment.parse(Json.parse(odd)))
                    .hasMessageStartingWith("'environments' has at most 1000 entries");
        }
    }
}
