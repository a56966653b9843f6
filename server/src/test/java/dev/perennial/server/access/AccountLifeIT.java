package dev.perennial.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What ends with an account, a password or a token, and when: with the next request. */
class AccountLifeIT extends AccessFixture {
    private static final String ME = "/api/access/me";
    private static final String OTHER = "quite another passphrase";

    private static String change(String current, String password) {
        return Json.object().put("current", current).put("password", password).toString();
    }

    private static void update(String name, String body) throws IOException, InterruptedException {
        As.root().ok("POST", "/api/access/users/" + name + "/update", body);
    }

    /** Somebody whose password was right a moment ago, so that it is not computed again. */
    private static As verified(String role) throws IOException, InterruptedException {
        As somebody = As.password(account(role));
        somebody.ok("GET", ME, "");
        return somebody;
    }

    @Test
    void aPasswordThatAnAdministratorChangedOpensNothingAtOnce() throws IOException, InterruptedException {
        As ann = verified("viewer");
        update(ann.name(), Json.object().put("password", OTHER).toString());
        assertThat(ann.status("GET", ME, "")).isEqualTo(401);
        new As(ann.name(), basic(ann.name(), OTHER)).ok("GET", ME, "");
    }

    @Test
    void aDeletedAccountIsOutWithTheNextRequest() throws IOException, InterruptedException {
        As ann = verified("viewer");
        As token = tokenOf(ann.name());
        token.ok("GET", ME, "");
        As.root().ok("DELETE", "/api/access/users/" + ann.name(), "");
        assertThat(ann.status("GET", ME, "")).isEqualTo(401);
        assertThat(token.status("GET", ME, "")).isEqualTo(401);
    }

    @Test
    void aSuccessorOfTheSameNameIsNotOpenedByTheOldPassword() throws IOException, InterruptedException {
        As ann = verified("viewer");
        As.root().ok("DELETE", "/api/access/users/" + ann.name(), "");
        As.root()
                .ok(
                        "POST",
                        "/api/access/users",
                        Json.object()
                                .put("name", ann.name())
                                .put("password", OTHER)
                                .toString());
        assertThat(ann.status("GET", ME, "")).isEqualTo(401);
    }

    @Test
    void aDisabledAccountIsOutAndComesBackWithItsToken() throws IOException, InterruptedException {
        As ann = verified("viewer");
        As token = tokenOf(ann.name());
        update(ann.name(), "{\"disabled\":true}");
        assertThat(ann.status("GET", ME, "")).isEqualTo(401);
        assertThat(token.status("GET", ME, "")).isEqualTo(401);
        update(ann.name(), "{\"disabled\":false}");
        token.ok("GET", ME, "");
    }

    private static RawHttp from(String address) {
        return new RawHttp(address, "127.0.0.1", server.port(), Optional.empty());
    }

    @Test
    void whoGuessesDoesNotLockTheOwnerOut() throws IOException, InterruptedException {
        String name = account("viewer");
        String wrong = "Authorization: " + basic(name, "a guess that is wrong");
        for (int i = 0; i < 5; i++) {
            assertThat(from("127.0.0.66").get(ME, wrong).status()).isEqualTo(401);
        }
        assertThat(from("127.0.0.66").get(ME, wrong).status()).isEqualTo(429);
        assertThat(from("127.0.0.67")
                        .get(ME, "Authorization: " + basic(name, PASSWORD))
                        .status())
                .as("the owner, from elsewhere")
                .isEqualTo(200);
        assertThat(from("127.0.0.66")
                        .get(ME, "Authorization: " + basic(ROOT, PASSWORD))
                        .status())
                .as("somebody else, from the same address")
                .isEqualTo(200);
    }

    private static RawHttp.Answer signIn(String name, String password) throws IOException {
        return from("127.0.0.1")
                .send(
                        "POST",
                        "/api/access/session",
                        Json.object()
                                .put("user", name)
                                .put("password", password)
                                .toString(),
                        "Sec-Fetch-Site: same-origin");
    }

    private static String session(RawHttp.Answer answer) {
        return "Cookie: " + answer.header("Set-Cookie").split(";")[0];
    }

    private static int me(String cookie) throws IOException {
        return from("127.0.0.1").get(ME, cookie).status();
    }

