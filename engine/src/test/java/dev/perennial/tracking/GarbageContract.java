package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PageRequest;
import dev.perennial.store.Database;
import dev.perennial.store.UpkeepLock;
import dev.perennial.store.ledger.LedgerEntry;
import dev.perennial.store.ledger.LedgerEvent;
import dev.perennial.testkit.SeededIds;
import dev.perennial.tracking.models.LoggedModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

/** What a collection deletes for good, and what it never touches. */
abstract class GarbageContract extends GarbageFixture {
    @Test
    void aRunPutAwayLongAgoIsGoneWithAllThatItLogged() {
        String gone = fullRun("gone");
        Digest notes = file(gone, "deep/er/notes.txt", "only here");
        tracking.delete(gone);
        clock.advance(LATER);

        GarbageCollection.Report report = collect();

        assertThat(report.runs()).isEqualTo(1);
        assertThat(report.points()).isEqualTo(3);
        assertThat(report.blobs()).isEqualTo(1);
        assertThat(report.bytes()).isEqualTo("only here".length());
        assertThatThrownBy(() -> tracking.get(gone)).hasMessage("Run with id=" + gone + " not found");
        assertThat(store.blobs().has(notes)).isFalse();
        for (String table :
                List.of("run_metric", "run_metric_latest", "run_metric_unranked", "run_param", "run_tag", "artifact")) {
            assertThat(count(table)).as(table).isZero();
        }
    }

    @Test
    void theSecondBeforeTheRetentionEndsItIsStillThere() {
        String run = run("kept");
        tracking.delete(run);
        clock.advance(RETENTION);

        assertThat(collect().runs()).isZero();
        clock.advance(Duration.ofMillis(1));
        assertThat(collect().runs()).isEqualTo(1);
    }

    @Test
    void aDryRunTellsTheSameAndDeletesNothing() {
        String gone = fullRun("gone");
        String stays = fullRun("stays");
        Digest only = file(gone, "a.txt", "only in gone");
        file(gone, "b.txt", "in both");
        file(stays, "b.txt", "in both");
        tracking.delete(gone);
        clock.advance(LATER);

        GarbageCollection.Report told = garbage().look(RETENTION);

        assertThat(tracking.get(gone).info().stage()).isEqualTo(Stage.DELETED);
        assertThat(store.blobs().has(only)).isTrue();
        assertThat(count("ledger_entry")).isZero();
        GarbageCollection.Report done = collect();
        assertThat(figures(told)).isEqualTo(figures(done));
        assertThat(told.blobs()).isEqualTo(1);
    }

    @Test
    void anActiveRunAndItsFilesStay() {
        String run = fullRun("active");
        Digest notes = file(run, "notes.txt", "mine");
        clock.advance(LATER);

        GarbageCollection.Report report = collect();

        assertThat(report.runs() + report.blobs()).isZero();
        assertThat(store.blobs().has(notes)).isTrue();
        assertThat(count("ledger_entry"))
                .as("nothing happened, so nothing is told")
                .isZero();
    }

    @Test
    void aRunThatWasBroughtBackStays() {
        String run = run("back");
        tracking.delete(run);
        tracking.restore(run);
        clock.advance(LATER);

        assertThat(collect().runs()).isZero();
        assertThat(tracking.get(run).info().stage()).isEqualTo(Stage.ACTIVE);
    }

    @Test
    void deletingItTwiceDoesNotPostponeTheEnd() {
        String run = run("twice");
        tracking.delete(run);
        clock.advance(Duration.ofDays(29));
        tracking.delete(run);
        clock.advance(Duration.ofDays(2));

        assertThat(collect().runs()).isEqualTo(1);
    }

