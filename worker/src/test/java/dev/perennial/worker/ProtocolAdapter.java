package dev.perennial.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.pipelines.FailureClass;
import dev.perennial.pipelines.RunId;
import dev.perennial.pipelines.WorkerProtocol;
import dev.perennial.pipelines.WorkerProtocol.Claim;
import dev.perennial.pipelines.WorkerResult;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/** The worker's routes on the HTTP server of the JDK. */
final class ProtocolAdapter implements AutoCloseable {
    private static final int NO_BODY = -1;
    private final HttpServer server;
    private final WorkerProtocol protocol;
    private final String token;

    ProtocolAdapter(WorkerProtocol protocol, int port, String token) throws IOException {
        this.protocol = protocol;
        this.token = token;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setExecutor(
                Executors.newFixedThreadPool(4, Thread.ofPlatform().daemon().factory()));
        server.createContext("/internal/worker/", this::handle);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                answer(exchange, 403, "no");
                return;
            }
            JsonNode body = Json.parse(exchange.getRequestBody().readAllBytes());
            String[] path = exchange.getRequestURI()
                    .getPath()
                    .substring("/internal/worker/".length())
                    .split("/");
            try {
                route(exchange, path, body);
            } catch (PerennialException e) {
                answer(exchange, e.code().httpStatus(), Json.write(Json.object().put("message", e.getMessage())));
            }
        }
    }

    private void route(HttpExchange exchange, String[] path, JsonNode body) throws IOException {
        switch (path[2]) {
            case "claim" -> {
                switch (protocol.claim(new RunId(path[1]), body.get("worker").asText())) {
                    case Claim.Work work -> answer(exchange, 200, Json.write(work));
                    case Claim.Wait wait -> answer(exchange, 202, "");
                    case Claim.Finished finished -> answer(exchange, 204, "");
                }
            }
            case "heartbeat" -> {
                protocol.heartbeat(
                        path[1], body.get("share").asDouble(), body.get("line").asText());
                answer(exchange, 204, "");
            }
            case "complete" -> {
                protocol.complete(path[1], Json.convert(body, WorkerResult.class));
                answer(exchange, 204, "");
            }
            case "fail" -> {
                protocol.fail(
                        path[1],
                        FailureClass.valueOf(body.get("class").asText()),
                        body.get("message").asText());
                answer(exchange, 204, "");
            }
            default -> answer(exchange, 404, "");
        }
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? NO_BODY : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
