package dev.perennial.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.cli.CliHarness.Outcome;
import dev.perennial.cli.CliHarness.Request;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The import from MLflow; one small server plays the source and ours. */
class ImportCommandTest {
    private static final String API = "/api/2.0/mlflow/";
    private static final String TAKE = "POST " + API + "import/";
    private static final String PROMPTS = "&filter=tags.%60mlflow.prompt.is_prompt%60%20%3D%20%27true%27";
    private static final String MODELS = "GET " + API + "registered-models/search?max_results=1000";
    private static final String VERSIONS =
            "GET " + API + "model-versions/search?max_results=1000&order_by=name%20ASC&order_by=version_number%20ASC";
    private static final String EXPERIMENTS = "POST " + API + "experiments/search";
    private static final String PLACE = "mlflow-artifacts:/1/r/artifacts/m";
    private static final String FILE = "/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts/m/MLmodel";
    private static final String DIGEST = "GET " + API + "import/digest?path=1%2Fr%2Fartifacts%2Fm%2FMLmodel";
    private static final String DOWNLOAD = "GET " + API + "model-versions/get-download-uri?name=risk&version=";

    @TempDir
    Path folder;

    private CliHarness cli;

    /** A source without anything, and a server that takes everything. */
    @BeforeEach
    void start() {
        cli = new CliHarness(folder);
        cli.on(TAKE + "experiments", 200, "{}")
                .on(TAKE + "registered-models", 200, "{\"registered_models\":[{\"name\":\"risk\",\"complete\":false}]}")
                .on(TAKE + "registered-models/complete", 200, "{\"aliases\":0}")
                .on("GET /version", 200, "3.17.2");
    }

    @AfterEach
    void stop() {
        cli.close();
    }

    private CliHarness empty() {
        return source("{}", "{}", "{}", "{}");
    }

    /** What a source answers, page by page of each search. */
    private CliHarness source(String experiments, String models, String prompts, String versions) {
        return cli.on(TAKE + "check", 200, "{}")
                .on(EXPERIMENTS, 200, experiments)
                .on(MODELS, 200, models)
                .on(MODELS + PROMPTS, 200, prompts)
                .on(VERSIONS, 200, versions)
                .on(VERSIONS + PROMPTS, 200, "{}");
    }

    /** A source with one registered model of these versions. */
    private CliHarness risk(String versions) {
        return source(
                "{}",
                "{\"registered_models\":[{\"name\":\"risk\",\"last_updated_timestamp\":7}]}",
                "{}",
                "{\"model_versions\":[" + versions + "]}");
    }

    /** A source with one version whose place the source does not serve. */
    private CliHarness riskElsewhere(String uri) {
        return risk("{\"name\":\"risk\",\"version\":\"1\",\"source\":\"models:/m-1\"}")
                .on(DOWNLOAD + "1", 200, "{\"artifact_uri\":\"" + uri + "\"}")
                .on(TAKE + "model-versions", 200, "{\"model_versions\":[{\"version\":\"1\",\"made\":true}]}");
    }

    /** A source with one version of one file of three bytes; our server tells how many it froze. */
    private CliHarness riskOfOneFile(int frozen, int bytes) {
        return risk("{\"name\":\"risk\",\"version\":\"1\",\"source\":\"" + PLACE + "\",\"run_id\":\"r\"}")
                .on(DOWNLOAD + "1", 200, "{\"artifact_uri\":\"" + PLACE + "\"}")
                .on(
                        "GET /api/2.0/mlflow-artifacts/artifacts?path=1%2Fr%2Fartifacts%2Fm",
                        200, "{\"files\":[{\"path\":\"MLmodel\",\"is_dir\":false,\"file_size\":3}]}")
                .on(
                        TAKE + "model-versions",
                        200,
                        "{\"model_versions\":[{\"version\":\"1\",\"made\":true,\"files\":" + frozen + ",\"bytes\":"
                                + bytes + "}]}");
    }

