package dev.perennial.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The listener beyond loopback with a certificate of its own, and the one on loopback beside it. */
class TlsListenerIT extends OutsideFixture {
    private static RawHttp outside;
    private static RawHttp inside;

    @BeforeAll
    static void start() throws IOException, InterruptedException, GeneralSecurityException {
        OwnCertificate own = OwnCertificate.in(folder);
        int port = startOutside(
                "perennial.admin.username=" + AccessFixture.ROOT,
                "perennial.admin.password=" + AccessFixture.PASSWORD,
                "perennial.tls-certificate=" + own.certificate(),
                "perennial.tls-key=" + own.key());
        outside = new RawHttp("127.0.0.5", OUTSIDE, port, Optional.of(own.trusting()));
        inside = onLoopback();
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

    @Test
    void theCookieOfTlsGoesOverTlsAlone() throws IOException {
        String cookie = signIn(outside).header("Set-Cookie");
        assertThat(cookie).startsWith("__Host-perennial=").endsWith("; Secure").contains("; HttpOnly;", "; Path=/;");
        String plain = signIn(inside).header("Set-Cookie");
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
        RawHttp.Answer answer = projectFrom(outside, origin.replace("PORT", String.valueOf(outside.port())));
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
