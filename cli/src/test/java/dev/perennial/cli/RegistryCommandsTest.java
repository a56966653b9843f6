package dev.perennial.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.cli.CliHarness.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The registry from the command line. */
class RegistryCommandsTest extends CliFixture {
    private static final String MODELS = "/ajax-api/2.0/mlflow/registered-models/";
    private static final String VERSIONS = "/ajax-api/2.0/mlflow/model-versions/";

    @Test
    void modelsAreFoundByAFilterThatIsSentAsWritten() {
        cli.on("GET " + MODELS + "search?filter=tags.a%20%3D%20%27b%27&max_results=7&order_by=name%20DESC", 200, """
            {"registered_models":[{"name":"churn","aliases":[{"alias":"live","version":"3"}],
             "tags":[{"key":"a","value":"b"}],"last_updated_timestamp":1366000000000,"description":"who leaves"}]}\
            """);
        Outcome outcome = cli.run("models", "search", "tags.a = 'b'", "--order", "name DESC", "--limit", "7");
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("churn", "live=3", "a=b", "2013-04-15 04:26Z", "who leaves");
    }

    @Test
    void versionsAreFoundToo() {
        cli.on("GET " + VERSIONS + "search?max_results=100", 200, """
            {"model_versions":[{"name":"churn","version":"3","aliases":["live","best"],"current_stage":"None",
             "status":"READY","creation_timestamp":1366000000000,"source":"s3://b/m"}]}\
            """);
        assertThat(cli.run("models", "search", "--versions").out())
                .contains("churn/3", "live best", "READY", "s3://b/m");
    }

    @Test
    void nothingFoundIsSaidAndInJsonAnEmptyList() {
        cli.on("GET " + MODELS + "search?max_results=100", 200, "{}");
        assertThat(cli.run("models", "search").out()).isEqualTo("no model fits\n");
        assertThat(cli.run("models", "search", "--output", "json").out().replaceAll("\\s", ""))
                .isEqualTo("{\"items\":[]}");
    }

    @Test
    void aVersionIsToldAsFactsOrAsItIs() {
        cli.on("GET " + VERSIONS + "get?name=churn&version=3", 200, "{\"model_version\":{\"source\":\"s3://b/m\"}}");
        assertThat(cli.run("models", "show", "churn/3").out()).contains("churn/3", "s3://b/m");
        assertThat(cli.run("models", "show", "churn/3", "-o", "json").out().replaceAll("\\s", ""))
                .isEqualTo("{\"source\":\"s3://b/m\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "alias churn/3 live | POST | registered-models/alias |"
                        + " {\"name\":\"churn\",\"version\":\"3\",\"alias\":\"live\"}",
                "alias churn live --delete | DELETE | registered-models/alias |"
                        + " {\"name\":\"churn\",\"alias\":\"live\"}",
                "tag churn a=b=c | POST | registered-models/set-tag |"
                        + " {\"name\":\"churn\",\"key\":\"a\",\"value\":\"b=c\"}",
                "tag churn/3 a= | POST | model-versions/set-tag |"
                        + " {\"name\":\"churn\",\"version\":\"3\",\"key\":\"a\",\"value\":\"\"}",
                "tag churn/3 a --delete | DELETE | model-versions/delete-tag |"
                        + " {\"name\":\"churn\",\"version\":\"3\",\"key\":\"a\"}",
                "describe churn/3 new | PATCH | model-versions/update |"
                        + " {\"name\":\"churn\",\"version\":\"3\",\"description\":\"new\"}",
                "delete churn/3 --yes | DELETE | model-versions/delete | {\"name\":\"churn\",\"version\":\"3\"}",
                "delete churn --yes | DELETE | registered-models/delete | {\"name\":\"churn\"}",
            })
    void aChangeIsOneRequest(String command, String method, String call, String body) {
        String path = "/ajax-api/2.0/mlflow/" + call;
        cli.on(method + " " + path, 200, "{}");
        Outcome outcome = cli.run(("models " + command).split(" "));
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("churn");
        assertThat(cli.requests()).containsExactly(new CliHarness.Request(method, path, body, "maria"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "models delete churn | say --yes",
                "models alias churn live | name a version for the alias, such as churn/1",
                "models tag churn novalue | write it like team=ops",
                "models search --limit 0 | must be between 1 and 1000",
            })
    void wrongUseSendsNothing(String command, String told) {
        Outcome outcome = cli.run(command.split(" "));
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains(told);
        assertThat(cli.requests()).isEmpty();
    }

    @Test
    void aRefusalIsToldInTheServersWords() {
        cli.on(
                "DELETE " + MODELS + "delete",
                400,
                "{\"error_code\":\"INVALID_STATE\",\"message\":\"churn is kept by its lifecycle file\"}");
        Outcome outcome = cli.run("models", "delete", "churn", "--yes");
        assertThat(outcome.exitCode()).isNotZero();
        assertThat(outcome.err()).contains("churn is kept by its lifecycle file");
    }

    @ParameterizedTest
    @CsvSource({"search", "show", "alias", "tag", "describe", "delete"})
    void everyCommandExplainsItselfWithExamples(String command) {
        Outcome outcome = cli.run("models", command, "--help");
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out()).contains("Examples:", "perennial models " + command);
    }
}