    /** The file is not here yet; it comes as {@code abc}, and our server tells what it stored. */
    private void fileComes(String stored) {
        cli.on(DIGEST, 404, "{}")
                .on(DIGEST, 200, "{\"sha256\":\"" + stored + "\"}")
                .on("GET " + FILE, 200, "abc")
                .on("PUT " + FILE, 200, "{}");
    }

    /** The same source, and a server that answers otherwise from the beginning. */
    private CliHarness anew() {
        cli.close();
        cli = new CliHarness(folder);
        return cli.on("GET /version", 200, "3.17.2").on(TAKE + "experiments", 200, "{}");
    }

    private Outcome imported(String... more) {
        String[] all = new String[more.length + 4];
        System.arraycopy(new String[] {"import", "mlflow", "--from", cli.url().toString()}, 0, all, 0, 4);
        System.arraycopy(more, 0, all, 4, more.length);
        return cli.run(all);
    }

    private List<String> asked() {
        return cli.requests().stream()
                .map(request -> request.method() + " " + request.path())
                .toList();
    }

    private Request last(String call) {
        return cli.requests().stream()
                .filter(request -> request.path().equals(API + "import/" + call))
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    @Test
    void anEmptySourceIsTakenAndWhatNeverComesIsListed() {
        empty();
        Outcome outcome = imported();
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        assertThat(outcome.out())
                .contains(
                        "0  runs",
                        "0  registered models",
                        "all equal",
                        "not taken:",
                        "traces",
                        "users and their rights");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mlflow.example:5000", "ftp://mlflow.example", "http://", "http:// x"})
    void whatIsNoAddressIsRefused(String from) {
        Outcome outcome = cli.run("import", "mlflow", "--from", from);
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains("--from '" + from + "' is no address; write it like http://127.0.0.1:5000");
    }

    @Test
    void aPasswordInTheAddressIsRefusedAndNotRepeated() {
        Outcome outcome = cli.run("import", "mlflow", "--from", "http://ann:secret@mlflow.example");
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err())
                .contains("--from must hold no user and password")
                .contains("MLFLOW_TRACKING_USERNAME")
                .doesNotContain("secret");
    }

    @Test
    void whoeverMayNotImportLearnsItBeforeAnythingIsRead() {
        cli.on(TAKE + "check", 403, "{\"error_code\":\"PERMISSION_DENIED\",\"message\":\"only an administrator\"}");
        Outcome outcome = imported();
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.DENIED);
        assertThat(outcome.err()).contains("only an administrator");
        assertThat(asked()).containsExactly(TAKE + "check");
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void aSourceThatRefusesSaysHowToSignIn(int status) {
        cli.on(TAKE + "check", 200, "{}").on(EXPERIMENTS, status, "no");
        Outcome outcome = imported();
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.DENIED);
        assertThat(outcome.err())
                .contains("refuses with status " + status + "; sign in with MLFLOW_TRACKING_USERNAME and"
                        + " MLFLOW_TRACKING_PASSWORD, or with MLFLOW_TRACKING_TOKEN");
    }

    @Test
    void aSourceThatFailsEndsTheImportWithAWordOnHowToGoOn() {
        cli.on(TAKE + "check", 200, "{}").on(EXPERIMENTS, 500, "boom");
        Outcome outcome = imported();
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(outcome.err()).contains("with status 500 boom; what came so far stays, start the import again");
    }

    @Test
    void aSourceThatIsNoMlflowIsToldPlainly() {
        cli.on(TAKE + "check", 200, "{}").on(EXPERIMENTS, 200, "<html>");
        Outcome outcome = imported();
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(outcome.err()).contains("no JSON: <html>");
    }

    @Test
    void collisionsAreListedAndNothingIsWritten() {
        risk("{\"name\":\"risk\",\"version\":\"1\"}");
        String many = IntStream.range(0, 25)
                .mapToObj(i -> "\"thing " + i + " is in the way\"")
                .reduce((one, other) -> one + "," + other)
                .orElseThrow();
        CliHarness refusing = new CliHarness(folder);
        try (refusing) {
            refusing.on(TAKE + "check", 200, "{}")
                    .on(TAKE + "check", 200, "{\"collisions\":[" + many + "]}")
                    .environment("PERENNIAL_SERVER", refusing.url().toString());
            Outcome outcome =
                    refusing.run("import", "mlflow", "--from", cli.url().toString());
            assertThat(outcome.exitCode()).isEqualTo(ExitCode.CONFLICT);
            assertThat(outcome.err())
                    .contains("nothing was imported, because 25 things are in the way: thing 0 is in the way")
                    .contains("thing 19 is in the way; and more")
                    .doesNotContain("thing 20");
            assertThat(refusing.requests()).allMatch(request -> request.path().endsWith("import/check"));
        }
    }

