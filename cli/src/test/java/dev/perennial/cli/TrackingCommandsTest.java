package dev.perennial.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.cli.CliHarness.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Experiments, runs and artifacts by command. */
class TrackingCommandsTest extends CliFixture {
    private static final String CALLS = "/ajax-api/2.0/mlflow/";
    private static final String FLIGHTS = "{\"experiment\":{\"experiment_id\":\"3\",\"name\":\"flights\","
            + "\"lifecycle_stage\":\"active\",\"creation_time\":1000,\"artifact_location\":\"mlflow-artifacts:/3\","
            + "\"tags\":[{\"key\":\"team\",\"value\":\"ops\"}]}}";
    private static final String ABSENT =
            "{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\",\"message\":\"Could not find experiment with name 'none'\"}";

    @BeforeEach
    void someRuns() {
        cli.on("GET " + CALLS + "experiments/get?experiment_id=3", 200, FLIGHTS);
        cli.on("GET " + CALLS + "experiments/get-by-name?experiment_name=flights", 200, FLIGHTS);
        cli.on("GET " + CALLS + "experiments/get-by-name?experiment_name=none", 404, ABSENT);
        for (String id : List.of("a", "b")) {
            cli.on("GET " + CALLS + "runs/get?run_id=" + id, 200, "{\"run\":" + run(id) + "}");
        }
        cli.on(
                "GET " + CALLS + "runs/get?run_id=zz",
                404,
                "{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\",\"message\":\"Run with id=zz not found\"}");
    }

    private static String run(String id) {
        return "{\"info\":{\"run_id\":\"" + id + "\",\"run_name\":\"name " + id
                + "\",\"status\":\"FINISHED\",\"start_time\":1000,\"lifecycle_stage\":\"active\","
                + "\"artifact_uri\":\"mlflow-artifacts:/3/" + id
                + "/artifacts\"},\"data\":{\"metrics\":[{\"key\":\"loss\","
                + "\"value\":0." + (id.equals("a") ? "25" : "5") + "}],\"params\":[{\"key\":\"depth\",\"value\":\"3\"},"
                + "{\"key\":\"kind\",\"value\":\"" + id + "\"}],\"tags\":[]}}";
    }

    private String body(int request) {
        return cli.requests().get(request).body();
    }

    @Test
    void experimentsAreListedByFilterAndOrder() {
        cli.on(
                "POST " + CALLS + "experiments/search",
                200,
                "{\"experiments\":[{\"experiment_id\":\"3\",\"name\":\"flights\",\"lifecycle_stage\":\"deleted\"}]}");
        Outcome listed = cli.run("experiments", "list", "--filter", "name = 'flights'", "--order", "name ASC", "--all");
        assertThat(listed.out()).contains("ID", "flights", "deleted");
        assertThat(body(0))
                .contains("\"filter\":\"name = 'flights'\"", "\"order_by\":[\"name ASC\"]", "\"view_type\":\"ALL\"");
    }

