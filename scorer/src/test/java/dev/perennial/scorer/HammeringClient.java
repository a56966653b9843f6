package dev.perennial.scorer;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Asks a scorer again and again over a connection that it keeps, until it cannot connect any more, and tells how that ended. It connects
 * anew only where an answer said that it is the last one. One that expects no end asks until it is stopped, over a new connection each time
 * when it keeps none, and whatever fails is a failure.
 */
final class HammeringClient implements Runnable {
    private final int port;
    private final String name;
    private final boolean keeps;
    private final boolean endless;
    private volatile int answers;
    private volatile boolean stopped;
    private volatile String failure = "";

    HammeringClient(int port, String name) {
        this(port, name, true, false);
    }

    private HammeringClient(int port, String name, boolean keeps, boolean endless) {
        this.port = port;
        this.name = name;
        this.keeps = keeps;
        this.endless = endless;
    }

    /** @param keeps its connections, until an answer is the last one */
    static HammeringClient endless(int port, String name, boolean keeps) {
        return new HammeringClient(port, name, keeps, true);
    }

    void stop() {
        stopped = true;
    }

    int answers() {
        return answers;
    }

    /** What went wrong but that nobody listened any more; empty when nothing did. */
    String failure() {
        return failure;
    }

    @Override
    public void run() {
        while (failure.isEmpty() && !stopped) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                asks(socket);
            } catch (IOException e) {
                if (endless) {
                    failure = "after " + answers + " answers in all, connecting: " + e;
                }
                return; // nobody listens
            }
        }
    }

    /** Asks until an answer is the last one. */
    private void asks(Socket socket) {
        int before = answers;
        try {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            boolean last = false;
            while (!last && !stopped) {
                byte[] body = Caller.records(name + "-" + answers).getBytes(StandardCharsets.UTF_8);
                String head = "POST /endpoints/m/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + body.length
                        + "\r\n\r\n";
                socket.getOutputStream()
                        .write((head + new String(body, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8));
                last = answer(in) || !keeps;
                answers++;
            }
        } catch (IOException e) {
            if (answers > before || endless) {
                failure = "after " + (answers - before) + " answers on a connection: " + e;
            } // a connection that was never answered on was taken by nobody
        }
    }

    /** Whether it was the last answer of the connection. */
    private boolean answer(InputStream in) throws IOException {
        String status = line(in);
        int length = 0;
        boolean last = false;
        for (String header = line(in).toLowerCase(Locale.ROOT);
                !header.isEmpty();
                header = line(in).toLowerCase(Locale.ROOT)) {
            length = header.startsWith("content-length:")
                    ? Integer.parseInt(header.substring(15).strip())
                    : length;
            last |= header.equals("connection: close");
        }
        if (in.readNBytes(length).length != length) {
            throw new IOException("an answer that ends too early");
        }
        if (!status.startsWith("HTTP/1.1 200")) {
            throw new IOException(status);
        }
        return last;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException("the connection ended after '" + line + "'");
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }
}
