package dev.perennial.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.cli.CliHarness.Outcome;
import dev.perennial.cli.CliHarness.Request;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ScoreCommandTest extends CliFixture {
    private static final String JOB = """
            {"id":"0193","state":"%s","version":"late/3","target":"endpoint late","by":"maria","name":"in.csv",
             "input":%s,"output":%s,"resultName":"in.scored.csv","share":0.5,"line":"%s","rows":%s,"errors":%s,
             "createdAt":1371463200000,"endedAt":0}""";
    private static final String FORBIDDEN =
            "{\"error\":{\"code\":\"PERMISSION_DENIED\",\"message\":\"for administrators\",\"field\":\"input\"}}";

    @BeforeEach
    void writeFile() throws IOException {
        Files.writeString(folder.resolve("in.csv"), "a\n1\n");
    }

    private String here(String state, String line, long rows, long errors) {
        return JOB.formatted(
                state, "\"" + folder + "/in.csv\"", "\"" + folder + "/in.scored.csv\"", line, rows, errors);
    }

    private static String sent(String state, long rows) {
        return JOB.formatted(state, "null", "null", "", rows, 0);
    }

    private Request posted() {
        return cli.requests().stream()
                .filter(request -> request.method().equals("POST"))
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    @Test
    void aServerOnThisMachineReadsTheFileItself() {
        cli.on("POST /api/scorings", 200, here("RUNNING", "", 0, 0))
                .on("GET /api/scorings/0193", 200, here("RUNNING", "50,000 rows, 90,000 rows/s", 0, 0))
                .on("GET /api/scorings/0193", 200, here("DONE", "", 120_000, 0));
        Outcome outcome = cli.run("score", "in.csv", "--endpoint", "late");
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        assertThat(outcome.out()).isEqualTo("120,000 rows: " + folder + "/in.scored.csv\n");
        assertThat(outcome.err()).startsWith("scoring 0193: in.csv by version late/3\n");
        assertThat(Json.parse(posted().body()))
                .isEqualTo(Json.object()
                        .put("force", false)
                        .put("endpoint", "late")
                        .put("input", folder + "/in.csv"));
    }

    @Test
    void anotherReleaseOfPythonIsAskedForByName() {
        cli.on("POST /api/scorings", 200, here("RUNNING", "", 0, 0));
        cli.run("score", "in.csv", "--model", "models:/Iris flowers/2", "--python-minor", "--no-wait");
        assertThat(Json.parse(posted().body()))
                .isEqualTo(Json.object()
                        .put("force", false)
                        .put("model", "models:/Iris flowers/2")
                        .put("minor", true)
                        .put("input", folder + "/in.csv"));
    }

    @Test
    void whatIsAskedForIsTold() {
        cli.on("POST /api/scorings", 200, here("RUNNING", "", 0, 0));
        cli.run(
                "score",
                "in.csv",
                "--model",
                "late/3",
                "--to",
                "sub/out.parquet",
                "--format",
                "parquet",
                "--force",
                "--max-errors",
                "7",
                "--no-wait");
        assertThat(Json.parse(posted().body()))
                .isEqualTo(Json.object()
                        .put("force", true)
                        .put("model", "late/3")
                        .put("resultFormat", "parquet")
                        .put("errorsMax", 7)
                        .put("input", folder + "/in.csv")
                        .put("output", folder + "/sub/out.parquet"));
    }

    @Test
    void aJobThatIsNotWaitedForIsNamedWithAdvice() {
        cli.on("POST /api/scorings", 200, here("RUNNING", "", 0, 0));
        Outcome outcome = cli.run("score", "in.csv", "--endpoint", "late", "--no-wait");
        assertThat(outcome.out()).isEqualTo("0193\n");
        assertThat(outcome.err())
                .endsWith(
                        "'perennial scorings show 0193' tells how it goes, 'perennial scorings cancel 0193' ends it\n");
    }

    @Test
    void rowsWithoutAResultAreCounted() {
        cli.on("POST /api/scorings", 200, here("RUNNING", "", 0, 0))
                .on("GET /api/scorings/0193", 200, here("DONE", "", 5, 2));
        assertThat(cli.run("score", "in.csv", "--endpoint", "late").out())
                .startsWith("5 rows, 2 without a result (see their column 'error'): ");
    }

    @Test
    void aFailureSaysWhyAndHowToGoOn() {
        cli.on("POST /api/scorings", 200, here("RUNNING", "", 0, 0))
                .on("GET /api/scorings/0193", 200, here("FAILED", "score: the file has changed", 0, 0));
        Outcome outcome = cli.run("score", "in.csv", "--endpoint", "late");
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(outcome.err())
                .endsWith("perennial: scoring 0193 failed: score: the file has changed;"
                        + " 'perennial scorings resume 0193' goes on where it stopped\n");
    }

    @Test
    void whoMayNotLetTheServerReadSendsTheFileAndFetchesTheResult() throws IOException {
        cli.on("POST /api/scorings", 403, FORBIDDEN)
                .on("POST /api/scorings", 200, sent("WAITING", 0))
                .on("PUT /api/scorings/0193/input", 200, sent("RUNNING", 0))
                .on("GET /api/scorings/0193", 200, sent("DONE", 1))
                .on("GET /api/scorings/0193/result", 200, "a,score\n1,0.5\n");
        Outcome outcome = cli.run("score", "in.csv", "--endpoint", "late");
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        assertThat(Json.parse(posted().body()))
                .isEqualTo(Json.object()
                        .put("force", false)
                        .put("endpoint", "late")
                        .put("name", "in.csv")
                        .put("digest", Digest.of("a\n1\n").hex()));
        assertThat(folder.resolve("in.scored.csv")).hasContent("a,score\n1,0.5\n");
        assertThat(outcome.out()).isEqualTo("1 rows: " + folder + "/in.scored.csv\n");
    }

    @Test
    void aResultThatIsThereIsNotReplacedByOneThatIsFetched() throws IOException {
        Files.writeString(folder.resolve("out.csv"), "precious");
        cli.on("POST /api/scorings", 403, FORBIDDEN);
        Outcome outcome = cli.run("score", "in.csv", "--endpoint", "late", "--to", "out.csv");
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.ERROR);
        assertThat(outcome.err())
                .isEqualTo("perennial: " + folder
                        + "/out.csv is there already; give another name with --to, or --force to replace it\n");
        assertThat(folder.resolve("out.csv")).hasContent("precious");
    }

    @Test
    void anotherRefusalIsToldAsItIs() {
        cli.on(
                "POST /api/scorings",
                400,
                "{\"error\":{\"code\":\"INVALID_ARGUMENT\",\"message\":\"it is there already\",\"field\":\"output\"}}");
        Outcome outcome = cli.run("score", "in.csv", "--endpoint", "late");
        assertThat(outcome.err()).isEqualTo("perennial: output: it is there already\n");
        assertThat(cli.requests()).hasSize(1);
    }

    @Test
    void aFileThatIsNotThereIsToldBeforeAnythingIsAsked() {
        Outcome outcome = cli.run("score", "no.csv", "--endpoint", "late");
        assertThat(outcome.err()).isEqualTo("perennial: cannot read no.csv: it is not there or no file\n");
        assertThat(cli.requests()).isEmpty();
    }

    @Test
    void eitherAnEndpointOrAModelScores() {
        assertThat(cli.run("score", "in.csv").exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(cli.run("score", "in.csv", "--endpoint", "late", "--model", "late/3")
                        .err())
                .isEqualTo("perennial: name what scores: either --endpoint or --model\n");
    }

    @Test
    void jobsAreListed() {
        cli.on("GET /api/scorings", 200, "{\"items\":[" + here("DONE", "", 120_000, 3) + "],\"next\":null}");
        assertThat(cli.run("scorings", "list").out().lines().map(String::strip))
                .hasSize(2)
                .last()
                .asString()
                .matches("0193 +in.csv +late/3 +maria +DONE +120000 +3 +2013-06-17 10:00Z");
    }

    @Test
    void oneIsShown() {
        cli.on("GET /api/scorings/0193", 200, here("RUNNING", "50,000 rows", 0, 0));
        assertThat(cli.run("scorings", "show", "0193").out())
                .contains("state             RUNNING 50 %: 50,000 rows\n")
                .contains("scored by         late/3 (endpoint late)\n")
                .contains("result            " + folder + "/in.scored.csv\n");
    }

    @Test
    void oneIsCancelledAndResumed() {
        cli.on("POST /api/scorings/0193/cancel", 200, here("CANCELLING", "", 0, 0))
                .on("POST /api/scorings/0193/resume", 200, here("RUNNING", "", 0, 0));
        assertThat(cli.run("scorings", "cancel", "0193").out()).contains("CANCELLING");
        assertThat(cli.run("scorings", "resume", "0193").out()).contains("RUNNING 50 %");
    }

    @Test
    void aResultIsFetchedLater() {
        cli.on("GET /api/scorings/0193", 200, sent("DONE", 1)).on("GET /api/scorings/0193/result", 200, "x\n");
        assertThat(cli.run("scorings", "fetch", "0193", "--to", "late.csv").out())
                .isEqualTo("1 rows: " + folder + "/late.csv\n");
        assertThat(folder.resolve("late.csv")).hasContent("x");
    }
}
