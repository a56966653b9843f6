package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.tracking.search.SearchRequest;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What holds of runs that come from another server, on every dialect. */
abstract class RunImportContract extends TrackingFixture {
    private static final String SOURCE = "http://mlflow.example:5000";
    private static final String ID = "0123456789abcdef0123456789abcdef";

    private RunImport imported() {
        return tracking.imported();
    }

    private static Experiment experiment(long id, String name, Stage stage) {
        return new Experiment(id, "default", name, "", stage, 100, 200, List.of(new KeyValue("team", "x")));
    }

    private static ImportedRun run(String id, long experiment, Stage stage, String rate) {
        return new ImportedRun(
                new RunInfo(id, experiment, "name", "ann", RunStatus.KILLED, 5L, null, "", stage),
                null,
                List.of(new KeyValue("rate", rate)),
                List.of(new KeyValue("mlflow.runName", "name")),
                List.of(new DatasetInput(
                        new Dataset("flights", "d1", "code", "here", null, null),
                        List.of(new KeyValue("mlflow.data.context", "train")))),
                List.of("m-1"),
                List.of(new ModelOutput("m-2", 3)));
    }

    private void come(ImportedRun... runs) {
        imported().experiments(SOURCE, List.of(experiment(7, "theirs", Stage.ACTIVE)));
        assertThat(imported().runs(SOURCE, List.of(runs))).isEmpty();
    }

    private static Metric value(double value, long step) {
        return new Metric("acc", value, 10, step);
    }

    @Test
    void aRunKeepsItsIdTimesStatusAndAllThatWasLogged() {
        come(run(ID, 7, Stage.ACTIVE, "0.1"));
        imported().metrics(SOURCE, ID, List.of(value(1, 0), value(Double.NaN, 1), value(3, -2)));
        TrackedRun run = tracking.get(ID);
        assertThat(run.info())
                .isEqualTo(new RunInfo(
                        ID,
                        7,
                        "name",
                        "ann",
                        RunStatus.KILLED,
                        5L,
                        null,
                        "mlflow-artifacts:/7/" + ID + "/artifacts",
                        Stage.ACTIVE));
        assertThat(run.params()).containsExactly(new KeyValue("rate", "0.1"));
        assertThat(run.tags()).containsExactly(new KeyValue("mlflow.runName", "name"));
        assertThat(run.inputs()).hasSize(1);
        assertThat(run.modelInputs()).containsExactly("m-1");
        assertThat(run.outputs()).containsExactly(new ModelOutput("m-2", 3));
        assertThat(run.metrics()).containsExactly(value(Double.NaN, 1));
        assertThat(tracking.history(ID, "acc", new HistoryPage(10, null)).items())
                .containsExactly(value(3, -2), value(1, 0), value(Double.NaN, 1));
    }

    @Test
    void anExperimentKeepsItsIdNameTimesAndTags() {
        imported().experiments(SOURCE, List.of(experiment(7, "theirs", Stage.ACTIVE)));
        assertThat(tracking.experiments().get(7))
                .isEqualTo(new Experiment(
                        7,
                        "default",
                        "theirs",
                        "mlflow-artifacts:/7",
                        Stage.ACTIVE,
                        100,
                        200,
                        List.of(new KeyValue("team", "x"))));
    }

    @Test
    void theNextExperimentGetsAnIdBehindThoseThatCame() {
        imported().experiments(SOURCE, List.of(experiment(7, "theirs", Stage.ACTIVE)));
        assertThat(tracking.experiments().create("mine", null, List.of())).isEqualTo(8);
    }

    @Test
    void anAddressThatClientsReachThemselvesIsKept() {
        ImportedRun plain = run(ID, 7, Stage.ACTIVE, "1");
        come(new ImportedRun(plain.info(), "s3://bucket/x", List.of(), List.of(), List.of(), List.of(), List.of()));
        assertThat(tracking.get(ID).info().artifactUri()).isEqualTo("s3://bucket/x");
    }

    @Test
    void aDeletedRunOfALivingExperimentStaysDeletedWhenTheExperimentIsRestored() {
        come(run(ID, 7, Stage.DELETED, "1"));
        tracking.experiments().delete(7);
        tracking.experiments().restore(7);
        assertThat(tracking.get(ID).info().stage()).isEqualTo(Stage.DELETED);
    }

