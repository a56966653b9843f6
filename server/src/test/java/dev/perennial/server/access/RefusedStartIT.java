package dev.perennial.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.server.mlflow.RunningServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that would show itself to others unprotected does not start; the process ends and says what is missing. */
class RefusedStartIT {
    @TempDir
    Path folder;

    private int port;

    @BeforeEach
    void prepare() throws IOException {
        AccessFixture.requireProgram();
        port = RawHttp.freePort("127.0.0.2");
    }

    private void refused(String message, String... more) {
        List<String> properties = new ArrayList<>(List.of("perennial.host=127.0.0.2", "perennial.public-port=" + port));
        properties.addAll(List.of(more));
        assertThatThrownBy(() -> RunningServer.start(folder, properties).close())
                .hasMessageContaining("the server ended")
                .hasMessageContaining(message);
        assertThatThrownBy(() -> new Socket(InetAddress.getByName("127.0.0.2"), port).close())
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void beyondLoopbackWithoutSigningIn() {
        refused("host '127.0.0.2' is beyond this machine and needs --auth, so that callers have to sign in");
    }

    @Test
    void beyondLoopbackWithoutTlsOrProxy() {
        refused("host '127.0.0.2' is beyond this machine and needs TLS", "perennial.auth=true");
    }

    @Test
    void withAKeyThatIsNone() throws IOException {
        Path certificate = Files.writeString(folder.resolve("cert.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n");
        Path key = Files.writeString(folder.resolve("key.pem"), "this is no key");
        refused(
                "cannot listen on 127.0.0.2:" + port,
                "perennial.auth=true",
                "perennial.tls-certificate=" + certificate,
                "perennial.tls-key=" + key);
        assertThat(Files.readString(folder.resolve("server.log"))).doesNotContain("this is no key");
    }

    @Test
    void withAKeyFileThatIsNotThere() throws IOException {
        Path certificate = Files.writeString(folder.resolve("cert.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n");
        refused(
                "no-such-key.pem is not there or not readable",
                "perennial.auth=true",
                "perennial.tls-certificate=" + certificate,
                "perennial.tls-key=" + folder.resolve("no-such-key.pem"));
    }
}
