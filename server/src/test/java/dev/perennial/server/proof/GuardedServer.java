package dev.perennial.server.proof;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.server.mlflow.RunningServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A server that asks callers to sign in, seen by its administrator. */
final class GuardedServer implements AutoCloseable {
    private static final String ROOT = "root";
    private static final String PASSWORD = "correct horse battery";

    private final RunningServer server;
    private final String basic =
            "Basic " + Base64.getEncoder().encodeToString((ROOT + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));
    private final String administrator;

    private GuardedServer(RunningServer server) throws IOException, InterruptedException {
        this.server = server;
        this.administrator = token(ROOT);
    }

    static GuardedServer start(Path folder) throws IOException, InterruptedException {
        return new GuardedServer(RunningServer.start(
                folder,
                List.of(
                        "perennial.auth=true",
                        "perennial.admin.username=" + ROOT,
                        "perennial.admin.password=" + PASSWORD)));
    }

    private String ok(String path, ObjectNode body) throws IOException, InterruptedException {
        HttpResponse<String> answer =
                server.send("POST", path, body.toString(), "Authorization", basic, "Content-Type", "application/json");
        if (answer.statusCode() != 200) {
            throw new IOException(path + ": " + answer.body());
        }
        return answer.body();
    }

    private String token(String user) throws IOException, InterruptedException {
        ObjectNode asked = Json.object().put("user", user).put("name", "test");
        return Json.parse(ok("/api/access/tokens", asked)).path("token").asText();
    }

    /** A token of the administrator. */
    String administrator() {
        return administrator;
    }

    /** A token of somebody who may only look. */
    String viewer() throws IOException, InterruptedException {
        ok(
                "/api/access/users",
                Json.object().put("name", "looker").put("password", PASSWORD).put("role", "viewer"));
        return token("looker");
    }

    void project(String name) throws IOException, InterruptedException {
        ok("/api/access/projects", Json.object().put("name", name));
    }

    /** The variables of a command line that is signed in. */
    Map<String, String> environment(String token) {
        return new HashMap<>(Map.of("PERENNIAL_SERVER", server.url(), "PERENNIAL_TOKEN", token));
    }

    MlflowContent content(String project) {
        return new MlflowContent(
                new Web(URI.create(server.url()).getPort()),
                "Authorization: Bearer " + administrator,
                "X-MLFLOW-WORKSPACE: " + project);
    }

    /** Whether an experiment has so many runs. */
    boolean has(String project, String experiment, int runs) {
        try {
            return content(project).runsOf(experiment, runs) >= runs;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
