package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Digest;
import dev.perennial.tracking.models.LoggedModel;
import dev.perennial.tracking.models.NewLoggedModel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a version needs is never deleted for good. */
abstract class GarbageHoldsContract extends GarbageFixture {
    private void registered(String source, String storage, String run, String logged, String manifest) {
        sql(
                "insert into registered_version (model, number, created_at, updated_at, user_id, source, storage, run,"
                        + " logged_model, stage, status, manifest) values (1, (select count(*) + 1 from registered_version), 1, 1, '', ?,"
                        + " ?, ?, ?, 'None', 'READY', ?)",
                source,
                storage,
                run,
                logged,
                manifest);
    }

    @Test
    void aRunThatARegisteredVersionNamesStaysWithItsFiles() {
        String run = run("trained");
        Digest file = file(run, "model.bin", "weights");
        registered("s3://bucket", null, run, null, null);
        tracking.delete(run);
        clock.advance(LATER);

        assertThat(garbage().look(RETENTION).heldRuns()).isEqualTo(1);
        assertThat(collect().runs()).isZero();
        assertThat(store.blobs().has(file)).isTrue();
    }

    @Test
    void aRunWhoseFolderIsTheSourceOfAVersionStaysAlsoWhenTheVersionNamesNoRun() {
        String bySource = run("by-source");
        String byStorage = run("by-storage");
        String other = run("other");
        registered(tracking.get(bySource).info().artifactUri() + "/model", null, null, null, null);
        registered("models:/risk/1", tracking.get(byStorage).info().artifactUri(), null, null, null);
        List.of(bySource, byStorage, other).forEach(tracking::delete);
        clock.advance(LATER);

        GarbageCollection.Report report = collect();

        assertThat(report.runs()).isEqualTo(1);
        assertThat(report.heldRuns()).isEqualTo(2);
        assertThat(tracking.get(bySource).info().stage()).isEqualTo(Stage.DELETED);
        assertThat(tracking.get(byStorage).info().stage()).isEqualTo(Stage.DELETED);
        assertThatThrownBy(() -> tracking.get(other)).hasMessageContaining("not found");
    }

    @Test
    void theFrozenFilesOfAVersionStayWhenItsRunAndFolderAreGone() {
        Digest weights = blob("weights");
        ArtifactManifest manifest = new ArtifactManifest(List.of(new ArtifactManifest.Entry("model.bin", weights, 7)));
        Digest kept = age(store.blobs().put(manifest.bytes()));
        registered("s3://gone", null, "ffff", null, kept.hex());
        Digest nobodys = blob("nobody's");

        assertThat(collect().blobs()).isEqualTo(1);
        assertThat(store.blobs().has(nobodys)).isFalse();
        assertThat(tracking.artifacts().file(tracking.artifacts().manifest(kept), "model.bin"))
                .hasContent("weights");
    }

    @Test
    void aManifestOfVeryManyFilesIsReadToItsEnd() {
        Digest first = blob("first");
        Digest last = blob("last");
        List<ArtifactManifest.Entry> files = new ArrayList<>();
        files.add(new ArtifactManifest.Entry("0", first, 5));
        String folder = "d".repeat(200);
        for (int i = 0; i < 30_000; i++) {
            files.add(new ArtifactManifest.Entry("1/" + folder + i, Digest.of("file" + i), 1));
        }
        files.add(new ArtifactManifest.Entry("9", last, 4));
        Digest kept = age(store.blobs().put(new ArtifactManifest(files).bytes()));
        registered("s3://gone", null, null, null, kept.hex());

        assertThat(store.blobs().size(kept)).isGreaterThan(8 << 20);
        assertThat(collect().blobs()).isZero();
        assertThat(store.blobs().has(first)).isTrue();
        assertThat(store.blobs().has(last)).isTrue();
    }