    @Test
    void theNumbersOfVersionsAreCheckedWithTheirModel() {
        risk("{\"name\":\"risk\",\"version\":\"1\"},{\"name\":\"risk\",\"version\":\"4\"}")
                .on(DOWNLOAD + "1", 200, "{\"artifact_uri\":\"s3://b/1\"}")
                .on(DOWNLOAD + "4", 200, "{\"artifact_uri\":\"s3://b/4\"}")
                .on(TAKE + "model-versions", 200, "{}");
        imported("--into", "team");
        assertThat(last("check").body())
                .contains("\"registered_models\":[{\"name\":\"risk\",\"versions\":[\"1\",\"4\"]}]")
                .contains("\"project\":\"team\"");
    }

    @Test
    void aVersionInAPlaceThatTheSourceDoesNotServeComesWithItsAddressAndIsListed() {
        riskElsewhere("s3://b/1");
        Outcome outcome = imported();
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        assertThat(outcome.out())
                .contains("files of version 1 of 'risk' at s3://b/1: that place is not served by the MLflow server")
                .contains("1  model versions");
        assertThat(last("model-versions").body())
                .contains("\"source\":\"models:/m-1\"")
                .contains("\"storage\":\"s3://b/1\"");
    }

    @Test
    void aLocalPathOfTheSourceIsNotKeptAsStorage() {
        riskElsewhere("/srv/mlruns/1");
        imported();
        assertThat(last("model-versions").body()).doesNotContain("storage");
    }

    @Test
    void filesThatAreMissingInAFrozenVersionAreADifference() {
        riskOfOneFile(0, 0).on(DIGEST, 200, "{\"sha256\":\"x\"}");
        Outcome outcome = imported();
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(outcome.out())
                .contains("NOT EQUAL: 1")
                .contains("version 1 of 'risk': received were 1 files with 3 bytes, frozen are 0 with 0");
    }

