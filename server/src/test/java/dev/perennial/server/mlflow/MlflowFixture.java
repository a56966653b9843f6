package dev.perennial.server.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/** A packaged server for the tests of one class, and short ways to ask it. */
abstract class MlflowFixture {
    static final String API = "/api/2.0/mlflow/";

    @TempDir
    static Path folder;

    static RunningServer server;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        if (!Files.exists(RunningServer.program())) {
            throw missing("the packaged server " + RunningServer.program() + " (build it with ./perennial --version)");
        }
        server = RunningServer.start(folder);
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    static RuntimeException missing(String what) {
        String message = "NOT TESTED WITH MLFLOW'S CLIENT: there is no " + what;
        System.getLogger(MlflowFixture.class.getName()).log(System.Logger.Level.WARNING, "**** " + message);
        if ("true".equals(System.getenv("CI"))) {
            throw new AssertionFailedError(message);
        }
        return new TestAbortedException(message);
    }

    static JsonNode ok(String method, String path, String body) throws IOException, InterruptedException {
        HttpResponse<String> response = server.send(method, path, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return Json.parse(response.body());
    }

    static void refused(int status, String code, HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        JsonNode body = Json.parse(response.body());
        assertThat(body.path("error_code").asText()).as(response.body()).isEqualTo(code);
        assertThat(body.path("message").asText()).isNotEmpty();
    }

    static String run() throws IOException, InterruptedException {
        return ok("POST", API + "runs/create", "{\"experiment_id\":\"0\",\"start_time\":\"1000\"}")
                .at("/run/info/run_id")
                .asText();
    }

    /** Sends a path as it is written, which no tidy client does. */
    static String raw(String line) throws IOException {
        return raw(server, line);
    }

    static String raw(RunningServer at, String line) throws IOException {
        URI url = URI.create(at.url());
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write((line + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx")
                    .getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
