package dev.perennial.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.VersionId;
import dev.perennial.lifecycle.file.ExampleFile;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.pipelines.PipelineSpec;
import dev.perennial.pipelines.StepSpec;
import dev.perennial.registry.ModelVersion;
import dev.perennial.replay.ReplayPolicy.Blind;
import dev.perennial.replay.ReplayPolicy.Cadence;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArmsTest {
    private static final LifecycleFile FILE = ExampleFile.parsed();
    private static final long FROM = at("2013-04-01T10:00:00Z");
    private static final long TO = at("2013-06-15T10:00:00Z");
    private static final long HOUR = 3_600_000L;

    @Test
    void theArmsOfAPlayedReplayBeginWithItsFirstVersion() {
        PipelineSpec spec = Arms.spec(FILE, FROM, TO, first());
        assertThat(spec.steps().stream().map(StepSpec::path)).containsExactly("snapshot", "arms");
        assertThat(spec.step("arms").inputs().get("first.model"))
                .isEqualTo(Json.tree(Digest.of("model").hex()));
        JsonNode arms = spec.step("arms").parameters().path("arms");
        assertThat(arms).extracting(arm -> arm.path("name").asText()).containsExactly(Arms.NEVER, Arms.BLIND);
        assertThat(arms.path(0).has("retrain")).isFalse();
        assertThat(arms.at("/1/retrain"))
                .isEqualTo(Json.parse("{\"rowsDays\":30,\"at\":[" + at("2013-05-01T10:00:00Z") + ","
                        + at("2013-06-01T10:00:00Z") + "]}"));
    }

    @Test
    void rowsAreJudgedFromTheFirstPredictionThatTheReplayWouldHaveMade() {
        JsonNode parameters = Arms.spec(FILE, FROM, TO, first()).step("arms").parameters();
        assertThat(parameters.path("from").asLong()).isEqualTo(FROM + 2 * HOUR + 1);
        assertThat(parameters.path("to").asLong()).isEqualTo(TO);
        assertThat(parameters.path("labelKnownBy").asLong()).isEqualTo(TO);
    }

    @Test
    void anOfflineReplayTrainsItsFirstVersionAsTheLoopWouldHave() {
        PipelineSpec spec = Arms.offline("replay", FILE, plan(), new Blind(Cadence.WEEKLY, null));
        assertThat(spec.name()).isEqualTo("replay");
        assertThat(spec.steps().stream().map(StepSpec::path)).containsExactly("validate", "snapshot", "train", "arms");
        assertThat(spec.step("validate").parameters().path("asOf").asLong()).isEqualTo(FROM);
        assertThat(spec.step("snapshot").parameters().path("asOf").asLong()).isEqualTo(TO);
        assertThat(spec.step("train").parameters().at("/clip/before").asLong()).isEqualTo(at("2013-03-18T10:00:00Z"));
        assertThat(spec.step("arms").inputs().get("first.model")).isEqualTo(StepSpec.file("train", "model"));
    }

    @Test
    void anOfflineReplayIsNamedByItsPolicyAndTrainsOnAllRowsWhereItSaysSo() {
        JsonNode arm = Arms.offline("replay", FILE, plan(), new Blind(Cadence.WEEKLY, null))
                .step("arms")
                .parameters()
                .at("/arms/1");
        assertThat(arm.path("name").asText()).isEqualTo("weekly, all, no gates");
        assertThat(arm.at("/retrain/rowsDays").isNull()).isTrue();
        assertThat(arm.at("/retrain/at")).hasSize(10);
    }

    private static Replay.Plan plan() {
        return new Replay.Plan("", "/lifecycle.yaml", FROM, TO, false, List.of(), List.of(), "weekly, all, no gates");
    }

    private static ModelVersion first() {
        return new ModelVersion(
                VersionId.parse("flight-delay@spring/1"),
                0,
                FROM,
                ModelVersion.Source.TRAINED,
                Digest.of("manifest"),
                Digest.of("model"),
                FILE.digest(),
                null,
                null,
                null,
                ModelVersion.State.CHAMPION,
                Json.object());
    }

    private static long at(String instant) {
        return Instant.parse(instant).toEpochMilli();
    }
}