    @Test
    void leftoversGoAlsoAloneAndAreInReportAndLedger() {
        leftovers = new Leftovers() {
            @Override
            public Swept look(Instant youngest) {
                assertThat(youngest).isEqualTo(clock.instant().minus(GarbageCollection.GRACE));
                return new Swept(List.of("a", "b"), 7);
            }

            @Override
            public Swept delete(Instant youngest, java.util.function.BooleanSupplier goOn) {
                assertThat(goOn.getAsBoolean()).isTrue();
                return look(youngest);
            }
        };
        String told = "\"environmentBytes\":7,\"environments\":[\"a\",\"b\"]";
        assertThat(garbage().look(RETENTION).json().toString()).contains(told);
        assertThat(count("ledger_entry")).isZero();
        assertThat(collect().json().toString()).contains(told);
        assertThat(count("ledger_entry")).isEqualTo(1);
    }

    @Test
    void anExperimentGoesWithItsRunsAndItsNameIsFree() {
        long experiment = tracking.experiments().create("sunken", null, List.of(new KeyValue("k", "v")));
        String run = tracking.create(newRun(experiment, "below")).info().id();
        tracking.experiments().delete(experiment);
        clock.advance(LATER);

        assertThat(garbage().look(RETENTION).experiments()).isEqualTo(1);
        GarbageCollection.Report report = collect();

        assertThat(report.experiments()).isEqualTo(1);
        assertThat(report.runs()).isEqualTo(1);
        assertThatThrownBy(() -> tracking.get(run)).hasMessageContaining("not found");
        assertThat(count("experiment_tag")).isZero();
        assertThat(tracking.experiments().create("sunken", null, List.of()))
                .as("numbers are not used again")
                .isGreaterThan(experiment);
    }

    @Test
    void aLoggedModelDeletedLongAgoIsGoneWithItsFiles() {
        LoggedModel model = model(Experiment.DEFAULT, "old");
        LoggedModel kept = model(Experiment.DEFAULT, "kept");
        ArtifactPath folder = Artifacts.directory(model.artifactUri()).orElseThrow();
        tracking.artifacts()
                .put(folder.resolve(ArtifactPath.of("MLmodel")), new ByteArrayInputStream(new byte[] {1, 2, 3}));
        Digest file = age(Digest.of(new byte[] {1, 2, 3}));
        tracking.models().delete(model.id());
        clock.advance(LATER);

        GarbageCollection.Report report = collect();

        assertThat(report.models()).isEqualTo(1);
        assertThat(report.blobs()).isEqualTo(1);
        assertThat(store.blobs().has(file)).isFalse();
        assertThat(tracking.models().get(kept.id()).name()).isEqualTo("kept");
        assertThat(count("logged_model_param")).isEqualTo(1);
        assertThat(count("logged_model_tag")).isEqualTo(1);
    }

    @Test
    void aLoggedModelGoesWithItsExperiment() {
        long experiment = tracking.experiments().create("models", null, List.of());
        model(experiment, "inside");
        tracking.experiments().delete(experiment);
        clock.advance(LATER);

        assertThat(garbage().look(RETENTION).experiments()).isEqualTo(1);
        GarbageCollection.Report report = collect();
        assertThat(report.models()).isEqualTo(1);
        assertThat(report.experiments()).isEqualTo(1);
    }

    @Test
    void plainFilesOfADestinationFolderGoWithTheirRun() throws IOException {
        Path plain = folder.resolve("plain");
        tracking = new TrackingRuns(
                store.database(),
                store.blobs(),
                clock,
                SeededIds.of(3, clock),
                (sql, models) -> Map.of(),
                new ArtifactSettings(Optional.of(plain), Optional.empty()));
        String gone = run("gone");
        String stays = run("stays");
        for (String run : List.of(gone, stays)) {
            ArtifactPath place = Artifacts.directory(tracking.get(run).info()).orElseThrow();
            tracking.artifacts().put(place.resolve(ArtifactPath.of("a.txt")), new ByteArrayInputStream(new byte[1]));
        }
        tracking.delete(gone);
        clock.advance(LATER);

        assertThat(collect().runs()).isEqualTo(1);
        try (var files = Files.walk(plain)) {
            assertThat(files.filter(Files::isRegularFile).map(Path::toString))
                    .singleElement()
                    .asString()
                    .contains(stays);
        }
    }

