package dev.perennial.server.access;

import dev.perennial.testkit.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** One request over a socket of its own, with whatever Host, source address and encryption the test wants. */
record RawHttp(String from, String to, int port, Optional<SSLContext> tls) {
    private static final int PATIENCE_MILLIS = 30_000;

    /** An answer as it came; empty when the connection was closed without one. */
    record Answer(String text) {
        int status() {
            return text.startsWith("HTTP/1.") ? Integer.parseInt(text.substring(9, 12)) : 0;
        }

        List<String> headers(String name) {
            return text.lines()
                    .takeWhile(line -> !line.isEmpty())
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":"))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .toList();
        }

        String header(String name) {
            List<String> all = headers(name);
            return all.isEmpty() ? "" : all.getFirst();
        }

        String body() {
            int end = text.indexOf("\r\n\r\n");
            return end < 0 ? "" : text.substring(end + 4);
        }
    }

    /** A port of an address of this machine that nobody listens on. */
    static int freePort(String address) throws IOException {
        return FreePort.of(InetAddress.getByName(address));
    }

    RawHttp as(String source) {
        return new RawHttp(source, to, port, tls);
    }

    RawHttp plain() {
        return new RawHttp(from, to, port, Optional.empty());
    }

    Answer get(String path, String... headers) throws IOException {
        return send("GET", path, "", headers);
    }

    /** @param headers whole lines; without a Host among them it is the address itself */
    Answer send(String method, String path, String body, String... headers) throws IOException {
        StringBuilder request =
                new StringBuilder(method + " " + path + " HTTP/1.1\r\nConnection: close\r\nContent-Length: "
                        + body.getBytes(StandardCharsets.UTF_8).length + "\r\n");
        if (!body.isEmpty()) {
            request.append("Content-Type: application/json\r\n");
        }
        if (List.of(headers).stream().noneMatch(line -> line.startsWith("Host:"))) {
            request.append("Host: ").append(to).append(':').append(port).append("\r\n");
        }
        List.of(headers).forEach(line -> request.append(line).append("\r\n"));
        request.append("\r\n").append(body);
        try (Socket socket = open()) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().flush();
            return new Answer(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private Socket open() throws IOException {
        Socket socket = new Socket(InetAddress.getByName(to), port, InetAddress.getByName(from), 0);
        return tls.isEmpty() ? socket : tls.get().getSocketFactory().createSocket(socket, to, port, true);
    }
}
