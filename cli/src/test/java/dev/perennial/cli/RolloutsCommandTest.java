package dev.perennial.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people read of rollouts in a terminal. */
class RolloutsCommandTest {
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
    void rolloutsAreListed() {
        cli.on("GET /api/endpoints/parcels/rollouts", 200, """
                {"items":[{"id":"9f2c","candidate":"parcels/3","replaces":"parcels/2","phase":"SHADOW","startedAt":1371463200000,"endedAt":null},
                 {"id":"01ab","candidate":"parcels/2","replaces":"parcels/1","phase":"PROMOTED","startedAt":1371463200000,"endedAt":1371981600000}]}""");
        assertThat(cli.run("rollouts", "list", "parcels").out().lines().map(String::strip))
                .hasSize(3)
                .first()
                .asString()
                .matches("ROLLOUT +VERSION +CHAMPION +PHASE +STARTED +ENDED");
        assertThat(cli.run("rollouts", "list", "parcels").out()).contains("9f2c", "SHADOW", "01ab", "PROMOTED");
        assertThat(cli.run("rollouts", "list", "parcels", "--output", "json").out())
                .contains("\"items\"");
    }

    @Test
    void aModelWithoutARolloutSaysSo() {
        cli.on("GET /api/endpoints/parcels/rollouts", 200, "{\"items\":[]}");
        assertThat(cli.run("rollouts", "list", "parcels").out()).isEqualTo("endpoint parcels has had no rollout yet\n");
    }

    @Test
    void theNewestLookIsShownGuardByGuardAndThenWhatMovedIt() {
        cli.on("GET /api/endpoints/parcels/rollouts/9f2c", 200, """
                {"id":"9f2c","candidate":"parcels/3","replaces":"parcels/2","phase":"SHADOW",
                 "looks":[{"at":1,"guards":[{"guard":"harm","estimate":9.0}]},
                  {"at":2,"guards":[{"guard":"harm","verdict":"CLEAR","estimate":-0.01,"low":-0.2,"high":0.18,"bound":0.0,"clusters":2,"why":null},
                   {"guard":"latency","verdict":"OFF","estimate":null,"low":null,"high":null,"bound":1.0,"clusters":0,
                    "why":"no tolerance is declared"}]}],
                 "decisions":[{"at":1371463200000,"text":"parcels/3 stays in shadow a day longer."}]}""");
        String out = cli.run("rollouts", "show", "parcels", "9f2c").out();
        assertThat(out)
                .startsWith("Version parcels/3 against champion parcels/2: SHADOW, 2 looks.\n")
                .contains("-0.0100", "-0.2000", "0.1800", "no tolerance is declared")
                .doesNotContain("9.0000")
                .endsWith("parcels/3 stays in shadow a day longer.\n");
    }

    @Test
    void aRolloutWithoutALookYetIsShown() {
        cli.on(
                "GET /api/endpoints/parcels/rollouts/9f2c",
                200,
                "{\"id\":\"9f2c\",\"candidate\":\"parcels/3\",\"replaces\":\"parcels/2\",\"phase\":\"SHADOW\",\"looks\":[],\"decisions\":[]}");
        assertThat(cli.run("rollouts", "show", "parcels", "9f2c").out())
                .isEqualTo("Version parcels/3 against champion parcels/2: SHADOW, 0 looks.\n");
    }

    @Test
    void rejudgingTellsEachDecisionAndEndsWithZeroWhenAllAgree() {
        cli.on("POST /api/endpoints/parcels/rollouts/9f2c/rejudge", 200, """
                {"rollout":"9f2c","same":true,"decisions":[
                 {"at":1371463200000,"verdict":"ADVANCE STEP_PASSED","again":"ADVANCE STEP_PASSED","same":true},
                 {"at":1371463200000,"verdict":"ABORTED","again":null,"same":null}]}""");
        var outcome = cli.run("rollouts", "rejudge", "parcels", "9f2c");
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out())
                .contains("ADVANCE STEP_PASSED", "ABORTED")
                .endsWith("The evidence leads to the same decisions.\n");
    }

    @Test
    void rejudgingEndsOtherwiseWhenADecisionDoesNotFollow() {
        cli.on("POST /api/endpoints/parcels/rollouts/9f2c/rejudge", 200, """
                {"rollout":"9f2c","same":false,"decisions":[
                 {"at":1371463200000,"verdict":"PROMOTE STEP_PASSED","again":"STOP HARM","same":false}]}""");
        var outcome = cli.run("rollouts", "rejudge", "parcels", "9f2c");
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(outcome.out()).contains("STOP HARM").contains("does not follow from its evidence");
        assertThat(cli.run("rollouts", "rejudge", "parcels", "9f2c", "--output", "json")
                        .exitCode())
                .as("in JSON too")
                .isEqualTo(ExitCode.DIFFERENT);
    }

    @Test
    void namingNoneOfThemIsWrongUse() {
        var outcome = cli.run("rollouts");
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains("name what to do: list, show, rejudge, start, pause, resume, abort or sign");
    }

    @Test
    void aRolloutIsBegunWithItsPlanInWords() {
        cli.on("POST /api/endpoints/churn/rollouts", 200, "{\"id\":\"9f2c\"}");
        var outcome = cli.run(
                "rollouts",
                "start",
                "churn",
                "iris/3",
                "shadow 10m, 10% 30m",
                "--without",
                "latency",
                "--reason",
                "new");
        assertThat(outcome.out()).isEqualTo("Rollout 9f2c of iris/3 behind churn has begun.\n");
        assertThat(cli.requests().getLast().body())
                .isEqualTo(
                        "{\"version\":\"iris/3\",\"plan\":\"shadow 10m, 10% 30m\",\"reason\":\"new\",\"guards\":{\"latency\":null}}");
    }

    @Test
    void anActConcernsTheRolloutThatRuns() {
        cli.on(
                "GET /api/endpoints/churn/rollouts",
                200,
                "{\"items\":[{\"id\":\"9f2c\",\"endedAt\":null},{\"id\":\"01ab\",\"endedAt\":1}]}");
        for (String action : List.of("pause", "resume", "abort", "sign")) {
            cli.on("POST /api/endpoints/churn/rollouts/9f2c/" + action, 200, "{\"text\":\"ann did " + action + "\"}");
            assertThat(cli.run("rollouts", action, "churn", "--reason", "audit").out())
                    .isEqualTo("ann did " + action + "\n");
        }
    }

    @Test
    void thereMustBeOneThatRuns() {
        cli.on("GET /api/endpoints/churn/rollouts", 200, "{\"items\":[{\"id\":\"01ab\",\"endedAt\":1}]}");
        var outcome = cli.run("rollouts", "abort", "churn", "--reason", "audit");
        assertThat(outcome.exitCode()).isNotZero();
        assertThat(outcome.err()).contains("no rollout behind churn is running");
    }
}