    @Test
    void anExperimentWithARunThatStaysStays() {
        long experiment = tracking.experiments().create("half", null, List.of());
        String run = tracking.create(newRun(experiment, "young")).info().id();
        tracking.experiments().delete(experiment);
        sql("update tracked_run set deleted_at = ? where id = ?", clock.millis() + LATER.toMillis(), run);
        clock.advance(LATER);

        assertThat(garbage().look(RETENTION).experiments()).isZero();
        assertThat(collect().experiments()).isZero();
        assertThat(tracking.experiments().find("half")).isPresent();
    }

    @Test
    void theDefaultExperimentIsNeverDeletedForGood() {
        tracking.experiments().delete(Experiment.DEFAULT);
        clock.advance(LATER);

        assertThat(collect().experiments()).isZero();
        tracking.experiments().restore(Experiment.DEFAULT);
    }

    @Test
    void numbersOfRunsThatAreGoneAreNotUsedAgain() {
        String gone = fullRun("gone");
        tracking.delete(gone);
        clock.advance(LATER);
        collect();

        String next = run("next");

        assertThat(tracking.get(next).metrics()).isEmpty();
        assertThat(store.database()
                        .<Long>read(sql -> sql.createQuery("select number from tracked_run")
                                .mapTo(Long.class)
                                .one()))
                .isEqualTo(2);
        collect();
        assertThat(count("purged_run")).isZero();
    }

