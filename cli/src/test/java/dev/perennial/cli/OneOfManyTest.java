package dev.perennial.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One run or decision is found by the start of its id, and told in full. */
class OneOfManyTest {
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
    void aRunIsFoundByTheStartOfItsId() {
        cli.on("GET /api/pipelines/runs", 200, """
                {"items":[{"run":"01a1","pipeline":"candidate","state":"RUNNING","steps":[{"path":"train","state":"RUNNING","attempt":1}]},
                 {"run":"01b2","pipeline":"candidate","state":"DONE","steps":[]}]}""");
        cli.on("POST /api/pipelines/runs/01a1/cancel", 200, "{}");
        assertThat(cli.run("pipelines").out()).contains("01a1", "01b2");
        cli.on("GET /api/pipelines/runs/01a1", 200, """
                {"run":"01a1","pipeline":"candidate","state":"RUNNING",
                 "steps":[{"path":"train","state":"RUNNING","attempt":1,"values":{"rows":20}}]}""");
        assertThat(cli.run("pipelines", "01a").out()).contains("train");
        assertThat(cli.run("pipelines", "01a1", "--output", "json").out())
                .as("a run has what its steps made")
                .contains("\"rows\"");
        assertThat(cli.run("pipelines", "01").err()).contains("2 runs start with '01'");
        assertThat(cli.run("pipelines", "zz").exitCode()).isEqualTo(ExitCode.ERROR);
        assertThat(cli.run("pipelines", "01a", "--cancel").out()).contains("asked run 01a1 to stop");
    }

    @Test
    void aDecisionIsFoundByTheStartOfItsIdAndTellsItsEvidence() {
        cli.on("GET /api/models/flight-delay/decisions", 200, """
                {"items":[{"id":"01a1","kind":"GATE","verdict":"FAIL","title":"Candidate 3 is refused"},
                 {"id":"01b2","kind":"RETRAIN","verdict":"FIRED","title":"A candidate is tried"}]}""");
        cli.on("GET /api/models/flight-delay/decisions/01a1", 200, """
                {"id":"01a1","verdict":"FAIL","title":"Candidate 3 is refused","text":"It was shown worse.",
                 "entry":"ab12","evidence":{"report":{"rows":640}}}""");
        assertThat(cli.run("decisions", "flight-delay").out()).contains("01a1", "01b2", "A candidate is tried");
        assertThat(cli.run("decisions", "flight-delay", "01a").out())
                .startsWith("Candidate 3 is refused  [FAIL]\nIt was shown worse.\nledger entry ab12\n")
                .contains("\"rows\" : 640");
        assertThat(cli.run("decisions", "flight-delay", "01a", "--output", "json")
                        .out())
                .contains("\"evidence\"");
        assertThat(cli.run("decisions", "flight-delay", "01").err()).contains("2 decisions start with '01'");
        assertThat(cli.run("decisions", "flight-delay", "zz").exitCode()).isEqualTo(ExitCode.ERROR);
    }
}
