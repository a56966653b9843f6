package dev.perennial.server.proof;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * HTTP/1.1 by hand, one connection a request: sends what a proper client refuses to send, for example paths that are not well formed or a
 * foreign Host.
 */
final class Web {
    private static final int PATIENCE_MILLIS = 60_000;

    private final int port;
    private final List<String> always;

    /** @param always header lines of every request, for example who asks */
    Web(int port, String... always) {
        this.port = port;
        this.always = List.of(always);
    }

    /** An answer; {@code body} is decoded, {@code head} are the lines before it. */
    record Answer(int status, String head, String body) {
        JsonNode json() {
            return Json.parse(body);
        }
    }

    Answer get(String path) throws IOException {
        return send("GET", path, List.of(), new byte[0]);
    }

    Answer post(String path, JsonNode body) throws IOException {
        return post(path, body.toString());
    }

    Answer post(String path, String body) throws IOException {
        return send("POST", path, List.of("Content-Type: application/json"), body.getBytes(StandardCharsets.UTF_8));
    }

    Optional<JsonNode> tryGet(String path) {
        try {
            Answer answer = get(path);
            return answer.status() == 200 ? Optional.of(answer.json()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Sends exactly these header lines, and Host, Connection and Content-Length where they are not among them. */
    Answer send(String method, String path, List<String> headers, byte[] body) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            List<String> lines = new ArrayList<>(List.of(method + " " + path + " HTTP/1.1"));
            lines.addAll(always);
            lines.addAll(headers);
            unless(headers, "host", lines, "Host: 127.0.0.1:" + port);
            lines.add("Connection: close");
            if (body.length > 0 || !method.equals("GET")) {
                unless(headers, "content-length", lines, "Content-Length: " + body.length);
            }
            OutputStream out = socket.getOutputStream();
            out.write((String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
            try {
                out.write(body);
                out.flush();
            } catch (SocketException e) {
                // the server refused before it had read everything; its answer is there
            }
            return read(new BufferedInputStream(socket.getInputStream()));
        }
    }

    /** Sends a request whose body ends before its length says, and waits until the server has let go of the connection. */
    void cut(String method, String path, List<String> headers, byte[] body) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            List<String> lines = new ArrayList<>(List.of(method + " " + path + " HTTP/1.1", "Host: 127.0.0.1:" + port));
            lines.addAll(headers);
            lines.add("Content-Length: " + (body.length + 1));
            OutputStream out = socket.getOutputStream();
            try {
                out.write((String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
                out.write(body);
                out.flush();
                socket.shutdownOutput();
                socket.getInputStream().readAllBytes();
            } catch (SocketException e) {
                // the server let go first
            }
        }
    }

    private static void unless(List<String> headers, String name, List<String> lines, String line) {
        if (headers.stream().noneMatch(header -> header.toLowerCase(Locale.ROOT).startsWith(name + ":"))) {
            lines.add(line);
        }
    }

    private static Answer read(InputStream in) throws IOException {
        String head = head(in);
        while (head.startsWith("HTTP/1.1 100")) {
            head = head(in);
        }
        if (head.isEmpty()) {
            throw new IOException("the connection ended without an answer");
        }
        int status = Integer.parseInt(head.substring(9, 12));
        boolean chunked = head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked");
        byte[] body;
        try {
            body = chunked ? chunks(in) : in.readAllBytes();
        } catch (SocketException e) {
            body = new byte[0];
        }
        return new Answer(status, head, new String(body, StandardCharsets.UTF_8));
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            head.append((char) c);
            if (head.length() >= 4 && head.substring(head.length() - 4).equals("\r\n\r\n")) {
                break;
            }
        }
        return head.toString();
    }

    private static byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (true) {
            String size = line(in);
            int length = size.isEmpty() ? 0 : Integer.parseInt(size.split(";")[0].strip(), 16);
            if (length == 0) {
                return all.toByteArray();
            }
            all.write(in.readNBytes(length));
            line(in);
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }
}
