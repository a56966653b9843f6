package dev.perennial.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.TabularModel;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepHandler.StepOutput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandStepIT {
    private static final Path EXAMPLE = Path.of(System.getProperty("perennial.root"), "examples", "flight-delay");

    @TempDir
    static Path folder;

    private static Map<String, Path> parts;

    @BeforeAll
    static void writeParts() throws Exception {
        parts = Steps.named(FlightParts.write(folder, 1, 2, 8));
    }

    @Test
    void trainsAScikitLearnPipelineAndServesItAsOnnx() throws Exception {
        ObjectNode parameters = parameters(List.of(python(), "train_sklearn.py"));
        parameters.put("folder", EXAMPLE.toString());
        StepOutput output = run(parameters, "sklearn");

        ModelManifest manifest = ModelManifest.parse(Files.readAllBytes(file(output, "sklearn", "manifest")));
        assertThat(manifest.format()).isEqualTo("onnx");
        assertThat(manifest.snapshot()).isEqualTo("0".repeat(64));
        assertThat(manifest.trainedLabelKnownBy()).isEqualTo(Steps.six("2013-02-20"));
        assertThat(manifest.trainedDays()).isEqualTo(new ModelManifest.Days("2013-01-01", "2013-02-19"));
        assertThat(manifest.outputExample()).isBetween(0.01, 0.99);
        assertThat(output.values().get("rows").asLong()).isEqualTo(manifest.rows());
        assertThat(Files.readString(file(output, "sklearn", "stdout")))
                .contains(manifest.rows() + " rows, accuracy on them 0.");
        try (TabularModel model = loader().loadTabular(
                        Files.readAllBytes(file(output, "sklearn", "manifest")),
                        Files.readAllBytes(file(output, "sklearn", "model")))) {
            assertThat(model.signature().size()).isEqualTo(10);
        }
    }

    @Test
    void givesTheProgramOnlyWhatItMayLearnFrom() throws Exception {
        ObjectNode parameters = shell("ls $PERENNIAL_SNAPSHOT; echo seed $PERENNIAL_SEED; env; exit 3");
        ((ArrayNode) parameters.at("/clip/excludedDays")).add("2013-02-08");

        assertThatThrownBy(() -> run(parameters, "sees")).isInstanceOf(StepFailure.class);
        assertThat(Files.readString(folder.resolve("sees/stdout.log")))
                .contains("rows.parquet", "snapshot.json", "seed 1", "PERENNIAL_OUTPUT=");
        SnapshotRows rows = new SnapshotReader(
                        List.of(folder.resolve("sees/snapshot/rows.parquet")), List.of(), folder.resolve("tmp"))
                .read(Long.MIN_VALUE, Long.MAX_VALUE);
        assertThat(rows.size()).isGreaterThan(1_000);
        assertThat(rows.where(row -> !rows.labelledBy(row, Steps.six("2013-02-20"))))
                .isEmpty();
        assertThat(rows.where(row -> rows.date(row).toString().equals("2013-02-08")))
                .isEmpty();
    }

    @Test
    void classesExitCodes() {
        assertThat(kindOf("exit 1")).isEqualTo(StepFailure.Kind.USER);
        assertThat(kindOf("exit 75")).isEqualTo(StepFailure.Kind.INFRA);
        assertThat(kindOf("exit 78")).isEqualTo(StepFailure.Kind.CONFIG);
        assertThat(kindOf("no-such-program-here")).isEqualTo(StepFailure.Kind.CONFIG);
        assertThat(kindOf("kill -SEGV $$")).isEqualTo(StepFailure.Kind.USER);
        assertThat(kindOf("kill -KILL $$")).isEqualTo(StepFailure.Kind.INFRA);
        assertThat(kindOf("exit 0")).isEqualTo(StepFailure.Kind.CONTRACT);
    }

    @Test
    void tellsTheEndOfTheErrorOutput() {
        assertThatThrownBy(() -> run(shell("echo first line >&2; echo the disk is on fire >&2; exit 9"), "told"))
                .hasMessageContaining("exit code 9")
                .hasMessageContaining("the disk is on fire");
    }

    @Test
    void namesAProgramThatIsNotThere() {
        assertThatThrownBy(() -> run(parameters(List.of("no-such-program-here")), "absent"))
                .isInstanceOfSatisfying(
                        StepFailure.class, failure -> assertThat(failure.kind()).isEqualTo(StepFailure.Kind.CONFIG))
                .hasMessageContaining("no-such-program-here");
    }

    @Test
    void endsTheWholeGroupWhenTheTimeIsUp() throws Exception {
        ObjectNode parameters = shell("trap '' TERM; sleep 600 & echo $! > child.pid; echo $$ > own.pid; sleep 600");
        parameters.put("timeLimitMillis", 1_000);

        assertThatThrownBy(() -> run(parameters, "slow"))
                .isInstanceOfSatisfying(
                        StepFailure.class, failure -> assertThat(failure.kind()).isEqualTo(StepFailure.Kind.USER))
                .hasMessageContaining("took longer than 1 s");
        for (String name : List.of("child.pid", "own.pid")) {
            long pid = Long.parseLong(
                    Files.readString(folder.resolve("slow").resolve(name)).strip());
            ProcessHandle.of(pid)
                    .ifPresent(left -> left.onExit()
                            .orTimeout(10, java.util.concurrent.TimeUnit.SECONDS)
                            .join());
            assertThat(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false))
                    .isFalse();
        }
    }

    @Test
    void refusesAModelThatAsksForMoreThanTheFileDeclares() throws Exception {
        Steps.run(
                new TrainStep(Steps.library(folder)),
                Steps.train(FlightParts.features(), Steps.six("2013-02-20")),
                parts,
                folder.resolve("greedy-source"));
        Path source = folder.resolve("greedy-source");
        ObjectNode parameters = shell("cp " + source.resolve("model.json") + " "
                + source.resolve("model.perennial.json") + " $PERENNIAL_OUTPUT");
        assertThat(run(parameters, "copied").files()).containsKey("model");
        ArrayNode features = FlightParts.features();
        features.remove(0);
        parameters.set("features", features);

        assertThatThrownBy(() -> run(parameters, "greedy"))
                .isInstanceOfSatisfying(
                        StepFailure.class, failure -> assertThat(failure.kind()).isEqualTo(StepFailure.Kind.CONTRACT))
                .hasMessageContaining("'carrier'");
    }

    /** A Python that has scikit-learn; where the machine lacks one the test is skipped, and the reason is in the report. */
    private static String python() {
        String named = System.getenv("PERENNIAL_PYTHON");
        Path local = Path.of(System.getProperty("perennial.root"), ".venv", "bin", "python");
        Assumptions.assumeTrue(
                named != null || Files.isExecutable(local),
                "NO PYTHON WITH SCIKIT-LEARN: set PERENNIAL_PYTHON or make .venv (pip install scikit-learn skl2onnx onnx pandas pyarrow)");
        return named != null ? named : local.toString();
    }

    private static ObjectNode parameters(List<String> command) {
        ObjectNode parameters = Steps.train(FlightParts.features(), Steps.six("2013-02-20"));
        ObjectNode train = (ObjectNode) parameters.get("train");
        train.put("trainer", "command");
        ArrayNode arguments = train.putArray("command");
        command.forEach(arguments::add);
        return parameters;
    }

    private static ObjectNode shell(String script) {
        return parameters(List.of("/bin/sh", "-c", script));
    }

    private static StepFailure.Kind kindOf(String script) {
        try {
            run(shell(script), "kind-" + Math.abs(script.hashCode()));
        } catch (StepFailure failure) {
            return failure.kind();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        throw new AssertionError("'" + script + "' did not fail");
    }

    private static ModelLoader loader() {
        return new ModelLoader(folder.resolve("natives"));
    }

    private static StepOutput run(ObjectNode parameters, String name) throws Exception {
        return Steps.run(new CommandStep(loader()), parameters, parts, folder.resolve(name));
    }

    private static Path file(StepOutput output, String name, String file) {
        return folder.resolve(name).resolve(output.files().get(file));
    }
}
