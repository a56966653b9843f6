package dev.perennial.server.mlflow;

import dev.perennial.kernel.Program;
import dev.perennial.testkit.FreePort;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The packaged server as a process of its own, on a free port, with a data directory that goes away. It starts no scorer. */
public final class RunningServer implements AutoCloseable {
    private static final int TRIES_MAX = 1200;
    private static final int LOOK_MILLIS = 100;
    private static final int STOP_SECONDS_MAX = 20;

    private final Process process;
    private final String url;
    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(5))
            .version(HttpClient.Version.HTTP_1_1)
            .build();

    private RunningServer(Process process, int port) {
        this.process = process;
        this.url = "http://127.0.0.1:" + port;
    }

    /** Where the build puts the program. */
    public static Path program() {
        return Path.of(Program.SERVER.classPath(dist()));
    }

    /** Folder of the packaged programs. */
    public static Path dist() {
        return Path.of(System.getProperty("perennial.root"), "target", "dist");
    }

    static RunningServer start(Path folder) throws IOException, InterruptedException {
        return start(folder, List.of());
    }

    /** @param properties more settings of the server, as {@code perennial.auth=true} */
    public static RunningServer start(Path folder, List<String> properties) throws IOException, InterruptedException {
        int port = FreePort.any();
        Path log = folder.resolve("server.log");
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(Program.SERVER.flags(dist()));
        command.addAll(List.of(
                "-Xmx256m",
                "-Dperennial.data-dir=" + folder.resolve("data"),
                "-Dperennial.port=" + port,
                "-Dperennial.dist=" + folder.resolve("no-programs"),
                "-jar",
                program().toString()));
        properties.forEach(property -> command.add(command.size() - 2, "-D" + property));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        RunningServer server = new RunningServer(process, port);
        for (int i = 0; i < TRIES_MAX; i++) {
            if (process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("the server ended: " + Files.readString(log, StandardCharsets.UTF_8));
            }
            if (server.healthy()) {
                return server;
            }
        }
        server.close();
        throw new IllegalStateException("the server is not ready: " + Files.readString(log, StandardCharsets.UTF_8));
    }

    private boolean healthy() throws IOException, InterruptedException {
        try {
            return send("GET", "/health", "").statusCode() == 200;
        } catch (ConnectException e) {
            return false;
        }
    }

    /** Of the process. */
    public long pid() {
        return process.pid();
    }

    public String url() {
        return url;
    }

    public int port() {
        return URI.create(url).getPort();
    }

    public HttpResponse<String> send(String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(60))
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        } else if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        client.close();
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
