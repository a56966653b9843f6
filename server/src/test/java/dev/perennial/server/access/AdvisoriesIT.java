package dev.perennial.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Json;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The published weaknesses of tracking servers by their shape: each of these was once open somewhere. */
class AdvisoriesIT extends AccessFixture {
    private static final String FILES = "/api/2.0/mlflow-artifacts/artifacts";

    private static String secret() throws IOException, InterruptedException {
        String experiment = As.root().experiment(fresh("secret"));
        String path = "/" + experiment + "/" + As.root().run(experiment) + "/artifacts/secret.txt";
        assertThat(As.root().status("PUT", FILES + path, "top secret", "Accept", "*/*"))
                .isEqualTo(200);
        return path;
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "PUT", "DELETE", "HEAD"})
    void filesBelongToTheirRunOnEveryRoute(String method) throws IOException, InterruptedException {
        String path = secret();
        As ann = person("");
        assertThat(ann.status(method, FILES + path, method.equals("PUT") ? "mine now" : ""))
                .isEqualTo(404);
        assertThat(ann.status(
                        method, "/ajax-api/2.0/mlflow-artifacts/artifacts" + path, method.equals("PUT") ? "x" : ""))
                .isEqualTo(404);
        assertThat(As.root().send("GET", FILES + path, "").body()).isEqualTo("top secret");
    }

    @Test
    void theOtherRoutesToAFileAskTheSame() throws IOException, InterruptedException {
        String path = secret();
        String run = path.split("/")[2];
        As ann = person("");
        assertThat(ann.status("GET", "/get-artifact?run_id=" + run + "&path=secret.txt", ""))
                .isEqualTo(404);
        assertThat(ann.status("GET", "//get-artifact?run_id=" + run + "&path=secret.txt", ""))
                .isEqualTo(404);
        assertThat(ann.status("GET", API + "artifacts/list?run_id=" + run, "")).isEqualTo(404);
        assertThat(ann.status("GET", FILES + "?path=" + path.substring(1, path.lastIndexOf('/')), ""))
                .isEqualTo(404);
        for (String presigned : List.of("presigned", "mpu/create", "mpu/complete", "mpu/abort")) {
            HttpResponse<String> response = ann.send("POST", "/api/2.0/mlflow-artifacts/" + presigned + path, "{}");
            assertThat(response.statusCode()).as(presigned).isEqualTo(501);
            assertThat(response.body()).doesNotContain("secret");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/.", "/", "", "/./", "/..", "/%2e", "/%2e%2e", "/0", "/0/", "/0/."})
    void deletingARootEmptiesNothing(String root) throws IOException, InterruptedException {
        String path = secret();
        for (As who : List.of(As.root(), person("maintainer"))) {
            assertThat(who.status("DELETE", FILES + root, "")).isIn(400, 403, 404);
        }
        assertThat(As.root().send("GET", FILES + path, "").body()).isEqualTo("top secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../secret.txt",
                "/%2e%2e/%2e%2e/x",
                "/..%2f..%2fetc/passwd",
                "/%252e%252e/x",
                "//etc/passwd",
                "/a%5C..%5Cx",
                "/file:%2f%2f/etc/passwd"
            })
    void noPathLeadsOutOfOnesOwnRun(String path) throws IOException, InterruptedException {
        As ann = person("contributor");
        String experiment = ann.experiment(fresh("own"));
        String own = "/" + experiment + "/" + ann.run(experiment) + "/artifacts";
        for (String method : List.of("GET", "PUT", "DELETE")) {
            assertThat(ann.status(method, FILES + own + path, method.equals("PUT") ? "x" : ""))
                    .as(method)
                    .isIn(400, 404);
        }
    }

    @Test
    void anExperimentPlacedOnAnothersFilesOpensNoneOfThem() throws IOException, InterruptedException {
        String path = secret();
        String[] parts = path.split("/");
        As ann = person("");
        String project = project();
        member(project, ann, "maintainer");
        for (String location : List.of(
                "mlflow-artifacts:/" + parts[1],
                "mlflow-artifacts:/" + parts[1] + "/" + parts[2] + "/artifacts",
                "mlflow-artifacts:/")) {
            String mine = ann.ok(
                            "POST",
                            API + "experiments/create",
                            Json.object()
                                    .put("name", fresh("thief"))
                                    .put("artifact_location", location)
                                    .toString(),
                            "X-MLFLOW-WORKSPACE",
                            project)
                    .path("experiment_id")
                    .asText();
            ann.run(mine);
            assertThat(ann.status("GET", FILES + path, "")).as(location).isEqualTo(404);
            assertThat(ann.status("GET", FILES + "?path=" + parts[1], ""))
                    .as(location)
                    .isEqualTo(404);
            assertThat(ann.status("PUT", FILES + "/" + parts[1] + "/new.txt", "x"))
                    .as(location)
                    .isEqualTo(404);
        }
        assertThat(As.root().send("GET", FILES + path, "").body()).isEqualTo("top secret");
    }

    @ParameterizedTest
    @CsvSource({
        "http://169.254.169.254/latest/meta-data",
        "https://example.org/x",
        "file:///etc",
        "ftp://example.org/x",
        "/etc",
        "s3://b/../x",
        "mlflow-artifacts:/../x",
        "mlflow-artifacts:/a%2e%2e/%2e%2e/x",
        "s3://b/x#y"
    })
    void noPlaceIsTakenThatTheServerWouldFetch(String location) throws IOException, InterruptedException {
        As ann = person("maintainer");
        HttpResponse<String> response = ann.send(
                "POST",
                API + "experiments/create",
                Json.object()
                        .put("name", fresh("ssrf"))
                        .put("artifact_location", location)
                        .toString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "name = 'x' OR 1=1 --",
                "name = '' UNION SELECT password FROM account",
                "name = 'x'; drop table account",
                "tags.x = '' or 'a' = 'a'",
                "password = 'x'",
                "project = 'default'",
                "attributes.project LIKE '%'",
                "tags.`' OR '1'='1` = 'x'"
            })
    void aFilterIsNoWayIntoTheDatabase(String filter) throws IOException, InterruptedException {
        As.root().experiment(fresh("inject"));
        As ann = person("");
        HttpResponse<String> response = ann.send(
                "POST",
                API + "experiments/search",
                Json.object().put("filter", filter).toString());
        assertThat(response.statusCode()).isIn(200, 400);
        assertThat(response.body()).doesNotContain("argon2").doesNotContain("inject-");
        As.root().ok("GET", "/api/access/users", "");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /api/2.0/mlflow/gateway-proxy",
                "POST /api/3.0/mlflow/traces/search",
                "POST /ajax-api/3.0/jobs",
                "POST /graphql",
                "GET /api/2.0/mlflow/upload-artifact",
                "POST /api/access/users/root/sudo",
                "GET /api/internal"
            })
    void aRouteThatNobodyDeclaredIsThereForNobody(String route) throws IOException, InterruptedException {
        String[] parts = route.split(" ");
        String body = parts[0].equals("POST") ? "{}" : "";
        assertThat(server.send(parts[0], parts[1], body).statusCode()).as(route).isIn(401, 404);
        assertThat(person("viewer").status(parts[0], parts[1], body)).as(route).isIn(404, 405);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/internal/scorers/x/config", "/internal/worker/runs/x/claim"})
    void theInstallationsOwnRoutesTakeNobodysToken(String path) throws IOException, InterruptedException {
        assertThat(As.root().status(path.endsWith("claim") ? "POST" : "GET", path, path.endsWith("claim") ? "{}" : ""))
                .isEqualTo(403);
    }

    @Test
    void anIdInThePathAndAnotherInTheBodyIsRefused() throws IOException, InterruptedException {
        String mine = fresh("mine");
        As.root().ok("POST", "/api/access/projects", "{\"name\":\"" + mine + "\"}");
        HttpResponse<String> response = As.root()
                .send(
                        "PATCH",
                        "/api/3.0/mlflow/workspaces/" + mine,
                        "{\"workspace_name\":\"default\",\"description\":\"x\"}");
        assertThat(response.statusCode()).isEqualTo(400);
    }

    @Test
    void thePasswordsOfTheTutorialAreNoAccounts() throws IOException, InterruptedException {
        for (String password : List.of("password1234", "password", "admin")) {
            assertThat(new As("admin", basic("admin", password)).status("GET", "/api/access/me", ""))
                    .isIn(401, 429);
        }
    }
}