    @Test
    void theRunsOfADeletedExperimentComeBackWithIt() {
        imported().experiments(SOURCE, List.of(experiment(7, "theirs", Stage.DELETED)));
        imported().runs(SOURCE, List.of(run(ID, 7, Stage.DELETED, "1")));
        tracking.experiments().restore(7);
        assertThat(tracking.get(ID).info().stage()).isEqualTo(Stage.ACTIVE);
    }

    @Test
    void anOpenRunIsReplacedWhenItComesAgain() {
        come(run(ID, 7, Stage.ACTIVE, "0.1"));
        imported().metrics(SOURCE, ID, List.of(value(1, 0)));
        come(run(ID, 7, Stage.ACTIVE, "0.2"));
        assertThat(tracking.get(ID).params()).containsExactly(new KeyValue("rate", "0.2"));
        assertThat(tracking.get(ID).metrics()).isEmpty();
        assertThat(tracking.history(ID, "acc", new HistoryPage(10, null)).items())
                .isEmpty();
    }

    @Test
    void aCompleteRunIsLeftAlone() {
        come(run(ID, 7, Stage.ACTIVE, "0.1"));
        imported().complete(SOURCE, ID, new ImportedRun.Counts(0, 1, 1, 1));
        assertThat(imported().runs(SOURCE, List.of(run(ID, 7, Stage.ACTIVE, "0.2"))))
                .containsExactly(ID);
        assertThat(tracking.get(ID).params()).containsExactly(new KeyValue("rate", "0.1"));
        refused(ErrorCode.INVALID_STATE, () -> imported().metrics(SOURCE, ID, List.of(value(1, 0))));
    }

    @Test
    void aRunIsCompleteOnlyWhenAsMuchIsStoredAsWasReceived() {
        come(run(ID, 7, Stage.ACTIVE, "0.1"));
        imported().metrics(SOURCE, ID, List.of(value(1, 0), value(2, 1)));
        assertThatThrownBy(() -> imported().complete(SOURCE, ID, new ImportedRun.Counts(3, 1, 1, 1)))
                .isInstanceOf(PerennialException.class)
                .hasMessage("run " + ID + ": received were 3 metric values, 1 params, 1 tags, 1 inputs, stored are"
                        + " 2 metric values, 1 params, 1 tags, 1 inputs; import it again");
        imported().complete(SOURCE, ID, new ImportedRun.Counts(2, 1, 1, 1));
    }

    @Test
    void theSameValuesAgainCountOnce() {
        come(run(ID, 7, Stage.ACTIVE, "0.1"));
        imported().metrics(SOURCE, ID, List.of(value(1, 0)));
        imported().metrics(SOURCE, ID, List.of(value(1, 0)));
        imported().complete(SOURCE, ID, new ImportedRun.Counts(1, 1, 1, 1));
    }

    @Test
    void whatIsHereFromElsewhereIsACollision() {
        long mine = tracking.experiments().create("mine", null, List.of());
        String run = run("r");
        assertThat(imported()
                        .collisions(
                                SOURCE,
                                "default",
                                List.of(
                                        new RunImport.Name(mine, "theirs"),
                                        new RunImport.Name(99, "mine"),
                                        new RunImport.Name(0, "Default"),
                                        new RunImport.Name(98, "free")),
                                List.of(run, ID)))
                .containsExactly(
                        "experiment " + mine + " 'theirs': experiment " + mine
                                + " is 'mine' here and did not come from " + SOURCE,
                        "experiment 99 'mine': that name belongs to experiment " + mine
                                + " here; rename one of the two",
                        "run " + run + " is here already and did not come from " + SOURCE);
    }

    @Test
    void whatCameFromTheSameSourceIsNoCollisionAndFromAnotherItIs() {
        come(run(ID, 7, Stage.ACTIVE, "1"));
        List<RunImport.Name> names = List.of(new RunImport.Name(7, "theirs"));
        assertThat(imported().collisions(SOURCE, "default", names, List.of(ID))).isEmpty();
        assertThat(imported().collisions("http://other", "default", names, List.of(ID)))
                .hasSize(2);
    }

