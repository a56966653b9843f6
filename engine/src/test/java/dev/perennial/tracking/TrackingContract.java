package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import dev.perennial.tracking.search.SearchRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tracking must do on every dialect. Each runs all of it. */
abstract class TrackingContract {
    /** Filters and the runs that they find among those of {@link #threeRuns}. */
    private static final List<String> FOUND = List.of(
        "metrics.acc > 0.4 | a",
        "metric.acc>=0.5 | a",
        "metrics.acc < 0.5 | ",
        "metrics.acc <= 5e-1 AND metrics.`a b` = 1 | a",
        "metrics.\"a b\" != 2 | a",
        "metrics.acc != 0.5 | b",
        "metrics.acc = 0 | ",
        "params.kind = 'Tree_1' | a",
        "param.kind LIKE 'Tree%' | a",
        "parameter.kind LIKE 'tree%' | b",
        "parameters.kind ILIKE 'TREE%' | a,b",
        "params.kind LIKE '%_1' | a",
        "params.kind LIKE '*' | ",
        "params.kind LIKE '[Tt]ree%' | ",
        "params.kind != 'x' | a,b",
        "params.kind IS NULL | c",
        "params.kind is not null and tags.team = \"y\" | b",
        "params.n IN ('9', '11') | b",
        "tags.team NOT IN ('x') | b",
        "tag.dotted.key = '1' | a",
        "tags.`dotted.key` = '1' | a",
        "attributes.status = 'FINISHED' | a",
        "status != 'FINISHED' | b,c",
        "attr.run_name IN ('a', 'c') | a,c",
        "run.`Run name` = 'b' | b",
        "run_name ILIKE 'A' | a",
        "user_id = 'ann' AND end_time > 1999 | a",
        "start_time = 1000 AND created <= 1000.5 | a,b,c",
        "attributes.artifact_uri LIKE 'mlflow-artifacts:/0/%' | a,b,c",
        "dataset.name = 'flights' | a",
        "datasets.digest LIKE 'd%' | a",
        "dataset.context = 'train' AND dataset.name != 'x' | a",
        "dataset.context = 'test' | ");

    private static final List<String> REFUSED = List.of(
        "metrics.acc > '1'", "metrics.acc LIKE 'x'", "params.n = 1", "params.n > '1'", "x = 1", "unknown.x = '1'",
        "params.n = '1' OR params.n = '2'", "(params.n = '1')", "params.n = '1';", "params.n = '1' AND", "AND params.n = '1'",
        "status = FINISHED", "params.n = 'x", "params.n IN ()", "params.n IN (1)", "params.n IN ('a',)", "start_time = '1'",
        "start_time IS NULL", "metrics.x IN ('1')", "dataset.size = '1'", "params. = '1'", "params.n", "params.n == '1'",
        "run_id RLIKE 'x'", "metrics.a-b > 1", "params.n = '1' params.m = '2'", "lifecycle_stage = 'active'", "metrics.x > 1x");

    @TempDir
    Path folder;

    private final TestClock clock = TestClock.fixed();
    private Store store;
    private TrackingRuns tracking;

    abstract StoreSettings storage(Path folder);

    @BeforeEach
    void open() {
        store = Store.open(storage(folder), clock, SeededIds.of(1, clock), new SecureRandom());
        tracking = new TrackingRuns(store.database(), store.blobs(), clock, SeededIds.of(2, clock));
    }

    @AfterEach
    void close() {
        store.close();
    }

    static NewRun newRun(long experiment, String name) {
        return new NewRun(experiment, name, "ann", 1000L, List.of());
    }

    private String run(String name) {
        return tracking.create(newRun(Experiment.DEFAULT, name)).info().id();
    }

    private void metrics(String run, Metric... metrics) {
        tracking.log(run, new Batch(List.of(metrics), List.of(), List.of()));
    }

    private void pairs(String run, Map<String, String> params, Map<String, String> tags) {
        tracking.log(run, new Batch(List.of(), list(params), list(tags)));
    }

    private static List<KeyValue> list(Map<String, String> map) {
        return map.entrySet().stream().map(e -> new KeyValue(e.getKey(), e.getValue())).toList();
    }

    private List<String> names(String filter, String... order) {
        return names(View.ACTIVE_ONLY, filter, order);
    }

    private List<String> names(View view, String filter, String... order) {
        return tracking
                .search(new SearchRequest(filter, List.of(order), view, 100, null), List.of(Experiment.DEFAULT))
                .items()
                .stream()
                .map(found -> found.info().name())
                .toList();
    }

