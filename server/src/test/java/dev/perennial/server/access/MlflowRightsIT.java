package dev.perennial.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What signed-in callers may do over MLflow's routes. */
class MlflowRightsIT extends AccessFixture {
    private static final String WORKSPACE = "X-MLFLOW-WORKSPACE";

    private static String name(HttpResponse<String> response) {
        return Json.parse(response.body()).path("message").asText();
    }

    @Test
    void whatOneMayNotReadIsAnsweredLikeWhatIsNotThere() throws IOException, InterruptedException {
        String experiment = As.root().experiment(fresh("hidden"));
        String run = As.root().run(experiment);
        As ann = person("");
        HttpResponse<String> foreign = ann.send("GET", API + "experiments/get?experiment_id=" + experiment, "");
        HttpResponse<String> absent = ann.send("GET", API + "experiments/get?experiment_id=99999", "");
        assertThat(foreign.statusCode()).isEqualTo(404).isEqualTo(absent.statusCode());
        assertThat(foreign.body().replace(experiment, "N"))
                .isEqualTo(absent.body().replace("99999", "N"));
        HttpResponse<String> foreignRun = ann.send("GET", API + "runs/get?run_id=" + run, "");
        HttpResponse<String> absentRun = ann.send("GET", API + "runs/get?run_id=" + "0".repeat(32), "");
        assertThat(foreignRun.body().replace(run, "N"))
                .isEqualTo(absentRun.body().replace("0".repeat(32), "N"));
    }

    @ParameterizedTest
    @CsvSource({
        "viewer, 200, 403, 403, 403",
        "approver, 200, 403, 403, 403",
        "contributor, 200, 200, 403, 200",
        "maintainer, 200, 200, 200, 200",
        "'', 404, 404, 404, 403"
    })
    void rolesReadWriteDeleteAndMake(String role, int read, int write, int delete, int create)
            throws IOException, InterruptedException {
        String experiment = As.root().experiment(fresh("role"));
        String run = As.root().run(experiment);
        As ann = person(role);
        assertThat(ann.status("GET", API + "runs/get?run_id=" + run, "")).isEqualTo(read);
        assertThat(ann.status(
                        "POST",
                        API + "runs/log-metric",
                        "{\"run_id\":\"" + run + "\",\"key\":\"m\",\"value\":1,\"timestamp\":1}"))
                .isEqualTo(write);
        assertThat(ann.status("POST", API + "experiments/create", "{\"name\":\"" + fresh("made") + "\"}"))
                .isEqualTo(create);
        assertThat(ann.status("POST", API + "runs/delete", "{\"run_id\":\"" + run + "\"}"))
                .isEqualTo(delete);
    }

    @Test
    void whoMakesAnExperimentMaintainsIt() throws IOException, InterruptedException {
        As ann = person("contributor");
        String experiment = ann.experiment(fresh("mine"));
        String run = ann.run(experiment);
        ann.ok("POST", API + "runs/delete", "{\"run_id\":\"" + run + "\"}");
        ann.ok("POST", API + "experiments/delete", "{\"experiment_id\":\"" + experiment + "\"}");
        assertThat(person("contributor")
                        .status("POST", API + "experiments/restore", "{\"experiment_id\":\"" + experiment + "\"}"))
                .isEqualTo(403);
    }

