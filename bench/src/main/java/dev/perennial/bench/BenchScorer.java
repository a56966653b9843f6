package dev.perennial.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.perennial.kernel.Digest;
import dev.perennial.testkit.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The scorer of the built installation, told by a server that is played here what it serves. */
final class BenchScorer implements AutoCloseable {
    static final String JARS = Path.of("target/dist/scorer").toAbsolutePath() + "/*";
    private static final long POLL_MILLIS = 5_000;
    private static final Pattern REVISION = Pattern.compile("revision=(-?\\d+)");
    private static final int ANSWER_MILLIS = 10_000;
    private static final int READY_LOOKS = 300;
    private static final int READY_MILLIS = 100;

    private static final String TOKEN_ID = "benchbenchbe";
    private static final String SECRET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm";
    /** What callers show a scorer that asks for a token. */
    static final Map<String, String> TOKEN = Map.of("Authorization", "Bearer pnl_svc_" + TOKEN_ID + "_" + SECRET);

    private final HttpServer control;
    private final MeasuredServer scorer;
    private final Path folder;
    private final boolean guarded;
    private final Told told = new Told();

    /** The configuration, and how often it was changed. */
    private static final class Told {
        private String endpoints = "";
        private int revision;

        synchronized void change(String next) {
            endpoints = next;
            revision++;
            notifyAll();
        }

        /** The newest configuration once it is another than the asker's; empty when none came for a while. */
        synchronized Optional<String> after(String known, boolean guarded) throws InterruptedException {
            if (known.equals(Integer.toString(revision))) {
                wait(POLL_MILLIS);
            }
            return known.equals(Integer.toString(revision))
                    ? Optional.empty()
                    : Optional.of("{\"revision\":" + revision + ",\"flush\":0," + (guarded ? access() : "")
                            + "\"endpoints\":[" + endpoints + "]}");
        }
    }

    /**
     * An endpoint: its first version is the champion, a second one is the canary or the shadow.
     *
     * @param settings further members of its configuration, each with a comma behind it
     */
    record Place(String name, String settings, List<Version> versions) {
        /** @param role as the configuration names it, {@code champion} for one */
        record Version(String role, int weight, byte[] manifest, byte[] file) {}

        static Place of(String name, byte[] manifest, byte[] file) {
            return of(name, new Version("champion", 10_000, manifest, file));
        }

        static Place of(String name, Version... versions) {
            return new Place(name, "", List.of(versions));
        }

        Place with(String more) {
            return new Place(name, settings + more, versions);
        }
    }

    BenchScorer(Path folder, List<Place> places, String... more) throws IOException, InterruptedException {
        this(folder, places, false, more);
    }

    /** @param guarded whether callers have to show {@link #TOKEN} */
    BenchScorer(Path folder, List<Place> places, boolean guarded, String... more)
            throws IOException, InterruptedException {
        this.folder = folder;
        this.guarded = guarded;
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("token"), "bench");
        change(places);
        control = control();
        int port = FreePort.any();
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

    /** Tells the scorer another configuration, as fast as a server does. */
    void change(List<Place> places) throws IOException {
        told.change(endpoints(folder, places));
    }

    private static String access() {
        return "\"access\":{\"checked\":true,\"tokens\":[{\"id\":\"" + TOKEN_ID + "\",\"sha256\":\""
                + Digest.of(SECRET.getBytes(StandardCharsets.UTF_8)).hex()
                + "\",\"name\":\"bench\",\"until\":" + Long.MAX_VALUE + ",\"grants\":{\"*\":\"USE\"}}]},";
    }

    /** Sends one request, so that what is measured is known to be answered; {@code IllegalStateException} with the answer when it is none. */
    void check(String path, ServingRequests.Request request) throws IOException, InterruptedException {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + scorer.port() + path))
                .POST(HttpRequest.BodyPublishers.ofByteArray(request.body()));
        request.headers().forEach(builder::header);
        if (guarded) {
            TOKEN.forEach(builder::header);
        }
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
                for (int i = 0; !ready(client.get(path).status()); i++) {
                    if (i == READY_LOOKS) {
                        throw new IllegalStateException(path + " is not ready");
                    }
                    Thread.sleep(READY_MILLIS);
                }
            }
        }
    }

    private boolean ready(int status) {
        return status == (guarded ? 401 : 200); // it asks for a token as soon as it knows its endpoints
    }

    /** Plays the server: tells the configuration, and takes every segment. */
    private HttpServer control() throws IOException {
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/internal/scorers/bench/", exchange -> {
            try (exchange) {
                answer(exchange);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        http.start();
        return http;
    }

    private void answer(HttpExchange exchange) throws IOException, InterruptedException {
        exchange.getRequestBody().readAllBytes();
        if (exchange.getRequestURI().getPath().endsWith("/hello")) {
            exchange.sendResponseHeaders(404, -1); // a server of the first protocol
            return;
        }
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        Matcher revision = REVISION.matcher(query);
        if (!revision.find()) {
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        Optional<String> config = told.after(revision.group(1), guarded);
        if (config.isEmpty()) {
            exchange.sendResponseHeaders(204, -1);
        } else {
            byte[] bytes = config.get().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private static String endpoints(Path folder, List<Place> places) throws IOException {
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
                    .append("\",\"key\":[],\"salt\":\"s\",")
                    .append(place.settings())
                    .append("\"clock\":null,\"fuse\":null,\"variants\":[")
                    .append(variants)
                    .append("]}");
        }
        return endpoints.toString();
    }

    private static String blob(Path folder, byte[] bytes) throws IOException {
        String hex = Digest.of(bytes).hex();
        Path file = folder.resolve("blobs").resolve(hex.substring(0, 2)).resolve(hex.substring(2));
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
        return hex;
    }

    @Override
    public void close() throws InterruptedException {
        scorer.close();
        control.stop(0);
    }
}