    private void points(String run, int count, IntUnaryOperator step) {
        List<Metric> points = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            points.add(new Metric("loss", i, i, step.applyAsInt(i)));
            if (points.size() == 1_000) {
                tracking.log(run, new Batch(points, List.of(), List.of()));
                points.clear();
            }
        }
    }

    @Test
    void aLongHistoryGoesPieceByPiece() {
        String run = run("long");
        points(run, 45_000, i -> i);
        tracking.delete(run);
        clock.advance(LATER);

        assertThat(collect().points()).isEqualTo(45_000);
        assertThat(count("run_metric")).isZero();
    }

    @Test
    void manyPointsOfOneStepGoToo() {
        String run = run("flat");
        points(run, 21_000, i -> 0);
        tracking.delete(run);
        clock.advance(LATER);
        collect();

        assertThat(count("run_metric")).isZero();
    }

    @Test
    void whatAnInterruptedCollectionLeftIsFinished() {
        String run = fullRun("gone");
        tracking.delete(run);
        clock.advance(LATER);
        GarbageCollection ended = garbage();
        ended.close();
        ended.collect(RETENTION, "user:ann", text -> {});
        assertThat(count("tracked_run")).isZero();
        assertThat(count("run_metric")).as("points were left").isEqualTo(3);

        collect();

        assertThat(count("run_metric")).isZero();
    }

    @Test
    void aBlobThatAnyTextOfTheDatabaseNamesStays() {
        Digest inDecision = blob("evidence of a decision");
        Digest inLedger = blob("evidence of a ledger entry");
        Digest ofVersion = blob("a model");
        Digest ofSegment = blob("predictions");
        Digest loose = blob("nobody's");
        sql(
                "insert into decision (id, model, at, recorded_at, kind, verdict, title, text, evidence, injected)"
                        + " values ('d', 'm', 1, 1, 'GATE', 'PASS', 't', 't', ?, 0)",
                "{\"evaluation\":{\"digest\":\"" + inDecision.hex() + "\"}}");
        store.database()
                .writing(tx -> tx.ledger(new LedgerEvent(
                        "model:m",
                        "user:ann",
                        "approval.given",
                        "model:m/1",
                        1,
                        Json.object().put("evidence", inLedger.hex()))));
        sql(
                "insert into model_version (model, number, created_at, event_time, source, manifest, file, lifecycle, state,"
                        + " metrics) values ('m', 1, 1, 1, 'x', ?, ?, 'd', 'CHAMPION', '{}')",
                ofVersion.hex(),
                ofVersion.hex());
        sql(
                "insert into segment (scorer, generation, number, model, root, blob, records, first_event, last_event,"
                        + " received_at) values ('s', '1', 1, 'm', 'r', ?, 1, 1, 1, 1)",
                ofSegment.hex());

        assertThat(collect().blobs()).isEqualTo(1);

        assertThat(List.of(inDecision, inLedger, ofVersion, ofSegment))
                .allMatch(blob -> store.blobs().has(blob));
        assertThat(store.blobs().has(loose)).isFalse();
    }

    @Test
    void aBlobThatANamedManifestNamesStaysAndSoDoesWhatThatNames() {
        Digest leaf = blob("part of a snapshot");
        Digest inner = blob("[\"" + leaf.hex() + "\"]");
        Digest manifest = blob("{\"parts\":[{\"blob\":\"" + inner.hex() + "\"}]}");
        String run = run("with");
        pairs(run, Map.of(), Map.of("snapshot", manifest.hex()));

        assertThat(collect().blobs()).isZero();

        tracking.delete(run);
        clock.advance(LATER);
        assertThat(collect().blobs()).isEqualTo(3);
        assertThat(store.blobs().has(leaf)).isFalse();
    }

    @Test
    void aBlobThatWasPutInTheLastHoursStays() throws IOException {
        Digest young = blob("about to be named");
        Files.setLastModifiedTime(
                store.blobs().file(young), FileTime.from(clock.instant().minus(Duration.ofHours(23))));

        assertThat(collect().blobs()).isZero();
        clock.advance(Duration.ofHours(2));
        assertThat(collect().blobs()).isEqualTo(1);
    }

    @Test
    void puttingTheSameBytesAgainMakesABlobYoung() {
        Digest old = blob("twice");
        clock.set(Instant.parse("2026-01-03T00:00:00Z"));
        store.blobs().put("twice".getBytes(StandardCharsets.UTF_8));

        assertThat(collect().blobs()).isZero();
        assertThat(store.blobs().has(old)).isTrue();
    }

    @Test
    void theLedgerTellsWhatWentAndWhoAsked() {
        String gone = run("gone");
        tracking.delete(gone);
        clock.advance(LATER);
        collect();

        LedgerEntry entry = store.ledger()
                .entries("system", PageRequest.of(null, null))
                .items()
                .getFirst();
        assertThat(entry.action()).isEqualTo("data.delete");
        assertThat(entry.actor()).isEqualTo("user:ann");
        assertThat(entry.payload().orElseThrow().path("runIds").get(0).asText()).isEqualTo(gone);
        assertThat(entry.payload().orElseThrow().path("runs").asText()).isEqualTo("1");
    }

    @Test
    void whileABackupIsTakenNothingIsDeleted() {
        try (UpkeepLock backup = UpkeepLock.forBackup(store.directory().root())) {
            assertThat(backup).isNotNull();
            assertThatThrownBy(this::collect)
                    .hasMessage("a backup of " + store.directory().root()
                            + " is being taken, or another gc runs; try again afterwards");
        }
    }

    @Test
    void filesInOtherPlacesAreCountedAndLeft() {
        long experiment = tracking.experiments().create("far", "s3://bucket/far", List.of());
        String run = tracking.create(newRun(experiment, "r")).info().id();
        tracking.delete(run);
        clock.advance(LATER);

        assertThat(collect().elsewhere()).isEqualTo(1);
    }

    /** A table that a later migration adds must be decided about. */
    @Test
    void everyTableWithRowsOfARunIsKnown() {
        String query = store.database().dialect() == Database.Dialect.SQLITE
                ? "select m.name from sqlite_schema m join pragma_table_info(m.name) c on c.name = 'run'"
                        + " where m.type = 'table' and c.type = 'INTEGER'"
                : "select table_name from information_schema.columns where table_schema = current_schema()"
                        + " and column_name = 'run' and data_type = 'bigint'";
        Set<String> known = new TreeSet<>(Purge.OF_RUN);
        known.addAll(Purge.POINTS);
        known.addAll(Purge.OF_OTHERS);

        List<String> tables = store.database()
                .read(sql -> sql.createQuery(query).mapTo(String.class).list());
        assertThat(tables)
                .as("add the table to Purge.OF_RUN, Purge.POINTS or Purge.OF_OTHERS")
                .isNotEmpty()
                .isSubsetOf(known);
    }
}