    @Test
    void aCollisionIsRefusedByWritesTooAndChangesNothing() {
        String run = run("r");
        refused(
                ErrorCode.CONFLICT,
                () -> imported().runs(SOURCE, List.of(run(ID, 0, Stage.ACTIVE, "1"), run(run, 0, Stage.ACTIVE, "1"))));
        refused(ErrorCode.NOT_FOUND, () -> tracking.get(ID));
        tracking.experiments().create("mine", null, List.of());
        refused(
                ErrorCode.CONFLICT,
                () -> imported()
                        .experiments(
                                SOURCE,
                                List.of(experiment(7, "theirs", Stage.ACTIVE), experiment(9, "mine", Stage.ACTIVE))));
        assertThat(tracking.experiments().find(7)).isEmpty();
    }

    @Test
    void aRunOfAnExperimentThatHasNotComeIsRefused() {
        refused(ErrorCode.NOT_FOUND, () -> imported().runs(SOURCE, List.of(run(ID, 5, Stage.ACTIVE, "1"))));
    }

    @Test
    void aProjectThatIsNotThereIsRefused() {
        assertThatThrownBy(() -> imported().collisions(SOURCE, "elsewhere", List.of(), List.of()))
                .hasMessage("there is no project 'elsewhere' to import into; make it first");
    }

    @Test
    void aBatchHasALargestSize() {
        assertThatThrownBy(() -> imported().collisions(SOURCE, "default", List.of(), Collections.nCopies(1001, ID)))
                .hasMessage("at most 1000 runs at once, got 1001");
        assertThatThrownBy(() -> imported().metrics(SOURCE, ID, Collections.nCopies(25_001, value(1, 1))))
                .hasMessage("at most 25000 metrics at once, got 25001");
    }

    @Test
    void whatCameIsFoundBySearches() {
        come(run(ID, 7, Stage.ACTIVE, "0.1"));
        imported().metrics(SOURCE, ID, List.of(value(5, 0)));
        var request = new SearchRequest(
                "metrics.acc = 5 AND params.rate = '0.1' AND dataset.name = 'flights'",
                List.of("metrics.acc DESC"),
                View.ACTIVE_ONLY,
                10,
                null);
        assertThat(tracking.search(request, List.of(7L)).items())
                .extracting(found -> found.info().id())
                .containsExactly(ID);
    }

    private void project(String name) {
        store.database()
                .writing(tx -> tx.sql()
                        .execute(
                                "insert into project (name, description, artifact_location, created_at) values (?, '', '', 0)",
                                name));
    }

    private static Experiment of(String project, long id, String name) {
        return new Experiment(id, project, name, "", Stage.ACTIVE, 100, 200, List.of());
    }

    @Test
    void theExperimentThatEveryServerHasGetsAnIdOfItsOwnInAnotherProject() {
        project("team");
        assertThat(imported().experiments(SOURCE, List.of(of("team", 7, "theirs"), of("team", 0, "Default"))))
                .containsExactly(java.util.Map.entry(7L, 7L), java.util.Map.entry(0L, 8L));
        assertThat(tracking.experiments().get(8).project()).isEqualTo("team");
        assertThat(tracking.experiments().get(0).project()).isEqualTo("default");
    }

    @Test
    void theExperimentThatEveryServerHasKeepsItsNewIdWhenItComesAgain() {
        project("team");
        imported().experiments(SOURCE, List.of(of("team", 0, "Default")));
        assertThat(imported().collisions(SOURCE, "team", List.of(new RunImport.Name(0, "Default")), List.of()))
                .isEmpty();
        assertThat(imported().experiments(SOURCE, List.of(of("team", 0, "Default"))))
                .containsExactly(java.util.Map.entry(0L, 1L));
    }

    @Test
    void whatCameIntoOneProjectDoesNotComeIntoAnother() {
        project("team");
        come(run(ID, 7, Stage.ACTIVE, "1"));
        assertThat(imported().collisions(SOURCE, "team", List.of(new RunImport.Name(7, "theirs")), List.of()))
                .containsExactly("experiment 7 'theirs': it came into project 'default' before; import into that one");
    }
}
