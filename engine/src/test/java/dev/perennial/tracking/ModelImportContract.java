package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.tracking.models.ImportedModel;
import dev.perennial.tracking.models.LoggedModel;
import dev.perennial.tracking.models.ModelImport;
import dev.perennial.tracking.models.ModelInfo;
import dev.perennial.tracking.models.ModelMetric;
import dev.perennial.tracking.models.ModelStatus;
import dev.perennial.tracking.models.NewLoggedModel;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Logged models that come from another server. */
abstract class ModelImportContract extends TrackingFixture {
    private static final String SOURCE = "http://old";
    private static final String ID = "m-0123456789abcdef0123456789abcdef";
    private static final String RUN = "feed0000000000000000000000000001";

    private ModelImport imported() {
        return tracking.importedModels();
    }

    private static ImportedModel model(String id, String artifacts, String rate) {
        return new ImportedModel(
                new ModelInfo(id, 0, "risk", "Agent", RUN, "", ModelStatus.READY, 100, 200, Stage.ACTIVE),
                artifacts,
                List.of(new KeyValue("rate", rate)),
                List.of(new KeyValue("team", "a")));
    }

    private static Metric value(double value, long step, String dataset) {
        return new Metric("acc", value, 10, step, MetricOrigin.of(ID, dataset, dataset == null ? null : "d1"));
    }

    private void comeRun() {
        tracking.imported()
                .runs(
                        SOURCE,
                        List.of(new ImportedRun(
                                new RunInfo(RUN, 0, "r", "ann", RunStatus.FINISHED, 1L, 2L, "", Stage.ACTIVE),
                                null,
                                List.of(),
                                List.of(),
                                List.of(),
                                List.of(),
                                List.of())));
    }

    private void come() {
        assertThat(imported().models(SOURCE, List.of(model(ID, null, "0.1")))).isEmpty();
    }

    private void complete(long metrics) {
        imported().complete(SOURCE, ID, List.of(RUN), new ImportedModel.Counts(metrics, 1, 1));
    }

    @Test
    void aModelKeepsItsIdTimesStatusAndAllThatWasLogged() {
        comeRun();
        come();
        imported().metrics(SOURCE, ID, Map.of(RUN, List.of(value(1, 0, null), value(2, 1, "flights"))));
        complete(2);
        LoggedModel model = tracking.models().get(ID);
        assertThat(model.info())
                .isEqualTo(new ModelInfo(
                        ID,
                        0,
                        "risk",
                        "Agent",
                        RUN,
                        "mlflow-artifacts:/0/models/" + ID + "/artifacts",
                        ModelStatus.READY,
                        100,
                        200,
                        Stage.ACTIVE));
        assertThat(model.params()).containsExactly(new KeyValue("rate", "0.1"));
        assertThat(model.tags()).containsExactly(new KeyValue("team", "a"));
        assertThat(model.metrics())
                .containsExactlyInAnyOrder(
                        new ModelMetric(RUN, value(1, 0, null)), new ModelMetric(RUN, value(2, 1, "flights")));
    }

    @Test
    void anAddressThatClientsReachThemselvesIsKept() {
        imported().models(SOURCE, List.of(model(ID, "s3://bucket/m", "1")));
        assertThat(tracking.models().get(ID).artifactUri()).isEqualTo("s3://bucket/m");
    }

    @Test
    void anOpenModelIsReplacedWhenItComesAgain() {
        come();
        imported().models(SOURCE, List.of(model(ID, null, "0.2")));
        assertThat(tracking.models().get(ID).params()).containsExactly(new KeyValue("rate", "0.2"));
    }

    @Test
    void aCompleteModelIsLeftAlone() {
        come();
        complete(0);
        assertThat(imported().models(SOURCE, List.of(model(ID, null, "0.2")))).containsExactly(ID);
        assertThat(tracking.models().get(ID).params()).containsExactly(new KeyValue("rate", "0.1"));
        refused(ErrorCode.INVALID_STATE, () -> imported().metrics(SOURCE, ID, Map.of(RUN, List.of(value(1, 0, null)))));
    }

    @Test
    void aModelIsCompleteOnlyWhenAsMuchIsStoredAsWasReceived() {
        comeRun();
        come();
        imported().metrics(SOURCE, ID, Map.of(RUN, List.of(value(1, 0, null))));
        assertThatThrownBy(() -> complete(2))
                .hasMessage("logged model " + ID + ": received were 2 metric values, 1 params, 1 tags, stored are"
                        + " 1 metric values, 1 params, 1 tags; import it again");
        complete(1);
    }

    @Test
    void theSameValuesAgainCountOnce() {
        comeRun();
        come();
        imported().metrics(SOURCE, ID, Map.of(RUN, List.of(value(1, 0, null))));
        imported().metrics(SOURCE, ID, Map.of(RUN, List.of(value(1, 0, null))));
        complete(1);
    }

    @Test
    void valuesWhoseRunIsGoneAreCountedAndLeftOut() {
        come();
        assertThat(imported().metrics(SOURCE, ID, Map.of(RUN, List.of(value(1, 0, null), value(2, 1, null)))))
                .isEqualTo(2);
        complete(0);
        assertThat(tracking.models().get(ID).metrics()).isEmpty();
    }

    @Test
    void aModelWhoseRunIsMadeAnewIsOpenAgain() {
        comeRun();
        come();
        imported().metrics(SOURCE, ID, Map.of(RUN, List.of(value(1, 0, null))));
        complete(1);
        comeRun(); // it was never complete
        assertThat(imported().models(SOURCE, List.of(model(ID, null, "0.1")))).isEmpty();
        imported().metrics(SOURCE, ID, Map.of(RUN, List.of(value(1, 0, null))));
        complete(1);
        assertThat(tracking.models().get(ID).metrics()).hasSize(1);
    }

    @Test
    void aModelOfOursIsACollisionAndIsNeverTouched() {
        String ours = tracking.models()
                .create(new NewLoggedModel(0, "mine", null, null, List.of(), List.of()))
                .id();
        String told = "logged model " + ours + " is here already and did not come from " + SOURCE;
        assertThat(imported().collisions(SOURCE, List.of(ID, ours))).containsExactly(told);
        assertThatThrownBy(() -> imported().models(SOURCE, List.of(model(ID, null, "1"), model(ours, null, "1"))))
                .hasMessage(told);
        assertThat(tracking.models().find(ID)).isEmpty();
    }

    @Test
    void anotherSourceIsACollision() {
        come();
        assertThat(imported().collisions(SOURCE, List.of(ID))).isEmpty();
        assertThat(imported().collisions("http://other", List.of(ID))).hasSize(1);
    }

    @Test
    void aModelOfAnExperimentThatHasNotComeIsRefused() {
        ModelInfo there = new ModelInfo(ID, 5, "risk", null, null, "", ModelStatus.READY, 1, 1, Stage.ACTIVE);
        refused(
                ErrorCode.NOT_FOUND,
                () -> imported().models(SOURCE, List.of(new ImportedModel(there, null, List.of(), List.of()))));
    }

    @Test
    void aBatchHasALargestSize() {
        assertThatThrownBy(() -> imported().collisions(SOURCE, Collections.nCopies(1001, ID)))
                .hasMessage("at most 1000 model_ids at once, got 1001");
    }
}
