package dev.perennial.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Json;
import dev.perennial.server.mlflow.RunningServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The listener beyond loopback with a certificate of its own, and the one on loopback beside it. */
class TlsListenerIT {
    private static final String ROOT =
            "Authorization: " + AccessFixture.basic(AccessFixture.ROOT, AccessFixture.PASSWORD);

    @TempDir
    static Path folder;

    private static RunningServer server;
    private static RawHttp outside;
    private static RawHttp inside;

    @BeforeAll
    static void start() throws IOException, InterruptedException, GeneralSecurityException {
        AccessFixture.requireProgram();
        OwnCertificate own = OwnCertificate.in(folder);
        int port = RawHttp.freePort("127.0.0.2");
        server = RunningServer.start(
                folder,
                List.of(
                        "perennial.auth=true",
                        "perennial.admin.username=" + AccessFixture.ROOT,
                        "perennial.admin.password=" + AccessFixture.PASSWORD,
                        "perennial.host=127.0.0.2",
                        "perennial.public-port=" + port,
                        "perennial.tls-certificate=" + own.certificate(),
                        "perennial.tls-key=" + own.key()));
        outside = new RawHttp("127.0.0.5", "127.0.0.2", port, Optional.of(own.trusting()));
        inside = new RawHttp("127.0.0.1", "127.0.0.1", server.port(), Optional.empty());
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void whoTrustsTheCertificateIsAnsweredOverTls() throws IOException {
        RawHttp.Answer answer = outside.get("/api/access/me", ROOT);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.body()).contains("\"user\":\"root\"");
    }

    @Test
    void thePortOfTlsAnswersNoPlainRequest() throws IOException {
        String answer;
        try {
            answer = outside.plain().get("/health").text();
        } catch (IOException e) {
            answer = "";
        }
        assertThat(answer).doesNotContain("HTTP/1.1 200").doesNotContain("ready");
    }

    @Test
    void browsersAreToldToStayWithTls() throws IOException {
        assertThat(outside.get("/health").header("Strict-Transport-Security")).isEqualTo("max-age=31536000");
        assertThat(inside.get("/health").headers("Strict-Transport-Security")).isEmpty();
    }

    private static RawHttp.Answer signIn(RawHttp where, String... headers) throws IOException {
        return where.send(
                "POST",
                "/api/access/session",
                Json.object()
                        .put("user", AccessFixture.ROOT)
                        .put("password", AccessFixture.PASSWORD)
                        .toString(),
                headers);
    }

    @Test
    void theCookieOfTlsGoesOverTlsAlone() throws IOException {
        String cookie = signIn(outside, "Sec-Fetch-Site: same-origin").header("Set-Cookie");
        assertThat(cookie).startsWith("__Host-perennial=").endsWith("; Secure").contains("; HttpOnly;", "; Path=/;");
        String plain = signIn(inside, "Sec-Fetch-Site: same-origin").header("Set-Cookie");
        assertThat(plain).startsWith("perennial-session=").doesNotContain("Secure");
    }

    @Test
    void theInstallationsTokenOpensLoopbackAndNothingBeyond() throws IOException {
        String token = Files.readString(folder.resolve("data/internal.token")).strip();
        assertThat(inside.get("/api/access/me", "Authorization: Bearer " + token)
                        .status())
                .isEqualTo(200);
        assertThat(outside.get("/api/access/me", "Authorization: Bearer " + token)
                        .status())
                .isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/internal/scorers/x/config", "/internal/", "/internal"})
    void theInstallationsRoutesAreNotServedBeyondLoopback(String path) throws IOException {
        assertThat(outside.get(path, ROOT).status()).isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource({"evil.example, 403", "127.0.0.2.evil.example, 403", "127.0.0.2, 200", "127.0.0.1, 200"})
    void aNameThatIsNotTheServersIsRefused(String host, int status) throws IOException {
        assertThat(outside.get("/api/access/me", ROOT, "Host: " + host).status())
                .as(host)
                .isEqualTo(status);
    }

    @Test
    void aRequestWithoutANameIsRefused() throws IOException {
        assertThat(outside.get("/api/access/me", ROOT, "Host:").status()).isIn(400, 403);
    }

    @ParameterizedTest
    @CsvSource({
        "https://127.0.0.2:PORT, 200",
        "http://127.0.0.2:PORT, 403",
        "https://127.0.0.2, 403",
        "https://evil.example, 403",
        "null, 403"
    })
    void onlyAPageOfThisOriginChangesThings(String origin, int status) throws IOException {
        String session = signIn(outside, "Sec-Fetch-Site: same-origin")
                .header("Set-Cookie")
                .split(";")[0];
        RawHttp.Answer answer = outside.send(
                "POST",
                "/api/access/projects",
                Json.object().put("name", AccessFixture.fresh("origin")).toString(),
                "Cookie: " + session,
                "Origin: " + origin.replace("PORT", String.valueOf(outside.port())));
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    }

    @Test
    void aHeaderOfAProxyIsBelievedFromNobody() throws IOException {
        String wrong = "Authorization: " + AccessFixture.basic("mallory", "not a password at all");
        for (int i = 0; i < 5; i++) {
            assertThat(outside.get("/api/access/me", wrong, "X-Forwarded-For: 198.51.100." + i)
                            .status())
                    .isEqualTo(401);
        }
        assertThat(outside.get("/api/access/me", wrong, "X-Forwarded-For: 198.51.100.99")
                        .status())
                .as("the wait is the address's own, whatever it claims")
                .isEqualTo(429);
        assertThat(outside.as("127.0.0.6").get("/api/access/me", wrong).status())
                .as("another address does not wait")
                .isEqualTo(401);
    }

    @Test
    void aHeaderBlockWithoutEndIsCutOff() throws IOException {
        RawHttp.Answer answer = outside.get("/health", "X-Much: " + "x".repeat(20_000));
        assertThat(answer.status()).isIn(400, 431);
        assertThat(new String(answer.text().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                .doesNotContain("ready");
    }
}
