package dev.perennial.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.Right;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every route as every role, on an object of the caller's project, one of another project and one that is not there, against the tables of
 * docs/access.md.
 */
class RouteMatrixIT extends AccessFixture {
    private static final String WORKSPACE = "X-MLFLOW-WORKSPACE";
    private static final String NOBODY = "0".repeat(32);

    private static String foreign = "";
    private static Map<String, Right> roles = Map.of();
    private static List<Row> rows = List.of();

    /** A line of the table of routes. */
    record Row(String method, String path, Right right, String on) {
        String line() {
            return "| " + method + " | `" + path + "` | " + right + " | " + on + " |";
        }

        boolean body() {
            return !method.equals("GET") && !method.equals("HEAD") && !path.endsWith("/upload-artifact");
        }
    }

    /** What a request is about. */
    enum Whose {
        OWN,
        FOREIGN,
        MISSING
    }

    @BeforeAll
    static void read() throws IOException, InterruptedException {
        List<String> lines = Files.readAllLines(Path.of(System.getProperty("perennial.root"), "docs", "access.md"));
        Map<String, Right> read = new TreeMap<>();
        List<Row> routes = new ArrayList<>();
        for (String line : lines) {
            String[] cells = line.replaceAll("^\\| *| *\\|$", "").split(" *\\| *");
            if (line.matches("\\| [A-Z]+ \\| `/.*")) {
                routes.add(new Row(cells[0], cells[1].replace("`", ""), Right.valueOf(cells[2]), cells[3]));
            } else if (line.matches("\\| (viewer|contributor|maintainer|approver) \\| [A-Z]+ .*")) {
                read.put(cells[0], Right.valueOf(cells[1].split(" ")[0]));
            }
        }
        roles = read;
        rows = routes;
        foreign = project();
        String text = Files.readString(
                        Path.of(System.getProperty("perennial.root"), "examples", "flight-delay", "lifecycle.yaml"))
                .replaceFirst("(?m)^model: .*$", "model: foreign-model");
        As.root()
                .send(
                        "POST",
                        "/api/lifecycle/apply",
                        Json.object()
                                .put("text", text)
                                .put("path", "/nowhere/x.yaml")
                                .toString(),
                        WORKSPACE,
                        foreign);
        As.root().send("POST", "/api/endpoints", "{\"name\": \"foreign-endpoint\"}", WORKSPACE, foreign);
    }

    @Test
    void theTableNamesEveryRouteAndNoOther() throws IOException, InterruptedException {
        Set<String> served = new TreeSet<>();
        for (JsonNode route : As.root().ok("GET", "/api/access/routes", "").path("items")) {
            served.add(new Row(
                            route.path("method").asText(),
                            route.path("path").asText(),
                            Right.valueOf(route.path("right").asText()),
                            route.path("on").asText())
                    .line());
        }
        Set<String> told = rows.stream().map(Row::line).collect(Collectors.toCollection(TreeSet::new));
        assertThat(String.join("\n", told))
                .as("docs/access.md, expected:\n" + String.join("\n", served))
                .isEqualTo(String.join("\n", served));
        assertThat(roles.keySet()).containsExactlyInAnyOrder("viewer", "contributor", "maintainer", "approver");
    }

