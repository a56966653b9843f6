package dev.perennial.worker.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Json;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.Signature;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepHandler.StepOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that are run again, meet other files, or other models. */
class ScoreAgainTest {
    private static final int FEW = 100;
    private static final int MANY = 110_000;
    private static final int BAD = 60_000;

    @TempDir
    Path folder;

    @BeforeEach
    void writeRows() throws IOException {
        Scoring.write(folder.resolve("in.csv"), Scoring.csv(FEW));
    }

    private void writeManyRowsOfWhichOneIsBad() throws IOException {
        Scoring.write(folder.resolve("in.csv"), Scoring.csv(MANY).replace("\n" + BAD + ",", "\n" + BAD + ",bad"));
    }

    @Test
    void finishedPartsAreNotScoredAgainAndTheResultIsTheSame() throws IOException {
        writeManyRowsOfWhichOneIsBad();
        Scoring undisturbed = new Scoring(folder, "whole", "in.csv");
        undisturbed.run();
        Scoring job = new Scoring(folder, "in.csv").errorsMax(0);
        assertThatThrownBy(job::run).hasMessageStartingWith("1 of 100000 rows have no result");
        assertThat(job.parts()).hasSize(2);
        Object first = Files.getAttribute(job.parts().getFirst(), "unix:ino");
        StepOutput output = job.errorsMax(1).run();
        assertThat(output.values().get("errors")).isEqualTo(Json.tree(1L));
        assertThat(Files.getAttribute(job.parts().getFirst(), "unix:ino")).isEqualTo(first);
        assertThat(job.output()).hasSameBinaryContentAs(undisturbed.output());
    }

    @Test
    void aFileThatChangedBetweenAttemptsIsRefused() throws IOException {
        writeManyRowsOfWhichOneIsBad();
        Scoring job = new Scoring(folder, "in.csv").errorsMax(0);
        assertThatThrownBy(job::run).isInstanceOf(StepFailure.class);
        Scoring.write(folder.resolve("in.csv"), Scoring.csv(MANY));
        assertThatThrownBy(job::run)
                .isInstanceOfSatisfying(
                        StepFailure.class, e -> assertThat(e.kind()).isEqualTo(StepFailure.Kind.CONTRACT))
                .hasMessageMatching("the file .*in.csv has changed since its job began \\(sha256 [0-9a-f]{12}, now"
                        + " [0-9a-f]{12}\\); start a new job");
        assertThat(job.output()).doesNotExist();
    }

    @Test
    void aFileThatIsGoneIsTold() throws IOException {
        Files.delete(folder.resolve("in.csv"));
        assertThatThrownBy(new Scoring(folder, "in.csv")::run)
                .hasMessage("cannot read " + folder.resolve("in.csv") + ": it is not there any more");
    }

    @Test
    void aFinishedJobIsNotDoneAgain() throws IOException {
        Scoring job = new Scoring(folder, "in.csv");
        StepOutput first = job.run();
        Object file = Files.getAttribute(job.output(), "unix:ino");
        assertThat(job.run()).isEqualTo(first);
        assertThat(Files.getAttribute(job.output(), "unix:ino")).isEqualTo(file);
    }

    @Test
    void anotherFileIsNotReplaced() throws IOException {
        Scoring job = new Scoring(folder, "in.csv");
        Files.writeString(job.output(), "precious");
        assertThatThrownBy(job::run)
                .hasMessage(job.output() + " is there already; give another name, or --force to replace it");
        assertThat(job.output()).hasContent("precious");
        assertThat(job.jobFolder()).as("no work was done").doesNotExist();
    }

    @Test
    void anotherFileIsReplacedByForce() throws IOException {
        Scoring job = new Scoring(folder, "in.csv").force();
        Files.writeString(job.output(), "old");
        assertThat(job.lines()).hasSize(FEW + 1);
    }

    @Test
    void whatAKilledAttemptLeftBesideTheResultGoes() throws IOException {
        Path left = Files.writeString(folder.resolve(".job.out.csv.job.0123456789ab"), "half");
        Path foreign = Files.writeString(folder.resolve(".job.out.csv.other.0123456789ab"), "of another job");
        new Scoring(folder, "in.csv").run();
        assertThat(left).doesNotExist();
        assertThat(foreign).exists();
    }

    @Test
    void aFolderThatIsNotThereIsTold() throws IOException {
        assertThatThrownBy(new Scoring(folder, "in.csv").with("output", folder + "/no/out.csv")::run)
                .hasMessage("cannot write " + folder + "/no/out.csv: its folder is not there");
    }

