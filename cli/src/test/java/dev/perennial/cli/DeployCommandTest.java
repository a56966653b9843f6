package dev.perennial.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people read and send when they deploy versions and steer endpoints. */
class DeployCommandTest {
    private static final String CHURN = """
            {"name":"churn","project":"default","origin":"api","state":"SERVING","default":true,"createdBy":"ann",
             "key":["customer"],"settings":{"mode":"strict","log":{"share":1.0},"fallback":null},
             "variants":[{"version":"iris/3","role":"champion","weight":9500,"format":"xgboost-ubj","admission":{"verdict":"ADMITTED"}},
              {"version":"iris/4","role":"canary","weight":500,"format":"onnx","admission":null}],
             "scorers":[{"id":"local-1","url":"http://127.0.0.1:1","alive":true,"current":true}],
             "deployments":[{"id":"d1","version":"iris/4","state":"%s","by":"ann","startedAt":1371463200000,
              "message":"%s","role":%s,"run":"r1"}],"served":true,"serving":"every scorer serves it"}""";

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

    private CliHarness.Outcome deploy(String state, String message, String role, String... more) {
        cli.on("POST /api/endpoints/churn/deploy", 200, """
                {"id":"d1","endpoint":"churn","version":"iris/4","run":"r1","state":"RUNNING","message":"","role":null}""");
        cli.on("GET /api/endpoints/churn", 200, CHURN.formatted(state, message, role));
        String[] arguments = new String[6 + more.length];
        System.arraycopy(
                new String[] {"deploy", "models:/iris/4", "--endpoint", "churn", "--reason", "try"},
                0,
                arguments,
                0,
                6);
        System.arraycopy(more, 0, arguments, 6, more.length);
        return cli.run(arguments);
    }

    /** The body of the first request of a method. */
    private String sent(String method) {
        return cli.requests().stream()
                .filter(request -> request.method().equals(method))
                .findFirst()
                .orElseThrow()
                .body();
    }

    @Test
    void resourcesAreSentByName() {
        assertThat(deploy("DEPLOYED", "", "\"shadow\"", "--resources", "threads=2,instances=3")
                        .exitCode())
                .isZero();
        assertThat(sent("POST")).contains("\"resources\":{", "\"threads\":2", "\"instances\":3");
    }

    @Test
    void constantsOfTensorsAreSentAsTheyAreAndNonsenseIsNotSent() {
        cli.on("PUT /api/endpoints/churn", 200, CHURN.formatted("DEPLOYED", "", "null"));
        String[] line = {"endpoints", "change", "churn", "--reason", "safer", "--fallback", ""};
        line[6] = "{\"outputs\":{\"label\":\"a/b\"}}";
        assertThat(cli.run(line).exitCode()).isZero();
        assertThat(sent("PUT")).contains("\"fallback\":{\"outputs\":{\"label\":\"a/b\"}}");
        int before = cli.requests().size();
        line[6] = "{\"outputs\"";
        assertThat(cli.run(line).err()).contains("fallback '{\"outputs\"' is no JSON");
        assertThat(cli.requests()).hasSize(before);
    }