    @Test
    void aLoggedModelThatIsTheSourceOfAVersionStaysWithItsFilesAndItsRun() {
        String run = run("made it");
        LoggedModel named = tracking.models()
                .create(new NewLoggedModel(Experiment.DEFAULT, "named", null, run, List.of(), List.of()));
        LoggedModel placed = model(Experiment.DEFAULT, "placed");
        LoggedModel free = model(Experiment.DEFAULT, "free");
        registered("models:/" + named.id(), named.artifactUri(), null, named.id(), null);
        registered(placed.artifactUri(), null, null, null, null);
        List.of(named, placed, free).forEach(model -> tracking.models().delete(model.id()));
        tracking.delete(run);
        clock.advance(LATER);

        GarbageCollection.Report report = collect();

        assertThat(report.models()).isEqualTo(1);
        assertThat(report.runs()).isZero();
        assertThat(tracking.models().find(named.id())).isPresent();
        assertThat(tracking.models().find(placed.id())).isPresent();
        assertThat(tracking.models().find(free.id())).isEmpty();
    }

    @Test
    void anExperimentWithARunThatAVersionNeedsStays() {
        long experiment = tracking.experiments().create("needed", null, List.of());
        String run = tracking.create(newRun(experiment, "trained")).info().id();
        registered("s3://bucket", null, run, null, null);
        tracking.experiments().delete(experiment);
        clock.advance(LATER);

        assertThat(garbage().look(RETENTION).experiments()).isZero();
        assertThat(collect().experiments()).isZero();
        assertThat(tracking.experiments().find(experiment)).isPresent();
    }

    @Test
    void aVersionThatComesBetweenTheLookAndTheDeletionKeepsItsRunAndModel() {
        String run = run("late");
        LoggedModel model = model(Experiment.DEFAULT, "late");
        tracking.delete(run);
        tracking.models().delete(model.id());
        clock.advance(LATER);
        long before = clock.millis() - RETENTION.toMillis();
        Purge purge = new Purge(store.database(), tracking.artifacts());
        Purge.Run dueRun = purge.due(before, Long.MIN_VALUE).getFirst();
        Purge.Run dueModel = purge.dueModels(before).getFirst();
        registered("s3://bucket", null, run, model.id(), null);

        assertThat(purge.delete(dueRun, before)).isFalse();
        assertThat(purge.deleteModel(dueModel, before)).isFalse();
        assertThat(tracking.get(run).info().stage()).isEqualTo(Stage.DELETED);
        assertThat(tracking.models().find(model.id())).isPresent();
    }

    @Test
    void aLoggedModelWhoseExperimentIsBroughtBackMeanwhileStays() {
        long experiment = tracking.experiments().create("back", null, List.of());
        LoggedModel model = model(experiment, "inside");
        tracking.experiments().delete(experiment);
        clock.advance(LATER);
        long before = clock.millis() - RETENTION.toMillis();
        Purge purge = new Purge(store.database(), tracking.artifacts());
        Purge.Run due = purge.dueModels(before).getFirst();
        tracking.experiments().restore(experiment);

        assertThat(purge.deleteModel(due, before)).isFalse();
        assertThat(tracking.models().get(model.id()).name()).isEqualTo("inside");
    }

    @Test
    void aVersionThatIsDeletedHoldsNothingAnyMore() {
        String run = run("trained");
        registered("s3://bucket", null, run, null, null);
        tracking.delete(run);
        clock.advance(LATER);
        assertThat(collect().heldRuns()).isEqualTo(1);

        sql("delete from registered_version");

        assertThat(collect().runs()).isEqualTo(1);
    }

    @Test
    void aRunThatAModelVersionNamesStays() {
        String run = run("trained");
        tracking.delete(run);
        sql(
                "insert into model_version (model, number, created_at, event_time, source, manifest, file, lifecycle, run, state,"
                        + " metrics) values ('m', 1, 1, 1, 'x', '" + "a".repeat(64) + "', '" + "b".repeat(64)
                        + "', 'd', ?, 'CHAMPION', '{}')",
                run);
        clock.advance(LATER);

        GarbageCollection.Report report = collect();

        assertThat(report.runs()).isZero();
        assertThat(report.heldRuns()).isEqualTo(1);
        assertThat(tracking.get(run).info().stage()).isEqualTo(Stage.DELETED);
    }
}
