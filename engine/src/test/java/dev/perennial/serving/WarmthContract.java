package dev.perennial.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.store.ledger.LedgerEntry;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What loading and unloading change, and what they do not, on every database. */
abstract class WarmthContract {
    private static final ModelId MODEL = ModelId.parse("parcels");
    private static final ServingAct ANN = new ServingAct("user:ann", "asked for at scorer local-1");

    @TempDir
    Path folder;

    private final TestClock clock = TestClock.fixed();
    private Store store;
    private Endpoints endpoints;
    private Warmth warmth;

    abstract StoreSettings storage(Path folder);

    @BeforeEach
    void open() {
        store = Store.open(storage(folder), clock, SeededIds.of(1, clock), new SecureRandom());
        endpoints = new Endpoints(store.database());
        warmth = new Warmth(store.database(), clock);
        store.database()
                .writing(tx -> endpoints.declare(
                        tx,
                        MODEL,
                        List.of("id"),
                        ScorerConfig.Fuse.tolerating(0.01),
                        Duration.ofDays(7).toMillis(),
                        null));
        serve(
                variant(1, Variant.Role.warm),
                variant(2, Variant.Role.champion),
                variant(3, Variant.Role.warm),
                variant(4, Variant.Role.shadow));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void serve(Variant... variants) {
        store.database().writing(tx -> endpoints.variants(tx, MODEL, List.of(variants)));
    }

    private static Variant variant(int number, Variant.Role role) {
        return Variant.of(
                VersionRef.of(new VersionId(MODEL, number)),
                role,
                role == Variant.Role.champion ? Variant.ALL : 0,
                Digest.of("manifest " + number),
                Digest.of("file " + number));
    }

    /** Versions with who unloaded them. */
    private List<String> unloaded() {
        return endpoints.config().endpoints().getFirst().variants().stream()
                .filter(variant -> variant.unloadedBy() != null)
                .map(variant -> variant.version() + " by " + variant.unloadedBy())
                .toList();
    }

    private List<String> told() {
        return store.ledger().entries("endpoint:" + MODEL, new PageRequest(100, Optional.empty())).items().stream()
                .map(LedgerEntry::action)
                .filter("deployment.update"::equals)
                .toList();
    }

    private long unload(String... versions) {
        return warmth.unload(ANN, MODEL, Arrays.asList(versions));
    }

    private long load(String... versions) {
        return warmth.load(ANN, MODEL, Arrays.asList(versions));
    }

    @Test
    void aWarmVersionIsUnloadedAndLoadedAgainAndTheLedgerTellsBoth() {
        assertThat(unload("1")).isEqualTo(endpoints.revision());
        assertThat(unloaded()).containsExactly("parcels/1 by user:ann");
        assertThat(load("1", "2", "3", "4")).isEqualTo(endpoints.revision());
        assertThat(unloaded()).isEmpty();
        assertThat(told()).hasSize(2);
    }

    @Test
    void nobodysTrafficMoves() {
        List<String> before = roles();
        unload("1", "parcels/3");
        load();
        assertThat(roles()).isEqualTo(before);
    }

    private List<String> roles() {
        return endpoints.variants(MODEL).stream()
                .map(variant -> variant.version() + " " + variant.role() + " " + variant.weight())
                .toList();
    }

    @Test
    void whatTakesTrafficOrCopiesOfItIsNotUnloaded() {
        for (String version : List.of("2", "4")) {
            assertThatThrownBy(() -> unload("1", version))
                    .isInstanceOfSatisfying(
                            PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT))
                    .hasMessageContaining("version parcels/" + version + " of endpoint 'parcels' is its");
        }
        assertThatThrownBy(() -> unload()).hasMessageContaining("takes traffic");
        assertThat(unloaded()).isEmpty();
        assertThat(told()).isEmpty();
    }

    @Test
    void loadingSomeVersionsUnloadsTheOthersWhichMustNotTakeTraffic() {
        load("2", "3", "4");
        assertThat(unloaded()).containsExactly("parcels/1 by user:ann");
        assertThatThrownBy(() -> load("1", "3", "4")).hasMessageContaining("version parcels/2 of endpoint 'parcels'");
        load("2", "1", "4");
        assertThat(unloaded()).containsExactly("parcels/3 by user:ann");
    }

    @Test
    void whatChangesNothingIsNoEntryAndNoRevision() {
        long before = endpoints.revision();
        assertThat(load()).isEqualTo(before);
        unload("1");
        long after = endpoints.revision();
        assertThat(unload("1")).isEqualTo(after);
        assertThat(told()).hasSize(1);
    }

    @Test
    void whatWasUnloadedStaysSoWhenAnotherIsUnloaded() {
        unload("1");
        unload("3");
        assertThat(unloaded()).containsExactly("parcels/1 by user:ann", "parcels/3 by user:ann");
    }

    @Test
    void aVersionThatGetsTrafficIsLoadedAndStaysSoAfterwards() {
        unload("1");
        serve(variant(1, Variant.Role.champion), variant(2, Variant.Role.warm));
        assertThat(unloaded()).isEmpty();
        serve(variant(1, Variant.Role.warm), variant(2, Variant.Role.champion));
        assertThat(unloaded()).isEmpty();
    }

    @Test
    void whatIsNotThereIsNamed() {
        assertThatThrownBy(() -> unload("9")).hasMessageContaining("endpoint 'parcels' has no version '9'; there are");
        assertThatThrownBy(() -> warmth.load(ANN, ModelId.parse("nobody"), List.of()))
                .hasMessageContaining("no endpoint 'nobody'");
    }

    @Test
    void aScorerOfProtocolOneIsNotToldOfWhatIsUnloaded() {
        unload("1");
        try (ScorerFleet fleet = new ScorerFleet(store.database(), endpoints, clock)) {
            ScorerConfig old =
                    fleet.poll(ScorerPoll.first("s1", "", -1, 0), Duration.ZERO).orElseThrow();
            assertThat(old.endpoints().getFirst().variants())
                    .extracting(ScorerConfig.ServedVariant::version)
                    .containsExactly("parcels/2", "parcels/3", "parcels/4");
            ScorerConfig young = fleet.poll(new ScorerPoll("s2", "", -1, 0, 2, name -> true), Duration.ZERO)
                    .orElseThrow();
            assertThat(young.endpoints().getFirst().variants()).hasSize(4);
            assertThat(fleet.scorers())
                    .extracting(ScorerFleet.Scorer::id, fleet::leftOut)
                    .containsExactly(tuple("s1", List.of("parcels/1")), tuple("s2", List.of()));
            fleet.hello("s1", new ScorerHello(List.of(1), List.of(1), "b", "h"), false, List.of("letters"));
            assertThat(fleet.leftOut(fleet.scorers().getFirst()))
                    .as("what it may not serve anyway")
                    .isEmpty();
        }
    }
}
