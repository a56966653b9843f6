package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Page;
import dev.perennial.tracking.models.LoggedModel;
import dev.perennial.tracking.models.ModelMetric;
import dev.perennial.tracking.models.ModelStatus;
import dev.perennial.tracking.models.NewLoggedModel;
import dev.perennial.tracking.models.Registration;
import dev.perennial.tracking.search.ModelSearchRequest;
import dev.perennial.tracking.search.ModelSearchRequest.OfDataset;
import dev.perennial.tracking.search.ModelSearchRequest.Order;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What logged models must do on every dialect. Each runs all of it. */
abstract class LoggedModelContract extends TrackingFixture {
    LoggedModel model(String name) {
        clock.advance(Duration.ofMillis(1));
        return tracking.models()
                .create(new NewLoggedModel(Experiment.DEFAULT, name, "classifier", null, List.of(), List.of()));
    }

    private static KeyValue pair(String key, String value) {
        return new KeyValue(key, value);
    }

    private void measure(String run, LoggedModel model, String key, double value, long step, @Nullable String dataset) {
        metrics(run, new Metric(key, value, 1, step, MetricOrigin.of(model.id(), dataset, dataset)));
    }

    private List<String> found(String filter, List<OfDataset> datasets, Order... order) {
        return tracking
                .models()
                .search(
                        new ModelSearchRequest(filter, datasets, List.of(order), 100, null),
                        List.of(Experiment.DEFAULT))
                .items()
                .stream()
                .map(LoggedModel::name)
                .toList();
    }

    private List<String> found(String filter) {
        return found(filter, List.of(), new Order("name", true, null));
    }

    @Test
    void aNewModelIsPendingAndHasItsPlaceInTheExperiment() {
        long experiment = tracking.experiments().create("models", null, List.of());
        LoggedModel made = tracking.models()
                .create(new NewLoggedModel(
                        experiment, "trees", "forest", "r1", List.of(pair("depth", "3")), List.of(pair("team", "a"))));
        assertThat(made.id()).matches("m-[0-9a-f]{32}");
        assertThat(made.artifactUri())
                .isEqualTo("mlflow-artifacts:/" + experiment + "/models/" + made.id() + "/artifacts");
        assertThat(made.status()).isEqualTo(ModelStatus.PENDING);
        assertThat(made.sourceRun()).isEqualTo("r1");
        assertThat(made.info().createdAt()).isEqualTo(clock.millis());
        assertThat(made.params()).containsExactly(pair("depth", "3"));
        assertThat(made.tags()).containsExactly(pair("team", "a"));
        assertThat(tracking.models().get(made.id())).isEqualTo(made);
    }

