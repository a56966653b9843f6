package dev.perennial.testkit;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers that must be told theirs before they start. They lie below those that systems hand out by themselves, so no connection
 * and no other server comes upon one between its choice and its use. Stateless.
 */
public final class FreePort {
    private static final int FIRST = 12_000;
    private static final int END = 32_000;
    private static final int TRIES_MAX = 1_000;

    private FreePort() {}

    /** One that nobody listens to on this machine's loopback address. */
    public static int any() throws IOException {
        return of(InetAddress.getLoopbackAddress());
    }

    /** One that nobody listens to at this address of this machine. */
    public static int of(InetAddress address) throws IOException {
        for (int i = 0; i < TRIES_MAX; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, END);
            try (ServerSocket free = new ServerSocket()) {
                free.bind(new InetSocketAddress(address, port));
                return port;
            } catch (BindException e) {
                // somebody has it
            }
        }
        throw new IOException("none of " + TRIES_MAX + " ports of " + address + " is free");
    }
}
