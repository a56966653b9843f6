package dev.perennial.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.cli.CliHarness.Outcome;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tokens by command: what is asked for, and what is shown once. */
class TokensCommandTest extends CliFixture {
    private static final String TOKENS = "/api/access/tokens";

    @BeforeEach
    void aServerThatMakesTokens() {
        cli.on("POST " + TOKENS, 200, "{\"token\":\"pnl_pat_x_y\",\"id\":\"x\"}");
        cli.input("correct horse battery\n");
    }

    private JsonNode asked() throws IOException {
        return new ObjectMapper().readTree(cli.requests().getLast().body());
    }

    @Test
    void aTokenIsPrintedAloneSoThatAFileCanTakeIt() throws IOException {
        Outcome made = cli.run("tokens", "create", "laptop", "--user", "ann");
        assertThat(made.exitCode()).as(made.err()).isZero();
        assertThat(made.out()).isEqualTo("pnl_pat_x_y\n");
        assertThat(asked()).isEqualTo(new ObjectMapper().readTree("{\"name\":\"laptop\"}"));
    }

    @Test
    void onlyWhatWasSaidIsAskedFor() throws IOException {
        cli.run(
                "tokens",
                "create",
                "nightly",
                "--user",
                "ann",
                "--project",
                "fraud",
                "--role",
                "contributor",
                "--days",
                "30");
        assertThat(asked())
                .isEqualTo(new ObjectMapper()
                        .readTree("{\"name\":\"nightly\",\"project\":\"fraud\",\"role\":\"contributor\",\"days\":30}"));
    }

    @Test
    void aTokenOfAScorerNamesItsEndpoints() throws IOException {
        cli.run(
                "tokens",
                "create",
                "edge",
                "--user",
                "root",
                "--for",
                "ann",
                "--scorer",
                "edge-1",
                "--endpoints",
                "a,b");
        assertThat(asked())
                .isEqualTo(
                        new ObjectMapper()
                                .readTree(
                                        "{\"name\":\"edge\",\"scorer\":\"edge-1\",\"user\":\"ann\",\"endpoints\":[\"a\",\"b\"]}"));
    }

    @Test
    void jsonShowsAllThatTheServerTold() throws IOException {
        String out = cli.run("tokens", "create", "laptop", "--user", "ann", "--output", "json")
                .out();
        assertThat(new ObjectMapper().readTree(out).path("id").asText()).isEqualTo("x");
    }

    @Test
    void withoutAPasswordNothingIsAsked() {
        cli.input("");
        Outcome none = cli.run("tokens", "create", "laptop", "--user", "ann");
        assertThat(none.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(none.err()).contains("the input must have 1 line (Password of ann), it has 0");
        assertThat(cli.requests()).isEmpty();
    }

    @Test
    void aRefusalIsToldInTheServersWordsAndPrintsNoToken() {
        cli.on(
                "POST " + TOKENS,
                403,
                "{\"error\":{\"code\":\"PERMISSION_DENIED\",\"message\":\"a token makes no tokens\"}}");
        assertThat(cli.run("tokens", "create", "first", "--user", "ann").exitCode())
                .isZero();
        Outcome refused = cli.run("tokens", "create", "second", "--user", "ann");
        assertThat(refused.exitCode()).isEqualTo(ExitCode.DENIED);
        assertThat(refused.err()).contains("a token makes no tokens");
        assertThat(refused.out()).isEmpty();
    }

    @Test
    void theListShowsWhatATokenIsForAndNoSecret() {
        cli.on("GET " + TOKENS + "?user=ann", 200, """
                {"items":[{"id":"x","name":"shop","user":"ann","project":null,"role":null,"endpoint":"churn","scorer":null,
                  "expiresAt":1371463200000,"usedAt":null,"revokedAt":null}],"next":null}""");
        String out = cli.run("tokens", "list", "--user", "root", "--for", "ann").out();
        assertThat(out.lines().toList()).hasSize(2);
        assertThat(out).contains("ID", "ENDPOINT", "REVOKED", "shop", "churn", "2013-06-17 10:00Z");
    }

    @Test
    void aTokenIsEndedByItsId() {
        cli.on("POST " + TOKENS + "/x/revoke", 200, "{}");
        assertThat(cli.run("tokens", "revoke", "x", "--user", "ann").out()).isEqualTo("revoked token x\n");
    }
}
