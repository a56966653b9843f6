package dev.perennial.cli;

import com.sun.net.httpserver.HttpServer;
import dev.perennial.kernel.ProcessIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A program that starts and answers like the server, and leaves a scorer behind; run in a process of its own. */
final class StandInServer {
    private StandInServer() {}

    public static void main(String[] args) throws IOException {
        Path data = Path.of(System.getProperty("perennial.data-dir"));
        if (Files.exists(data.resolve("refuse"))) {
            throw new IllegalStateException("the disk is on fire");
        }
        Path scorer = Files.createDirectories(data.resolve("scorer").resolve("local-1"));
        Process child = new ProcessBuilder("setsid", "sleep", "600").start();
        ProcessIdentity mark = ProcessIdentity.of(child.pid()).orElseThrow();
        Files.writeString(scorer.resolve("pid"), mark.pid() + " " + mark.started() + " " + mark.boot());
        HttpServer server = HttpServer.create(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.getInteger("perennial.port")), 0);
        server.createContext("/", exchange -> {
            byte[] body = "{\"ready\":true,\"version\":\"stand-in\",\"items\":[]}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }
}