    @Test
    void whoChangesThePasswordInTheBrowserStaysThereAndIsOutElsewhere() throws IOException, InterruptedException {
        String name = account("viewer");
        String here = session(signIn(name, PASSWORD));
        String elsewhere = session(signIn(name, PASSWORD));
        As token = tokenOf(name);
        RawHttp.Answer changed = from("127.0.0.1")
                .send("POST", "/api/access/password", change(PASSWORD, OTHER), here, "Sec-Fetch-Site: same-origin");
        assertThat(changed.status()).as(changed.text()).isEqualTo(200);
        assertThat(changed.header("Set-Cookie")).contains("HttpOnly");
        assertThat(me(session(changed))).isEqualTo(200);
        assertThat(me(here)).isEqualTo(401);
        assertThat(me(elsewhere)).isEqualTo(401);
        token.ok("GET", ME, "");
        JsonNode entries = As.root().ok("GET", "/api/ledger/entries?stream=access&limit=1000", "");
        assertThat(entries.path("items"))
                .anyMatch(entry -> entry.path("action").asText().equals("auth.password.change")
                        && entry.path("object").asText().equals("user:" + name)
                        && entry.path("actor").asText().equals("user:" + name));
    }

    @Test
    void aPasswordChangeOfAnotherSiteIsRefused() throws IOException, InterruptedException {
        String name = account("viewer");
        String cookie = session(signIn(name, PASSWORD));
        assertThat(from("127.0.0.1")
                        .send(
                                "POST",
                                "/api/access/password",
                                change(PASSWORD, OTHER),
                                cookie,
                                "Sec-Fetch-Site: cross-site")
                        .status())
                .isEqualTo(403);
        assertThat(me(cookie)).isEqualTo(200);
    }

    @Test
    void withBasicAPasswordChangeSetsNoCookie() throws IOException, InterruptedException {
        As ann = As.password(account("viewer"));
        HttpResponse<String> changed = ann.send("POST", "/api/access/password", change(PASSWORD, OTHER));
        assertThat(changed.statusCode()).isEqualTo(200);
        assertThat(changed.headers().firstValue("Set-Cookie")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "Sec-Fetch-Site, cross-site, 403",
        "Sec-Fetch-Site, same-site, 403",
        "Sec-Fetch-Site, same-origin, 200",
        "Origin, http://evil.example, 403",
        "Origin, null, 403"
    })
    void aBrowserSendsBasicFromOurOwnPagesAlone(String header, String value, int status)
            throws IOException, InterruptedException {
        As ann = verified("contributor");
        String body = Json.object().put("name", fresh("basic-site")).toString();
        assertThat(ann.status(
                        "POST",
                        API + "experiments/create",
                        body,
                        "User-Agent",
                        "Mozilla/5.0 (X11; Linux x86_64)",
                        header,
                        value))
                .isEqualTo(status);
    }

    @Test
    void aTokenIsNoBrowsersAndNeedsNoOrigin() throws IOException, InterruptedException {
        As ann = person("contributor");
        ann.ok(
                "POST",
                API + "experiments/create",
                Json.object().put("name", fresh("token-site")).toString(),
                "User-Agent",
                "Mozilla/5.0 (X11; Linux x86_64)");
    }

    private static As installation() throws IOException {
        return As.token(
                "installation",
                Files.readString(folder.resolve("data/internal.token")).strip());
    }

    @Test
    void aRecoveryEndsEverythingThatOpenedTheAccount() throws IOException, InterruptedException {
        String name = account("viewer");
        As token = tokenOf(name);
        String cookie = session(signIn(name, PASSWORD));
        JsonNode done = installation()
                .ok(
                        "POST",
                        "/api/access/users/" + name + "/recover",
                        Json.object().put("password", OTHER).toString());
        assertThat(done.path("administrator").asBoolean()).isTrue();
        assertThat(done.path("tokensEnded").asInt()).isEqualTo(1);
        assertThat(done.path("sessionsEnded").asInt()).isEqualTo(1);
        assertThat(token.status("GET", ME, "")).isEqualTo(401);
        assertThat(me(cookie)).isEqualTo(401);
        assertThat(As.password(name).status("GET", ME, "")).isEqualTo(401);
        As recovered = new As(name, basic(name, OTHER));
        assertThat(recovered.ok("GET", ME, "").path("administrator").asBoolean())
                .isTrue();
        As.root().ok("DELETE", "/api/access/users/" + name, "");
    }

    @Test
    void nobodyRecoversAnAccountOverTheNetwork() throws IOException, InterruptedException {
        String name = account("viewer");
        String body = Json.object().put("password", OTHER).toString();
        for (As who : List.of(As.root(), person("maintainer"), As.password(name))) {
            HttpResponse<String> refused = who.send("POST", "/api/access/users/" + name + "/recover", body);
            assertThat(refused.statusCode()).as(who.name()).isEqualTo(403);
        }
        As.password(name).ok("GET", ME, "");
    }
}