    @Test
    void nobodyIsAnsweredWithoutSigningIn() throws IOException, InterruptedException {
        List<String> wrong = new ArrayList<>();
        for (Row row : rows) {
            int status = fire(null, row, Whose.OWN);
            if (row.on().equals("OPEN") == (status == 401)) {
                wrong.add(row.line() + " " + status);
            }
        }
        assertThat(wrong).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"viewer", "contributor", "maintainer", "approver", "", "administrator"})
    void eachRoleMayWhatTheTableSays(String role) throws IOException, InterruptedException {
        As who = role.equals("administrator") ? As.root() : As.password(account(role));
        List<String> wrong = new ArrayList<>();
        for (Row row : rows) {
            for (Whose whose : Whose.values()) {
                int status = fire(who, row, whose);
                String expected = expected(role, row, whose);
                if (!fits(expected, status)) {
                    wrong.add(row.line() + " " + whose + ": " + status + ", expected " + expected);
                }
            }
        }
        assertThat(wrong).as(role).isEmpty();
    }

    private static boolean fits(String expected, int status) {
        return switch (expected) {
            case "done" -> status != 401 && status != 403 && status != 404 && status < 500 && status != 405;
            case "passed" -> status != 401 && status != 403 && status < 500 && status != 405;
            case "open" -> true;
            default -> String.valueOf(status).equals(expected);
        };
    }

    private static String expected(String role, Row row, Whose whose) {
        if (row.on().equals("DATA_DIRECTORY") || row.on().equals("SCORER")) {
            return "403";
        }
        boolean administrator = role.equals("administrator");
        Right has = administrator ? Right.MANAGE : roles.get(role);
        boolean enough = has != null && has.compareTo(row.right()) >= 0;
        boolean may = administrator && !row.on().equals("SIGNING");
        if (may && !row.on().equals("OPEN") && !row.on().equals("LIFECYCLE_FILE") && !header(row, whose)) {
            return "passed";
        }
        // The object is there, but what the request names in it is not.
        boolean empty = row.path().endsWith("{key}")
                || row.path().endsWith("/restore")
                || row.path().endsWith("/description")
                || row.path().endsWith("{user}");
        String done = empty ? "passed" : "done";
        return switch (row.on()) {
            case "OPEN" -> "open";
            case "SIGNED_IN", "EACH" -> "passed";
            case "LIFECYCLE_FILE" -> "400";
            case "INSTALLATION" -> administrator ? "passed" : "403";
            case "ACCOUNT" -> administrator || whose == Whose.OWN ? "passed" : "403";
            case "SIGNING" -> signing(role, whose);
            case "PROJECT" ->
                row.path().startsWith("/api/access/")
                        ? whose == Whose.MISSING ? "404" : object(administrator, has, enough, whose, done)
                        : project(administrator, row, enough, whose);
            case "MODEL", "ENDPOINT" -> object(administrator, has, enough, whose, "passed");
            case "ENDPOINT_PLACE" ->
                whose == Whose.MISSING ? "404" : object(administrator, has, enough, whose, "passed");
            case "ALERT", "PIPELINE_RUN", "REPLAY", "SCORING" -> "404";
            case "EXPERIMENT_ID", "EXPERIMENT_NAME", "RUN_ID", "LOGGED_MODEL_ID", "FILE" ->
                whose == Whose.MISSING ? "404" : object(administrator, has, enough, whose, done);
            case "MODEL_NAME" -> object(administrator, has, enough, whose, "passed");
            default -> object(administrator, has, enough, whose, done);
        };
    }

    /** A project that is not there is not there for administrators, too. */
    private static boolean header(Row row, Whose whose) {
        return whose == Whose.MISSING
                && row.on().equals("PROJECT")
                && !row.path().startsWith("/api/access/");
    }

    /** No model is there, so whoever may pass finds none. Administrators pass only as approvers. */
    private static String signing(String role, Whose whose) {
        if (whose == Whose.FOREIGN && !role.equals("administrator")) {
            return "404";
        }
        return role.equals("approver") ? "passed" : role.isEmpty() ? "404" : "403";
    }

    /** Calls about a project as such: reading shows what one may, making needs the right there. */
    private static String project(boolean administrator, Row row, boolean enough, Whose whose) {
        if (whose == Whose.MISSING) {
            return "404";
        }
        return row.right() == Right.READ || administrator || (enough && whose == Whose.OWN) ? "passed" : "403";
    }

    private static String object(
            boolean administrator,
            @org.jspecify.annotations.Nullable Right has,
            boolean enough,
            Whose whose,
            String done) {
        if (administrator) {
            return "passed";
        }
        if (whose == Whose.FOREIGN || has == null) {
            return "404";
        }
        return enough ? done : "403";
    }

    private static int fire(@org.jspecify.annotations.Nullable As who, Row row, Whose whose)
            throws IOException, InterruptedException {
        ObjectNode fields = Json.object();
        String path = row.path();
        List<String> headers = new ArrayList<>();
        switch (row.on()) {
            case "EXPERIMENT_ID" -> fields.put("experiment_id", experiment(whose));
            case "EXPERIMENT_NAME" -> fields.put("experiment_name", experimentName(whose));
            case "RUN_ID" -> fields.put("run_id", run(whose)).put("path", "no/such/file");
            case "LOGGED_MODEL_ID" -> path = path.replace("{model_id}", loggedModel(whose));
            case "ACCOUNT" ->
                fields.put(
                        "username",
                        whose == Whose.OWN && who != null
                                ? who.name()
                                : whose == Whose.OWN ? "x" : whose == Whose.FOREIGN ? ROOT : "no-such-user");
            case "FILE" -> path = path.replace("{path}", file(whose));
            case "MODEL", "SIGNING" ->
                path = path.replace("{model}", whose == Whose.FOREIGN ? "foreign-model" : "no-such-model");
            case "ENDPOINT", "ENDPOINT_PLACE" -> {
                path = path.replace("{endpoint}", whose == Whose.FOREIGN ? "foreign-endpoint" : "no-such-endpoint");
                if (row.on().equals("ENDPOINT_PLACE") && whose != Whose.OWN) {
                    headers.addAll(List.of(WORKSPACE, whose == Whose.FOREIGN ? foreign : "no-such-project"));
                }
            }
            case "PROJECT" -> {
                String name = whose == Whose.OWN ? "default" : whose == Whose.FOREIGN ? foreign : "no-such-project";
                path = path.replace("{project}", name);
                if (!row.path().startsWith("/api/access/")) {
                    headers.addAll(List.of(WORKSPACE, name));
                }
            }
            case "MODEL_NAME" -> {
                fields.put("name", "some-model");
                if (whose != Whose.OWN) {
                    headers.addAll(List.of(WORKSPACE, whose == Whose.FOREIGN ? foreign : "default"));
                }
            }
            default -> {}
        }
        path = path.replace("{act}", "pause")
                .replace("{number}", "1")
                .replace("{key}", "no-such-key")
                .replace("{run}", "00000000-0000-0000-0000-000000000000")
                .replaceAll("\\{\\w+}", "no-such-thing");
        if (path.endsWith("/get-artifact") && whose == Whose.OWN) {
            path = path.replace(
                    "/get-artifact", "/api/2.0/mlflow/artifacts/list"); // the same right; there is no file to get
        }
        return send(who, row, path, fields, headers).statusCode();
    }

    private static HttpResponse<String> send(
            @org.jspecify.annotations.Nullable As who, Row row, String path, ObjectNode fields, List<String> headers)
            throws IOException, InterruptedException {
        String target = path;
        String body = "";
        if (row.on().equals("FILE")) {
            body = row.method().equals("PUT") ? "x" : "";
        } else if (row.body()) {
            body = fields.toString();
        } else {
            List<String> query = new ArrayList<>();
            fields.properties()
                    .forEach(field -> query.add(field.getKey() + "="
                            + URLEncoder.encode(field.getValue().asText(), StandardCharsets.UTF_8)));
            target = query.isEmpty() ? path : path + "?" + String.join("&", query);
        }
        String[] more = headers.toArray(String[]::new);
        if (who != null) {
            return who.send(row.method(), target, body, more);
        }
        List<String> all = new ArrayList<>(List.of("Content-Type", "application/json"));
        all.addAll(headers);
        return server.send(row.method(), target, body, all.toArray(String[]::new));
    }

    private static String experiment(Whose whose) throws IOException, InterruptedException {
        return switch (whose) {
            case OWN -> As.root().experiment(fresh("own"));
            case FOREIGN -> As.root().experiment(fresh("foreign"), WORKSPACE, foreign);
            case MISSING -> "999999";
        };
    }

    private static String experimentName(Whose whose) throws IOException, InterruptedException {
        String name = fresh("named");
        switch (whose) {
            case OWN -> As.root().experiment(name);
            case FOREIGN -> As.root().experiment(name, WORKSPACE, foreign);
            case MISSING -> {}
        }
        return name;
    }

    private static String run(Whose whose) throws IOException, InterruptedException {
        return whose == Whose.MISSING ? NOBODY : As.root().run(experiment(whose));
    }

    private static String loggedModel(Whose whose) throws IOException, InterruptedException {
        return whose == Whose.MISSING
                ? "m-" + NOBODY
                : As.root()
                        .ok(
                                "POST",
                                API + "logged-models",
                                Json.object()
                                        .put("experiment_id", experiment(whose))
                                        .put("name", "model")
                                        .toString())
                        .at("/model/info/model_id")
                        .asText();
    }

    private static String file(Whose whose) throws IOException, InterruptedException {
        if (whose == Whose.MISSING) {
            return "999999/" + NOBODY + "/artifacts/f";
        }
        String experiment = experiment(whose);
        String path = experiment + "/" + As.root().run(experiment) + "/artifacts/f";
        As.root().send("PUT", "/api/2.0/mlflow-artifacts/artifacts/" + path, "x");
        return path;
    }
}
