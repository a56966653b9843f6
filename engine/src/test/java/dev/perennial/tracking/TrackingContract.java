package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PerennialException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What tracking must do on every dialect. Each runs all of it. */
abstract class TrackingContract extends TrackingFixture {
    @Test
    void whatMakingARunReturnsIsWhatIsKept() {
        TrackedRun made = tracking.create(new NewRun(
                Experiment.DEFAULT,
                null,
                "ann",
                null,
                List.of(
                        new KeyValue("z", "1"),
                        new KeyValue("mlflow.runName", "mine"),
                        new KeyValue("a", "first"),
                        new KeyValue("a", "x".repeat(9000)))));
        assertThat(made.info().name()).isEqualTo("mine");
        assertThat(made.tags()).extracting(KeyValue::key).containsExactly("a", "mlflow.runName", "z");
        assertThat(made.tags().getFirst().value()).hasSize(8000);
        assertThat(tracking.get(made.info().id())).isEqualTo(made);
    }

    @Test
    void whatAChangeOfARunReturnsIsWhatIsKept() {
        String id = run("before");
        RunInfo ended = tracking.update(id, RunStatus.FAILED, 5000L, null);
        assertThat(ended.status()).isEqualTo(RunStatus.FAILED);
        assertThat(ended.endedAt()).isEqualTo(5000L);
        assertThat(ended.name()).isEqualTo("before");
        RunInfo renamed = tracking.update(id, null, null, "after");
        assertThat(renamed.status()).isEqualTo(RunStatus.FAILED);
        assertThat(renamed.endedAt()).isEqualTo(5000L);
        TrackedRun kept = tracking.get(id);
        assertThat(kept.info()).isEqualTo(renamed);
        assertThat(kept.tags()).contains(new KeyValue("mlflow.runName", "after"));
    }

    @Test
    void aRunNeedsAnExperimentThatIsThereAndInUse() {
        refused(ErrorCode.NOT_FOUND, () -> tracking.create(newRun(4711, "a")));
        long put = tracking.experiments().create("put away", null, List.of());
        tracking.experiments().delete(put);
        refused(ErrorCode.INVALID_ARGUMENT, () -> tracking.create(newRun(put, "a")));
    }

    @Test
    void theDefaultExperimentIsThereFromTheStart() {
        Experiment experiment = tracking.experiments().get(Experiment.DEFAULT);
        assertThat(experiment.name()).isEqualTo("Default");
        assertThat(experiment.artifactLocation()).isEqualTo("mlflow-artifacts:/0");
    }

    @Test
    void aNameStaysTakenWhileItsExperimentIsDeleted() {
        Experiments experiments = tracking.experiments();
        long id = experiments.create("a", null, List.of(new KeyValue("team", "x")));
        refused(ErrorCode.ALREADY_EXISTS, () -> experiments.create("a", null, List.of()));
        experiments.delete(id);
        refused(ErrorCode.ALREADY_EXISTS, () -> experiments.create("a", null, List.of()));
        refused(ErrorCode.INVALID_STATE, () -> experiments.rename(id, "b"));
        refused(ErrorCode.NOT_FOUND, () -> experiments.delete(id));
        experiments.restore(id);
        clock.advance(Duration.ofSeconds(1));
        experiments.rename(id, "b");
        assertThat(experiments.get(id).updatedAt()).isEqualTo(clock.millis());
        assertThat(experiments.find("b").orElseThrow().tags()).containsExactly(new KeyValue("team", "x"));
    }

    @Test
    void restoringAnExperimentLeavesRunsDeletedThatWereDeletedBefore() {
        long id = tracking.experiments().create("a", null, List.of());
        String first = tracking.create(newRun(id, "first")).info().id();
        String second = tracking.create(newRun(id, "second")).info().id();
        tracking.delete(first);
        tracking.experiments().delete(id);
        assertThat(tracking.get(second).info().stage()).isEqualTo(Stage.DELETED);
        refused(ErrorCode.INVALID_ARGUMENT, () -> tracking.create(newRun(id, "third")));
        tracking.experiments().restore(id);
        assertThat(tracking.get(first).info().stage()).isEqualTo(Stage.DELETED);
        assertThat(tracking.get(second).info().stage()).isEqualTo(Stage.ACTIVE);
    }

    @Test
    void dangerousArtifactLocationsAreRefused() {
        for (String location : List.of(
                "file:///etc",
                "/tmp/x",
                "http://example.org/x",
                "s3://b/../x",
                "s3://b/%2e%2e/x",
                "s3://b/x#f",
                "relative")) {
            refused(ErrorCode.INVALID_ARGUMENT, () -> tracking.experiments().create("a", location, List.of()));
        }
        assertThat(tracking.experiments().find("a")).isEmpty();
    }