    private static void refused(ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable work) {
        assertThatThrownBy(work)
                .isInstanceOfSatisfying(
                        PerennialException.class, failure -> assertThat(failure.code()).isEqualTo(code));
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
                "file:///etc", "/tmp/x", "http://example.org/x", "s3://b/../x", "s3://b/%2e%2e/x", "s3://b/x#f", "relative")) {
            refused(ErrorCode.INVALID_ARGUMENT, () -> tracking.experiments().create("a", location, List.of()));
        }
        assertThat(tracking.experiments().find("a")).isEmpty();
    }

    @Test
    void aRunIsReadBackAsItWasLogged() {
        String run = tracking.create(new NewRun(0, null, "ann", null, List.of(new KeyValue("mlflow.runName", "tagged"))))
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
        double[] values = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN, Double.MIN_VALUE, Double.MAX_VALUE, 0.1};
        for (int i = 0; i < values.length; i++) {
            metrics(run, new Metric("m" + i, values[i], Long.MAX_VALUE, Long.MIN_VALUE));
        }
        assertThat(tracking.get(run).metrics()).extracting(Metric::value).containsExactly(
                Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN, Double.MIN_VALUE, Double.MAX_VALUE, 0.1);
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
        String foreign = tracking.history(run, "m", new HistoryPage(3, null)).next().orElseThrow();
        refused(ErrorCode.INVALID_ARGUMENT, () -> tracking.history(run, "other", new HistoryPage(3, foreign)));
        refused(ErrorCode.INVALID_ARGUMENT, () -> tracking.history(run, "m", new HistoryPage(3, "!")));
        assertThat(tracking.history("unknown", "m", new HistoryPage(3, null)).items()).isEmpty();
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
        List<Metric> tooMany = IntStream.range(0, 1001).mapToObj(i -> new Metric("m" + i, 1, 1, 1)).toList();
        refused(ErrorCode.INVALID_ARGUMENT, () -> new Batch(tooMany, List.of(), List.of()));
        List<KeyValue> pairs = IntStream.range(0, 101).mapToObj(i -> new KeyValue("p" + i, "1")).toList();
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

    private void threeRuns() {
        String a = run("a");
        String b = run("b");
        String c = run("c");
        metrics(a, new Metric("acc", 0.5, 1, 2), new Metric("acc", 0.9, 1, 1), new Metric("a b", 1, 1, 1));
        metrics(b, new Metric("acc", Double.NaN, 1, 1));
        pairs(a, Map.of("kind", "Tree_1", "n", "10"), Map.of("team", "x", "dotted.key", "1"));
        pairs(b, Map.of("kind", "tree%", "n", "9"), Map.of("team", "y"));
        tracking.update(a, RunStatus.FINISHED, 2000L, null);
        tracking.logInputs(
                a,
                List.of(new DatasetInput(
                        new Dataset("flights", "d1", "code", "here", null, null),
                        List.of(new KeyValue("mlflow.data.context", "train")))));
        assertThat(c).isNotEmpty();
    }

    @Test
    void aFilterFindsWhatItSays() {
        threeRuns();
        for (String row : FOUND) {
            String filter = row.substring(0, row.lastIndexOf('|')).strip();
            String expected = row.substring(row.lastIndexOf('|') + 1).strip();
            assertThat(String.join(",", names(filter, "run_name"))).as(filter).isEqualTo(expected);
        }
    }

    @Test
    void aBrokenFilterIsRefused() {
        for (String filter : REFUSED) {
            assertThatThrownBy(() -> names(filter)).as(filter).isInstanceOfSatisfying(
                    PerennialException.class, failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
        }
    }

    @Test
    void missingValuesComeLastInBothDirectionsAndNanJustBefore() {
        threeRuns();
        String d = run("d");
        metrics(d, new Metric("acc", Double.NEGATIVE_INFINITY, 1, 1));
        assertThat(names("", "metrics.acc ASC")).containsExactly("d", "a", "b", "c");
        assertThat(names("", "metrics.acc DESC")).containsExactly("a", "d", "b", "c");
        assertThat(names("", "params.n", "run_name desc")).containsExactly("a", "b", "d", "c");
        assertThat(names("", "tags.team DESC", "attributes.run_name")).containsExactly("b", "a", "c", "d");
        assertThat(names("", "end_time", "run_name DESC")).containsExactly("a", "d", "c", "b");
        refused(ErrorCode.INVALID_ARGUMENT, () -> names("", "metrics.acc", "metric.acc DESC"));
        refused(ErrorCode.INVALID_ARGUMENT, () -> names("", "metrics.acc UP"));
        refused(ErrorCode.INVALID_ARGUMENT, () -> names("", "dataset.name"));
    }

    @Test
    void pagesHoldEveryRunOnceInOrder() {
        for (int i = 0; i < 10; i++) {
            String run = run("r" + i);
            if (i % 3 > 0) {
                metrics(run, new Metric("m", i % 4 == 0 ? Double.NaN : i / 3, 1, 1));
                pairs(run, Map.of("p", "p" + i / 2), Map.of());
            }
        }
        for (String order : List.of("start_time DESC", "metrics.m ASC", "metrics.m DESC", "params.p DESC", "tags.absent", "run_name DESC")) {
            assertThat(paged(order)).hasSize(10).isEqualTo(names("", order));
        }
    }

    private List<String> paged(String order) {
        List<String> paged = new ArrayList<>();
        Optional<String> token = Optional.of("");
        while (token.isPresent()) {
            Page<TrackedRun> page = tracking.search(
                    new SearchRequest("", List.of(order), View.ACTIVE_ONLY, 3, token.get()), List.of(Experiment.DEFAULT));
            page.items().forEach(found -> paged.add(found.info().name()));
            token = page.next();
        }
        return paged;
    }

    @Test
    void aTokenOfAnotherSearchIsRefused() {
        IntStream.range(0, 5).forEach(i -> run("r" + i));
        String token = tracking.search(new SearchRequest("", List.of(), View.ALL, 2, null), List.of(0L)).next().orElseThrow();
        refused(
                ErrorCode.INVALID_ARGUMENT,
                () -> tracking.search(new SearchRequest("run_name = 'x'", List.of(), View.ALL, 2, token), List.of(0L)));
        refused(
                ErrorCode.INVALID_ARGUMENT,
                () -> tracking.search(new SearchRequest("", List.of(), View.ALL, 2, "nonsense"), List.of(0L)));
    }

    @Test
    void experimentsAreFoundByNameTagAndTime() {
        Experiments experiments = tracking.experiments();
        List<Long> ids = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            clock.advance(Duration.ofSeconds(1));
            ids.add(experiments.create("e" + i, null, i < 2 ? List.of(new KeyValue("team", "x")) : List.of()));
        }
        assertThat(found("tags.team = 'x'", "name DESC")).containsExactly("e1", "e0");
        assertThat(found("name LIKE 'e1%' AND tags.team IS NULL", "experiment_id DESC")).containsExactly("e11", "e10");
        assertThat(found("attribute.creation_time >= " + clock.millis())).containsExactly("e11");
        assertThat(found("").getFirst()).isEqualTo("e11");
        assertThat(found("name ILIKE 'E1'")).containsExactly("e1");
        experiments.delete(ids.getFirst());
        assertThat(found("tags.team = 'x'")).containsExactly("e1");
        refused(ErrorCode.INVALID_ARGUMENT, () -> found("params.x = '1'"));
        refused(ErrorCode.INVALID_ARGUMENT, () -> found("", "tags.team"));
    }

    private List<String> found(String filter, String... order) {
        return tracking
                .experiments()
                .search(new SearchRequest(filter, List.of(order), View.ACTIVE_ONLY, 100, null))
                .items()
                .stream()
                .map(Experiment::name)
                .toList();
    }

    @Test
    void aDatasetIsKeptOnceAndTheFirstUseOfItCounts() {
        Dataset dataset = new Dataset("flights", "d1", "code", "here", "{}", null);
        String first = run("first");
        tracking.logInputs(first, List.of(new DatasetInput(dataset, List.of(new KeyValue("mlflow.data.context", "train")))));
        tracking.logInputs(first, List.of(new DatasetInput(dataset, List.of(new KeyValue("mlflow.data.context", "test")))));
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
        assertThat(read.info().experiment()).isEqualTo(tracking.experiments().find("flight-delay").orElseThrow().id());
        assertThat(read.info().name()).isEqualTo("candidate 3");
        assertThat(read.metrics())
                .containsExactly(
                        new Metric("importance.dep_delay_min", 0.3, 2000, 0),
                        new Metric("log_loss", 0.49, 2000, 0),
                        new Metric("train_log_loss", 0.6, 2000, 1));
        assertThat(tracking.history(first, "train_log_loss", new HistoryPage(10, null)).items()).hasSize(2);
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
        assertThat(Files.readString(artifacts.file(ArtifactPath.of("0/run/artifacts/a/b.txt")))).isEqualTo("second");
        refused(ErrorCode.NOT_FOUND, () -> artifacts.file(ArtifactPath.of("0/run/artifacts/a")));
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
