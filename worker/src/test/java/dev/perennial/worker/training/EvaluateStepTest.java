package dev.perennial.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.gates.Evaluation;
import dev.perennial.gates.Evaluation.Cluster;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.worker.StepFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateStepTest {
    @TempDir
    static Path folder;

    private static Map<String, Path> parts;

    @BeforeAll
    static void trainTwoModels() throws Exception {
        parts = Steps.named(FlightParts.write(folder, 1, 3, 8));
        Steps.run(
                new TrainStep(Steps.library(folder)),
                Steps.train(FlightParts.features(), Steps.six("2013-02-04")),
                parts,
                folder.resolve("champion"));
        Steps.run(
                new TrainStep(Steps.library(folder)),
                Steps.train(FlightParts.features(), Steps.six("2013-03-04")),
                parts,
                folder.resolve("candidate"));
    }

    @Test
    void judgesBothModelsAndTheBaselineOnTheSameDays() throws Exception {
        Evaluation evaluation = evaluate(parameters(), inputs());

        assertThat(evaluation.candidate())
                .isEqualTo(Digest.ofFile(folder.resolve("candidate/model.perennial.json"))
                        .hex());
        assertThat(evaluation.champion())
                .isEqualTo(Digest.ofFile(folder.resolve("champion/model.perennial.json"))
                        .hex());
        assertThat(evaluation.candidateTrainedUntil()).isEqualTo(Steps.six("2013-03-04"));
        assertThat(evaluation.championTrainedUntil()).isEqualTo(Steps.six("2013-02-04"));
        assertThat(evaluation.clusters())
                .hasSize(14)
                .extracting(Cluster::key)
                .startsWith("2013-03-04")
                .endsWith("2013-03-17");
        Cluster day = evaluation.clusters().get(3);
        assertThat(bins(day.candidate().positiveBins())).isEqualTo(day.positives());
        assertThat(bins(day.candidate().negativeBins())).isEqualTo(day.labelled() - day.positives());
        assertThat(day.againstChampion().logLoss())
                .isCloseTo(day.candidate().logLoss() - day.champion().logLoss(), offset(1e-9));
        assertThat(day.againstBaseline().brier())
                .isCloseTo(day.candidate().brier() - day.baseline().brier(), offset(1e-9));
        assertThat(day.baseline().scoreSum() / day.labelled())
                .isCloseTo(manifest("candidate").get("prior").asDouble(), offset(1e-9));
        assertThat(evaluation.cpuMicrosPerRow()).containsOnlyKeys("candidate", "champion");
        assertThat(evaluation.cpuMicrosPerRow().values()).allMatch(micros -> micros > 0);
    }

    @Test
    void slicesAddUpToTheWhole() throws Exception {
        Evaluation evaluation = evaluate(parameters(), inputs());

        Map<String, List<Cluster>> origins = evaluation.slices().get("origin");
        assertThat(origins).containsOnlyKeys("EWR", "JFK", "LGA");
        assertThat(origins.values().stream()
                        .flatMap(List::stream)
                        .mapToLong(Cluster::labelled)
                        .sum())
                .isEqualTo(evaluation.clusters().stream()
                        .mapToLong(Cluster::labelled)
                        .sum());
        assertThat(origins.values().stream()
                        .flatMap(List::stream)
                        .mapToDouble(day -> day.candidate().logLoss())
                        .sum())
                .isCloseTo(
                        evaluation.clusters().stream()
                                .mapToDouble(day -> day.candidate().logLoss())
                                .sum(),
                        offset(1e-6));
    }

    @Test
    void withholdsExcludedDaysAndDaysWithFewLabels() throws Exception {
        ObjectNode parameters = parameters();
        ObjectNode holdout = (ObjectNode) parameters.get("holdout");
        holdout.put("from", Steps.six("2013-02-04")).put("to", Steps.six("2013-02-18"));
        holdout.put("labelKnownBy", Steps.six("2013-02-17"));
        holdout.putArray("excludedDays").addObject().put("day", "2013-02-12").put("reason", "weather was late");
        Evaluation evaluation = evaluate(parameters, inputs());

        assertThat(evaluation.withheld())
                .extracting(Evaluation.Withheld::day)
                .contains("2013-02-09", "2013-02-12", "2013-02-17");
        assertThat(reason(evaluation, "2013-02-09")).matches("\\d\\d % of the rows have a label, less than 80 %");
        assertThat(reason(evaluation, "2013-02-12")).isEqualTo("weather was late");
        assertThat(reason(evaluation, "2013-02-17")).isEqualTo("no label is known yet");
        assertThat(evaluation.clusters())
                .extracting(Cluster::key)
                .doesNotContain("2013-02-09", "2013-02-12", "2013-02-17");
        assertThat(evaluation.slices().get("origin").get("EWR"))
                .extracting(Cluster::key)
                .doesNotContain("2013-02-12");
    }

    @Test
    void judgesAFirstVersionWithoutAChampion() throws Exception {
        Map<String, Path> inputs = inputs();
        inputs.remove("champion.model");
        inputs.remove("champion.manifest");
        Evaluation evaluation = evaluate(parameters(), inputs);

        assertThat(evaluation.champion()).isNull();
        assertThat(evaluation.championTrainedUntil()).isNull();
        assertThat(evaluation.clusters())
                .allSatisfy(day -> assertThat(day.champion()).isNull());
        assertThat(evaluation.cpuMicrosPerRow()).containsOnlyKeys("candidate");
    }

    @Test
    void doesNotBelieveWhatAModelFromOutsideClaims() throws Exception {
        ObjectNode parameters = parameters();
        parameters.put("candidateProven", false);

        assertThat(evaluate(parameters, inputs()).candidateTrainedUntil()).isNull();
    }

    @Test
    void measuresTheSameTwice() throws Exception {
        ObjectNode first = (ObjectNode) Json.tree(evaluate(parameters(), inputs()));
        ObjectNode second = (ObjectNode) Json.tree(evaluate(parameters(), inputs()));
        first.remove("cpuMicrosPerRow");
        second.remove("cpuMicrosPerRow");

        assertThat(Json.canonical(first)).isEqualTo(Json.canonical(second));
        assertThat(Json.convert(Json.tree(evaluate(parameters(), inputs())), Evaluation.class)
                        .clusters())
                .hasSize(14);
    }

    @Test
    void refusesAModelThatIsNotTheOneOfItsManifest() throws Exception {
        Map<String, Path> inputs = inputs();
        inputs.put("candidate.model", folder.resolve("champion/model.json"));

        assertThatThrownBy(() -> evaluate(parameters(), inputs))
                .isInstanceOfSatisfying(
                        StepFailure.class, failure -> assertThat(failure.kind()).isEqualTo(StepFailure.Kind.CONTRACT))
                .hasMessageContaining("the candidate cannot be loaded");
    }

    @Test
    void namesAnInputThatIsMissing() {
        Map<String, Path> inputs = inputs();
        inputs.remove("candidate.manifest");

        assertThatThrownBy(() -> evaluate(parameters(), inputs))
                .isInstanceOfSatisfying(
                        StepFailure.class, failure -> assertThat(failure.kind()).isEqualTo(StepFailure.Kind.CONFIG))
                .hasMessageContaining("'candidate.manifest'");
    }

    private static ObjectNode parameters() {
        ObjectNode parameters = Json.object();
        ObjectNode holdout = parameters.putObject("holdout");
        holdout.put("from", Steps.six("2013-03-04")).put("to", Steps.six("2013-03-18") - 6 * 3_600_000L);
        holdout.put("labelKnownBy", Steps.six("2013-03-18")).putArray("excludedDays");
        parameters.putArray("slices").add("origin");
        parameters.put("coverage", 0.8);
        return parameters;
    }

    private static Map<String, Path> inputs() {
        Map<String, Path> inputs = new HashMap<>(parts);
        for (String role : List.of("candidate", "champion")) {
            inputs.put(role + ".model", folder.resolve(role).resolve("model.json"));
            inputs.put(role + ".manifest", folder.resolve(role).resolve("model.perennial.json"));
        }
        return inputs;
    }

    private static Evaluation evaluate(ObjectNode parameters, Map<String, Path> inputs) throws Exception {
        EvaluateStep step = new EvaluateStep(new ModelLoader(folder.resolve("natives")));
        return Json.convert(
                Steps.run(step, parameters, inputs, folder.resolve("staging"))
                        .values()
                        .get("evaluation"),
                Evaluation.class);
    }

    private static String reason(Evaluation evaluation, String day) {
        return evaluation.withheld().stream()
                .filter(withheld -> withheld.day().equals(day))
                .findFirst()
                .orElseThrow()
                .reason();
    }

    private static long bins(int[] pairs) {
        long sum = 0;
        for (int i = 1; i < pairs.length; i += 2) {
            sum += pairs[i];
        }
        return sum;
    }

    private static JsonNode manifest(String name) throws Exception {
        return Json.parse(Files.readAllBytes(folder.resolve(name).resolve("model.perennial.json")));
    }
}