    @Test
    void aFileThatDidNotComeWithItsRunComesWithItsVersion() {
        riskOfOneFile(1, 3);
        fileComes("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        Outcome outcome = imported();
        assertThat(outcome.exitCode()).as(outcome.out() + outcome.err()).isZero();
        assertThat(outcome.out()).contains("1  artifact files", "3  artifact bytes", "1  frozen files");
    }

    @Test
    void aFileThatIsStoredOtherwiseThanReceivedIsADifference() {
        riskOfOneFile(1, 3);
        fileComes("0000");
        Outcome outcome = imported();
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(outcome.out())
                .contains("1/r/artifacts/m/MLmodel: received with SHA-256 ba7816bf")
                .contains("stored with 0000");
    }

    @Test
    void aVersionThatIsRefusedIsADifferenceAndTheOthersGoOn() {
        risk("{\"name\":\"risk\",\"version\":\"1\"},{\"name\":\"risk\",\"version\":\"2\"}")
                .on(DOWNLOAD + "1", 200, "{\"artifact_uri\":\"s3://b/1\"}")
                .on(DOWNLOAD + "2", 200, "{\"artifact_uri\":\"s3://b/2\"}")
                .on(TAKE + "model-versions", 409, "{\"error_code\":\"X\",\"message\":\"that number was given here\"}")
                .on(TAKE + "model-versions", 200, "{\"model_versions\":[{\"version\":\"2\",\"made\":true}]}");
        Outcome outcome = imported();
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(outcome.out()).contains("that number was given here", "1  model versions");
    }

    @Test
    void aVersionThatCameBeforeIsNotReadAgain() {
        anew().on(
                        TAKE + "registered-models",
                        200,
                        "{\"registered_models\":[{\"name\":\"risk\",\"complete\":true,\"versions\":[\"1\"]}]}")
                .on(TAKE + "model-versions", 200, "{\"model_versions\":[{\"version\":\"1\",\"made\":false}]}")
                .on(TAKE + "registered-models/complete", 200, "{\"aliases\":0}");
        risk("{\"name\":\"risk\",\"version\":\"1\"}");
        Outcome outcome = imported();
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        assertThat(outcome.out())
                .contains("0  model versions\n", "1  model versions that were here already")
                .contains("1  registered models that were here already");
        assertThat(asked()).noneMatch(request -> request.contains("get-download-uri"));
    }

    @Test
    void aliasesThatStayAsTheyAreHereAreListed() {
        anew().on(TAKE + "registered-models", 200, "{}")
                .on(
                        TAKE + "registered-models/complete",
                        200,
                        "{\"aliases\":2,\"notes\":[\"alias 'champion' of 'risk' for version 1: its lifecycle alone moves"
                                + " it\"]}");
        risk("");
        Outcome outcome = imported();
        assertThat(outcome.out())
                .contains("2  aliases")
                .contains("alias 'champion' of 'risk' for version 1: its lifecycle alone moves it");
    }

    @Test
    void anAliasThatIsRefusedIsADifference() {
        anew().on(TAKE + "registered-models", 200, "{}")
                .on(TAKE + "registered-models/complete", 400, "{\"error_code\":\"X\",\"message\":\"Invalid alias\"}");
        risk("");
        Outcome outcome = imported();
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(outcome.out()).contains("NOT EQUAL: 1", "Invalid alias");
    }

    @Test
    void pagesOfModelsAreReadToTheLast() {
        source(
                        "{}",
                        "{\"registered_models\":[{\"name\":\"a\"}],\"next_page_token\":\"t=/1\"}",
                        "{\"registered_models\":[{\"name\":\"p\"}]}",
                        "{}")
                .on(MODELS + "&page_token=t%3D%2F1", 200, "{\"registered_models\":[{\"name\":\"b\"}]}");
        Outcome outcome = imported();
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("3  registered models");
    }

    @Test
    void aVersionWhoseModelWasMadeMeanwhileIsListed() {
        source("{}", "{}", "{}", "{\"model_versions\":[{\"name\":\"new\",\"version\":\"1\"}]}");
        assertThat(imported().out()).contains("versions of 'new': that model was made while the import looked");
    }

    @Test
    void webhooksOfTheSourceAreCountedAndLeft() {
        empty().on("GET " + API + "webhooks", 200, "{\"webhooks\":[{},{}]}");
        assertThat(imported().out()).contains("2 webhooks: their secrets cannot be read");
    }

    @Test
    void aPlayedSourceWithoutLoggedModelsIsAnOlderMlflow() {
        source("{\"experiments\":[{\"experiment_id\":\"7\",\"name\":\"old\"}]}", "{}", "{}", "{}")
                .on("POST " + API + "runs/search", 200, "{}");
        Outcome outcome = imported();
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("1  experiments", "0  logged models");
    }

    @Test
    void anEmptyExperimentThatEveryServerHasStaysThereButNotWithALoggedModel() {
        source("{\"experiments\":[{\"experiment_id\":\"0\",\"name\":\"Default\"}]}", "{}", "{}", "{}")
                .on("POST " + API + "runs/search", 200, "{}")
                .on("POST " + API + "logged-models/search", 200, "{}")
                .on(
                        "POST " + API + "logged-models/search",
                        200,
                        "{\"models\":[{\"info\":{\"model_id\":\"m-1\",\"experiment_id\":\"0\",\"artifact_uri\":\"s3://b\"}}]}")
                .on(TAKE + "logged-models", 200, "{}")
                .on(TAKE + "logged-models/complete", 200, "{}");
        assertThat(imported().out()).contains("0  experiments");
        Outcome second = imported();
        assertThat(second.out())
                .contains("1  experiments", "1  logged models")
                .contains("files of logged model m-1 at s3://b: that place is not served by the MLflow server");
    }
}
