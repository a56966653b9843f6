package dev.perennial.scorer.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.Lanes;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.Models;
import dev.perennial.scorer.ScorerSettings;
import dev.perennial.scorer.access.Caller;
import dev.perennial.scorer.config.ScorerConfig;
import dev.perennial.scorer.config.ServerLink;
import dev.perennial.scorer.spool.Spool;
import dev.perennial.scorer.telemetry.Traces;
import dev.perennial.scoring.RunLimit;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import dev.perennial.testkit.OnnxFiles;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An endpoint whose model takes tensors, from its configuration to the outcome of a call through the one door. */
class TensorEndpointTest {
    private static final TensorSpec IN = new TensorSpec("in", DataType.UINT64, List.of(-1L, 2L));
    private static final TensorSpec OUT = new TensorSpec("out", DataType.UINT64, List.of(-1L, 2L));

    @TempDir
    Path folder;

    private Vertx vertx;
    private Lanes lanes;
    private Metrics metrics;
    private Router router;
    private Predictor predictor;
    private Inference inference;

    @BeforeEach
    void start() throws IOException {
        ScorerSettings settings = LonelySettings.in(folder);
        vertx = Vertx.vertx();
        lanes = new Lanes(settings.limits().shadowRows());
        metrics = new Metrics();
        router = new Router(settings, metrics, report -> {});
        var link = new ServerLink(vertx, settings.server(), settings.id(), settings.tokenFile(), "");
        var spool = new Spool(settings, InstantSource.system(), link, lanes, metrics, new SplittableRandom(1));
        predictor = new Predictor(router, spool, new Shadows(lanes, spool, router, metrics), metrics);
        inference = new Inference(
                vertx,
                settings.limits(),
                InstantSource.system(),
                router,
                predictor,
                metrics,
                new Traces(InstantSource.system(), 0, null));
        String model = new Models(folder.resolve("blobs")).identity(List.of(IN), List.of(OUT));
        String config = Models.config(1, 0, "null", Models.variant("m/1", "champion", 10_000, model));
        assertThat(router.apply(Json.read(config, ScorerConfig.class))).isTrue();
    }

    @AfterEach
    void stop() {
        lanes.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private Outcome infer(Payload payload) throws Exception {
        var call = new Call(Caller.ANYBODY, "m", null, 0, System.nanoTime(), RunLimit.NONE, endpoint -> payload);
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        vertx.getOrCreateContext().runOnContext(now -> inference.infer(call, ended -> () -> outcome.complete(ended)));
        return outcome.get(1, TimeUnit.MINUTES);
    }

    private static Tensor numbers(String name, long... values) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * Long.BYTES).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        raw.asLongBuffer().put(values);
        return Tensor.of(name, DataType.UINT64, new long[] {values.length / 2, 2}, raw);
    }

    @Test
    void tensorsGoThroughTheChampionAndAreCounted() throws Exception {
        Outcome.Computed computed =
                (Outcome.Computed) infer(new Payload.Tensors(List.of(numbers("in", -1, 0, Long.MIN_VALUE, 7))));
        assertThat(computed.version()).isEqualTo("m/1");
        Tensor out = computed.outputs().getFirst();
        assertThat(out).hasToString("out UINT64[2, 2]");
        assertThat(out.raw()).isEqualTo(numbers("in", -1, 0, Long.MIN_VALUE, 7).raw());
        assertThat(metrics.text())
                .contains("perennial_scorer_predictions_total{endpoint=\"m\",version=\"m/1\",role=\"champion\"} 1");
    }

    @Test
    void aTensorThatDoesNotFitIsTheCallersFault() throws Exception {
        Outcome.Failed failed = (Outcome.Failed) infer(new Payload.Tensors(List.of(numbers("other", 1, 2))));
        assertThat(failed.why().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
        assertThat(failed.why()).hasMessage("input 'other' is no input of the model; it takes [in]");
        assertThat(metrics.text()).contains("perennial_scorer_model_errors_total{endpoint=\"m\",version=\"m/1\"} 0");
    }

    @Test
    void theSchemaIsTheManifests() {
        inference.look(Caller.ANYBODY, "m", endpoint -> {
            assertThat(endpoint.tabular()).isFalse();
            assertThat(endpoint.foreign()).isFalse();
            assertThat(endpoint.model().inputs()).containsExactly(IN);
            assertThat(endpoint.model().outputs()).containsExactly(OUT);
            assertThatThrownBy(endpoint::schema)
                    .isInstanceOf(PerennialException.class)
                    .hasMessageContaining("takes tensors, not rows of columns");
        });
    }

    @Test
    void bytesThatAreNoTextFailTheirOwnCallAmongSeveral() throws Exception {
        Models models = new Models(folder.resolve("blobs"));
        String manifest = models.put("{\"format\":\"onnx\"}".getBytes(StandardCharsets.UTF_8));
        String file = models.put(OnnxFiles.identity(OnnxFiles.STRING, -1));
        String model = "{\"manifest\":\"%s\",\"file\":\"%s\"}".formatted(manifest, file);
        String config = Models.config(2, 0, "null", Models.variant("m/2", "champion", 10_000, model));
        assertThat(router.apply(Json.read(config, ScorerConfig.class))).isTrue();
        try (Serving serving = router.lease()) {
            List<Predictor.TensorsCall> calls = Stream.of(new byte[] {'a'}, new byte[] {(byte) 0xff}, new byte[] {'b'})
                    .map(bytes -> Tensor.bytes("in", new long[] {1}, new byte[][] {bytes}))
                    .map(tensor ->
                            new Predictor.TensorsCall(AfterAnswers.readCall(), new Payload.Tensors(List.of(tensor))))
                    .toList();
            List<Outcome> outcomes =
                    predictor.run(serving, java.util.Objects.requireNonNull(serving.endpoint("m")), calls);
            assertThat(outcomes.get(0)).isInstanceOf(Outcome.Computed.class);
            assertThat(outcomes.get(1))
                    .isInstanceOfSatisfying(
                            Outcome.Failed.class,
                            failed -> assertThat(failed.why().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
            assertThat(outcomes.get(2)).isInstanceOf(Outcome.Computed.class);
        }
    }
}