    @Test
    void aShadowIsToldWithWhatMayFollow() {
        var outcome = deploy("DEPLOYED", "", "\"shadow\"");
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out()).isEqualTo("""
                iris/4 is the shadow of endpoint churn.
                It scores copies of calls. 'perennial weights churn iris/4=10%' gives it callers, 'perennial promote churn' all of them.
                """);
    }

    @Test
    void aRollbackNamesTheVersionThatItShallLeadTo() {
        cli.on("POST /api/endpoints/churn/rollback", 200, CHURN.formatted("DEPLOYED", "", "null"));
        cli.run("rollback", "churn", "--to", "iris/3", "--reason", "complaints");
        assertThat(sent("POST")).isEqualTo("{\"reason\":\"complaints\",\"version\":\"iris/3\"}");
    }

    @Test
    void aCommandThatIsAdvisedRunsWhenANameHasSpaces() {
        cli.on(
                "POST /api/endpoints/churn/deploy",
                200,
                "{\"id\":\"d1\",\"version\":\"Iris $1/4\",\"state\":\"DEPLOYED\",\"role\":\"shadow\"}");
        assertThat(cli.run("deploy", "Iris $1/4", "--endpoint", "churn", "--reason", "try")
                        .out())
                .contains("'perennial weights churn \"Iris \\$1/4=10%\"' gives it callers");
    }

    @Test
    void anEndpointIsShownInWords() {
        cli.on(
                "GET /api/endpoints/churn",
                200,
                CHURN.formatted("DEPLOYED", "", "null")
                        .replace(
                                "\"share\":1.0",
                                "\"inputs\":\"outputs\",\"share\":0.1,\"redact\":[\"name\",\"address\"]"));
        assertThat(cli.run("endpoints", "show", "churn").out())
                .startsWith("churn: SERVING in project default, answers /invocations\n")
                .contains(
                        "Key customer, mode strict, log outputs of 10% of the rows without name, address, fallback none.")
                .containsPattern("VERSION +ROLE +SHARE")
                .containsPattern("iris/3 +champion +95%");
    }

    @Test
    void aFallbackIsShownByItsVersionOrItsConstant() {
        String shown = CHURN.formatted("DEPLOYED", "", "null");
        cli.on(
                "GET /api/endpoints/churn",
                200,
                shown.replace("\"fallback\":null", "\"fallback\":{\"version\":\"iris/2\"}"));
        cli.on(
                "GET /api/endpoints/churn",
                200,
                shown.replace("\"fallback\":null", "\"fallback\":{\"constant\":[0.5]}"));
        assertThat(cli.run("endpoints", "show", "churn").out()).contains("log all, fallback iris/2.");
        assertThat(cli.run("endpoints", "show", "churn").out()).contains("fallback {\"constant\":[0.5]}.");
    }

    @Test
    void aShareThatWouldBeRoundedToNothingIsNotSent() {
        var outcome = cli.run("weights", "churn", "iris/4=0.001%", "--reason", "x");
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).isEqualTo("perennial: share '0.001%' is finer than 0.01%, the smallest there is\n");
        assertThat(cli.requests()).isEmpty();
        assertThat(TrafficCommands.basisPoints("12.34%")).isEqualTo(1234);
        assertThat(TrafficCommands.basisPoints("0.01")).isEqualTo(1);
    }

    @Test
    void scorersThatAreTooOldForWhatWasDeployedAreNamedWithWhatToDo() {
        cli.on("GET /api/status", 200, """
                {"scorers":[{"id":"local-1","alive":true,"protocol":1,"standalone":false,"leftOut":["iris/4"]},
                 {"id":"edge","alive":true,"protocol":1,"standalone":true,"leftOut":["iris/3","iris/4"]},
                 {"id":"gone","alive":false,"protocol":1,"standalone":true,"leftOut":["iris/4"]},
                 {"id":"new","alive":true,"protocol":2,"standalone":true,"leftOut":[]}]}""");
        assertThat(deploy("DEPLOYED", "", "\"champion\"").out()).isEqualTo("""
                iris/4 is the champion of endpoint churn.
                Scorer local-1 speaks protocol 1, too old for iris/4, and does not serve it; replace it: 'perennial scorer replace'.
                Scorer edge speaks protocol 1, too old for iris/4, and does not serve it; replace it where it runs: 'perennial scorer --replace' of this release, with the flags that it has.
                """);
    }

    @Test
    void scorersThatLackItsEnvironmentAreNamedWithTheReason() {
        cli.on("GET /api/status", 200, """
                {"scorers":[{"id":"edge","alive":true,"environments":[{"version":"iris/4","state":"BUILDING","message":""},
                  {"version":"iris/3","state":"FAILED","message":"old"}]},
                 {"id":"far","alive":true,"environments":[{"version":"iris/4","state":"FAILED","message":"no Python 3.11.7"}]},
                 {"id":"gone","alive":false,"environments":[{"version":"iris/4","state":"BUILDING","message":""}]}]}""");
        assertThat(deploy("DEPLOYED", "", "\"champion\"").out()).isEqualTo("""
                iris/4 is the champion of endpoint churn.
                Scorer edge does not serve it yet: it is building its environment.
                Scorer far does not serve it yet: it cannot build its environment, no Python 3.11.7
                """);
    }

    @Test
    void theStatusTellsWhatAScorerLacksAndWhy() {
        cli.on("GET /api/models", 200, "{\"items\":[]}");
        cli.on("GET /api/status", 200, """
                {"scorers":[{"id":"edge","state":"RUNNING","url":"http://x","alive":true,"standalone":true,"host":"h","build":"b",
                 "protocol":2,"revision":7,"lag":0,"environments":[{"version":"iris/4","state":"BUILDING","message":""},
                 {"version":"iris/3","state":"FAILED","message":"the model needs Python 3.11.7"}]}]}""");
        assertThat(cli.run("status").out())
                .contains(
                        "; building the environment of iris/4; cannot build the environment of iris/3: the model needs"
                                + " Python 3.11.7");
    }

    @Test
    void theServersOwnScorerIsReplacedByOneCommand() {
        cli.on("POST /api/scorers/local-1/replace", 200, "{\"id\":\"local-1\",\"before\":7,\"pid\":9}");
        assertThat(cli.run("scorer", "replace").out()).isEqualTo("scorer local-1: pid 9 took the place of pid 7\n");
        assertThat(cli.run("scorer", "replace", "--output", "json").out()).contains("\"before\" : 7");
    }

    @Test
    void rowsThatAreNotAllInTheLogAreShownAsTheyWereCounted() {
        cli.on("GET /api/endpoints/churn", 200, CHURN.formatted("DEPLOYED", "", "\"canary\""));
        cli.on("GET /api/endpoints/churn/tallies", 200, """
                {"items":[],"sums":[{"version":"iris/3","role":"champion","answered":4000,"logged":400,"errors":3,"share":0.1}]}""");
        cli.on("GET /api/endpoints/churn/tallies", 200, "{\"items\":[],\"sums\":[]}");
        assertThat(cli.run("endpoints", "show", "churn").out())
                .containsPattern("COUNTED IN A DAY +ROLE +ANSWERED +LOGGED +SHARE +FAILED CALLS")
                .containsPattern("iris/3 +champion +4000 +400 +0[.]1000 +3");
        assertThat(cli.run("endpoints", "show", "churn").out()).doesNotContain("COUNTED");
    }

    @Test
    void whatWasRefusedIsAnErrorWithItsReasonAndItsRun() {
        var outcome = deploy("REFUSED", "its trees run in a circle", "null");
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.ERROR);
        assertThat(outcome.err()).contains("iris/4 was not deployed (REFUSED, run r1): its trees run in a circle");
    }

    @Test
    void whoDoesNotWaitIsToldWhereToLook() {
        assertThat(deploy("RUNNING", "", "null", "--no-wait").out())
                .isEqualTo("Run r1 looks at iris/4; 'perennial endpoints show churn' tells its end.\n");
    }

    @Test
    void oneCannotHaveAllCallersAndAShare() {
        var outcome = cli.run("deploy", "iris/4", "--endpoint", "churn", "--reason", "x", "--now", "--share", "10%");
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains("'--now' gives it all callers; leave '--share' out");
    }

    @Test
    void anEndpointIsShownWithItsVersionsScorersAndDeployments() {
        cli.on("GET /api/endpoints/churn", 200, CHURN.formatted("DEPLOYED", "", "\"canary\""));
        assertThat(cli.run("endpoints", "show", "churn").out())
                .startsWith(
                        "churn: SERVING in project default, answers /invocations\nMade by ann.\nKey customer, mode strict")
                .contains("iris/3", "champion", "95%", "xgboost-ubj", "ADMITTED", "by service", "local-1", "DEPLOYED");
    }

    @Test
    void theListSharesOneLineForEachEndpoint() {
        cli.on(
                "GET /api/endpoints",
                200,
                "{\"items\":[" + CHURN.formatted("DEPLOYED", "", "null") + "],\"next\":null}");
        assertThat(cli.run("endpoints").out()).contains("champion iris/3 95%, canary iris/4 5%");
        assertThat(cli.run("endpoints", "list").out())
                .isEqualTo(cli.run("endpoints").out());
    }

    @Test
    void weightsArePercentages() {
        cli.on("POST /api/endpoints/churn/weights", 200, CHURN.formatted("DEPLOYED", "", "null"));
        assertThat(cli.run("weights", "churn", "iris/4=5%", "--reason", "x").out())
                .isEqualTo("churn: champion iris/3 95%, canary iris/4 5%\n");
        var wrong = cli.run("weights", "churn", "iris/4=101", "--reason", "x");
        assertThat(wrong.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(wrong.err()).contains("share '101' is no percentage from 0 to 100");
        assertThat(cli.run("weights", "churn", "iris/4", "--reason", "x").err())
                .contains("'iris/4' must look like VERSION=PERCENT, for example iris/4=10%");
    }

    @Test
    void sharesBecomeBasisPoints() {
        assertThat(TrafficCommands.basisPoints("0.5%")).isEqualTo(50);
        assertThat(TrafficCommands.basisPoints("100")).isEqualTo(10_000);
        assertThat(TrafficCommands.basisPoints("0")).isZero();
    }

    @Test
    void aRollbackOfAnEndpointTellsItsVariants() {
        cli.on("POST /api/endpoints/churn/rollback", 200, CHURN.formatted("DEPLOYED", "", "null"));
        assertThat(cli.run("rollback", "churn", "--reason", "x").out())
                .isEqualTo("churn: champion iris/3 95%, canary iris/4 5%\n");
    }

    @Test
    void aRollbackOfALifecycleTellsItsDecision() {
        cli.on("POST /api/endpoints/parcels/rollback", 200, """
                {"title":"Version 2 serves again","text":"ann rolled back.","served":false,"serving":"a scorer is away"}""");
        assertThat(cli.run("rollback", "parcels", "--reason", "x").out())
                .isEqualTo("Version 2 serves again. ann rolled back.\nNote: a scorer is away.\n");
    }

    @Test
    void aFallbackIsAVersionANumberOrNone() {
        cli.on("PUT /api/endpoints/churn", 200, CHURN.formatted("DEPLOYED", "", "null"));
        for (String fallback : new String[] {"iris/3", "0.5", "none"}) {
            assertThat(cli.run("endpoints", "change", "churn", "--fallback", fallback, "--reason", "x")
                            .exitCode())
                    .isZero();
        }
        assertThat(cli.run("endpoints", "change", "churn", "--fallback", "much", "--reason", "x")
                        .err())
                .contains("fallback 'much' is neither a version (MODEL/NUMBER), a number nor none");
    }

    @Test
    void theServersAdviceIsShown() {
        cli.on(
                "POST /api/endpoints",
                400,
                "{\"error\":{\"code\":\"ALREADY_EXISTS\",\"message\":\"there is an endpoint 'churn' already\"}}");
        var outcome = cli.run("endpoints", "create", "churn", "--reason", "x");
        assertThat(outcome.exitCode()).isNotZero();
        assertThat(outcome.err()).contains("there is an endpoint 'churn' already");
    }
}
