package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.tracking.search.SearchRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The life of experiments and runs on every dialect. Each runs all of it. */
abstract class ExperimentContract extends TrackingFixture {
    private Experiments experiments() {
        return tracking.experiments();
    }

    private List<String> seen(View view) {
        return experiments().search(new SearchRequest("", List.of("name"), view, 100, null)).items().stream()
                .map(Experiment::name)
                .toList();
    }

    @Test
    void idsCountUpAndAreNotUsedAgain() {
        long first = experiments().create("a", null, List.of());
        long second = experiments().create("b", null, List.of());
        experiments().delete(second);
        assertThat(List.of(first, second, experiments().create("c", null, List.of())))
                .containsExactly(1L, 2L, 3L);
    }

    @Test
    void aViewShowsWhatIsActiveDeletedOrBoth() {
        long id = experiments().create("a", null, List.of());
        experiments().create("b", null, List.of());
        experiments().delete(id);
        assertThat(seen(View.ACTIVE_ONLY)).containsExactly("Default", "b");
        assertThat(seen(View.DELETED_ONLY)).containsExactly("a");
        assertThat(seen(View.ALL)).containsExactly("Default", "a", "b");
    }

    @Test
    void timesMoveOnRenameDeleteAndRestoreOnly() {
        long id = experiments().create("a", null, List.of());
        long created = clock.millis();
        clock.advance(Duration.ofSeconds(1));
        experiments().setTag(id, new KeyValue("k", "v"));
        assertThat(experiments().get(id).updatedAt()).isEqualTo(created);
        experiments().delete(id);
        assertThat(experiments().get(id).updatedAt()).isEqualTo(created + 1000);
        clock.advance(Duration.ofSeconds(1));
        experiments().restore(id);
        assertThat(experiments().get(id).updatedAt()).isEqualTo(created + 2000);
        assertThat(experiments().get(id).createdAt()).isEqualTo(created);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b", "Ünïcode 日本", "x'; drop table experiment; --", "%", "0"})
    void anyTextIsAName(String name) {
        long id = experiments().create(name, null, List.of());
        assertThat(experiments().find(name).orElseThrow().id()).isEqualTo(id);
    }

    @Test
    void namesThatDifferInCaseAreTwo() {
        experiments().create("name", null, List.of());
        experiments().create("Name", null, List.of());
        assertThat(experiments().find("NAME")).isEmpty();
    }

    @Test
    void renamingToItsOwnNameIsFineAndToAnotherOnesIsNot() {
        long id = experiments().create("a", null, List.of());
        experiments().rename(id, "a");
        assertThatThrownBy(() -> experiments().rename(id, "Default")).hasMessageContaining("'Default' already exists");
        assertThat(experiments().get(id).name()).isEqualTo("a");
    }

    @Test
    void ofManyThatMakeOneNameOneWins() throws Exception {
        List<Future<Boolean>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 12; i++) {
                all.add(threads.submit(() -> {
                    try {
                        experiments().create("wanted", null, List.of());
                        return true;
                    } catch (PerennialException e) {
                        assertThat(e.code()).isEqualTo(ErrorCode.ALREADY_EXISTS);
                        return false;
                    }
                }));
            }
        }
        int won = 0;
        for (Future<Boolean> one : all) {
            won += one.get() ? 1 : 0;
        }
        assertThat(won).isEqualTo(1);
    }

    @Test
    void tagsAreReplacedAndDeletedAndRefusedOnWhatIsPutAway() {
        long id = experiments().create("a", null, List.of(new KeyValue("k", "1")));
        experiments().setTag(id, new KeyValue("k", "2"));
        assertThat(experiments().get(id).tags()).containsExactly(new KeyValue("k", "2"));
        experiments().deleteTag(id, "k");
        refused(ErrorCode.NOT_FOUND, () -> experiments().deleteTag(id, "k"));
        refused(ErrorCode.INVALID_ARGUMENT, () -> experiments().setTag(id, new KeyValue("k", "x".repeat(5001))));
        experiments().delete(id);
        refused(ErrorCode.INVALID_ARGUMENT, () -> experiments().setTag(id, new KeyValue("k", "3")));
        refused(ErrorCode.INVALID_ARGUMENT, () -> experiments().deleteTag(id, "k"));
    }

    @ParameterizedTest
    @CsvSource({"delete", "restore", "rename", "tag"})
    void whatIsNotThereIsTold(String what) {
        refused(ErrorCode.NOT_FOUND, () -> {
            switch (what) {
                case "delete" -> experiments().delete(77);
                case "restore" -> experiments().restore(77);
                case "rename" -> experiments().rename(77, "x");
                default -> experiments().setTag(77, new KeyValue("k", "v"));
            }
        });
    }

    @Test
    void aRunThatIsRestoredInADeletedExperimentStaysWhenThatComesBack() {
        long id = experiments().create("a", null, List.of());
        String run = tracking.create(newRun(id, "r")).info().id();
        experiments().delete(id);
        tracking.restore(run);
        assertThat(tracking.get(run).info().stage()).isEqualTo(Stage.ACTIVE);
        tracking.delete(run);
        experiments().restore(id);
        assertThat(tracking.get(run).info().stage())
                .as("deleted by itself meanwhile")
                .isEqualTo(Stage.DELETED);
    }

    @Test
    void anExperimentCanBePutAwayAndBackAgainAndAgain() {
        long id = experiments().create("a", null, List.of());
        String run = tracking.create(newRun(id, "r")).info().id();
        for (int i = 0; i < 3; i++) {
            experiments().delete(id);
            assertThat(tracking.get(run).info().stage()).isEqualTo(Stage.DELETED);
            experiments().restore(id);
            assertThat(tracking.get(run).info().stage()).isEqualTo(Stage.ACTIVE);
        }
        refused(ErrorCode.NOT_FOUND, () -> experiments().restore(id));
    }

    @ParameterizedTest
    @CsvSource({
        "s3://b/p, s3://b/p/RUN/artifacts",
        "s3://b/p/, s3://b/p/RUN/artifacts",
        "s3://b/p?version=1, s3://b/p/RUN/artifacts?version=1",
    })
    void filesOfARunLieBelowThoseOfItsExperiment(String location, String expected) {
        long id = experiments().create("a", location, List.of());
        RunInfo run = tracking.create(newRun(id, "r")).info();
        assertThat(run.artifactUri()).isEqualTo(expected.replace("RUN", run.id()));
    }

    @Test
    void aRunWithoutANameGetsOneAndKeepsItInItsTag() {
        RunInfo run = tracking.create(new NewRun(0, null, "", null, List.of())).info();
        assertThat(run.name()).isNotBlank();
        assertThat(tracking.get(run.id()).tags()).containsExactly(new KeyValue("mlflow.runName", run.name()));
    }

    @Test
    void aTagIsChangedByWhatItHoldsAlsoByManyAtOnce() throws Exception {
        String run = run("a");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                all.add(threads.submit(() -> tracking.changeTag(run, "n", before -> before.orElse("") + "x")));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        assertThat(tracking.get(run).tags()).contains(new KeyValue("n", "x".repeat(12)));
    }
}
