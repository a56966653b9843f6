package dev.perennial.server.mlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Param;
import org.mlflow.api.proto.Service.Run;
import org.mlflow.api.proto.Service.RunInfo;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.api.proto.Service.ViewType;
import org.mlflow.tracking.ExperimentsPage;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowHttpException;
import org.mlflow.tracking.RunsPage;

/** The official Java client, as a program on the JVM uses it. */
class JavaClientIT extends MlflowFixture {
    private static final int BATCH = 1000;

    private static MlflowClient client;

    @BeforeAll
    static void connect() {
        client = new MlflowClient(server.url());
    }

    @AfterAll
    static void leave() {
        client.close();
    }

    private static Metric metric(String key, double value, long at, long step) {
        return Metric.newBuilder()
                .setKey(key)
                .setValue(value)
                .setTimestamp(at)
                .setStep(step)
                .build();
    }

    private static String newRun(String experiment) {
        return client.createRun(experiment).getRunId();
    }

    @Test
    void aRunLivesFromItsStartToItsEnd() {
        RunInfo made = client.createRun("0");
        client.logParam(made.getRunId(), "depth", "3");
        client.logMetric(made.getRunId(), "acc", 0.5, 1000, 1);
        client.logMetric(made.getRunId(), "acc", 0.9, 2000, 2);
        client.setTag(made.getRunId(), "team", "a");
        client.setTerminated(made.getRunId(), RunStatus.FINISHED, 5000);
        Run read = client.getRun(made.getRunId());
        assertThat(read.getInfo().getStatus()).isEqualTo(RunStatus.FINISHED);
        assertThat(read.getInfo().getEndTime()).isEqualTo(5000);
        assertThat(read.getInfo().getRunUuid()).isEqualTo(made.getRunId());
        assertThat(read.getData().getMetrics(0).getValue()).isEqualTo(0.9);
        assertThat(read.getData().getParamsList())
                .containsExactly(
                        Param.newBuilder().setKey("depth").setValue("3").build());
        client.deleteTag(made.getRunId(), "team");
        assertThat(client.getRun(made.getRunId()).getData().getTagsList())
                .extracting(RunTag::getKey)
                .doesNotContain("team");
    }

    @Test
    void aBatchOfAThousandMetricsIsKeptWhole() {
        String run = newRun("0");
        List<Metric> metrics = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
            metrics.add(metric("m" + i, i / 7.0, 1, Long.MAX_VALUE - i));
        }
        client.logBatch(run, metrics, List.of(), List.of());
        assertThat(client.getRun(run).getData().getMetricsList())
                .hasSize(BATCH)
                .contains(metric("m999", 999 / 7.0, 1, Long.MAX_VALUE - 999));
        metrics.add(metric("one too many", 1, 1, 1));
        assertThatThrownBy(() -> client.logBatch(run, metrics, List.of(), List.of()))
                .isInstanceOf(MlflowHttpException.class)
                .hasMessageContaining("400");
    }

    @Test
    void aHistoryOfSixtyThousandPointsComesBackWhole() {
        String run = newRun("0");
        for (long from = 0; from < 60_000; from += BATCH) {
            client.logBatch(
                    run,
                    LongStream.range(from, from + BATCH)
                            .mapToObj(i -> metric("loss", i, i, i))
                            .toList(),
                    List.of(),
                    List.of());
        }
        List<Metric> history = client.getMetricHistory(run, "loss");
        assertThat(history).hasSize(60_000);
        assertThat(history.getFirst().getStep()).isZero();
        assertThat(history.getLast()).isEqualTo(metric("loss", 59_999, 59_999, 59_999));
    }

    @Test
    void numbersThatAreNoneAreReadBack() {
        String run = newRun("0");
        client.logMetric(run, "up", Double.POSITIVE_INFINITY, 1, 0);
        client.logMetric(run, "nan", Double.NaN, 1, 0);
        assertThat(client.getMetricHistory(run, "up").getFirst().getValue()).isGreaterThanOrEqualTo(1.797e308);
        assertThat(client.getMetricHistory(run, "nan").getFirst().getValue()).isNaN();
    }

    @Test
    void experimentsAreMadeFoundRenamedDeletedAndRestored() {
        String id = client.createExperiment("java");
        assertThat(client.getExperiment(id).getName()).isEqualTo("java");
        assertThat(client.getExperimentByName("java").map(e -> e.getExperimentId()))
                .hasValue(id);
        assertThat(client.getExperimentByName("nowhere")).isEqualTo(Optional.empty());
        client.setExperimentTag(id, "team", "a");
        client.renameExperiment(id, "java too");
        client.deleteExperiment(id);
        assertThat(client.getExperiment(id).getLifecycleStage()).isEqualTo("deleted");
        client.restoreExperiment(id);
        ExperimentsPage found = client.searchExperiments("name = 'java too'", ViewType.ACTIVE_ONLY, 10, List.of());
        assertThat(found.getItems()).extracting(e -> e.getExperimentId()).containsExactly(id);
    }

    @Test
    void aSearchTurnsItsPages() {
        String experiment = client.createExperiment("java pages");
        for (int i = 0; i < 7; i++) {
            String run = newRun(experiment);
            client.logMetric(run, "acc", i, 1, 0);
        }
        RunsPage page = client.searchRuns(
                List.of(experiment), "metrics.acc >= 1", ViewType.ACTIVE_ONLY, 4, List.of("metrics.acc DESC"));
        assertThat(page.getItems()).hasSize(4);
        assertThat(page.hasNextPage()).isTrue();
        RunsPage rest = (RunsPage) page.getNextPage();
        assertThat(rest.getItems())
                .extracting(run -> run.getData().getMetrics(0).getValue())
                .containsExactly(2.0, 1.0);
        assertThat(rest.hasNextPage()).isFalse();
    }

    @Test
    void aMistakeIsToldAtOnce() {
        assertThatThrownBy(() -> client.getRun("0123456789abcdef0123456789abcdef"))
                .isInstanceOf(MlflowHttpException.class)
                .hasMessageContaining("404");
        String run = newRun("0");
        client.logParam(run, "p", "1");
        assertThatThrownBy(() -> client.logParam(run, "p", "2"))
                .isInstanceOf(MlflowHttpException.class)
                .hasMessageContaining("400");
    }
}
