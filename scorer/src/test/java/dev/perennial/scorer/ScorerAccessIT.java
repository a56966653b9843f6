package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.scorer.access.Right;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every route of a scorer with every right, against the table of docs/scorers.md. */
class ScorerAccessIT {
    private static final String V2_BODY =
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP64\",\"data\":[1]},"
                    + "{\"name\":\"c\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"a\"]}]}";

    @TempDir
    Path folder;

    private GuardedScorer scorer;
    private Caller caller;

    /** A line of the table: what is asked, and the right that it needs; "open" for none. */
    private record Route(String method, String path, String right) {
        boolean open() {
            return right.equals("open");
        }
    }

    @BeforeEach
    void start() throws Exception {
        scorer = new GuardedScorer(folder);
        caller = new Caller(scorer.url());
    }

    @AfterEach
    void stop() {
        caller.close();
        scorer.close();
    }

    private static List<Route> table() throws IOException {
        List<Route> routes = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(System.getProperty("perennial.root"), "docs", "scorers.md"))) {
            if (line.matches("\\| (GET|POST) \\| `/.*")) {
                String[] cells = line.replaceAll("^\\| *| *\\|$", "").split(" *\\| *");
                routes.add(new Route(cells[0], cells[1].replace("`", ""), cells[2]));
            }
        }
        assertThat(routes).hasSizeGreaterThan(25);
        return routes;
    }

    private Caller.Reply ask(Route route, String authorization) throws IOException, InterruptedException {
        String path = route.path().replace("ENDPOINT", "m").replace("VERSION", "1");
        String body = path.endsWith("predict") && path.startsWith("/endpoints")
                ? Caller.records("a")
                : path.endsWith("invocations")
                        ? "{\"dataframe_records\":[{\"x\":1.5,\"c\":\"a\"}]}"
                        : path.endsWith(":predict") ? "{\"instances\":[{\"x\":1.5,\"c\":\"a\"}]}" : V2_BODY;
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(scorer.url() + path));
        if (route.method().equals("POST")) {
            boolean repository = path.startsWith("/v2/repository");
            request.POST(HttpRequest.BodyPublishers.ofString(repository ? "" : body))
                    .header("Content-Type", "application/json");
        }
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        return caller.send(request);
    }

    @Test
    void withoutATokenOnlySignsOfLifeAreTold() throws Exception {
        Map<String, Integer> wrong = new TreeMap<>();
        for (Route route : table()) {
            int status = ask(route, "").status();
            if (route.open() == (status == 401)) {
                wrong.put(route.toString(), status);
            }
        }
        assertThat(wrong).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Right.class)
    void eachRightOpensWhatTheTableSays(Right right) throws Exception {
        Map<String, String> wrong = new TreeMap<>();
        for (Route route : table()) {
            var reply = ask(route, scorer.bearer(right));
            boolean enough =
                    route.open() || route.right().equals("list") || right.compareTo(Right.valueOf(route.right())) >= 0;
            boolean refused = reply.status() == 403 || reply.status() == 401 || reply.status() == 404;
            if (enough == refused || (!enough && reply.status() != 403)) {
                wrong.put(route.toString(), reply.status() + " " + reply.text());
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void anEndpointThatOneMayNotSeeIsNotThere() throws Exception {
        Map<String, String> wrong = new TreeMap<>();
        for (Route route : table()) {
            var reply = ask(route, scorer.stranger());
            boolean about = !route.open() && !route.right().equals("list");
            if (about && (reply.status() != 404 || reply.text().contains("[m"))) {
                wrong.put(route.toString(), reply.status() + " " + reply.text());
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void listsShowWhatOneMaySee() throws Exception {
        assertThat(ask(new Route("GET", "/v2/models", "list"), scorer.stranger())
                        .text())
                .isEqualTo("{\"models\":[\"n\"]}");
        assertThat(ask(new Route("GET", "/v1/models", "list"), scorer.bearer(Right.READ))
                        .text())
                .isEqualTo("{\"models\":[\"m\"]}");
        assertThat(ask(new Route("POST", "/v2/repository/index", "list"), scorer.stranger())
                        .text())
                .contains("\"n\"")
                .doesNotContain("\"m\"");
        assertThat(ask(new Route("GET", "/v2/models/stats", "list"), scorer.stranger())
                        .text())
                .contains("\"n\"")
                .doesNotContain("\"m\"");
    }

    @Test
    void theInstallationsOwnProcessesAreAnswered() throws Exception {
        Route predict = new Route("POST", "/endpoints/ENDPOINT/predict", "USE");
        assertThat(ask(predict, "Bearer " + ControlServer.TOKEN).status()).isEqualTo(200);
    }

    @Test
    void aRevokedTokenIsRefusedWithTheNextConfiguration() throws Exception {
        Route predict = new Route("POST", "/endpoints/ENDPOINT/predict", "USE");
        String use = scorer.bearer(Right.USE);
        assertThat(ask(predict, use).status()).isEqualTo(200);
        scorer.serve(true, List.of(GuardedScorer.strangers()));
        assertThat(ask(predict, use).status()).isEqualTo(401);
    }

    @Test
    void aScorerThatStartsWithoutItsServerStillKnowsTheTokensAndNobodyElseReadsThem() throws Exception {
        caller.close();
        scorer.restartAlone();
        caller = new Caller(scorer.url());
        Route predict = new Route("POST", "/endpoints/ENDPOINT/predict", "USE");
        assertThat(ask(predict, "").status()).isEqualTo(401);
        assertThat(ask(predict, scorer.bearer(Right.USE)).status()).isEqualTo(200);
        assertThat(Files.getPosixFilePermissions(folder.resolve("spool").resolve("config.json")))
                .hasSize(2);
    }

    @Test
    void whenTheServerAsksNobodyTheScorerAsksNobody() throws Exception {
        scorer.serve(false, List.of());
        Map<String, Integer> wrong = new TreeMap<>();
        for (Route route : table()) {
            int status = ask(route, "").status();
            if (status == 401 || status == 403) {
                wrong.put(route.toString(), status);
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void aRefusalSaysHowToSignInInTheWordsOfItsProtocol() throws Exception {
        var plain = ask(new Route("POST", "/endpoints/ENDPOINT/predict", "USE"), "");
        assertThat(plain.json().at("/error/code").asText()).isEqualTo("unauthenticated");
        var open = ask(new Route("POST", "/v2/models/ENDPOINT/infer", "USE"), "");
        assertThat(open.json().path("error").asText())
                .isEqualTo("You are not authenticated: show a token: 'Authorization: Bearer pnl_...'");
        var mlflow = ask(new Route("POST", "/invocations", "USE"), "");
        assertThat(mlflow.json().path("error_code").asText()).isEqualTo("UNAUTHENTICATED");
    }
}
