package dev.perennial.scorer;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.socket.nio.NioChannelOption;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.impl.transports.JDKTransport;
import io.vertx.core.net.NetServerOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;

/**
 * A port on which the next scorer listens before this one has ended: {@code SO_REUSEPORT}, on Linux alone. A port on which somebody listens
 * already is still refused, unless that somebody is to be replaced.
 */
final class SharedPort {
    private SharedPort() {}

    /** Whether two processes can listen on one port here, and it can be said which of them gets new connections. */
    static boolean supported() {
        return System.getProperty("os.name").equals("Linux");
    }

    /** A Vert.x whose servers share their ports, where that is possible. */
    static Vertx vertx(VertxOptions options) {
        return supported()
                ? new VertxBuilder(options).findTransport(new Sharing()).init().vertx()
                : Vertx.vertx(options);
    }

    /**
     * Fails when somebody listens there.
     *
     * @param port 0 is always free
     */
    static void refuseTaken(String host, int port) {
        if (port == 0 || !supported()) {
            return; // the system looks
        }
        try (Socket probe = new Socket()) {
            probe.setReuseAddress(true); // connections that ended a moment ago do not count
            probe.bind(new InetSocketAddress(host, port));
        } catch (IOException e) {
            throw taken(host, port, e);
        }
    }

    static PerennialException taken(String host, int port, Throwable why) {
        return new PerennialException(
                ErrorCode.INVALID_STATE,
                "cannot listen on " + host + ":" + port + ": " + why + "; choose another --port",
                "port",
                why);
    }

    private static final class Sharing extends JDKTransport {
        @Override
        public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
            super.configure(options, domainSocket, bootstrap);
            bootstrap.option(NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT), true);
        }
    }
}