    @Test
    void aRunIsReadBackAsItWasLogged() {
        String run = tracking.create(
                        new NewRun(0, null, "ann", null, List.of(new KeyValue("mlflow.runName", "tagged"))))
                .info()
                .id();
        pairs(run, Map.of("lr", "0.1", "empty", ""), Map.of("team", "x"));
        metrics(run, new Metric("m", 2, 5, 1), new Metric("m", 3, 4, 2), new Metric("a/b", Double.NaN, 1, 0));
        tracking.update(run, RunStatus.FINISHED, 77L, null);
        TrackedRun read = tracking.get(run);
        assertThat(read.info().name()).isEqualTo("tagged");
        assertThat(read.info().startedAt()).isEqualTo(clock.millis());
        assertThat(read.info().status()).isEqualTo(RunStatus.FINISHED);
        assertThat(read.info().endedAt()).isEqualTo(77L);
        assertThat(read.info().artifactUri()).isEqualTo("mlflow-artifacts:/0/" + run + "/artifacts");
        assertThat(read.params()).containsExactly(new KeyValue("empty", ""), new KeyValue("lr", "0.1"));
        assertThat(read.tags()).containsExactly(new KeyValue("mlflow.runName", "tagged"), new KeyValue("team", "x"));
        assertThat(read.metrics()).containsExactly(new Metric("a/b", Double.NaN, 1, 0), new Metric("m", 3, 4, 2));
    }

    @Test
    void settingTheNameOrItsTagChangesBoth() {
        String run = run("first");
        tracking.update(run, null, null, "second");
        assertThat(tracking.get(run).tags()).containsExactly(new KeyValue("mlflow.runName", "second"));
        pairs(run, Map.of(), Map.of("mlflow.runName", "third"));
        assertThat(tracking.get(run).info().name()).isEqualTo("third");
        refused(
                ErrorCode.INVALID_ARGUMENT,
                () -> tracking.create(new NewRun(0, "a", "", null, List.of(new KeyValue("mlflow.runName", "b")))));
    }

    @Test
    void theLatestValueIsTheGreatestByStepThenTimeThenValue() {
        String run = run("a");
        metrics(run, new Metric("m", 1, 1, 2), new Metric("m", 9, 9, 1));
        assertThat(tracking.get(run).metrics()).containsExactly(new Metric("m", 1, 1, 2));
        metrics(run, new Metric("m", 2, 1, 2), new Metric("m", 1, 1, 2), new Metric("n", 1, 0, -5));
        assertThat(tracking.get(run).metrics()).containsExactly(new Metric("m", 2, 1, 2), new Metric("n", 1, 0, -5));
    }

    @Test
    void infinitiesAndExtremeNumbersSurvive() {
        String run = run("a");
        double[] values = {
            Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN, Double.MIN_VALUE, Double.MAX_VALUE, 0.1
        };
        for (int i = 0; i < values.length; i++) {
            metrics(run, new Metric("m" + i, values[i], Long.MAX_VALUE, Long.MIN_VALUE));
        }
        assertThat(tracking.get(run).metrics())
                .extracting(Metric::value)
                .containsExactly(
                        Double.POSITIVE_INFINITY,
                        Double.NEGATIVE_INFINITY,
                        Double.NaN,
                        Double.MIN_VALUE,
                        Double.MAX_VALUE,
                        0.1);
        assertThat(tracking.get(run).metrics()).allMatch(m -> m.at() == Long.MAX_VALUE && m.step() == Long.MIN_VALUE);
    }

