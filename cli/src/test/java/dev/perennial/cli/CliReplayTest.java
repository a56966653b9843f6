package dev.perennial.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.cli.CliHarness.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replays from the command line, and acts whose effect is still on its way. */
class CliReplayTest {
    private static final Path EXAMPLE =
            Path.of(System.getProperty("perennial.root"), "examples", "flight-delay", "lifecycle.yaml");

    @TempDir
    Path folder;

    private CliHarness cli;

    @BeforeEach
    void start() {
        cli = new CliHarness(folder);
    }

    @AfterEach
    void stop() {
        cli.close();
    }

    @Test
    void aRollbackThatAScorerHasNotTakenOverSaysSo() {
        cli.on(
                "POST /api/endpoints/m/rollback",
                200,
                "{\"title\":\"Version 1 serves again\",\"text\":\"ann rolled back\",\"served\":false,"
                        + "\"serving\":\"a scorer is away and takes it over when it is back\"}");
        Outcome outcome = cli.run("rollback", "m", "--reason", "drill");
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out())
                .isEqualTo("Version 1 serves again. ann rolled back\n"
                        + "Note: a scorer is away and takes it over when it is back.\n");
    }

    @Test
    void aRollbackThatEveryScorerServesSaysNoMore() {
        cli.on(
                "POST /api/endpoints/m/rollback",
                200,
                "{\"title\":\"Done\",\"text\":\"so\",\"served\":true,\"serving\":\"x\"}");
        assertThat(cli.run("rollback", "m", "--reason", "drill").out()).isEqualTo("Done. so\n");
    }

    @Test
    void aReplayIsStartedInTheFilesTimeZoneAndFollowedToItsEnd() throws IOException {
        cli.on(
                "POST /api/replays",
                200,
                "{\"name\":\"spring\",\"model\":\"flight-delay@spring\",\"state\":\"RUNNING\"}");
        String events = "GET /api/events?after=%s&model=flight-delay%%40spring&wait=5";
        cli.on(
                events.formatted("0"),
                200,
                "{\"items\":[{\"seq\":4,\"at\":1366000000000,\"title\":\"version 1 serves\"}]}");
        cli.on(events.formatted("4"), 200, "{\"items\":[]}");
        cli.on("GET /api/replays/spring", 200, "{\"name\":\"spring\",\"state\":\"RUNNING\"}");
        cli.on("GET /api/replays/spring", 200, "{\"name\":\"spring\",\"state\":\"DONE\",\"line\":\"played\"}");
        Outcome outcome = cli.run(
                "replay",
                EXAMPLE.toString(),
                "--from",
                "2013-04-01",
                "--to",
                "2013-04-08",
                "--policy",
                "never",
                "--name",
                "spring");
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.err()).contains("version 1 serves");
        assertThat(outcome.out()).contains("DONE", "played");
        var sent = new ObjectMapper().readTree(cli.requests().getFirst().body());
        assertThat(sent.path("from").asLong()).isEqualTo(1_364_788_800_000L);
        assertThat(sent.path("loop").asBoolean(true)).isFalse();
        assertThat(sent.path("name").asText()).isEqualTo("spring");
    }

    @Test
    void showsTheTableOfAPolicyThatWasComputedOffline() {
        cli.on("GET /api/replays/blind", 200, """
                {"model":"flight-delay@blind","state":"DONE","clock":1366000000000,
                 "plan":{"policy":"monthly, last 30d, no gates","from":1364788800000,"to":1366000000000},
                 "result":{"arms":[
                   {"name":"never retrained","months":[{"month":"all","rows":900,"logLoss":0.51,"skill":0.08,"auc":null}]},
                   {"name":"monthly, last 30d, no gates","months":[{"month":"all","rows":900,"logLoss":0.505,"skill":0.09,"auc":0.7,
                     "minusNever":{"estimate":-0.005,"low":-0.012,"high":0.002,"days":40}}]}]}}""");
        Outcome outcome = cli.run("replay", "--show", "blind");
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out())
                .contains("MINUS NEVER", "never retrained", "0.5100", "-0.0050 [-0.0120, +0.0020]")
                .doesNotContain("null");
    }

    @Test
    void aFailedReplayEndsWith3() {
        cli.on("POST /api/replays", 200, "{\"name\":\"spring\"}");
        cli.on("GET /api/events?after=0&model=flight-delay%40replay-1370080800&wait=5", 200, "{\"items\":[]}");
        cli.on("GET /api/replays/replay-1370080800", 200, "{\"state\":\"FAILED\"}");
        assertThat(cli.run("replay", EXAMPLE.toString(), "--from", "2013-04-01", "--to", "2013-04-08")
                        .exitCode())
                .isEqualTo(ExitCode.FAILED);
        assertThat(cli.run("replay", EXAMPLE.toString(), "--from", "April", "--to", "2013-04-08")
                        .exitCode())
                .isEqualTo(ExitCode.USAGE);
    }
}
