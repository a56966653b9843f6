package dev.perennial.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.perennial.kernel.Digest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;

/** The scorer of the built installation, told by a server that is played here what it serves. */
final class BenchScorer implements AutoCloseable {
    static final String JARS = Path.of("target/dist/scorer").toAbsolutePath() + "/*";
    private static final long POLL_MILLIS = 5_000;
    private static final int ANSWER_MILLIS = 10_000;
    private static final int READY_LOOKS = 300;
    private static final int READY_MILLIS = 100;

    private final HttpServer control;
    private final MeasuredServer scorer;

    /** An endpoint: its first version is the champion, a second one is the canary or the shadow. */
    record Place(String name, List<Version> versions) {
        /** @param role as the configuration names it, {@code champion} for one */
        record Version(String role, int weight, byte[] manifest, byte[] file) {}

        static Place of(String name, byte[] manifest, byte[] file) {
            return new Place(name, List.of(new Version("champion", 10_000, manifest, file)));
        }
    }

    BenchScorer(Path folder, List<Place> places, String... more) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("token"), "bench");
        control = control(config(folder, places));
        int port = freePort();
        List<String> arguments = new ArrayList<>(List.of(
                "dev.perennial.scorer.ScorerMain",
                "--server",
                "http://127.0.0.1:" + control.getAddress().getPort(),
                "--id",
                "bench",
                "--port",
                Integer.toString(port),
                "--spool",
                folder.resolve("spool").toString(),
                "--blobs",
                folder.resolve("blobs").toString(),
                "--token-file",
                folder.resolve("token").toString()));
        arguments.addAll(List.of(more));
        scorer = MeasuredServer.java(folder.resolve("scorer.log"), port, JARS, arguments.toArray(String[]::new));
        awaitReady(places);
    }

    MeasuredServer server() {
        return scorer;
    }

    /** Sends one request, so that what is measured is known to be answered; {@code IllegalStateException} with the answer when it is none. */
    void check(String path, ServingRequests.Request request) throws IOException, InterruptedException {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + scorer.port() + path))
                .POST(HttpRequest.BodyPublishers.ofByteArray(request.body()));
        request.headers().forEach(builder::header);
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(builder.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException(path + " answered " + answer.statusCode() + " " + answer.body());
            }
        }
    }

    private void awaitReady(List<Place> places) throws IOException, InterruptedException {
        try (WireClient client = new WireClient(scorer.port(), ANSWER_MILLIS)) {
            for (Place place : places) {
                String path = "/v2/models/" + place.name() + "/ready";
                for (int i = 0; client.get(path).status() != 200; i++) {
                    if (i == READY_LOOKS) {
                        throw new IllegalStateException(path + " is not ready");
                    }
                    Thread.sleep(READY_MILLIS);
                }
            }
        }
    }

    /** Plays the server: one configuration, and it takes every segment. */
    private static HttpServer control(String config) throws IOException {
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/internal/scorers/bench/", exchange -> {
            try (exchange) {
                answer(exchange, config);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        http.start();
        return http;
    }

    private static void answer(HttpExchange exchange, String config) throws IOException, InterruptedException {
        exchange.getRequestBody().readAllBytes();
        if (exchange.getRequestURI().getPath().endsWith("/hello")) {
            exchange.sendResponseHeaders(404, -1); // a server of the first protocol
            return;
        }
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        if (query.contains("revision=1&")) {
            Thread.sleep(POLL_MILLIS);
            exchange.sendResponseHeaders(204, -1);
        } else if (query.contains("revision=")) {
            byte[] bytes = config.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        } else {
            exchange.sendResponseHeaders(200, -1);
        }
    }

    private static String config(Path folder, List<Place> places) throws IOException {
        StringBuilder endpoints = new StringBuilder();
        for (Place place : places) {
            StringBuilder variants = new StringBuilder();
            for (int v = 0; v < place.versions().size(); v++) {
                Place.Version version = place.versions().get(v);
                variants.append(v == 0 ? "" : ",")
                        .append(String.format(
                                Locale.ROOT,
                                "{\"version\":\"%s/%d\",\"role\":\"%s\",\"weight\":%d,\"model\":{\"manifest\":\"%s\",\"file\":\"%s\"}}",
                                place.name(),
                                v + 1,
                                version.role(),
                                version.weight(),
                                blob(folder, version.manifest()),
                                blob(folder, version.file())));
            }
            endpoints
                    .append(endpoints.isEmpty() ? "" : ",")
                    .append("{\"name\":\"")
                    .append(place.name())
                    .append("\",\"key\":[],\"salt\":\"s\",\"clock\":null,\"fuse\":null,\"variants\":[")
                    .append(variants)
                    .append("]}");
        }
        return "{\"revision\":1,\"flush\":0,\"endpoints\":[" + endpoints + "]}";
    }

    private static String blob(Path folder, byte[] bytes) throws IOException {
        String hex = Digest.of(bytes).hex();
        Path file = folder.resolve("blobs").resolve(hex.substring(0, 2)).resolve(hex.substring(2));
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
        return hex;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() throws InterruptedException {
        scorer.close();
        control.stop(0);
    }
}
