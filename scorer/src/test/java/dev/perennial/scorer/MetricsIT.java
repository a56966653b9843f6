package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a whole scorer tells of itself at {@code /metrics}. */
class MetricsIT {
    @TempDir
    Path folder;

    private ControlServer server;
    private Models models;
    private ScorerProcess scorer;
    private Caller caller;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        server = new ControlServer();
        models = new Models(folder.resolve("blobs"));
        scorer = server.scorer(folder);
        caller = new Caller(scorer.url());
        server.apply(1, Models.config(1, 0, "null", variant("m/1")));
    }

    @AfterEach
    void stop() {
        caller.close();
        scorer.close();
        server.close();
    }

    private String variant(String version) throws IOException {
        return Models.variant(version, "champion", 10_000, models.model(0.25, "x", "c"));
    }

    private String metrics() throws IOException, InterruptedException {
        return caller.get("/metrics").text();
    }

    @Test
    void anAnswerCountsInTheTimesOfItsVersion() throws Exception {
        caller.predict("a", "b");
        assertThat(metrics())
                .contains("perennial_scorer_request_seconds_count{endpoint=\"m\",version=\"m/1\"} 1\n")
                .contains("perennial_scorer_compute_seconds_count{endpoint=\"m\",version=\"m/1\"} 1\n")
                .contains("perennial_scorer_queue_seconds_count{endpoint=\"m\",version=\"m/1\"} 1\n")
                .contains("perennial_scorer_predictions_total{endpoint=\"m\",version=\"m/1\",role=\"champion\"} 2\n");
    }

    @Test
    void aRefusedRequestCountsByItsKindAndInNoTime() throws Exception {
        assertThat(caller.post("/endpoints/m/predict", "{\"records\":[{}]}").status())
                .isEqualTo(400);
        assertThat(metrics())
                .contains("perennial_scorer_errors_total{endpoint=\"m\",version=\"m/1\",kind=\"invalid_argument\"} 1\n")
                .contains("perennial_scorer_request_seconds_count{endpoint=\"m\",version=\"m/1\"} 0\n");
    }

    @Test
    void tritonsCountersStandBesideOurs() throws Exception {
        caller.predict("a", "b", "c");
        assertThat(metrics())
                .contains("# TYPE nv_inference_request_success counter\n")
                .contains("nv_inference_request_success{model=\"m\",version=\"m/1\"} 1\n")
                .contains("nv_inference_count{model=\"m\",version=\"m/1\"} 3\n")
                .contains("nv_inference_exec_count{model=\"m\",version=\"m/1\"} 1\n")
                .contains("nv_inference_request_failure{model=\"m\",version=\"m/1\"} 0\n");
    }

    @Test
    void whatAVersionDidIsForgottenOnceItIsConfiguredNoMore() throws Exception {
        caller.predict("a");
        server.apply(2, Models.config(2, 0, "null", variant("m/2")));
        caller.predict("b");
        assertThat(metrics()).doesNotContain("m/1").contains("nv_inference_count{model=\"m\",version=\"m/2\"} 1\n");
    }

    @Test
    void prometheusGetsProtobufAndOthersText() throws Exception {
        var protobuf = caller.send(HttpRequest.newBuilder(URI.create(scorer.url() + "/metrics"))
                .header(
                        "Accept",
                        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"));
        assertThat(protobuf.status()).isEqualTo(200);
        assertThat(protobuf.text()).doesNotContain("# TYPE").contains("nv_inference_count");
        assertThat(metrics()).startsWith("# TYPE ");
    }

    @Test
    void itTellsHowLongTheServerWasSilent() throws Exception {
        double silent = Double.parseDouble(
                metrics().replaceAll("(?s).*perennial_scorer_server_silent_seconds\\{} ([0-9.E-]+).*", "$1"));
        assertThat(silent).isBetween(0.0, 60.0);
    }
}