    @Test
    void historyComesInPagesByTimeStepAndValueAndARepeatedBatchChangesNothing() {
        String run = run("a");
        List<Metric> logged = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            logged.add(new Metric("m", i % 2 == 0 ? i : Double.NaN, i / 3, 10 - i));
        }
        Batch batch = new Batch(logged, List.of(), List.of());
        tracking.log(run, batch);
        tracking.log(run, batch);
        List<Metric> read = new ArrayList<>();
        Optional<String> token = Optional.of("");
        while (token.isPresent()) {
            Page<Metric> page = tracking.history(run, "m", new HistoryPage(3, token.get()));
            read.addAll(page.items());
            token = page.next();
        }
        List<Metric> expected = new ArrayList<>(logged);
        expected.sort(java.util.Comparator.comparingLong(Metric::at).thenComparingLong(Metric::step));
        assertThat(read).containsExactlyElementsOf(expected);
        String foreign =
                tracking.history(run, "m", new HistoryPage(3, null)).next().orElseThrow();
        refused(ErrorCode.INVALID_ARGUMENT, () -> tracking.history(run, "other", new HistoryPage(3, foreign)));
        refused(ErrorCode.INVALID_ARGUMENT, () -> tracking.history(run, "m", new HistoryPage(3, "!")));
        assertThat(tracking.history("unknown", "m", new HistoryPage(3, null)).items())
                .isEmpty();
    }

    @Test
    void aParamKeepsItsFirstValueAndABatchWithAnotherWritesNothing() {
        String run = run("a");
        pairs(run, Map.of("lr", "1"), Map.of());
        pairs(run, Map.of("lr", "1"), Map.of());
        assertThatThrownBy(() -> tracking.log(
                        run,
                        new Batch(
                                List.of(new Metric("m", 1, 1, 1)),
                                List.of(new KeyValue("new", "1"), new KeyValue("lr", "2")),
                                List.of(new KeyValue("t", "1")))))
                .hasMessageStartingWith("Changing param values is not allowed.");
        TrackedRun read = tracking.get(run);
        assertThat(read.params()).containsExactly(new KeyValue("lr", "1"));
        assertThat(read.metrics()).isEmpty();
        assertThat(read.tags()).extracting(KeyValue::key).containsExactly("mlflow.runName");
    }

    @Test
    void ofManyWritersOfOneParamOneWins() throws Exception {
        String run = run("a");
        AtomicInteger won = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                String value = "v" + i;
                all.add(threads.submit(() -> {
                    try {
                        pairs(run, Map.of("p", value), Map.of());
                        won.incrementAndGet();
                    } catch (PerennialException e) {
                        assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
                        refused.incrementAndGet();
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        assertThat(won).hasValue(1);
        assertThat(refused).hasValue(29);
    }

    @Test
    void valuesThatAreTooLongAreCutAndKeysAreRefused() {
        String run = run("a");
        pairs(run, Map.of("p", "x".repeat(6001)), Map.of("t", "é".repeat(8001)));
        TrackedRun read = tracking.get(run);
        assertThat(read.params().getFirst().value()).hasSize(6000);
        assertThat(read.tags().getLast().value()).hasSize(8000);
        refused(ErrorCode.INVALID_ARGUMENT, () -> pairs(run, Map.of("k".repeat(251), "1"), Map.of()));
        pairs(run, Map.of("k".repeat(250), "1"), Map.of());
    }

    @Test
    void namesThatAreNoPathsAreRefused() {
        String run = run("a");
        for (String name : List.of("a//b", "/a", "../a", "a/./b", ".", "..", "a/", "a\nb", "a#b", "")) {
            refused(ErrorCode.INVALID_ARGUMENT, () -> metrics(run, new Metric(name, 1, 1, 1)));
            refused(ErrorCode.INVALID_ARGUMENT, () -> pairs(run, Map.of(name, "1"), Map.of()));
            refused(ErrorCode.INVALID_ARGUMENT, () -> pairs(run, Map.of(), Map.of(name, "1")));
        }
    }

    @Test
    void aBatchHasLimits() {
        List<Metric> tooMany = IntStream.range(0, 1001)
                .mapToObj(i -> new Metric("m" + i, 1, 1, 1))
                .toList();
        refused(ErrorCode.INVALID_ARGUMENT, () -> new Batch(tooMany, List.of(), List.of()));
        List<KeyValue> pairs = IntStream.range(0, 101)
                .mapToObj(i -> new KeyValue("p" + i, "1"))
                .toList();
        refused(ErrorCode.INVALID_ARGUMENT, () -> new Batch(List.of(), pairs, List.of()));
        refused(ErrorCode.INVALID_ARGUMENT, () -> new Batch(List.of(), List.of(), pairs));
        refused(ErrorCode.INVALID_ARGUMENT, () -> new Batch(tooMany.subList(0, 1000), pairs.subList(0, 1), List.of()));
    }

    @Test
    void everyWriteOnADeletedRunIsRefused() {
        String run = run("a");
        tracking.delete(run);
        tracking.delete(run);
        refused(ErrorCode.INVALID_ARGUMENT, () -> metrics(run, new Metric("m", 1, 1, 1)));
        refused(ErrorCode.INVALID_ARGUMENT, () -> tracking.update(run, RunStatus.FAILED, null, null));
        refused(ErrorCode.INVALID_ARGUMENT, () -> tracking.deleteTag(run, "mlflow.runName"));
        refused(ErrorCode.INVALID_ARGUMENT, () -> tracking.logInputs(run, List.of()));
        assertThat(names("")).isEmpty();
        assertThat(names(View.DELETED_ONLY, "")).containsExactly("a");
        assertThat(names(View.ALL, "")).containsExactly("a");
        tracking.restore(run);
        assertThat(names("")).containsExactly("a");
        refused(ErrorCode.NOT_FOUND, () -> tracking.delete("unknown"));
    }

    @Test
    void aDatasetIsKeptOnceAndTheFirstUseOfItCounts() {
        Dataset dataset = new Dataset("flights", "d1", "code", "here", "{}", null);
        String first = run("first");
        tracking.logInputs(
                first, List.of(new DatasetInput(dataset, List.of(new KeyValue("mlflow.data.context", "train")))));
        tracking.logInputs(
                first, List.of(new DatasetInput(dataset, List.of(new KeyValue("mlflow.data.context", "test")))));
        tracking.logInputs(run("second"), List.of(new DatasetInput(dataset, List.of())));
        assertThat(tracking.get(first).inputs())
                .containsExactly(new DatasetInput(dataset, List.of(new KeyValue("mlflow.data.context", "train"))));
        assertThat(tracking.experiments().datasets(List.of(0L)))
                .containsExactlyInAnyOrder(
                        new DatasetSummary(0, "flights", "d1", "train"), new DatasetSummary(0, "flights", "d1", null));
    }

    @Test
    void aTrainingIsRecordedOnceUnderItsKeyAndWithItsCaller() {
        TrainingRun training = new TrainingRun(
                "candidate 3",
                Map.of("trees", "100"),
                Map.of("log_loss", 0.49, "importance.dep_delay_min", 0.3),
                Map.of("train_log_loss", List.of(new TrainingRun.Point(0, 0.69), new TrainingRun.Point(1, 0.6))),
                Map.of("version", "3"),
                RunStatus.FINISHED,
                1000,
                2000);
        String first = store.database().write(tx -> tracking.record(tx, "run-7", "flight-delay", training));
        String again = store.database().write(tx -> tracking.record(tx, "run-7", "flight-delay", training));
        assertThat(again).isEqualTo(first).hasSize(32);
        TrackedRun read = tracking.get(first);
        assertThat(read.info().experiment())
                .isEqualTo(tracking.experiments()
                        .find("flight-delay")
                        .orElseThrow()
                        .id());
        assertThat(read.info().name()).isEqualTo("candidate 3");
        assertThat(read.metrics())
                .containsExactly(
                        new Metric("importance.dep_delay_min", 0.3, 2000, 0),
                        new Metric("log_loss", 0.49, 2000, 0),
                        new Metric("train_log_loss", 0.6, 2000, 1));
        assertThat(tracking.history(first, "train_log_loss", new HistoryPage(10, null))
                        .items())
                .hasSize(2);
        assertThatThrownBy(() -> store.database().writing(tx -> {
                    tracking.record(tx, "run-8", "other", training);
                    throw new IllegalStateException("the caller fails");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(tracking.experiments().find("other")).isEmpty();
    }

    @Test
    void artifactsAreListedReadReplacedAndDeleted() throws IOException {
        Artifacts artifacts = tracking.artifacts();
        put("0/run/artifacts/a/b.txt", "first");
        put("0/run/artifacts/a/b.txt", "second");
        put("0/run/artifacts/a/100%.txt", "");
        assertThat(artifacts.list(ArtifactPath.of("0/run/artifacts"))).containsExactly(new ArtifactFile("a", null));
        assertThat(artifacts.list(ArtifactPath.of("0/run/artifacts/a/")))
                .containsExactlyInAnyOrder(new ArtifactFile("b.txt", 6L), new ArtifactFile("100%.txt", 0L));
        assertThat(artifacts.list(ArtifactPath.of("nowhere"))).isEmpty();
        assertThat(text(artifacts, "0/run/artifacts/a/b.txt")).isEqualTo("second");
        refused(ErrorCode.NOT_FOUND, () -> artifacts.open(ArtifactPath.of("0/run/artifacts/a")));
        refused(ErrorCode.INVALID_ARGUMENT, () -> put("0/run/artifacts/a", "over a directory"));
        refused(ErrorCode.INVALID_ARGUMENT, () -> put("0/run/artifacts/a/b.txt/c", "below a file"));
        for (String root : List.of("", ".", "0")) {
            refused(ErrorCode.INVALID_ARGUMENT, () -> artifacts.delete(ArtifactPath.of(root)));
        }
        put("0/run/artifacts/ab/c", "stays");
        artifacts.delete(ArtifactPath.of("0/run/artifacts/a"));
        assertThat(artifacts.list(ArtifactPath.of("0/run/artifacts"))).containsExactly(new ArtifactFile("ab", null));
        assertThat(artifacts.list(ArtifactPath.of("0/run/artifacts/a"))).isEmpty();
    }

    private void put(String path, String text) {
        tracking.artifacts()
                .put(ArtifactPath.of(path), new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }
}