    @Test
    void listsTurnPagesUpToTheLimit() {
        cli.on(
                "POST " + CALLS + "experiments/search",
                200,
                "{\"experiments\":[{\"name\":\"x\"}],\"next_page_token\":\"t\"}");
        cli.on(
                "POST " + CALLS + "experiments/search",
                200,
                "{\"experiments\":[{\"name\":\"y\"}],\"next_page_token\":\"u\"}");
        assertThat(cli.run("experiments", "list", "--limit", "2").out()).contains("x", "y");
        assertThat(cli.requests()).hasSize(2);
        assertThat(body(0)).contains("\"max_results\":2", "\"page_token\":\"\"");
        assertThat(body(1)).contains("\"max_results\":1", "\"page_token\":\"t\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "flights"})
    void anExperimentIsShownByIdOrName(String given) throws IOException {
        assertThat(cli.run("experiments", "show", given).out())
                .contains("3  flights  active", "artifacts  mlflow-artifacts:/3", "tag        team = ops");
        String json = cli.run("experiments", "show", given, "--output", "json").out();
        assertThat(new ObjectMapper().readTree(json).path("name").asText()).isEqualTo("flights");
    }

    @Test
    void anExperimentThatIsNotThereIsToldInTheServersWords() {
        Outcome absent = cli.run("experiments", "show", "none");
        assertThat(absent.exitCode()).isEqualTo(ExitCode.ERROR);
        assertThat(absent.err()).contains("Could not find experiment with name 'none'");
    }

    @Test
    void aMadeExperimentIsToldByItsId() {
        cli.on("POST " + CALLS + "experiments/create", 200, "{\"experiment_id\":\"7\"}");
        Outcome made = cli.run("experiments", "create", "new", "--tag", "team=ops", "--location", "s3://b/x");
        assertThat(made.out()).isEqualTo("7\n");
        assertThat(body(0))
                .isEqualTo("{\"name\":\"new\",\"artifact_location\":\"s3://b/x\","
                        + "\"tags\":[{\"key\":\"team\",\"value\":\"ops\"}]}");
    }

    @ParameterizedTest
    @CsvSource({"delete, deleted", "restore, restored"})
    void experimentsAreDeletedAndRestoredByName(String what, String done) {
        cli.on("POST " + CALLS + "experiments/" + what, 200, "{}");
        Outcome moved = cli.run("experiments", what, "flights");
        assertThat(moved.exitCode()).isZero();
        assertThat(moved.err()).contains(done + " experiment flights");
        assertThat(cli.requests().getLast().body()).isEqualTo("{\"experiment_id\":\"3\"}");
    }

    @Test
    void aWrongNameAmongSeveralChangesNothing() {
        assertThat(cli.run("experiments", "delete", "flights", "none").exitCode())
                .isEqualTo(ExitCode.ERROR);
        assertThat(cli.run("runs", "delete", "a", "zz").exitCode()).isEqualTo(ExitCode.ERROR);
        assertThat(cli.requests()).noneMatch(request -> request.method().equals("POST"));
    }

    @Test
    void runsAreListedWithTheColumnsThatAreAskedFor() {
        cli.on("POST " + CALLS + "runs/search", 200, "{\"runs\":[" + run("a") + "," + run("b") + "]}");
        Outcome listed =
                cli.run("runs", "list", "flights", "--column", "metrics.loss", "--column", "params.kind", "--deleted");
        assertThat(listed.out()).contains("metrics.loss", "0.2500", "name b");
        assertThat(cli.requests().getLast().body())
                .contains("\"experiment_ids\":[\"3\"]", "\"run_view_type\":\"DELETED_ONLY\"");
    }

    @Test
    void aRunIsShownWithWhatItLogged() throws IOException {
        assertThat(cli.run("runs", "show", "a").out())
                .contains("a  name a  FINISHED", "metrics.loss = 0.2500", "params.depth = 3");
        String json = cli.run("runs", "show", "a", "-o", "json").out();
        assertThat(new ObjectMapper().readTree(json).at("/info/run_id").asText())
                .isEqualTo("a");
    }

    @Test
    void whatDiffersBetweenRunsComesFirst() throws IOException {
        List<String> lines = cli.run("runs", "compare", "a", "b").out().lines().toList();
        assertThat(lines.get(0)).contains("name a", "name b");
        assertThat(lines)
                .filteredOn(line -> line.contains("params."))
                .hasSize(2)
                .first()
                .asString()
                .startsWith("*")
                .contains("params.kind");
        assertThat(cli.run("runs", "compare", "a", "b", "--differing").out()).doesNotContain("params.depth");
        String json = cli.run("runs", "compare", "a", "b", "-o", "json").out();
        assertThat(new ObjectMapper().readTree(json).at("/items/0").toString())
                .isEqualTo("{\"key\":\"params.kind\",\"differs\":true,\"values\":[\"a\",\"b\"]}");
    }

    @Test
    void equalRunsDoNotDiffer() {
        assertThat(cli.run("runs", "compare", "a", "a", "--differing").out()).isEqualTo("the runs do not differ\n");
    }

    @ParameterizedTest
    @CsvSource({"delete, deleted", "restore, restored"})
    void runsAreDeletedAndRestored(String what, String done) {
        cli.on("POST " + CALLS + "runs/" + what, 200, "{}");
        assertThat(cli.run("runs", what, "a", "b").err()).contains(done + " run a", done + " run b");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "runs | pipeline runs are 'perennial pipelines'",
                "experiments | name what to do",
                "artifacts | name what to do",
                "runs list | Missing required parameter",
                "runs compare a | requires at least 2 values",
                "runs list 3 --limit 0 | limit 0 is no number from 1 to 50000",
                "runs list 3 --all --deleted | exclude each other",
                "runs list 3 --column loss | 'loss' is none of metrics.NAME",
            })
    void whatIsMeantIsAskedFor(String command, String told) {
        Outcome outcome = cli.run(command.split(" "));
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains(told);
        assertThat(cli.requests()).isEmpty();
    }

    @Test
    void filesAreListedAlsoBelowFolders() {
        cli.on(
                "GET " + CALLS + "artifacts/list?path=&run_id=a",
                200,
                "{\"files\":[{\"path\":\"model\",\"is_dir\":true},{\"path\":\"f.txt\",\"is_dir\":false,\"file_size\":5}]}");
        cli.on(
                "GET " + CALLS + "artifacts/list?path=model&run_id=a",
                200,
                "{\"files\":[{\"path\":\"model/MLmodel\",\"is_dir\":false,\"file_size\":9}]}");
        assertThat(cli.run("artifacts", "list", "a").out()).contains("model/", "f.txt", "5");
        assertThat(cli.run("artifacts", "list", "a", "--recursive").out())
                .contains("model/MLmodel")
                .doesNotContain("model/ ");
    }

    @Test
    void aFileIsFetchedUnderItsNameOrWhereAskedFor() {
        cli.on("GET " + CALLS + "artifacts/list?path=deep%2Ff.txt&run_id=a", 200, "{}");
        cli.on("GET /get-artifact?path=deep%2Ff.txt&run_id=a", 200, "hello");
        assertThat(cli.run("artifacts", "get", "a", "deep/f.txt").out()).contains("1 file in ");
        assertThat(folder.resolve("f.txt")).hasContent("hello");
        cli.run("artifacts", "get", "a", "deep/f.txt", "--to", "there/g.txt");
        assertThat(folder.resolve("there/g.txt")).hasContent("hello");
    }

    @Test
    void aFolderIsFetchedWithEverythingBelowIt() {
        cli.on(
                "GET " + CALLS + "artifacts/list?path=model&run_id=a",
                200,
                "{\"files\":[{\"path\":\"model/MLmodel\",\"is_dir\":false}]}");
        cli.on("GET /get-artifact?path=model%2FMLmodel&run_id=a", 200, "flavors");
        assertThat(cli.run("artifacts", "get", "a", "model").exitCode()).isZero();
        assertThat(folder.resolve("model/MLmodel")).hasContent("flavors");
    }

    @Test
    void aServerThatNamesAFileElsewhereIsNotObeyed() {
        cli.on(
                "GET " + CALLS + "artifacts/list?path=model&run_id=a",
                200,
                "{\"files\":[{\"path\":\"model/../../evil\",\"is_dir\":false}]}");
        Outcome outcome = cli.run("artifacts", "get", "a", "model");
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.ERROR);
        assertThat(outcome.err()).contains("outside of the folder: ../../evil");
    }

