package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Two sockets on one port, and who gets what comes. */
@EnabledOnOs(OS.LINUX)
class SharedPortTest {
    private static final String HERE = "127.0.0.1";

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    private ServerSocketChannel listening(int port) throws IOException {
        ServerSocketChannel socket = ServerSocketChannel.open();
        open.add(socket);
        socket.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        socket.bind(new InetSocketAddress(HERE, port), 128);
        socket.configureBlocking(false);
        return socket;
    }

    private static int port(ServerSocketChannel socket) throws IOException {
        return ((InetSocketAddress) socket.getLocalAddress()).getPort();
    }

    private int accepted(ServerSocketChannel socket) throws IOException {
        int count = 0;
        for (SocketChannel one = socket.accept(); one != null; one = socket.accept()) {
            open.add(one);
            count++;
        }
        return count;
    }

    private void connect(int port, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            open.add(new Socket(HERE, port));
        }
    }

    @Test
    void afterSteeringEveryNewConnectionComesToTheSocketThatCameLast() throws IOException {
        ServerSocketChannel old = listening(0);
        ServerSocketChannel next = listening(port(old));
        Steering.toThisProcess(port(old));
        connect(port(old), 60);
        assertThat(accepted(next)).isEqualTo(60);
        assertThat(accepted(old)).isZero();
    }

    @Test
    void whenTheFormerOneIsClosedTheLastGetsEverythingAndTheNextThatComesToo() throws IOException {
        ServerSocketChannel old = listening(0);
        int port = port(old);
        ServerSocketChannel next = listening(port);
        Steering.toThisProcess(port);
        old.close();
        connect(port, 30);
        assertThat(accepted(next)).isEqualTo(30);
        ServerSocketChannel third = listening(port);
        connect(port, 30);
        assertThat(accepted(third)).isEqualTo(30);
    }

    @Test
    void aPortOnWhichThisProcessDoesNotListenCannotBeSteered() throws IOException {
        int port = port(listening(0));
        close(port);
        assertThatThrownBy(() -> Steering.toThisProcess(port))
                .isInstanceOf(IOException.class)
                .hasMessage("this process does not listen on port " + port);
    }

    private void close(int port) throws IOException {
        assertThat(port).isPositive();
        for (AutoCloseable one : open) {
            ((ServerSocketChannel) one).close();
        }
    }

    @Test
    void aPortOnWhichSomebodyListensIsTakenAlsoWhenItCouldBeShared() throws IOException {
        int port = port(listening(0));
        assertThatThrownBy(() -> SharedPort.refuseTaken(HERE, port))
                .isInstanceOf(PerennialException.class)
                .hasMessageStartingWith("cannot listen on 127.0.0.1:" + port + ": ")
                .hasMessageEndingWith("; choose another --port");
        close(port);
        assertThatCode(() -> SharedPort.refuseTaken(HERE, port)).doesNotThrowAnyException();
        assertThatCode(() -> SharedPort.refuseTaken(HERE, 0)).doesNotThrowAnyException();
    }

    @Test
    void connectionsThatEndedAMomentAgoDoNotTakeAPort() throws IOException {
        ServerSocketChannel socket = listening(0);
        int port = port(socket);
        connect(port, 1);
        accepted(socket);
        open.reversed().forEach(one -> {
            try {
                one.close(); // the accepted side first, which then waits
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        assertThatCode(() -> SharedPort.refuseTaken(HERE, port)).doesNotThrowAnyException();
    }
}