    @Test
    void aModelWithoutANameGetsOne() {
        assertThat(model(null).name()).matches("[a-z]+-[a-z]+-\\d+");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b", "a:b", "a.b", "a%b", "a\"b", "a'b", "", " "})
    void namesThatWouldBreakAddressesAreRefused(String name) {
        assertThatThrownBy(() -> model(name))
                .hasMessageContaining("Invalid model name ('" + name + "') provided")
                .hasMessageContaining("cannot contain the following characters");
        assertThat(found("")).isEmpty();
    }

    @Test
    void anExperimentThatIsNotThereOrPutAwayTakesNoModel() {
        refused(
                ErrorCode.NOT_FOUND,
                () -> tracking.models().create(new NewLoggedModel(77, "n", null, null, List.of(), List.of())));
        long away = tracking.experiments().create("away", null, List.of());
        tracking.experiments().delete(away);
        refused(
                ErrorCode.INVALID_ARGUMENT,
                () -> tracking.models().create(new NewLoggedModel(away, "n", null, null, List.of(), List.of())));
    }

    @Test
    void finishingSaysWhetherTheFilesAreThere() {
        LoggedModel made = model("n");
        clock.advance(Duration.ofSeconds(1));
        LoggedModel ready = tracking.models().finish(made.id(), ModelStatus.READY);
        assertThat(ready.status()).isEqualTo(ModelStatus.READY);
        assertThat(ready.info().updatedAt()).isEqualTo(made.info().updatedAt() + 1000);
        assertThat(ready.info().createdAt()).isEqualTo(made.info().createdAt());
        assertThat(tracking.models().finish(made.id(), ModelStatus.FAILED).status())
                .isEqualTo(ModelStatus.FAILED);
    }

    @Test
    void aParamIsWrittenOnce() {
        String id = model("n").id();
        tracking.models().logParams(id, List.of(pair("a", "1")));
        tracking.models().logParams(id, List.of(pair("a", "1"), pair("b", "")));
        assertThatThrownBy(() -> tracking.models().logParams(id, List.of(pair("c", "3"), pair("a", "2"))))
                .hasMessageStartingWith("Changing param values is not allowed. Param with key='a' was already logged"
                        + " with value='1' for model ID='" + id + "'");
        assertThat(tracking.models().get(id).params()).containsExactly(pair("a", "1"), pair("b", ""));
    }

    @Test
    void aParamThatComesTwiceInOneCallIsRefusedEvenWithEqualValues() {
        String id = model("n").id();
        assertThatThrownBy(() -> tracking.models().logParams(id, List.of(pair("a", "1"), pair("a", "1"))))
                .hasMessageContaining("Duplicate parameter keys have been submitted: 'a'");
    }

    @Test
    void writersOfOneParamAtOnceAgreeOnOneValue() throws Exception {
        String id = model("n").id();
        List<String> refused = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                String value = "v" + i;
                all.add(threads.submit(() -> tracking.models().logParams(id, List.of(pair("a", value)))));
            }
            for (Future<?> one : all) {
                try {
                    one.get();
                } catch (java.util.concurrent.ExecutionException e) {
                    refused.add(String.valueOf(e.getCause().getMessage()));
                }
            }
        }
        assertThat(refused).hasSize(15).allMatch(message -> message.startsWith("Changing param values"));
        assertThat(tracking.models().get(id).params()).hasSize(1);
    }

    @Test
    void valuesThatAreTooLongAreCutAndKeysThatAreTooLongRefused() {
        String id = model("n").id();
        tracking.models().logParams(id, List.of(pair("p", "x".repeat(6001))));
        tracking.models().setTags(id, List.of(pair("t", "y".repeat(8001))));
        LoggedModel read = tracking.models().get(id);
        assertThat(read.params().getFirst().value()).hasSize(6000);
        assertThat(read.tags().getFirst().value()).hasSize(8000);
        refused(ErrorCode.INVALID_ARGUMENT, () -> tracking.models().setTags(id, List.of(pair("k".repeat(251), ""))));
    }

    @Test
    void tagsAreReplacedAndDeletedAndAnAbsentOneIsNotFound() {
        String id = model("n").id();
        tracking.models().setTags(id, List.of(pair("a", "1"), pair("b/c", "2")));
        tracking.models().setTags(id, List.of(pair("a", "3")));
        tracking.models().deleteTag(id, "b/c");
        assertThat(tracking.models().get(id).tags()).containsExactly(pair("a", "3"));
        assertThatThrownBy(() -> tracking.models().deleteTag(id, "b/c"))
                .hasMessage("No tag with key 'b/c' on logged model '" + id + "'");
    }

    @Test
    void aDeletedModelIsOnlyFoundByWhoAsksForDeletedOnes() {
        LoggedModel made = model("n");
        tracking.models().delete(made.id());
        refused(ErrorCode.NOT_FOUND, () -> tracking.models().get(made.id()));
        refused(ErrorCode.NOT_FOUND, () -> tracking.models().delete(made.id()));
        refused(ErrorCode.NOT_FOUND, () -> tracking.models().finish(made.id(), ModelStatus.READY));
        refused(ErrorCode.NOT_FOUND, () -> tracking.models().setTags(made.id(), List.of()));
        refused(ErrorCode.NOT_FOUND, () -> tracking.models().logParams(made.id(), List.of()));
        assertThat(found("")).isEmpty();
        assertThat(tracking.models().find(made.id()).orElseThrow().info().stage())
                .isEqualTo(Stage.DELETED);
    }

    @Test
    void anUnknownModelIsNamedInTheRefusal() {
        assertThatThrownBy(() -> tracking.models().get("m-none"))
                .hasMessage("Logged model with ID 'm-none' not found.");
        assertThat(tracking.models().find("m-none")).isEmpty();
    }

    @Test
    void ofEachMetricOnEachDatasetTheLatestIsKept() {
        LoggedModel made = model("n");
        String run = run("r");
        measure(run, made, "acc", 0.9, 2, "train");
        measure(run, made, "acc", 0.5, 1, "train");
        measure(run, made, "acc", 0.7, 1, "test");
        measure(run, made, "acc", 0.1, 0, null);
        List<ModelMetric> metrics = tracking.models().get(made.id()).metrics();
        assertThat(metrics).extracting(metric -> metric.metric().value()).containsExactly(0.1, 0.7, 0.9);
        assertThat(metrics).extracting(ModelMetric::run).containsOnly(run);
        assertThat(metrics.getLast().metric().origin()).isEqualTo(new MetricOrigin(made.id(), "train", "train"));
    }

    @Test
    void aPlainValueStaysPlainWhenItIsToldAgainForModels() {
        String run = run("r");
        metrics(run, new Metric("acc", 0.9, 1, 0));
        for (LoggedModel made : List.of(model("first"), model("second"))) {
            assertThat(tracking.history(run, "acc", new HistoryPage(10, null)).items())
                    .extracting(Metric::origin)
                    .containsOnlyNulls();
            measure(run, made, "acc", 0.9, 0, null);
            assertThat(tracking.models().get(made.id()).metrics()).hasSize(1);
        }
    }

    @Test
    void aMetricThatIsNotANumberStaysOne() {
        LoggedModel made = model("n");
        measure(run("r"), made, "loss", Double.NaN, 0, null);
        assertThat(tracking.models()
                        .get(made.id())
                        .metrics()
                        .getFirst()
                        .metric()
                        .value())
                .isNaN();
    }

    @Test
    void runsTellTheModelsThatTheyReadAndMade() {
        String run = run("r");
        tracking.logInputs(run, List.of(), List.of("m-1", "m-2"));
        tracking.logInputs(run, List.of(), List.of("m-2"));
        tracking.logOutputs(run, List.of(new ModelOutput("m-3", 10)));
        tracking.logOutputs(run, List.of(new ModelOutput("m-3", 10), new ModelOutput("m-3", 20)));
        TrackedRun read = tracking.get(run);
        assertThat(read.modelInputs()).containsExactly("m-1", "m-2");
        assertThat(read.outputs()).containsExactly(new ModelOutput("m-3", 10), new ModelOutput("m-3", 20));
        assertThat(tracking.get(run("other")).outputs()).isEmpty();
    }

    @Test
    void outputsNeedAModelAndARunThatIsInUse() {
        String run = run("r");
        assertThatThrownBy(() -> tracking.logOutputs(run, List.of()))
                .hasMessageContaining("Missing value for required parameter 'models'");
        assertThatThrownBy(() -> tracking.logOutputs(run, List.of(new ModelOutput("../x", 0))))
                .hasMessageContaining("models[0].model_id");
        tracking.delete(run);
        refused(ErrorCode.INVALID_ARGUMENT, () -> tracking.logOutputs(run, List.of(new ModelOutput("m-1", 0))));
        refused(ErrorCode.INVALID_ARGUMENT, () -> tracking.logInputs(run, List.of(), List.of("m-1")));
    }

    @Test
    void registrationsComeFromWhoeverKeepsVersions() {
        String id = model("n").id();
        TrackingRuns told = new TrackingRuns(
                store.database(),
                store.blobs(),
                clock,
                dev.perennial.testkit.SeededIds.of(9, clock),
                (sql, models) -> Map.of(models.getFirst(), List.of(new Registration("flights", 3))),
                ArtifactSettings.none());
        assertThat(told.models().get(id).registrations()).containsExactly(new Registration("flights", 3));
        assertThat(tracking.models().get(id).registrations()).isEmpty();
    }

    private void threeModels() {
        LoggedModel a = model("alpha");
        LoggedModel b = model("Beta");
        LoggedModel c = model("gamma");
        String run = run("r");
        tracking.models().finish(a.id(), ModelStatus.READY);
        tracking.models().finish(b.id(), ModelStatus.FAILED);
        tracking.models().logParams(a.id(), List.of(pair("depth", "3")));
        tracking.models().logParams(b.id(), List.of(pair("depth", "30")));
        tracking.models().setTags(b.id(), List.of(pair("team x", "blue")));
        measure(run, a, "acc", 0.9, 0, "train");
        measure(run, a, "acc", 0.4, 0, "test");
        measure(run, b, "acc", 0.6, 0, "test");
        measure(run, b, "loss", Double.NaN, 0, null);
        measure(run, a, "loss", 2, 0, null);
        assertThat(c.metrics()).isEmpty();
    }

    @Test
    void filtersFindModelsByEverythingTheyHave() {
        threeModels();
        assertThat(found("")).containsExactly("Beta", "alpha", "gamma");
        for (String line : List.of(
                "name = 'alpha' | alpha",
                "attributes.name != 'alpha' | Beta,gamma",
                "name LIKE 'B%' | Beta",
                "name LIKE 'b%' | ",
                "name ILIKE 'b%' | Beta",
                "name IN ('gamma', 'alpha') | alpha,gamma",
                "name NOT IN ('gamma') | Beta,alpha",
                "model_type = 'classifier' AND status = 'READY' | alpha",
                "status = 'LOGGED_MODEL_UPLOAD_FAILED' | Beta",
                "status IN ('PENDING', 'LOGGED_MODEL_READY') | alpha,gamma",
                "source_run_id = 'none' | ",
                "creation_timestamp > 0 AND last_updated_time > 0 | Beta,alpha,gamma",
                "creation_time < 5 | ",
                "params.depth = '3' | alpha",
                "params.depth LIKE '3%' | Beta,alpha",
                "params.absent != 'x' | ",
                "tags.`team x` = 'blue' | Beta",
                "metrics.acc > 0.5 | Beta,alpha",
                "metrics.acc < 0.5 | alpha",
                "metrics.loss != 2 | Beta",
                "metrics.loss > -1 | alpha",
                "metrics.absent != 1 | ")) {
            String[] parts = line.split(" \\| ?", 2);
            assertThat(String.join(",", found(parts[0]))).as(parts[0]).isEqualTo(parts[1]);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "metric.acc > 1",
                "param.depth = '3'",
                "run.name = 'x'",
                "lifecycle_stage = 'active'",
                "metrics.acc = '1'",
                "name = 3",
                "name > 'a'",
                "creation_timestamp = '5'",
                "name = alpha",
                "name = 'a' AND"
            })
    void filtersThatDoNotFitAreRefused(String filter) {
        refused(ErrorCode.INVALID_ARGUMENT, () -> found(filter));
    }

    @Test
    void namedDatasetsSayWhichValuesCount() {
        threeModels();
        List<OfDataset> test = List.of(new OfDataset("test", null));
        assertThat(found("metrics.acc > 0.5", test)).containsExactly("Beta");
        assertThat(found("metrics.acc > 0.5", List.of(new OfDataset("train", "train"))))
                .containsExactly("alpha");
        assertThat(found("metrics.acc > 0.5", List.of(new OfDataset("train", "other"))))
                .isEmpty();
        assertThat(found("", List.of(new OfDataset("train", null)))).containsExactly("alpha");
        assertThat(found("name = 'gamma'", test)).isEmpty();
    }

    @Test
    void modelsAreOrderedByAttributesAndMetricsAndWhatIsMissingComesLast() {
        threeModels();
        OfDataset test = new OfDataset("test", null);
        assertThat(found("", List.of())).containsExactly("gamma", "Beta", "alpha");
        assertThat(found("", List.of(), new Order("creation_timestamp", true, null)))
                .containsExactly("alpha", "Beta", "gamma");
        assertThat(found("", List.of(), new Order("metrics.acc", true, test)))
                .containsExactly("alpha", "Beta", "gamma");
        assertThat(found("", List.of(), new Order("metrics.acc", false, test)))
                .containsExactly("Beta", "alpha", "gamma");
        assertThat(found("", List.of(), new Order("metrics.loss", true, null)))
                .containsExactly("alpha", "Beta", "gamma");
        assertThat(found("", List.of(), new Order("metrics.loss", false, null)))
                .containsExactly("alpha", "Beta", "gamma");
        assertThat(found("", List.of(), new Order("source_run_id", false, null), new Order("name", false, null)))
                .containsExactly("gamma", "alpha", "Beta");
    }

    @ParameterizedTest
    @CsvSource({"params.depth, expected an attribute or metrics.NAME", "size, Invalid attribute key 'size'"})
    void ordersThatDoNotFitAreRefused(String field, String told) {
        assertThatThrownBy(() -> found("", List.of(), new Order(field, true, null)))
                .hasMessageContaining(told);
    }

    @Test
    void anOrderNamesNoKeyTwiceAndADatasetOnlyWithMetrics() {
        assertThatThrownBy(() -> found(
                        "",
                        List.of(),
                        new Order("creation_time", true, null),
                        new Order("creation_timestamp", false, null)))
                .hasMessageContaining("duplicate fields");
        assertThatThrownBy(() -> found("", List.of(), new Order("name", true, new OfDataset("d", null))))
                .hasMessageContaining("dataset_name only goes with metrics, not with 'name'");
    }

    @Test
    void pagesHoldEachModelOnceWhileOthersAreAdded() {
        List<String> all =
                IntStream.range(0, 7).mapToObj(i -> model("m" + i).name()).toList();
        List<String> seen = new ArrayList<>();
        String token = null;
        do {
            Page<LoggedModel> page = tracking.models()
                    .search(
                            new ModelSearchRequest("name LIKE 'm%'", List.of(), List.of(), 3, token),
                            List.of(Experiment.DEFAULT));
            page.items().forEach(model -> seen.add(model.name()));
            token = page.next().orElse(null);
            model("n" + seen.size());
        } while (token != null);
        assertThat(seen).containsExactlyElementsOf(all.reversed());
    }

    @Test
    void aPageTokenOfAnotherSearchIsRefused() {
        model("a");
        model("b");
        String token = tracking.models()
                .search(new ModelSearchRequest("", List.of(), List.of(), 1, null), List.of(0L))
                .next()
                .orElseThrow();
        assertThatThrownBy(() -> tracking.models()
                        .search(new ModelSearchRequest("name = 'a'", List.of(), List.of(), 1, token), List.of(0L)))
                .hasMessageContaining("it does not belong to this search");
        assertThatThrownBy(() -> tracking.models()
                        .search(new ModelSearchRequest("", List.of(), List.of(), 1, token), List.of(0L, 1L)))
                .hasMessageContaining("it does not belong to this search");
    }

    @Test
    void otherExperimentsAreNotSearched() {
        model("a");
        long other = tracking.experiments().create("other", null, List.of());
        ModelSearchRequest all = new ModelSearchRequest(null, List.of(), List.of(), 10, null);
        assertThat(tracking.models().search(all, List.of(other)).items()).isEmpty();
        assertThat(tracking.models().search(all, List.of()).items()).isEmpty();
        assertThat(tracking.models().search(all, List.of(other, 0L)).items()).hasSize(1);
    }
}