    @Test
    void aFileThatIsNotThereLeavesNothingHere() {
        cli.on("GET " + CALLS + "artifacts/list?path=none&run_id=a", 200, "{}");
        cli.on(
                "GET /get-artifact?path=none&run_id=a",
                404,
                "{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\",\"message\":\"No artifact file 'none'\"}");
        Outcome outcome = cli.run("artifacts", "get", "a", "none");
        assertThat(outcome.err()).contains("No artifact file 'none'");
        assertThat(folder.resolve("none")).doesNotExist();
    }

    @Test
    void filesAndFoldersAreStoredUnderTheirNames() throws IOException {
        Files.createDirectories(folder.resolve("model/data"));
        Files.writeString(folder.resolve("model/MLmodel"), "flavors");
        Files.writeString(folder.resolve("model/data/a b+ü.txt"), "data");
        String root = "/api/2.0/mlflow-artifacts/artifacts/3/a/artifacts/";
        cli.on("PUT " + root + "m/MLmodel", 200, "");
        cli.on("PUT " + root + "m/data/a%20b%2B%C3%BC.txt", 200, "");
        cli.on("PUT " + root + "MLmodel", 200, "");
        assertThat(cli.run("artifacts", "put", "a", "model", "--as", "m").out()).isEqualTo("2 files stored as m\n");
        assertThat(cli.run("artifacts", "put", "a", "model/MLmodel").out()).isEqualTo("1 file stored as MLmodel\n");
        assertThat(cli.requests().getLast().body()).isEqualTo("flavors");
    }

    @Test
    void aFileOfThisMachineThatIsNotThereIsToldBeforeAnythingIsSent() {
        assertThat(cli.run("artifacts", "put", "a", "nothing").err()).contains("it is not there or not readable");
        assertThat(cli.requests()).isEmpty();
    }

    @Test
    void loggedModelsHaveFilesToo() {
        cli.on(
                "GET " + CALLS + "logged-models/m-1",
                200,
                "{\"model\":{\"info\":{\"artifact_uri\":\"mlflow-artifacts:/3/models/m-1/artifacts\"}}}");
        cli.on(
                "GET " + CALLS + "logged-models/m-1/artifacts/directories?artifact_directory_path=",
                200,
                "{\"files\":[{\"path\":\"MLmodel\",\"is_dir\":false,\"file_size\":1}]}");
        assertThat(cli.run("artifacts", "list", "m-1").out()).contains("MLmodel");
    }

    @Test
    void whatIsKeptElsewhereIsNotStoredOnTheServer() throws IOException {
        Files.writeString(folder.resolve("f"), "x");
        cli.on("GET " + CALLS + "runs/get?run_id=s3", 200, "{\"run\":{\"info\":{\"artifact_uri\":\"s3://bucket/x\"}}}");
        assertThat(cli.run("artifacts", "put", "s3", "f").err())
                .contains("the artifacts of s3 are kept at s3://bucket/x, not on the server");
    }
}
