package dev.perennial.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.VersionId;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How endpoints and fuses tell rollouts apart, on every database. */
abstract class RolloutServingContract {
    private static final ModelId MODEL = ModelId.parse("parcels");

    @TempDir
    Path folder;

    private final TestClock clock = TestClock.fixed();
    private Store store;
    private Endpoints endpoints;
    private FuseReports fuses;

    abstract StoreSettings storage(Path folder);

    @BeforeEach
    void open() {
        store = Store.open(storage(folder), clock, SeededIds.of(1, clock), new SecureRandom());
        endpoints = new Endpoints(store.database());
        fuses = new FuseReports(store.database(), clock);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void declare() {
        ScorerConfig.Fuse fuse = ScorerConfig.Fuse.tolerating(0.01);
        store.database().writing(tx -> endpoints.declare(tx, MODEL, List.of("id"), fuse, 1_000, null));
    }

    private static Variant variant(int number, Variant.Role role) {
        Digest file = Digest.of("file " + number);
        return Variant.of(VersionRef.of(new VersionId(MODEL, number)), role, 5_000, file, file);
    }

    @Test
    void aSecondTripOfAVersionInALaterRolloutIsNews() {
        VersionId version = new VersionId(MODEL, 3);
        fuses.accept("s1", version, "first", Json.object().put("rollout", "r1"));
        FuseReport first = fuses.next(MODEL).orElseThrow();
        assertThat(first.rollout()).isEqualTo("r1");
        store.database().writing(tx -> fuses.handled(tx, first));
        fuses.accept("s1", version, "sent again", Json.object().put("rollout", "r1"));
        assertThat(fuses.next(MODEL)).isEmpty();
        fuses.accept("s1", version, "second", Json.object().put("rollout", "r2"));
        assertThat(fuses.next(MODEL))
                .get()
                .returns("second", FuseReport::reason)
                .returns("r2", FuseReport::rollout);
    }

    @Test
    void aScorerThatNamesNoRolloutSpeaksOfTheNewest() {
        declare();
        VersionId version = new VersionId(MODEL, 3);
        for (String rollout : List.of("r1", "r2")) {
            store.database().writing(tx -> endpoints.rollout(tx, MODEL, rollout));
            fuses.accept("old", version, "tripped", Json.object());
            FuseReport report = fuses.next(MODEL).orElseThrow();
            assertThat(report.rollout()).isEqualTo(rollout);
            store.database().writing(tx -> fuses.handled(tx, report));
        }
    }

    @Test
    void eachRolloutSplitsByASaltOfItsOwnThatStays() {
        declare();
        String before = salt();
        assertThat(endpoints.config().endpoints().getFirst().rollout()).isNull();
        long revision = endpoints.revision();
        store.database().writing(tx -> endpoints.rollout(tx, MODEL, "r1"));
        assertThat(endpoints.revision()).isGreaterThan(revision);
        String first = salt();
        List<Variant> both = List.of(variant(1, Variant.Role.champion), variant(2, Variant.Role.canary));
        store.database().writing(tx -> endpoints.variants(tx, MODEL, both));
        declare();
        close();
        open();
        assertThat(salt()).as("over weights, declarations and restarts").isEqualTo(first);
        assertThat(endpoints.config().endpoints().getFirst().rollout()).isEqualTo("r1");
        store.database().writing(tx -> endpoints.rollout(tx, MODEL, "r2"));
        assertThat(List.of(before, first, salt())).doesNotHaveDuplicates();
    }

    @Test
    void adoptingARunningRolloutKeepsItsSalt() {
        declare();
        String before = salt();
        store.database().writing(tx -> endpoints.adopt(tx, MODEL, "r1"));
        assertThat(salt()).isEqualTo(before);
        assertThat(endpoints.config().endpoints().getFirst().rollout()).isEqualTo("r1");
    }

    private String salt() {
        return endpoints.config().endpoints().getFirst().salt();
    }

    @Test
    void callersOfALifecycleFilesChampionAreHalvedOnlyWhileItsLatencyIsGuarded() {
        declare();
        assertThat(endpoints.config().endpoints().getFirst().halves()).isFalse();
        long revision = endpoints.revision();
        store.database().writing(tx -> endpoints.halves(tx, MODEL, false));
        assertThat(endpoints.revision()).as("nothing changed").isEqualTo(revision);
        store.database().writing(tx -> endpoints.halves(tx, MODEL, true));
        assertThat(endpoints.revision()).isGreaterThan(revision);
        declare();
        assertThat(endpoints.config().endpoints().getFirst().halves()).isTrue();
        assertThat(endpoints.config().endpoints().getFirst().calls())
                .as("it takes rows, which leave records")
                .isFalse();
        store.database().writing(tx -> endpoints.halves(tx, MODEL, false));
        assertThat(endpoints.config().endpoints().getFirst().halves()).isFalse();
    }

    @Test
    void theFuseBlowsOnGrossFailureOnly() {
        assertThat(ScorerConfig.Fuse.tolerating(0.001)).isEqualTo(new ScorerConfig.Fuse(5, 0.1, 100));
        assertThat(ScorerConfig.Fuse.tolerating(0.02)).isEqualTo(new ScorerConfig.Fuse(5, 0.2, 100));
        assertThat(ScorerConfig.Fuse.tolerating(1)).isEqualTo(new ScorerConfig.Fuse(5, 0.5, 100));
    }
}
