package dev.perennial.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.server.mlflow.RunningServer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** A packaged server that asks callers to sign in, with an administrator, and short ways to ask it as somebody. */
abstract class AccessFixture {
    static final String API = "/api/2.0/mlflow/";
    static final String ROOT = "root";
    static final String PASSWORD = "correct horse battery";

    @TempDir
    static Path folder;

    static RunningServer server;

    private static final AtomicInteger NAMES = new AtomicInteger();

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        requireProgram();
        server = RunningServer.start(
                folder,
                List.of(
                        "perennial.auth=true",
                        "perennial.admin.username=" + ROOT,
                        "perennial.admin.password=" + PASSWORD));
    }

    static void requireProgram() {
        if (!Files.exists(RunningServer.program())) {
            throw new TestAbortedException(
                    "NOT TESTED: there is no packaged server; build it with ./perennial --version");
        }
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    /** A name that nobody else in this class has. */
    static String fresh(String what) {
        return what + "-" + NAMES.incrementAndGet();
    }

    /** A caller with its header. */
    record As(String name, String authorization) {
        static As root() {
            return new As(ROOT, basic(ROOT, PASSWORD));
        }

        static As password(String name) {
            return new As(name, basic(name, PASSWORD));
        }

        static As token(String name, String token) {
            return new As(name, "Bearer " + token);
        }

        HttpResponse<String> send(String method, String path, String body, String... more)
                throws IOException, InterruptedException {
            List<String> headers = new ArrayList<>(List.of("Authorization", authorization));
            if (!body.isEmpty()) {
                headers.addAll(List.of("Content-Type", "application/json"));
            }
            headers.addAll(List.of(more));
            return server.send(method, path, body, headers.toArray(String[]::new));
        }

        JsonNode ok(String method, String path, String body, String... more) throws IOException, InterruptedException {
            HttpResponse<String> response = send(method, path, body, more);
            assertThat(response.statusCode())
                    .as(method + " " + path + ": " + response.body())
                    .isEqualTo(200);
            return Json.parse(response.body());
        }

        int status(String method, String path, String body, String... more) throws IOException, InterruptedException {
            return send(method, path, body, more).statusCode();
        }

        String experiment(String name, String... more) throws IOException, InterruptedException {
            return ok("POST", API + "experiments/create", "{\"name\":\"" + name + "\"}", more)
                    .path("experiment_id")
                    .asText();
        }

        String run(String experiment) throws IOException, InterruptedException {
            return ok("POST", API + "runs/create", "{\"experiment_id\":\"" + experiment + "\"}")
                    .at("/run/info/run_id")
                    .asText();
        }
    }

    static String basic(String name, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    /** A new person with a role in the default project; an empty role is none. The caller uses a token, which costs no argon2. */
    static As person(String role) throws IOException, InterruptedException {
        return tokenOf(account(role));
    }

    static String account(String role) throws IOException, InterruptedException {
        String name = fresh("user");
        ObjectNode body =
                Json.object().put("name", name).put("password", PASSWORD).put("role", role);
        As.root().ok("POST", "/api/access/users", body.toString());
        return name;
    }

    static As tokenOf(String name) throws IOException, InterruptedException {
        return tokenOf(name, Json.object());
    }

    static As tokenOf(String name, ObjectNode more) throws IOException, InterruptedException {
        JsonNode token = As.root()
                .ok(
                        "POST",
                        "/api/access/tokens",
                        more.put("user", name).put("name", "test").toString());
        return As.token(name, token.path("token").asText());
    }

    static String project() throws IOException, InterruptedException {
        String name = fresh("project");
        As.root()
                .ok(
                        "POST",
                        "/api/access/projects",
                        Json.object().put("name", name).toString());
        return name;
    }

    static void member(String project, As who, String role) throws IOException, InterruptedException {
        As.root()
                .ok(
                        "POST",
                        "/api/access/projects/" + project + "/members",
                        Json.object().put("user", who.name()).put("role", role).toString());
    }
}
