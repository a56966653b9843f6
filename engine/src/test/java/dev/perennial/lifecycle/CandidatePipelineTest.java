package dev.perennial.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.CandidatePipeline.ModelFiles;
import dev.perennial.lifecycle.CandidatePipeline.Opponent;
import dev.perennial.lifecycle.CandidatePipeline.Order;
import dev.perennial.lifecycle.CandidatePipeline.Reused;
import dev.perennial.lifecycle.file.ExampleFile;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.pipelines.PipelineSpec;
import dev.perennial.pipelines.StepSpec;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CandidatePipelineTest {
    private static final long AT = Instant.parse("2013-06-17T10:00:00Z").toEpochMilli();
    private static final long HOLDOUT = Instant.parse("2013-06-03T10:00:00Z").toEpochMilli();
    private static final LifecycleFile FILE = ExampleFile.parsed();
    private static final ModelFiles OUTSIDE = new ModelFiles(Digest.of("their manifest"), Digest.of("their model"));
    private static final ModelFiles CHAMPION = new ModelFiles(Digest.of("our manifest"), Digest.of("our model"));

    @Test
    void aFirstVersionIsCheckedTrainedAndScoredAlone() {
        PipelineSpec spec = CandidatePipeline.spec(order(FILE));
        assertThat(spec.steps().stream().map(StepSpec::path))
                .containsExactly("validate", "snapshot", "train", "admit", "evaluate");
        assertThat(spec.step("evaluate").inputs()).containsOnlyKeys("part", "candidate.manifest", "candidate.model");
        assertThat(spec.step("evaluate").parameters().has("championProven")).isFalse();
    }

    @Test
    void whatIsAdmittedIsWhatIsScored() {
        PipelineSpec trained = CandidatePipeline.spec(order(FILE));
        assertThat(trained.step("admit").inputs().get("model"))
                .isEqualTo(trained.step("evaluate").inputs().get("candidate.model"))
                .isEqualTo(StepSpec.file("train", "model"));
        PipelineSpec outside = CandidatePipeline.spec(
                order(FILE, Optional.of(new Opponent(CHAMPION, true)), Optional.of(OUTSIDE), Optional.empty()));
        assertThat(outside.step("admit").inputs().get("manifest"))
                .isEqualTo(Json.tree(OUTSIDE.manifest().hex()));
        assertThat(outside.step("admit").inputs().get("model"))
                .isEqualTo(Json.tree(OUTSIDE.file().hex()));
        assertThat(outside.step("evaluate").parameters().path("admission").path("verdict"))
                .isEqualTo(StepSpec.value("admit", "verdict"));
    }

    @Test
    void onlyWhatOurOwnTrainerMakesIsLookedAtInTheWorkerOfTheRun() {
        PipelineSpec trained = CandidatePipeline.spec(order(FILE));
        assertThat(trained.step("admit").parameters().path("own").asBoolean()).isTrue();
        PipelineSpec outside = CandidatePipeline.spec(
                order(FILE, Optional.of(new Opponent(CHAMPION, true)), Optional.of(OUTSIDE), Optional.empty()));
        assertThat(outside.step("admit").parameters().path("own").isBoolean()).isTrue();
        assertThat(outside.step("admit").parameters().path("own").asBoolean()).isFalse();
    }

    @Test
    void trainingEndsWhereTheHoldoutBegins() {
        PipelineSpec spec = CandidatePipeline.spec(order(FILE));
        JsonNode clip = spec.step("train").parameters().path("clip");
        assertThat(clip.path("before").asLong()).isEqualTo(HOLDOUT);
        assertThat(clip.path("labelKnownBy").asLong()).isEqualTo(HOLDOUT);
        JsonNode holdout = spec.step("evaluate").parameters().path("holdout");
        assertThat(holdout.path("from").asLong()).isEqualTo(HOLDOUT);
        assertThat(holdout.path("to").asLong()).isEqualTo(AT);
        assertThat(holdout.path("labelKnownBy").asLong()).isEqualTo(AT);
    }

    @Test
    void evaluationIsToldWhatItReadsAndNothingElse() {
        assertThat(CandidatePipeline.spec(order(FILE))
                        .step("evaluate")
                        .parameters()
                        .fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(
                        "coverage", "holdout", "features", "slices", "snapshot", "candidateProven", "admission");
        assertThat(CandidatePipeline.spec(order(FILE))
                        .step("evaluate")
                        .parameters()
                        .path("slices"))
                .isEqualTo(Json.array().add("origin"));
    }

    @Test
    void whatAManifestFromOutsideClaimsIsNotBelieved() {
        PipelineSpec candidate = CandidatePipeline.spec(
                order(FILE, Optional.of(new Opponent(CHAMPION, true)), Optional.of(OUTSIDE), Optional.empty()));
        assertThat(candidate.steps().stream().map(StepSpec::path))
                .containsExactly("validate", "snapshot", "admit", "evaluate");
        assertThat(candidate.step("evaluate").parameters().path("candidateProven"))
                .isEqualTo(Json.tree(false));
        assertThat(candidate.step("evaluate").parameters().path("championProven"))
                .isEqualTo(Json.tree(true));

        PipelineSpec champion = CandidatePipeline.spec(
                order(FILE, Optional.of(new Opponent(OUTSIDE, false)), Optional.empty(), Optional.empty()));
        assertThat(champion.step("evaluate").parameters().path("candidateProven"))
                .isEqualTo(Json.tree(true));
        assertThat(champion.step("evaluate").parameters().path("championProven"))
                .isEqualTo(Json.tree(false));
        assertThat(champion.step("evaluate").inputs().get("champion.model"))
                .isEqualTo(Json.tree(OUTSIDE.file().hex()));
    }

    @Test
    void servedRowsAreComparedByTheFileInForceWithTheColumnsOfEachVersion() {
        JsonNode columns = Json.object().set("flight-delay/3", Json.array().add("carrier"));
        Digest rows = Digest.of("rows");
        LifecycleFile candidate = ExampleFile.parsed(ExampleFile.text().replace("seed: 1", "seed: 2"));
        PipelineSpec spec = CandidatePipeline.spec(order(
                candidate, Optional.empty(), Optional.empty(), Optional.of(new ServedRows.Logged(rows, columns))));
        StepSpec skew = spec.step("skew");
        assertThat(skew.parameters().path("columns")).isEqualTo(columns);
        assertThat(skew.parameters().at("/lifecycle/train/seed").asInt()).isEqualTo(1);
        assertThat(skew.inputs().get("logged")).isEqualTo(Json.tree(rows.hex()));
    }

    @Test
    void theContractIsCheckedAgainstTheKnownValues() {
        JsonNode known = Json.object().set("flights.carrier", Json.array().add("AA"));
        Order order =
                new Order(FILE, FILE, AT, Reused.NOTHING, Optional.empty(), Optional.empty(), Optional.empty(), known);
        assertThat(CandidatePipeline.spec(order).step("validate").parameters().path("knownValues"))
                .isEqualTo(known);
    }

    @Test
    void aProgramOfTheUserTrainsWhereTheFileNamesOne() {
        LifecycleFile file = ExampleFile.parsed(
                ExampleFile.text().replace("  trainer: gradient-boosting\n", "  command: [python3, train.py]\n"));
        assertThat(CandidatePipeline.spec(order(file)).step("train").kind()).isEqualTo("command");
        assertThat(CandidatePipeline.spec(order(FILE)).step("train").kind()).isEqualTo("train");
    }

    private static Order order(LifecycleFile file) {
        return order(file, Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static Order order(
            LifecycleFile file,
            Optional<Opponent> champion,
            Optional<ModelFiles> outside,
            Optional<ServedRows.Logged> logged) {
        return new Order(file, FILE, AT, Reused.NOTHING, champion, outside, logged, Json.object());
    }
}
