package dev.perennial.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who comes in, on the wire. */
class SignInIT extends AccessFixture {
    @Test
    void mlflowClientsAreAskedForBasicInPlainText() throws IOException, InterruptedException {
        HttpResponse<String> response = server.send("GET", API + "experiments/search?max_results=1", "");
        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(response.headers().firstValue("WWW-Authenticate")).hasValue("Basic realm=\"mlflow\"");
        assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain");
    }

    @Test
    void aPageOfTheInterfaceIsNotAskedByTheBrowser() throws IOException, InterruptedException {
        HttpResponse<String> response =
                server.send("GET", "/api/models", "", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Site", "same-origin");
        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(response.headers().firstValue("WWW-Authenticate")).isEmpty();
        assertThat(Json.parse(response.body()).at("/error/code").asText()).isEqualTo("UNAUTHENTICATED");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health", "/version"})
    void signsOfLifeAreForEverybody(String path) throws IOException, InterruptedException {
        assertThat(server.send("GET", path, "").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/2.0/mlflow/nothing",
                "/api/9.9/x",
                "/ajax-api/2.0/mlflow/runs/get?run_id=x",
                "//api/2.0/mlflow/experiments/get?experiment_id=0",
                "/api/2.0/mlflow-artifacts/artifacts?path=0",
                "/get-artifact?run_id=x&path=y",
                "/api/models",
                "/api/nothing",
                "/api/ledger/export",
                "/api/events?after=0",
                "/metrics",
                "/q/health",
                "/api/access/me"
            })
    void everythingElseIsNot(String path) throws IOException, InterruptedException {
        assertThat(server.send("GET", path, "").statusCode()).as(path).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/x/../api/models", "/x/%2e%2e/api/models", "/./api/models", "/API/models", "/api;/models"})
    void noDetourLeadsAroundTheGate(String path) throws IOException, InterruptedException {
        HttpResponse<String> response = server.send("GET", path, "", "Accept", "application/json");
        assertThat(response.statusCode()).as(response.body()).isIn(400, 401, 404);
        assertThat(response.body()).doesNotContain("items");
    }

    @Test
    void theNameThatIsClaimedDoesNotCount() throws IOException, InterruptedException {
        As ann = person("viewer");
        assertThat(ann.ok("GET", "/api/access/me", "", "X-Perennial-Actor", "root")
                        .path("user")
                        .asText())
                .isEqualTo(ann.name());
        assertThat(server.send("GET", "/api/access/me", "", "X-Perennial-Actor", "root")
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void aPasswordAndATokenOpenTheSame() throws IOException, InterruptedException {
        String name = account("viewer");
        assertThat(As.password(name).ok("GET", "/api/access/me", "").path("how").asText())
                .isEqualTo("PASSWORD");
        As token = tokenOf(name);
        assertThat(token.ok("GET", "/api/access/me", "").path("how").asText()).isEqualTo("TOKEN");
        As asPassword = new As(name, basic(name, token.authorization().substring("Bearer ".length())));
        assertThat(asPassword.ok("GET", "/api/access/me", "").path("how").asText())
                .isEqualTo("TOKEN");
    }

    @Test
    void aRevokedTokenIsOutWithTheNextRequest() throws IOException, InterruptedException {
        As ann = person("viewer");
        ann.ok("GET", API + "experiments/get?experiment_id=0", "");
        String id = As.root()
                .ok("GET", "/api/access/tokens?user=" + ann.name(), "")
                .at("/items/0/id")
                .asText();
        As.root().ok("POST", "/api/access/tokens/" + id + "/revoke", "{}");
        assertThat(ann.status("GET", API + "experiments/get?experiment_id=0", ""))
                .isEqualTo(401);
    }

    @Test
    void aTokenMakesNoTokensAndChangesNoPassword() throws IOException, InterruptedException {
        As ann = person("maintainer");
        assertThat(ann.status("POST", "/api/access/tokens", "{\"name\":\"more\"}"))
                .isEqualTo(403);
        assertThat(ann.status("GET", "/api/access/tokens", "")).isEqualTo(403);
        assertThat(ann.status(
                        "POST",
                        "/api/access/password",
                        "{\"current\":\"" + PASSWORD + "\",\"password\":\"other secret words\"}"))
                .isEqualTo(403);
    }

    @Test
    void nobodyMakesTokensForOthersOrRevokesTheirs() throws IOException, InterruptedException {
        String ann = account("maintainer");
        As bob = person("viewer");
        As self = As.password(ann);
        assertThat(self.status("POST", "/api/access/tokens", "{\"name\":\"x\",\"user\":\"" + bob.name() + "\"}"))
                .isEqualTo(403);
        String id = As.root()
                .ok("GET", "/api/access/tokens?user=" + bob.name(), "")
                .at("/items/0/id")
                .asText();
        assertThat(self.status("POST", "/api/access/tokens/" + id + "/revoke", "{}"))
                .isEqualTo(404);
        assertThat(self.status("GET", "/api/access/tokens?user=" + bob.name(), ""))
                .isEqualTo(403);
        bob.ok("GET", "/api/access/me", "");
    }

    @Test
    void whoChangesTheOwnPasswordSaysThePresentOne() throws IOException, InterruptedException {
        String name = account("viewer");
        As ann = As.password(name);
        HttpResponse<String> wrong = ann.send(
                "POST", "/api/access/password", "{\"current\":\"not this one\",\"password\":\"other secret words\"}");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.body()).contains("the current password is not right");
        ann.ok(
                "POST",
                "/api/access/password",
                "{\"current\":\"" + PASSWORD + "\",\"password\":\"other secret words\"}");
        assertThat(ann.status("GET", "/api/access/me", "")).isEqualTo(401);
        new As(name, basic(name, "other secret words")).ok("GET", "/api/access/me", "");
    }

    private HttpResponse<String> signIn(String name) throws IOException, InterruptedException {
        return server.send(
                "POST",
                "/api/access/session",
                "{\"user\":\"" + name + "\",\"password\":\"" + PASSWORD + "\"}",
                "Content-Type",
                "application/json",
                "Sec-Fetch-Site",
                "same-origin");
    }

    private static String cookie(HttpResponse<String> response) {
        return response.headers().firstValue("Set-Cookie").orElseThrow();
    }

    @Test
    void aBrowserGetsACookieThatScriptsCannotRead() throws IOException, InterruptedException {
        HttpResponse<String> response = signIn(account("viewer"));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(cookie(response)).startsWith("perennial-session=").contains("HttpOnly", "SameSite=Lax", "Path=/");
        assertThat(response.body()).doesNotContain(cookie(response).split("[=;]")[1]);
    }

    @ParameterizedTest
    @CsvSource({
        "Sec-Fetch-Site, same-origin, 200",
        "Sec-Fetch-Site, cross-site, 403",
        "Sec-Fetch-Site, same-site, 403",
        "Origin, http://evil.example, 403",
        "X-Nothing, said, 403"
    })
    void aCookieChangesThingsOnlyFromOurOwnPages(String header, String value, int status)
            throws IOException, InterruptedException {
        String session = cookie(signIn(account("contributor"))).split(";")[0];
        HttpResponse<String> response = server.send(
                "POST",
                API + "experiments/create",
                "{\"name\":\"" + fresh("cookie") + "\"}",
                "Cookie",
                session,
                "Content-Type",
                "application/json",
                header,
                value);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    }

    @Test
    void aBrowserThatSendsBasicByItselfMustSayWhichPageAsks() throws IOException, InterruptedException {
        String name = account("contributor");
        String body = "{\"name\":\"" + fresh("basic") + "\"}";
        assertThat(As.password(name)
                        .status("POST", API + "experiments/create", body, "User-Agent", "Mozilla/5.0 (X11)"))
                .isEqualTo(403);
        assertThat(As.password(name)
                        .status("POST", API + "experiments/create", body, "User-Agent", "mlflow-python-client/3.17.2"))
                .isEqualTo(200);
    }

    @Test
    void signingOutEndsTheSession() throws IOException, InterruptedException {
        String session = cookie(signIn(account("viewer"))).split(";")[0];
        assertThat(server.send("GET", "/api/access/me", "", "Cookie", session).statusCode())
                .isEqualTo(200);
        HttpResponse<String> out =
                server.send("DELETE", "/api/access/session", "", "Cookie", session, "Sec-Fetch-Site", "same-origin");
        assertThat(cookie(out)).contains("Max-Age=0");
        assertThat(server.send("GET", "/api/access/me", "", "Cookie", session).statusCode())
                .isEqualTo(401);
    }

    @Test
    void asOftenAsOneGuessesOneWaits() throws IOException, InterruptedException {
        String name = account("viewer");
        As guess = new As(name, basic(name, "wrong wrong wrong"));
        for (int i = 0; i < 5; i++) {
            assertThat(guess.status("GET", "/api/access/me", "")).isEqualTo(401);
        }
        HttpResponse<String> response = guess.send("GET", "/api/access/me", "");
        assertThat(response.statusCode()).isEqualTo(429);
        assertThat(response.headers().firstValue("Retry-After")).isPresent();
    }

    @Test
    void aSecondSetUpIsRefused() throws IOException, InterruptedException {
        HttpResponse<String> response = server.send(
                "POST",
                "/api/access/set-up",
                "{\"secret\":\"x\",\"user\":\"eve\",\"password\":\"eves secret words\"}",
                "Content-Type",
                "application/json");
        assertThat(response.statusCode()).isEqualTo(403);
    }

    @Test
    void signInsTokensAndGrantsAreInTheLedger() throws IOException, InterruptedException {
        String name = account("viewer");
        As.password(name).ok("GET", "/api/access/me", "");
        tokenOf(name);
        JsonNode entries = As.root().ok("GET", "/api/ledger/entries?stream=access&limit=1000", "");
        assertThat(entries.path("items").findValuesAsText("action"))
                .contains("auth.login.ok", "auth.token.create", "access.role.grant");
        assertThat(entries.toString()).doesNotContain(PASSWORD).doesNotContain("pnl_pat");
    }
}
