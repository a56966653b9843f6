package dev.perennial.worker.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Json;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.worker.StepHandler.StepInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker is killed at named points; the next attempt gives what an undisturbed one gives, byte by byte. */
class ScoreCrashIT {
    private static final int KILLED = 137;
    private static final int SECONDS_MAX = 60;

    private static final String PARQUET =
            "SELECT i AS n, i % 7 AS \"f 0\", i % 3 AS \"f 1\", 1 AS \"f 2\", 2 AS \"f 3\", 'v' || i % 5 AS \"f 4\","
                    + " 'v' || i % 40 AS \"f 5\" FROM range(60000) r(i)";

    @TempDir
    static Path whole;

    @TempDir
    Path folder;

    private static Path undisturbed(String input) throws IOException {
        Scoring job = new Scoring(whole, input.replace('.', '-'), input);
        job.run();
        return job.output();
    }

    private static Path undisturbedCsv;

    @BeforeAll
    static void scoreUndisturbed() throws IOException {
        Scoring.write(whole.resolve("in.csv"), Scoring.csv(60_000));
        undisturbedCsv = undisturbed("in.csv");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"worker.score.part", "worker.score.assembled", "worker.score.marked", "worker.score.published"})
    void aWorkerKilledAtThisPointChangesNothing(String point) throws Exception {
        Scoring.write(folder.resolve("in.csv"), Scoring.csv(60_000));
        Scoring job = new Scoring(folder, "in.csv");
        assertThat(child(job, "-Dperennial.crash-at=" + point)).as(log()).isEqualTo(KILLED);
        assertThat(Files.exists(job.output())).isEqualTo(point.endsWith("published"));
        job.run();
        assertThat(job.output()).hasSameBinaryContentAs(undisturbedCsv);
        assertThat(folder.toFile().list((dir, name) -> name.startsWith("."))).isEmpty();
    }

    @Test
    void parquetIsTheSameAfterAKillToo() throws Exception {
        Scoring.parquet(folder.resolve("in.parquet"), PARQUET);
        Scoring.parquet(whole.resolve("in.parquet"), PARQUET);
        Scoring job = new Scoring(folder, "in.parquet");
        assertThat(child(job, "-Dperennial.crash-at=worker.score.part"))
                .as(log())
                .isEqualTo(KILLED);
        job.run();
        assertThat(job.output()).hasSameBinaryContentAs(undisturbed("in.parquet"));
    }

    private String log() throws IOException {
        return Files.readString(folder.resolve("child.log"));
    }

    private int child(Scoring job, String flag) throws IOException, InterruptedException {
        Path order = Files.writeString(folder.resolve("order.json"), Json.write(job.parameters()));
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        flag,
                        "-cp",
                        System.getProperty("java.class.path"),
                        ScoreCrashIT.class.getName(),
                        order.toString(),
                        job.manifest().toString(),
                        job.model().toString(),
                        Files.createDirectories(folder.resolve("killed")).toString()))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("child.log").toFile())
                .start();
        boolean ended = process.waitFor(SECONDS_MAX, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertThat(ended).as(log()).isTrue();
        return process.exitValue();
    }

    /** Arguments: parameters of the step, manifest, model, staging folder. */
    public static void main(String[] args) throws IOException {
        new ScoreStep(new ModelLoader(Path.of(args[3], "natives")))
                .run(new StepInput(
                        Json.parse(Files.readAllBytes(Path.of(args[0]))),
                        Map.of("manifest", Path.of(args[1]), "model", Path.of(args[2])),
                        Path.of(args[3]),
                        (share, line) -> {}));
    }
}
