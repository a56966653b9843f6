package dev.perennial.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions, aliases and evidence. */
abstract class RegistryContract {
    private static final ModelId MODEL = new ModelId("flight-delay", ModelId.LIVE);
    private static final ModelId REPLAYED = new ModelId("flight-delay", "spring");

    @TempDir
    Path folder;

    private final TestClock clock = TestClock.fixed();
    private Store store;
    private Registry registry;

    abstract StoreSettings storage(Path folder);

    @BeforeEach
    void open() {
        store = Store.open(storage(folder), clock, SeededIds.of(1, clock), new SecureRandom());
        registry = new Registry(store.database());
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void aVersionIsReadBackAsItWasAdded() {
        ModelVersion full = version(MODEL, 1, Digest.of("snapshot"), "run-1", 1_363_000_000_000L);
        ModelVersion bare = version(MODEL, 2, null, null, null);
        add(full, bare);
        assertThat(registry.version(full.id())).isEqualTo(full);
        assertThat(registry.version(bare.id())).isEqualTo(bare);
    }

    @Test
    void aCutOffAtTheBeginningOfTimeIsNotTakenForNone() {
        ModelVersion version = version(MODEL, 1, null, null, 0L);
        add(version);
        assertThat(registry.version(version.id()).trainedUntil()).isZero();
    }

    @Test
    void numbersCountUpForEachModelOnItsOwn() {
        add(version(MODEL, 1, null, null, null), version(MODEL, 2, null, null, null));
        assertThat(next(MODEL)).isEqualTo(3);
        assertThat(next(REPLAYED)).isEqualTo(1);
    }

    @Test
    void aNumberIsGivenOnce() {
        add(version(MODEL, 1, null, null, null));
        assertThatThrownBy(() -> add(version(MODEL, 1, null, null, null))).isInstanceOf(RuntimeException.class);
        assertThat(next(MODEL)).isEqualTo(2);
    }

    @Test
    void aVersionThatIsNotThereIsNotFoundByName() {
        assertThat(registry.find(new VersionId(MODEL, 7))).isEmpty();
        assertThatThrownBy(() -> registry.version(new VersionId(MODEL, 7)))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
                .hasMessageContaining("no version 'flight-delay/7'; see the versions of 'flight-delay'");
    }

    @Test
    void aStateChangesThatVersionAlone() {
        add(
                version(MODEL, 1, null, null, null),
                version(MODEL, 2, null, null, null),
                version(REPLAYED, 1, null, null, null));
        store.database().writing(tx -> registry.state(tx, new VersionId(MODEL, 1), ModelVersion.State.CHAMPION));
        assertThat(registry.version(new VersionId(MODEL, 1)).state()).isEqualTo(ModelVersion.State.CHAMPION);
        assertThat(registry.version(new VersionId(MODEL, 2)).state()).isEqualTo(ModelVersion.State.CANDIDATE);
        assertThat(registry.version(new VersionId(REPLAYED, 1)).state()).isEqualTo(ModelVersion.State.CANDIDATE);
    }

    @Test
    void anAliasMovesAndIsSeenWithinItsTransaction() {
        assertThat(registry.alias(MODEL, Registry.CHAMPION)).isEmpty();
        store.database().writing(tx -> {
            registry.alias(tx, MODEL, Registry.CHAMPION, 1, 10);
            registry.alias(tx, MODEL, Registry.CHAMPION, 2, 20);
            assertThat(registry.alias(tx.sql(), MODEL, Registry.CHAMPION)).contains(2);
        });
        assertThat(registry.alias(MODEL, Registry.CHAMPION)).contains(2);
        assertThat(registry.alias(MODEL, "challenger")).isEmpty();
        assertThat(registry.alias(REPLAYED, Registry.CHAMPION)).isEmpty();
    }

    @Test
    void whatATransactionThatFailsChangedIsNotSeen() {
        assertThatThrownBy(() -> store.database().writing(tx -> {
                    registry.add(tx, version(MODEL, 1, null, null, null));
                    registry.alias(tx, MODEL, Registry.CHAMPION, 1, 10);
                    throw new IllegalStateException("killed");
                }))
                .hasMessageContaining("killed");
        assertThat(registry.find(new VersionId(MODEL, 1))).isEmpty();
        assertThat(registry.alias(MODEL, Registry.CHAMPION)).isEmpty();
    }

    @Test
    void evidenceOfAKindIsReplacedAndOtherKindsStay() {
        VersionId id = new VersionId(MODEL, 1);
        store.database().writing(tx -> {
            registry.evidence(tx, id, "gates", 1, Json.parse("{\"verdict\":\"FAIL\"}"));
            registry.evidence(tx, id, "gates", 2, Json.parse("{\"verdict\":\"PASS\"}"));
            registry.evidence(tx, id, "skew", 2, Json.parse("{\"days\":[]}"));
        });
        assertThat(registry.evidence(id, "gates")).contains(Json.parse("{\"verdict\":\"PASS\"}"));
        assertThat(registry.evidence(id, "skew")).contains(Json.parse("{\"days\":[]}"));
        assertThat(registry.evidence(id, "training")).isEmpty();
        assertThat(registry.evidence(new VersionId(MODEL, 2), "gates")).isEmpty();
    }

    @Test
    void versionsArePagedNewestFirstAcrossTheTen() {
        store.database().writing(tx -> {
            for (int number = 1; number <= 12; number++) {
                registry.add(tx, version(MODEL, number, null, null, null));
            }
        });
        List<Integer> seen = new ArrayList<>();
        Optional<String> token = Optional.empty();
        do {
            var page = registry.versions(MODEL, PageRequest.of(5, token.orElse(null)));
            page.items().forEach(version -> seen.add(version.id().number()));
            assertThat(page.items()).hasSizeLessThanOrEqualTo(5);
            token = page.next();
        } while (token.isPresent());
        assertThat(seen).containsExactly(12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1);
    }

    @Test
    void aModelWithoutVersionsHasAnEmptyPage() {
        assertThat(registry.versions(MODEL, PageRequest.of(null, null)).items()).isEmpty();
    }

    @Test
    void everythingSurvivesARestart() {
        ModelVersion version = version(MODEL, 1, Digest.of("snapshot"), "run-1", 5L);
        add(version);
        store.database().writing(tx -> registry.alias(tx, MODEL, Registry.CHAMPION, 1, 10));
        StoreSettings same = storageAgain();
        store.close();
        store = Store.open(same, clock, SeededIds.of(2, clock), new SecureRandom());
        registry = new Registry(store.database());
        assertThat(registry.version(version.id())).isEqualTo(version);
        assertThat(registry.alias(MODEL, Registry.CHAMPION)).contains(1);
    }

    /** The settings of the store that is open. */
    abstract StoreSettings storageAgain();

    private int next(ModelId model) {
        return store.database().write(tx -> registry.nextNumber(tx, model));
    }

    private void add(ModelVersion... versions) {
        store.database().writing(tx -> List.of(versions).forEach(version -> registry.add(tx, version)));
    }

    private static ModelVersion version(
            ModelId model, int number, @Nullable Digest snapshot, @Nullable String run, @Nullable Long until) {
        return new ModelVersion(
                new VersionId(model, number),
                1_000,
                2_000,
                snapshot == null ? ModelVersion.Source.IMPORTED : ModelVersion.Source.TRAINED,
                Digest.of("manifest" + number),
                Digest.of("model" + number),
                Digest.of("lifecycle"),
                snapshot,
                run,
                until,
                ModelVersion.State.CANDIDATE,
                Json.parse("{\"log_loss\":0.5,\"rows\":12}"));
    }
}
