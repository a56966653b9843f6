package dev.perennial.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.governance.Right;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the settings of access allow, and what they refuse before anything listens. */
class AccessSettingsTest {
    private static final String CERTIFICATE = "tls-certificate=c.pem";
    private static final String KEY = "tls-key=k.pem";
    private static final String PROXY = "trusted-proxy=10.0.0.5";
    private static final String EXTERNAL = "external-url=https://ml.example.org";

    private static AccessSettings settings(String... given) {
        Map<String, String> values = new HashMap<>();
        for (String one : given) {
            values.put("perennial." + one.split("=", 2)[0], one.split("=", 2)[1]);
        }
        return AccessSettings.from(
                new SmallRyeConfigBuilder().withDefaultValues(values).build());
    }

    private static void refused(String message, String... given) {
        assertThatThrownBy(() -> settings(given).checked())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void nothingIsAskedOfLoopback() {
        AccessSettings settings = settings().checked();
        assertThat(settings.auth()).isFalse();
        assertThat(settings.host()).isEmpty();
        assertThat(settings.everybody()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "::1", "[::1]"})
    void loopbackByNameIsNoListenerBeyondIt(String host) {
        assertThat(settings("host=" + host).checked().host()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "10.0.0.7", "127.0.0.2", "ml.example.org"})
    void whateverIsNotLoopbackNeedsSigningIn(String host) {
        refused("host '" + host + "' is beyond this machine and needs --auth", "host=" + host, CERTIFICATE, KEY);
    }

    @Test
    void aCertificateOpensAndSoDoesAProxyWithItsAddress() {
        settings("host=0.0.0.0", "auth=true", CERTIFICATE, KEY).checked();
        settings("host=0.0.0.0", "auth=true", PROXY, EXTERNAL).checked();
    }

    @Test
    void halfOfAProxyIsNone() {
        refused("needs TLS", "host=0.0.0.0", "auth=true", PROXY);
        refused("needs TLS", "host=0.0.0.0", "auth=true", EXTERNAL);
        refused("needs TLS", "host=0.0.0.0", "auth=true", PROXY, "external-url=http://ml.example.org");
    }

    @Test
    void halfOfAKeyPairIsNone() {
        refused("--tls-certificate and --tls-key go together", "host=0.0.0.0", "auth=true", CERTIFICATE);
        refused("--tls-certificate and --tls-key go together", "host=0.0.0.0", "auth=true", KEY, PROXY, EXTERNAL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ml.example.org", "ftp://ml.example.org", "https://", "https:///x"})
    void anExternalAddressThatIsNoneIsToldWithAnExample(String address) {
        assertThatThrownBy(() -> settings("external-url=" + address)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theProxiesAloneAreHeardWithoutACertificate() {
        assertThat(settings("host=0.0.0.0", "auth=true", PROXY, EXTERNAL).proxiedOnly())
                .isTrue();
        assertThat(settings("host=0.0.0.0", "auth=true", CERTIFICATE, KEY, PROXY)
                        .proxiedOnly())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "ml.example.org, true",
        "ML.EXAMPLE.ORG, true",
        "10.0.0.7, true",
        "example.org, false",
        "evil.example, false",
        "'', false"
    })
    void theNamesOfTheServerAreItsHostAndItsAddress(String name, boolean known) {
        assertThat(settings("host=10.0.0.7", "auth=true", PROXY, EXTERNAL).knows(name))
                .isEqualTo(known);
    }

    @ParameterizedTest
    @CsvSource({"READ, READ", "EDIT, EDIT", "MANAGE, MANAGE"})
    void whatEverybodyMayIsAPermission(String permission, Right right) {
        assertThat(settings("default-permission=" + permission).everybody()).contains(right);
    }

    @Test
    void aPermissionThatDoesNotExistKeepsTheServerFromStarting() {
        assertThatThrownBy(() -> settings("default-permission=EVERYTHING")).hasMessageContaining("EVERYTHING");
    }
}
