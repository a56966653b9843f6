package dev.perennial.upgrade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.events.EventLog;
import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.Decisions;
import dev.perennial.registry.Registry;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.store.ledger.LedgerEvent;
import dev.perennial.testkit.Release;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import dev.perennial.tracking.ArtifactPath;
import dev.perennial.tracking.Artifacts;
import dev.perennial.tracking.HistoryPage;
import dev.perennial.tracking.KeyValue;
import dev.perennial.tracking.Metric;
import dev.perennial.tracking.OpenArtifact;
import dev.perennial.tracking.Stage;
import dev.perennial.tracking.TrackedRun;
import dev.perennial.tracking.TrackingRuns;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The present program opens what each release wrote, brings it to the present tables, and finds everything. */
abstract class ReleaseContract {
    private static final int POINTS = 30;

    @TempDir
    Path folder;

    final TestClock clock = TestClock.fixed();
    JsonNode facts;

    static List<Release> releases() {
        return Release.all();
    }

    /** Lays the release's data out and tells how to open them. */
    abstract StoreSettings lay(Release release);

    Store open(StoreSettings settings) {
        return Store.open(settings, clock, ids(), new SecureRandom());
    }

    private Ids ids() {
        return SeededIds.of(1, clock);
    }

    TrackingRuns tracking(Store store) {
        return new TrackingRuns(store.database(), store.blobs(), clock, ids());
    }

    String run(String name) {
        return facts.at("/runs/" + name).asText();
    }

    private static List<String> texts(Store store, String query) {
        return store.database()
                .read(sql -> sql.createQuery(query).mapTo(String.class).list());
    }

    @ParameterizedTest
    @MethodSource("releases")
    void runsAreFoundWithAllTheyLogged(Release release) throws Exception {
        try (Store store = open(lay(release))) {
            TrackingRuns tracking = tracking(store);
            TrackedRun run = tracking.get(run("first"));

            assertThat(run.info().name()).isEqualTo("first");
            assertThat(run.info().endedAt()).isEqualTo(1_700_000_100_000L);
            assertThat(run.params()).contains(new KeyValue("depth", "7"), new KeyValue("größe", "mittel"));
            assertThat(run.tags()).contains(new KeyValue("colour", "first"));
            assertThat(run.inputs()).hasSize(1);
            List<Metric> loss = tracking.history(run("first"), "loss", new HistoryPage(1000, null))
                    .items();
            assertThat(loss).hasSize(POINTS).extracting(Metric::step).doesNotHaveDuplicates();
            assertThat(tracking.history(run("first"), "odd", new HistoryPage(1000, null))
                            .items())
                    .extracting(Metric::value)
                    .containsExactlyInAnyOrder(Double.NaN, Double.POSITIVE_INFINITY);
            try (OpenArtifact notes = tracking.artifacts()
                    .open(Artifacts.directory(run.info()).orElseThrow().resolve(ArtifactPath.of("notes/first.txt")))) {
                assertThat(notes.stream()).hasContent("notes of first\n");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("releases")
    void whatWasPutAwayIsStillAwayAndItsRetentionBeginsNow(Release release) {
        try (Store store = open(lay(release))) {
            TrackingRuns tracking = tracking(store);

            assertThat(tracking.get(run("wrong")).info().stage()).isEqualTo(Stage.DELETED);
            assertThat(tracking.get(run("below")).info().stage()).isEqualTo(Stage.DELETED);
            assertThat(texts(store, "select id from tracked_run where deleted_at > 1700000000000"))
                    .containsExactlyInAnyOrder(run("wrong"), run("below"));
            assertThat(texts(store, "select name from experiment where deleted_at > 1700000000000"))
                    .containsExactly("sunken");
            tracking.experiments().restore(facts.path("deletedExperiment").asLong());
            assertThat(tracking.get(run("below")).info().stage()).isEqualTo(Stage.ACTIVE);
        }
    }

    @ParameterizedTest
    @MethodSource("releases")
    void theModelItsVersionsAndDecisionsAreFound(Release release) {
        try (Store store = open(lay(release))) {
            ModelId model = ModelId.parse(facts.path("model").asText());
            Registry registry = new Registry(store.database());
            Decisions decisions = new Decisions(store.database(), new EventLog(store.database(), clock), clock, ids());

            assertThat(registry.versions(model, PageRequest.of(null, null)).items())
                    .hasSize(facts.path("versions").asInt());
            assertThat(registry.alias(model, Registry.CHAMPION)).isPresent();
            assertThat(decisions.all(model)).hasSize(facts.path("decisions").asInt());
        }
    }

    @ParameterizedTest
    @MethodSource("releases")
    void theLedgerGoesOn(Release release) {
        try (Store store = open(lay(release))) {
            long entries = store.ledger().status().entries();
            store.database()
                    .writing(tx -> tx.ledger(
                            new LedgerEvent("system", "user:test", "system.start", "server", 1, Json.object())));

            assertThat(entries)
                    .isGreaterThanOrEqualTo(facts.path("ledgerEntries").asLong());
            assertThat(store.ledger().seal().orElseThrow().size()).isEqualTo(entries + 1);
        }
    }

    @ParameterizedTest
    @MethodSource("releases")
    void aNewerDatabaseIsRefusedWithBothVersions(Release release) {
        StoreSettings settings = lay(release);
        try (Store store = open(settings)) {
            store.database()
                    .writing(tx -> tx.sql()
                            .execute(
                                    "insert into flyway_schema_history (installed_rank, version, description, type, script,"
                                            + " checksum, installed_by, installed_on, execution_time, success) select 9999, '9000',"
                                            + " 'later', 'SQL', 'V9000__later.sql', 1, installed_by, installed_on, 1, success"
                                            + " from flyway_schema_history where installed_rank = 1"));
        }

        assertThatThrownBy(() -> open(settings))
                .isInstanceOf(PerennialException.class)
                .hasMessageMatching(
                        "the database has version 9000, which this program does not know \\(it knows up to \\d+\\):"
                                + " start the newer program that wrote it, or restore a backup that is older.*");
    }
}
