package dev.perennial.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.cli.CliHarness.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CliTest {
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

    private Path broken() throws IOException {
        Path file = folder.resolve("broken.yaml");
        Files.writeString(
                file,
                Files.readString(EXAMPLE).replace("owner:", "onwer:").replace("holdout: 14d", "holdout: two weeks"));
        return file;
    }

    /** Where the example's gates have their holdout. */
    private static int holdoutLine() throws IOException {
        List<String> all = Files.readAllLines(EXAMPLE);
        return all.indexOf(all.stream()
                        .filter(line -> line.startsWith("  holdout:"))
                        .findFirst()
                        .orElseThrow())
                + 1;
    }

    private static List<String> lines(String text) {
        return text.lines().toList();
    }

    // ---- help and usage ----

    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo",
                "server",
                "apply",
                "plan",
                "validate",
                "status",
                "why",
                "models",
                "pipelines",
                "experiments",
                "runs",
                "artifacts",
                "snapshots",
                "decisions",
                "endpoints",
                "deploy",
                "promote",
                "weights",
                "rollouts",
                "predict",
                "labels",
                "alerts",
                "candidate",
                "rollback",
                "pause",
                "resume",
                "abort",
                "sign",
                "reproduce",
                "replay",
                "ledger",
                "ps",
                "stop"
            })
    void everyCommandExplainsItselfWithExamples(String command) {
        Outcome outcome = cli.run(command, "--help");
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out()).contains("Usage: perennial " + command, "Examples:", "  perennial " + command);
        assertThat(outcome.out()).doesNotContain("\u001b");
        assertThat(cli.run("--help").out()).contains("  " + command + " ");
    }

    @Test
    void theVersionIsTold() {
        assertThat(cli.run("--version").out()).startsWith("perennial ").contains("Java ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            modles                              | did you mean 'models'?
            models --outptu json                | --outptu
            rollback flight-delay               | --reason
            pipelines --limit many                   | 'many' is not an int
            status --output yaml                | neither json nor table
            status --server here                | is no address
            server --host 0.0.0.0               | is refused without --auth
            server --port 99999                 | no number from 0 to 65535
            replay x.yaml --from 2013-04-01     | --from and --to
            alerts a1 --acknowledge             | say why with --reason
            alerts --state broken               | none of open, resolved, silenced
            alerts a1 --silence soon --reason x | no duration
            pipelines --cancel                       | needs the run
            """)
    void wrongUseIsOneClearLineAndExitCode64(String command, String message) {
        Outcome outcome = cli.run(command.split(" "));
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.out()).isEmpty();
        assertThat(lines(outcome.err()))
                .singleElement()
                .asString()
                .startsWith("perennial: ")
                .contains(message);
    }

    @Test
    void noCommandIsUsage() {
        Outcome outcome = cli.run();
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains("perennial --help");
    }

    // ---- settings ----

    @Test
    void optionsWinOverEnvironmentOverFile() throws IOException {
        cli.on("GET /api/endpoints", 200, "{\"items\":[]}");
        Files.writeString(folder.resolve("perennial.yaml"), "output: json\nactor: file\n");
        assertThat(cli.run("endpoints").out()).contains("\"items\"");
        cli.environment("PERENNIAL_OUTPUT", "table");
        assertThat(cli.run("endpoints").out()).contains("no endpoint yet");
        assertThat(cli.run("endpoints", "--output", "json").out()).contains("\"items\"");
        cli.run("endpoints", "--actor", "option");
        assertThat(cli.requests())
                .extracting(CliHarness.Request::actor)
                .containsExactly("file", "file", "file", "option");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            prot: 7300         | unknown key 'prot'; did you mean 'port'?
            port: [1]          | 'port' is not one plain value
            just text          | must hold keys with values
            port: 1: 2         | not valid YAML
            """)
    void aWrongConfigurationFileIsRefused(String text, String message) throws IOException {
        Files.writeString(folder.resolve("perennial.yaml"), text);
        Outcome outcome = cli.run("status");
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains(message).contains("perennial.yaml");
        assertThat(lines(outcome.err())).hasSize(1);
    }

    @Test
    void anUnknownVariableIsRefusedWithTheNearest() {
        Outcome outcome = cli.environment("PERENNIAL_DATADIR", "/tmp").run("status");
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains("PERENNIAL_DATADIR").contains("did you mean 'PERENNIAL_DATA_DIR'?");
    }

    @Test
    void foldersOfInterpretersMustBeAbsolute() {
        Outcome outcome = cli.run("server", "--python-dirs", "/opt/python/*/bin,lib/python");
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains("--python-dirs 'lib/python' must be an absolute path; parts of it may be *");
        assertThat(cli.environment("PERENNIAL_PYTHON_DIRS", "bin").run("server").err())
                .contains("--python-dirs 'bin' must be an absolute path");
        assertThat(ServerCommand.folders(" /opt/python/*/bin , /usr/local/bin,"))
                .isEqualTo("/opt/python/*/bin,/usr/local/bin");
    }

    @Test
    void aCollectionNamesTheEnvironmentsThatWent() {
        String digest = "0123456789abcdef".repeat(4);
        cli.on(
                "POST /api/gc",
                200,
                "{\"state\":\"DONE\",\"runs\":0,\"environments\":[\"" + digest + "\"],\"environmentBytes\":2048}");
        String out = cli.run("gc", "--dry-run").out();
        assertThat(out).contains("1 with 2048 bytes 0123456789ab").doesNotContain(digest);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PERENNIAL_PYTHON",
                "PERENNIAL_PYTHON_MLFLOW2",
                "PERENNIAL_MLFLOW_PYTHON",
                "PERENNIAL_PYTHON_SERVING",
                "PERENNIAL_PYTHON_SCORING"
            })
    void aVariableOfTestsAndBenchmarksIsNoMistake(String variable) {
        Outcome outcome = cli.environment(variable, "/usr/bin/python3").run("validate", EXAMPLE.toString());
        assertThat(outcome).returns(0, Outcome::exitCode);
    }

    // ---- lifecycle files ----

    @Test
    void validateNeedsNoServer() {
        Outcome outcome = cli.run("validate", EXAMPLE.toString());
        assertThat(outcome).returns(0, Outcome::exitCode);
        assertThat(outcome.out()).contains("is valid: model flight-delay, 21 features, 6 gates");
        assertThat(cli.requests()).isEmpty();
    }

    @Test
    void mistakesAreToldLikeCompilersDo() throws IOException {
        Path file = broken();
        Outcome outcome = cli.run("validate", file.toString());
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.ERROR);
        assertThat(outcome.out()).isEmpty();
        assertThat(lines(outcome.err()))
                .containsExactly(
                        file + ":4:1: onwer: unknown key 'onwer'; did you mean 'owner'?",
                        file
                                + ":" + holdoutLine()
                                + ":12: gates.holdout: 'two weeks' is not a duration (a number and one of us, ms, s, m, h, d); write it"
                                + " like holdout: 14d",
                        "perennial: " + file + " has 2 problems");
    }

    @Test
    void validateSpeaksJson() throws IOException {
        Outcome bad = cli.run("validate", broken().toString(), "-o", "json");
        var tree = new ObjectMapper().readTree(bad.out());
        assertThat(tree.path("valid").asBoolean()).isFalse();
        assertThat(tree.path("problems")).hasSize(2);
        assertThat(tree.at("/problems/1/line").asInt()).isEqualTo(holdoutLine());
        var good = new ObjectMapper()
                .readTree(cli.run("validate", EXAMPLE.toString(), "-o", "json").out());
        assertThat(good.path("digest").asText()).hasSize(64);
    }

    @Test
    void theCanonicalFormValidatesAgain() throws IOException {
        String printed = cli.run("validate", EXAMPLE.toString(), "--print").out();
        Files.writeString(folder.resolve("printed.yaml"), printed);
        assertThat(cli.run("validate", "printed.yaml").exitCode()).isZero();
    }

    @Test
    void planTellsChangesAndEndsWith2() throws IOException {
        cli.on("POST /api/lifecycle/plan", 200, """
                {"model":"flight-delay","digest":"ab","problems":[],"applied":false,"next":[],"changes":[
                 {"object":"model","action":"none","field":"","why":"as applied"},
                 {"object":"gates","action":"update","field":"label-coverage","before":"0.8","after":"0.9","why":"judges the next candidate"}]}
                """);
        Outcome outcome = cli.run("plan", EXAMPLE.toString());
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(lines(outcome.out()))
                .startsWith("= model", "~ gates label-coverage: 0.8 -> 0.9", "    judges the next candidate");
        var sent = new ObjectMapper().readTree(cli.requests().getFirst().body());
        assertThat(sent.path("text").asText()).isEqualTo(Files.readString(EXAMPLE));
        assertThat(Path.of(sent.path("path").asText()))
                .isEqualTo(EXAMPLE.toAbsolutePath().normalize());
    }

    @Test
    void aPlanWithoutChangesEndsWith0() {
        cli.on(
                "POST /api/lifecycle/plan",
                200,
                "{\"model\":\"flight-delay\",\"problems\":[],\"changes\":[{\"action\":\"none\"}]}");
        Outcome outcome = cli.run("plan", EXAMPLE.toString());
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out()).contains("flight-delay is as the file says");
    }

    @Test
    void problemsThatOnlyTheServerSeesFailPlanAndApply() {
        String answer =
                "{\"model\":\"m\",\"changes\":[],\"problems\":[{\"line\":7,\"column\":3,\"field\":\"features.columns[0]\","
                        + "\"message\":\"no column 'x'\",\"advice\":\"did you mean 'y'?\"}]}";
        cli.on("POST /api/lifecycle/plan", 200, answer).on("POST /api/lifecycle/apply", 200, answer);
        for (String command : List.of("plan", "apply")) {
            Outcome outcome = cli.run(command, EXAMPLE.toString());
            assertThat(outcome.exitCode()).isEqualTo(ExitCode.ERROR);
            assertThat(outcome.err())
                    .contains("lifecycle.yaml:7:3: features.columns[0]: no column 'x'; did you mean 'y'?");
        }
    }

    @Test
    void planningABrokenFileAsksNoServer() throws IOException {
        assertThat(cli.run("plan", broken().toString()).exitCode()).isEqualTo(ExitCode.ERROR);
        assertThat(cli.requests()).isEmpty();
    }

    @Test
    void applyTellsWhatComesNext() {
        cli.on("POST /api/lifecycle/apply", 200, """
                {"model":"flight-delay","problems":[],"changes":[{"object":"model","action":"create","field":"","after":"{}"}],
                 "applied":true,"next":["the first version is trained"]}""");
        Outcome outcome = cli.run("apply", EXAMPLE.toString());
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out()).contains("+ model", "applied flight-delay", "next: the first version is trained");
    }

    // ---- reading ----

    @Test
    void listsAreTables() {
        cli.on("GET /api/models", 200, """
                {"items":[{"model":"flight-delay","state":"CANARY","champion":2,"candidate":3,"risk":"limited","owner":"ops",
                 "openAlerts":1,"records":1000,"performance":{"logLoss":{"value":0.49123}},"clock":1366000000000,"title":"Late?"},
                 {"model":"flight-delay@spring","state":"NEW","champion":null}]}""");
        Outcome outcome = cli.run("models");
        assertThat(lines(outcome.out())).hasSize(3);
        assertThat(lines(outcome.out()).get(0)).startsWith("MODEL                STATE   CHAMPION");
        assertThat(lines(outcome.out()).get(1)).contains("0.4912", "2013-04-15 04:26Z", "Late?");
    }

    @Test
    void namesCannotDriveTheTerminal() {
        cli.on("GET /api/models", 200, "{\"items\":[{\"model\":\"m\",\"title\":\"\\u001b[2Jhello\\u202e\"}]}");
        assertThat(cli.run("models").out()).contains("?[2Jhello?").doesNotContain("\u001b", "\u202e");
    }

    @Test
    void whyIsSentences() {
        cli.on("GET /api/models/flight-delay/why", 200, "{\"sentences\":[\"Version 2 serves.\",\"Nothing is due.\"]}");
        assertThat(cli.run("why", "flight-delay").out()).isEqualTo("Version 2 serves.\nNothing is due.\n");
    }

    @Test
    void aVersionTellsVerdictsAndSignatures() {
        cli.on("GET /api/models/flight-delay/versions/3", 200, """
                {"version":3,"state":"champion","eventTime":1366000000000,"metrics":{"log_loss":0.49},
                 "verdicts":[{"gate":"log_loss better-than champion","verdict":"PASS","text":"shown better"}],
                 "lineage":{"snapshot":"ab","approvals":[{"by":"maria","reason":"looked","at":1366000000000}]}}""");
        assertThat(cli.run("models", "flight-delay/3").out())
                .contains("PASS  log_loss better-than champion: shown better", "signed by maria (not authenticated)");
        assertThat(cli.run("models", "flight-delay/x").exitCode()).isEqualTo(ExitCode.ERROR);
    }

    // ---- acting ----

    @Test
    void actsCarryReasonAndActor() {
        cli.on(
                "POST /api/endpoints/flight-delay/rollback",
                200,
                "{\"title\":\"Rolled back\",\"text\":\"version 2 serves again\"}");
        cli.on("POST /api/models/flight-delay%40spring/sign", 200, "{}");
        assertThat(cli.run("rollback", "flight-delay", "--reason", "complaints").out())
                .isEqualTo("Rolled back. version 2 serves again\n");
        assertThat(cli.run("sign", "flight-delay@spring/7", "--reason", "looked")
                        .out())
                .contains("signed flight-delay@spring/7 as maria");
        assertThat(cli.requests().get(0).body()).isEqualTo("{\"reason\":\"complaints\"}");
        assertThat(cli.requests().get(0).actor()).isEqualTo("maria");
        assertThat(cli.requests().get(1).body()).isEqualTo("{\"version\":7,\"reason\":\"looked\"}");
    }

    @ParameterizedTest
    @CsvSource({
        "400, INVALID_ARGUMENT, 1",
        "403, PERMISSION_DENIED, 77",
        "404, NOT_FOUND, 1",
        "409, CONFLICT, 6",
        "429, TOO_MANY_REQUESTS, 75",
        "500, INTERNAL, 1",
        "507, STORAGE_FULL, 75"
    })
    void refusalsHaveTheirExitCodes(int status, String code, int exitCode) {
        cli.on(
                "POST /api/models/m/pause",
                status,
                "{\"error\":{\"code\":\"" + code + "\",\"message\":\"no\",\"field\":\"reason\"}}");
        Outcome outcome = cli.run("pause", "m", "--reason", "x");
        assertThat(outcome.exitCode()).isEqualTo(exitCode);
        assertThat(outcome.err()).isEqualTo("perennial: reason: no\n");
    }

    @Test
    void withoutAServerTheExitCodeIs69() {
        cli.close();
        Outcome outcome = cli.environment("PERENNIAL_SERVER", "")
                .environment("PERENNIAL_PORT", "1")
                .run("status");
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(outcome.err())
                .startsWith("perennial: no server answers at http://127.0.0.1:1;")
                .contains("perennial server");
    }

    @Test
    void recordsComeInAnyUsualForm() {
        cli.on("GET /api/endpoints", 200, "{\"items\":[{\"name\":\"flight-delay\",\"url\":\"" + cli.url() + "\"}]}");
        cli.on("POST /endpoints/flight-delay/predict", 200, """
                {"predictions":[{"id":"1","score":0.25,"version":"flight-delay/2","role":"champion","fallback":false}]}""");
        for (String data : List.of("{\"a\":1}", "[{\"a\":1}]", "{\"records\":[{\"a\":1}]}")) {
            assertThat(cli.input(data).run("predict", "flight-delay").out()).contains("0.2500", "flight-delay/2");
        }
        cli.input("{\"a\":1}\n{\"a\":2}\n").run("predict", "flight-delay");
        assertThat(cli.requests().stream()
                        .filter(request -> request.method().equals("POST"))
                        .map(CliHarness.Request::body))
                .containsExactly(
                        "{\"records\":[{\"a\":1}]}",
                        "{\"records\":[{\"a\":1}]}",
                        "{\"records\":[{\"a\":1}]}",
                        "{\"records\":[{\"a\":1},{\"a\":2}]}");
        assertThat(cli.input("nonsense").run("predict", "flight-delay").err()).contains("not valid JSON");
        assertThat(cli.input("[]").run("predict", "flight-delay").err()).contains("holds no record");
        assertThat(cli.input("{}").run("predict", "nobody").err())
                .contains("no endpoint 'nobody'; there is flight-delay");
    }

    @Test
    void labelsAreSentAsAList() throws IOException {
        cli.on("POST /api/models/m/labels", 200, "{\"accepted\":1}");
        Files.writeString(folder.resolve("labels.json"), "[{\"id\":\"1\",\"label\":1}]");
        assertThat(cli.run("labels", "m", "--data", "labels.json").out()).isEqualTo("sent 1 label\n");
        assertThat(cli.requests().getFirst().body()).isEqualTo("{\"labels\":[{\"id\":\"1\",\"label\":1}]}");
        assertThat(cli.run("labels", "m", "--data", "absent.json").err()).contains("cannot read absent.json");
    }

    @Test
    void anAlertIsAcknowledgedAndSilencedWithAReason() throws IOException {
        cli.on("POST /api/alerts/a1/acknowledge", 200, "{}").on("POST /api/alerts/a1/silence", 200, "{}");
        assertThat(cli.run("alerts", "a1", "--acknowledge", "--reason", "called")
                        .exitCode())
                .isZero();
        assertThat(cli.run("alerts", "a1", "--silence", "48h", "--reason", "monday")
                        .exitCode())
                .isZero();
        var silence = new ObjectMapper().readTree(cli.requests().get(1).body());
        assertThat(silence.path("until").asLong()).isEqualTo(1_370_080_800_000L + 48 * 3_600_000L);
    }

    // ---- processes ----

    @Test
    void nothingRunsWhereNothingWasStarted() {
        assertThat(cli.run("ps").out()).contains("nothing runs on " + folder.resolve(".perennial"));
        assertThat(cli.run("ps", "-o", "json").out()).contains("\"items\" : [ ]");
        assertThat(cli.run("stop", "--data-dir", "elsewhere").out())
                .contains("nothing runs on " + folder.resolve("elsewhere"));
    }

    @Test
    void aMissingServerProgramIsNamed() {
        Outcome outcome = cli.run("server", "--port", "0");
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.ERROR);
        assertThat(outcome.err()).contains("quarkus-run.jar is missing");
    }

    @Test
    void nothingToVerifyIsUnusable() {
        Outcome outcome = cli.run("ledger", "verify", "absent.zip");
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.out()).contains("BROKEN", "absent.zip");
        assertThat(cli.run("ledger", "verify", "absent.zip", "-o", "json").out())
                .contains("\"exitStatus\" : 1");
    }

    @Test
    void reproduceTellsSameFromDifferent() {
        cli.on("POST /api/models/m/versions/1/reproduce", 200, "{\"verdict\":\"IDENTICAL\",\"text\":\"bit by bit\"}");
        cli.on("POST /api/models/m/versions/2/reproduce", 200, "{\"verdict\":\"DIFFERENT\",\"text\":\"at tree 3\"}");
        assertThat(cli.run("reproduce", "m/1").exitCode()).isZero();
        assertThat(cli.run("reproduce", "m/2").exitCode()).isEqualTo(ExitCode.DIFFERENT);
    }
}