    @Test
    void twoJobsAtOnceDoNotMeet() throws Exception {
        Scoring one = new Scoring(folder, "one", "in.csv");
        Scoring two = new Scoring(folder, "two", "in.csv");
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            List<Future<StepOutput>> both = List.of(threads.submit(one::run), threads.submit(two::run));
            assertThat(both.get(0).get().values()).isEqualTo(both.get(1).get().values());
        }
        assertThat(one.output()).hasSameBinaryContentAs(two.output());
    }

    @Test
    void aModelOfSeveralClassesGivesAColumnForEach() throws IOException {
        Map<String, List<String>> texts = Map.of("f 4", known(5), "f 5", known(40));
        Scoring job = new Scoring(folder, "in.csv")
                .model(
                        ModelManifest.of(ModelManifest.LIGHTGBM_TEXT, signature(), texts),
                        Scoring.tree("lightgbm-4.7-multiclass.txt"));
        Scoring.write(
                folder.resolve("in.csv"), Scoring.HEADER + "\n0.5,-1,0.2,0,v1,v7\n0.5,-1,0.2,0,,v7\n1,1,1,1,v2,v3\n");
        List<String> lines = job.lines();
        assertThat(lines.get(0))
                .isEqualTo(Scoring.HEADER
                        + ",probabilities_0,probabilities_1,probabilities_2,probabilities_3,version,error");
        assertThat(shares(lines.get(1))).isCloseTo(1, org.assertj.core.api.Assertions.within(1e-6));
        assertThat(lines.get(2))
                .isEqualTo(
                        "0.5,-1,0.2,0,,v7,,,,,frames/7,\"column 'f 4' has no value, and this model takes no missing texts\"");
        assertThat(shares(lines.get(3))).isCloseTo(1, org.assertj.core.api.Assertions.within(1e-6));
    }

    private static double shares(String line) {
        String[] cells = line.split(",");
        return IntStream.range(6, 10)
                .mapToDouble(i -> Double.parseDouble(cells[i]))
                .sum();
    }

    private static List<String> known(int count) {
        return IntStream.range(0, count).mapToObj(code -> "v" + code).toList();
    }

    private static Signature signature() {
        return new Signature(IntStream.range(0, 6)
                .mapToObj(i -> i < 4
                        ? dev.perennial.scoring.Column.number("f " + i)
                        : dev.perennial.scoring.Column.category("f " + i))
                .toList());
    }

    @Test
    void aModelThatFailsOnARowGivesAnErrorThereAndScoresTheOthers() throws IOException {
        Path outside = Path.of(System.getProperty("perennial.root"), "examples", "flight-delay", "outside");
        ModelManifest manifest = ModelManifest.parse(Files.readAllBytes(outside.resolve("outside.model.json")));
        List<String> names = manifest.signature().columns().stream()
                .map(dev.perennial.scoring.Column::name)
                .toList();
        String empty = ",".repeat(names.size() - 1);
        int pressure = names.indexOf("pressure_mb");
        String low = ",".repeat(pressure) + "983.8" + ",".repeat(names.size() - 1 - pressure);
        Scoring.write(
                folder.resolve("in.csv"), String.join(",", names) + "\n" + empty + "\n" + low + "\n" + empty + "\n");
        List<String> lines = new Scoring(folder, "in.csv")
                .model(manifest, outside.resolve("outside.onnx"))
                .lines();
        assertThat(lines.get(1)).isEqualTo(lines.get(3)).endsWith(",frames/7,");
        assertThat(lines.get(2)).startsWith(low + ",,frames/7,").contains("indices element out of data bounds");
    }

    @Test
    void aModelOfTensorsIsRefused() throws IOException {
        var spec = List.of(dev.perennial.tensors.TensorSpec.column("x", dev.perennial.tensors.DataType.FP32));
        Path none = Files.createFile(folder.resolve("none"));
        assertThatThrownBy(new Scoring(folder, "in.csv")
                        .model(ModelManifest.ofTensors(ModelManifest.IDENTITY, spec, spec), none)::run)
                .hasMessage("the model cannot score a file: it takes tensors [x], not rows of columns; score it with"
                        + " the inference protocol");
    }

    @Test
    void aFormatThatTheWorkerCannotLoadIsRefused() throws IOException {
        assertThatThrownBy(new Scoring(folder, "in.csv")
                        .model(
                                ModelManifest.of("pickle", signature(), Map.of()),
                                Scoring.tree("xgboost-3.2-frame.json"))::run)
                .hasMessageStartingWith("the model cannot score a file: model format 'pickle' is not supported");
    }
}