    @Test
    void aGrantOpensOneExperimentAndItsEndClosesIt() throws IOException, InterruptedException {
        String one = As.root().experiment(fresh("one"));
        String other = As.root().experiment(fresh("other"));
        As ann = person("");
        String body = "{\"experiment_id\":\"" + one + "\",\"username\":\"" + ann.name() + "\",\"permission\":\"EDIT\"}";
        JsonNode made = As.root().ok("POST", API + "experiments/permissions/create", body);
        assertThat(made.at("/experiment_permission/experiment_id").asText()).isEqualTo(one);
        assertThat(made.at("/experiment_permission/permission").asText()).isEqualTo("EDIT");
        ann.run(one);
        assertThat(ann.status("POST", API + "runs/create", "{\"experiment_id\":\"" + other + "\"}"))
                .isEqualTo(404);
        As.root().ok("PATCH", API + "experiments/permissions/update", body.replace("EDIT", "READ"));
        assertThat(ann.status("POST", API + "runs/create", "{\"experiment_id\":\"" + one + "\"}"))
                .isEqualTo(403);
        As.root()
                .ok(
                        "DELETE",
                        API + "experiments/permissions/delete?experiment_id=" + one + "&username=" + ann.name(),
                        "");
        assertThat(ann.status("GET", API + "experiments/get?experiment_id=" + one, ""))
                .isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"viewer", "contributor"})
    void onlyMaintainersGrant(String role) throws IOException, InterruptedException {
        String experiment = As.root().experiment(fresh("grant"));
        As ann = person(role);
        assertThat(ann.status(
                        "POST",
                        API + "experiments/permissions/create",
                        "{\"experiment_id\":\"" + experiment + "\",\"username\":\"" + ann.name()
                                + "\",\"permission\":\"MANAGE\"}"))
                .isEqualTo(403);
    }

    @Test
    void whatCannotBeMappedIsAClearError() throws IOException, InterruptedException {
        String experiment = As.root().experiment(fresh("map"));
        HttpResponse<String> response = As.root()
                .send(
                        "POST",
                        API + "experiments/permissions/create",
                        "{\"experiment_id\":\"" + experiment
                                + "\",\"username\":\"root\",\"permission\":\"NO_PERMISSIONS\"}");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(name(response)).contains("rights add up here");
    }

    @Test
    void pagesOfASearchFillWithWhatOneMayRead() throws IOException, InterruptedException {
        As ann = person("");
        List<String> readable = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            String experiment = As.root().experiment(fresh("page"));
            if (i % 3 == 0) {
                readable.add(experiment);
                As.root()
                        .ok(
                                "POST",
                                API + "experiments/permissions/create",
                                "{\"experiment_id\":\"" + experiment + "\",\"username\":\"" + ann.name()
                                        + "\",\"permission\":\"READ\"}");
            }
        }
        String token = "";
        List<String> seen = new ArrayList<>();
        for (int page = 0; page < 2; page++) {
            JsonNode found = ann.ok(
                    "POST",
                    API + "experiments/search",
                    "{\"max_results\":2,\"order_by\":[\"experiment_id\"],\"page_token\":\"" + token + "\"}");
            assertThat(found.path("experiments")).hasSize(2);
            seen.addAll(found.path("experiments").findValuesAsText("experiment_id"));
            token = found.path("next_page_token").asText();
        }
        assertThat(seen).containsExactlyElementsOf(readable);
        assertThat(token).isEmpty();
    }

    @Test
    void aFilterFindsNothingHidden() throws IOException, InterruptedException {
        String hidden = fresh("salary");
        As.root().experiment(hidden);
        As ann = person("");
        for (String filter :
                List.of("name = '" + hidden + "'", "name LIKE 'salary%'", "name ILIKE '%'", "creation_time > 0")) {
            JsonNode found = ann.ok(
                    "POST",
                    API + "experiments/search",
                    Json.object().put("filter", filter).toString());
            assertThat(found.has("experiments")).as(filter).isFalse();
            assertThat(found.has("next_page_token")).as(filter).isFalse();
        }
        assertThat(ann.status("GET", API + "experiments/get-by-name?experiment_name=" + hidden, ""))
                .isEqualTo(404);
    }

    @Test
    void aSearchForRunsLeavesOutExperimentsThatOneMayNotRead() throws IOException, InterruptedException {
        As ann = person("contributor");
        String mine = ann.experiment(fresh("mine"));
        String run = ann.run(mine);
        String project = project();
        String hidden = As.root().experiment(fresh("hidden"), WORKSPACE, project);
        As.root().run(hidden);
        JsonNode found =
                ann.ok("POST", API + "runs/search", "{\"experimentIds\":[\"" + hidden + "\",\"" + mine + "\"]}");
        assertThat(found.path("runs")).hasSize(1);
        assertThat(found.at("/runs/0/info/run_id").asText()).isEqualTo(run);
        assertThat(ann.ok("POST", API + "runs/search", "{\"experiment_ids\":[\"" + hidden + "\"]}")
                        .has("runs"))
                .isFalse();
    }

    @Test
    void oneHiddenRunAmongManyHidesNothingElseAndShowsNothing() throws IOException, InterruptedException {
        As ann = person("contributor");
        String mine = ann.run(ann.experiment(fresh("mine")));
        String hidden = As.root().run(As.root().experiment(fresh("hidden"), WORKSPACE, project()));
        String path = "/ajax-api/2.0/mlflow/metrics/get-history-bulk?metric_key=m&run_id=" + mine;
        ann.ok("GET", path, "");
        assertThat(ann.status("GET", path + "&run_id=" + hidden, "")).isEqualTo(404);
    }

    @Test
    void bothSpellingsOfTheApiAreGuardedAlike() throws IOException, InterruptedException {
        As ann = person("");
        for (String prefix : List.of("/api", "/ajax-api", "//api", "//ajax-api")) {
            HttpResponse<String> response = ann.send("GET", prefix + "/2.0/mlflow/experiments/get?experiment_id=0", "");
            assertThat(response.statusCode()).as(prefix).isEqualTo(404);
            assertThat(response.body()).as(prefix).doesNotContain("Default");
        }
    }

    @Test
    void usersAreManagedByAdministratorsAndReadByThemselves() throws IOException, InterruptedException {
        As ann = person("maintainer");
        assertThat(ann.status("GET", API + "users/list", "")).isEqualTo(403);
        assertThat(ann.status("POST", API + "users/create", "{\"username\":\"eve\",\"password\":\"" + PASSWORD + "\"}"))
                .isEqualTo(403);
        assertThat(ann.status(
                        "PATCH", API + "users/update-admin", "{\"username\":\"" + ann.name() + "\",\"is_admin\":true}"))
                .isEqualTo(403);
        assertThat(ann.ok("GET", API + "users/get?username=" + ann.name(), "")
                        .at("/user/is_admin")
                        .asBoolean(true))
                .isFalse();
        assertThat(ann.status("GET", API + "users/get?username=root", "")).isEqualTo(403);
        assertThat(ann.status("GET", API + "users/get?username=nobody", "")).isEqualTo(403);
    }

    @Test
    void anAdministratorIsMadeAndUnmade() throws IOException, InterruptedException {
        As ann = person("");
        String body = "{\"username\":\"" + ann.name() + "\",\"is_admin\":true}";
        As.root().ok("PATCH", API + "users/update-admin", body);
        ann.ok("GET", API + "users/list", "");
        As.root().ok("PATCH", API + "users/update-admin", body.replace("true", "false"));
        assertThat(ann.status("GET", API + "users/list", "")).isEqualTo(403);
    }

    @Test
    void aUserComesInAndGoes() throws IOException, InterruptedException {
        String name = fresh("wire");
        JsonNode user = As.root()
                .ok("POST", API + "users/create", "{\"username\":\"" + name + "\",\"password\":\"" + PASSWORD + "\"}");
        assertThat(user.at("/user/username").asText()).isEqualTo(name);
        assertThat(user.at("/user/experiment_permissions").isArray()).isTrue();
        HttpResponse<String> again = As.root()
                .send(
                        "POST",
                        API + "users/create",
                        "{\"username\":\"" + name + "\",\"password\":\"" + PASSWORD + "\"}");
        assertThat(again.statusCode()).isEqualTo(400);
        assertThat(Json.parse(again.body()).path("error_code").asText()).isEqualTo("RESOURCE_ALREADY_EXISTS");
        As.password(name).ok("GET", "/api/3.0/mlflow/users/current", "");
        As.root().ok("DELETE", API + "users/delete", "{\"username\":\"" + name + "\"}");
        assertThat(As.password(name).status("GET", "/api/access/me", "")).isEqualTo(401);
    }

    @Test
    void workspacesHaveNamesOfTheirOwn() throws IOException, InterruptedException {
        String project = project();
        String name = fresh("same-name");
        String here = As.root().experiment(name);
        String there = As.root().experiment(name, WORKSPACE, project);
        assertThat(there).isNotEqualTo(here);
        String path = API + "experiments/get-by-name?experiment_name=" + name;
        assertThat(As.root().ok("GET", path, "").at("/experiment/experiment_id").asText())
                .isEqualTo(here);
        JsonNode found = As.root().ok("GET", path, "", WORKSPACE, project);
        assertThat(found.at("/experiment/experiment_id").asText()).isEqualTo(there);
        assertThat(found.at("/experiment/workspace").asText()).isEqualTo(project);
        assertThat(As.root().status("GET", API + "experiments/get?experiment_id=" + here, "", WORKSPACE, project))
                .as("an id of another workspace")
                .isEqualTo(404);
        assertThat(As.root().status("GET", path, "", WORKSPACE, "no-such-workspace"))
                .isEqualTo(404);
    }

    @Test
    void workspacesAreMadeListedAndDeletedOverTheWire() throws IOException, InterruptedException {
        String name = fresh("space");
        String path = "/api/3.0/mlflow/workspaces";
        HttpResponse<String> made = As.root().send("POST", path, "{\"name\":\"" + name + "\"}");
        assertThat(made.statusCode()).isEqualTo(201);
        As ann = person("viewer");
        assertThat(ann.ok("GET", path, "").findValuesAsText("name"))
                .contains("default")
                .doesNotContain(name);
        assertThat(ann.status("GET", path + "/" + name, "")).isEqualTo(404);
        assertThat(ann.status("POST", path, "{\"name\":\"other\"}")).isEqualTo(403);
        member(name, ann, "viewer");
        assertThat(ann.ok("GET", path, "").findValuesAsText("name")).contains(name);
        HttpResponse<String> gone = As.root().send("DELETE", path + "/" + name + "?mode=RESTRICT", "");
        assertThat(gone.statusCode()).isEqualTo(204);
        assertThat(gone.body()).isEmpty();
    }

    @Test
    void aTokenForOneProjectSeesThatProjectAlone() throws IOException, InterruptedException {
        String project = project();
        String account = account("maintainer");
        member(project, As.password(account), "maintainer");
        As bound = tokenOf(account, Json.object().put("project", project).put("role", "contributor"));
        String there = bound.experiment(fresh("bound"));
        assertThat(As.root()
                        .ok("GET", API + "experiments/get?experiment_id=" + there, "")
                        .at("/experiment/workspace")
                        .asText())
                .isEqualTo(project);
        assertThat(bound.status("GET", API + "experiments/get?experiment_id=0", ""))
                .isEqualTo(404);
        assertThat(bound.status("GET", API + "experiments/get?experiment_id=" + there, "", WORKSPACE, "default"))
                .isEqualTo(404);
        assertThat(bound.status("POST", API + "experiments/delete", "{\"experiment_id\":\"" + there + "\"}"))
                .as("the token is a contributor's, whatever its owner may")
                .isEqualTo(403);
    }
}
