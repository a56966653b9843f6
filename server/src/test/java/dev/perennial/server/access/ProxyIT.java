package dev.perennial.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server behind a proxy that ends TLS. */
class ProxyIT extends OutsideFixture {
    private static final String PROXY = "127.0.0.9";
    private static final String EXTERNAL = "Host: ml.example.org";

    private static RawHttp proxy;
    private static RawHttp loopback;
    private static String setUp = "";

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        int port = startOutside(
                "perennial.trusted-proxy=127.0.0.8," + PROXY, "perennial.external-url=https://ml.example.org");
        proxy = new RawHttp(PROXY, OUTSIDE, port, Optional.empty());
        loopback = onLoopback();
        setUp = Files.readString(folder.resolve("data/set-up.url")).strip();
        proxy.send(
                "POST",
                "/api/access/set-up",
                Json.object()
                        .put("secret", setUp.substring(setUp.indexOf('#') + 1))
                        .put("user", AccessFixture.ROOT)
                        .put("password", AccessFixture.PASSWORD)
                        .toString(),
                EXTERNAL);
    }

    @Test
    void theSetUpAddressIsTheOneThatPeopleReach() {
        assertThat(setUp).startsWith("https://ml.example.org/set-up#");
    }

    @Test
    void theProxyIsAnswered() throws IOException {
        RawHttp.Answer answer = proxy.get("/api/access/me", ROOT, EXTERNAL);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(proxy.as("127.0.0.8").get("/health", EXTERNAL).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.0.0.7"})
    void nobodyElseIsAnsweredThere(String address) throws IOException {
        for (String path : List.of("/health", "/", "/api/access/me")) {
            RawHttp.Answer answer =
                    proxy.as(address).get(path, ROOT, EXTERNAL, "X-Forwarded-For: " + PROXY, "Forwarded: for=" + PROXY);
            assertThat(answer.status()).as(path).isEqualTo(403);
            assertThat(answer.body()).isEmpty();
        }
    }

    private static String wrong(String name) {
        return "Authorization: " + AccessFixture.basic(name, "not the password at all");
    }

    private static int guess(RawHttp from, String name, String forwarded) throws IOException {
        return from.get("/api/access/me", wrong(name), "Host: localhost", "X-Forwarded-For: " + forwarded)
                .status();
    }

    @Test
    void whoGuessesThroughTheProxyWaitsAloneAndIsTold() throws IOException {
        for (int i = 0; i < 5; i++) {
            assertThat(guess(proxy, "ann", "203.0.113.7")).isEqualTo(401);
        }
        assertThat(guess(proxy, "ann", "203.0.113.7")).isEqualTo(429);
        assertThat(guess(proxy, "ann", "203.0.113.8"))
                .as("others behind the same proxy do not wait")
                .isEqualTo(401);
        JsonNode entries = Json.parse(proxy.get("/api/ledger/entries?stream=access&limit=1000", ROOT, EXTERNAL)
                .body());
        assertThat(entries.path("items").findValuesAsText("object")).contains("address:203.0.113.7");
    }

    @Test
    void theHopThatTheProxySawCountsAndNotWhatTheClientWrote() throws IOException {
        for (int i = 0; i < 5; i++) {
            assertThat(guess(proxy, "bob", "198.51.100." + i + ", 203.0.113.20"))
                    .isEqualTo(401);
        }
        assertThat(guess(proxy, "bob", "198.51.100.200, 203.0.113.20")).isEqualTo(429);
    }

    @Test
    void aForwardedAddressIsNotBelievedFromLoopback() throws IOException {
        for (int i = 0; i < 5; i++) {
            assertThat(guess(loopback, "eve", "203.0.113." + (30 + i))).isEqualTo(401);
        }
        assertThat(guess(loopback, "eve", "203.0.113.99")).isEqualTo(429);
    }

    @ParameterizedTest
    @CsvSource({
        "ml.example.org, 200",
        "ML.Example.ORG, 200",
        "127.0.0.2, 200",
        "evil.example, 403",
        "ml.example.org.evil.example, 403",
        "xml.example.org, 403"
    })
    void theExternalNameIsKnownAndNoOther(String host, int status) throws IOException {
        assertThat(proxy.get("/api/access/me", ROOT, "Host: " + host).status()).isEqualTo(status);
    }

    @Test
    void aNameThatAProxyForwardsIsNotTakenForTheHost() throws IOException {
        assertThat(proxy.get("/api/access/me", ROOT, "Host: evil.example", "X-Forwarded-Host: ml.example.org")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void theCookieIsForTheEncryptedSideOfTheProxy() throws IOException {
        assertThat(signIn(proxy, EXTERNAL).header("Set-Cookie"))
                .startsWith("__Host-perennial=")
                .endsWith("; Secure");
        assertThat(signIn(loopback, "Host: 127.0.0.1").header("Set-Cookie"))
                .startsWith("perennial-session=")
                .doesNotContain("Secure");
    }

    @ParameterizedTest
    @CsvSource({
        "https://ml.example.org, 200",
        "http://ml.example.org, 403",
        "https://ml.example.org:8443, 403",
        "https://evil.example, 403"
    })
    void onlyPagesOfTheExternalAddressChangeThings(String origin, int status) throws IOException {
        RawHttp.Answer answer = projectFrom(proxy, origin, EXTERNAL);
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    }
}
