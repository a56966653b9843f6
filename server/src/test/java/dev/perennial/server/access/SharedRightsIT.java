package dev.perennial.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Members of a project, webhooks, and searches whose reader's rights change between two pages. */
class SharedRightsIT extends AccessFixture {
    private static String members(String project) {
        return "/api/access/projects/" + project + "/members";
    }

    private static String roles(String... roles) {
        ObjectNode body = Json.object();
        List.of(roles).forEach(body.putArray("roles")::add);
        return body.toString();
    }

    @Test
    void aMaintainerManagesMembersAndNamesNoApprover() throws IOException, InterruptedException {
        String project = project();
        As ann = person("");
        As bob = person("");
        member(project, ann, "maintainer");
        String bobs = members(project) + "/" + bob.name();
        assertThat(ann.ok("PUT", bobs, roles("viewer", "contributor")).path("roles"))
                .extracting(JsonNode::asText)
                .containsExactly("viewer", "contributor");
        assertThat(ann.status("PUT", bobs, roles("viewer", "approver"))).isEqualTo(403);
        assertThat(ann.status(
                        "POST",
                        members(project),
                        Json.object()
                                .put("user", ann.name())
                                .put("role", "approver")
                                .toString()))
                .isEqualTo(403);
        JsonNode listed = bob.ok("GET", members(project), "");
        assertThat(listed.path("items").findValuesAsText("user")).contains(ann.name(), bob.name());
        assertThat(listed.path("items").toString()).doesNotContain("approver");
        ann.ok("DELETE", bobs, "");
        assertThat(bob.status("GET", members(project), "")).isEqualTo(404);
        assertThat(ann.status("DELETE", bobs, "")).isEqualTo(404);
    }

    @Test
    void aMaintainerTakesNoApproverAwayWhicheverCallItIs() throws IOException, InterruptedException {
        String project = project();
        As ann = person("");
        As bob = person("");
        member(project, ann, "maintainer");
        member(project, bob, "approver");
        String bobs = members(project) + "/" + bob.name();
        String removal = Json.object().put("user", bob.name()).toString();
        assertThat(ann.status("DELETE", bobs, "")).isEqualTo(403);
        assertThat(ann.status("PUT", bobs, roles("contributor"))).isEqualTo(403);
        assertThat(ann.status("POST", members(project) + "/remove", removal)).isEqualTo(403);
        assertThat(ann.ok("PUT", bobs, roles("contributor", "approver")).path("roles"))
                .hasSize(2);
        member(project, ann, "approver");
        assertThat(ann.ok("PUT", members(project) + "/" + ann.name(), roles("maintainer"))
                        .path("roles"))
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "viewer, 200, 403",
        "contributor, 200, 403",
        "approver, 200, 403",
        "maintainer, 200, 200",
        "'', 404, 404"
    })
    void membersAreReadByReadersAndChangedByMaintainers(String role, int read, int change)
            throws IOException, InterruptedException {
        String project = project();
        As ann = person("");
        As bob = person("");
        if (!role.isEmpty()) {
            member(project, ann, role);
        }
        assertThat(ann.status("GET", members(project), "")).isEqualTo(read);
        assertThat(ann.status("PUT", members(project) + "/" + bob.name(), roles("viewer")))
                .isEqualTo(change);
        assertThat(bob.status("GET", members(project), "")).isEqualTo(change == 200 ? 200 : 404);
    }

    @Test
    void membersComeInPagesByName() throws IOException, InterruptedException {
        String project = project();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            As who = person("");
            names.add(who.name());
            member(project, who, "viewer");
        }
        names.add(ROOT);
        List<String> seen = new ArrayList<>();
        String next = "";
        do {
            JsonNode page = As.root().ok("GET", members(project) + "?limit=2" + next, "");
            assertThat(page.path("items").size()).isLessThanOrEqualTo(2);
            seen.addAll(page.path("items").findValuesAsText("user"));
            next = page.hasNonNull("next") ? "&page_token=" + page.path("next").asText() : "";
        } while (!next.isEmpty());
        assertThat(seen).isSorted().containsExactlyInAnyOrderElementsOf(names);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "{}|'roles' must be a list of roles",
                "{\"roles\":\"viewer\"}|'roles' must be a list of roles",
                "{\"roles\":[]}|name at least one role",
                "{\"roles\":[\"owner\"]}|role 'owner' is none of",
                "{\"roles\":[\"administrator\"]}|administrators are so everywhere",
                "{\"roles\":[7]}|role '7' is none of",
                "{\"role\":\"viewer\"}|unknown key 'role'"
            })
    void rolesThatAreNoneAreToldByName(String body, String told) throws IOException, InterruptedException {
        As ann = person("");
        HttpResponse<String> refused = As.root().send("PUT", members(project()) + "/" + ann.name(), body);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains(told);
    }

    // ---- webhooks ----

    private static final String HOOK =
            "{\"name\":\"h\",\"events\":[{\"entity\":\"REGISTERED_MODEL\",\"action\":\"CREATED\"}],\"url\":\"URL\"}";

    private static String hook(String url) {
        return HOOK.replace("URL", url);
    }

    @ParameterizedTest
    @ValueSource(strings = {"viewer", "contributor", "maintainer", "approver", ""})
    void onlyAdministratorsSendEventsElsewhere(String role) throws IOException, InterruptedException {
        String id = As.root()
                .ok("POST", API + "webhooks", hook("https://93.184.215.14/" + fresh("hook")))
                .at("/webhook/webhook_id")
                .asText();
        As who = person(role);
        assertThat(who.status("POST", API + "webhooks", hook("https://93.184.215.14/x")))
                .isEqualTo(403);
        assertThat(who.status("PATCH", API + "webhooks/" + id, "{\"url\":\"https://93.184.215.14/y\"}"))
                .isEqualTo(403);
        assertThat(who.status("POST", API + "webhooks/" + id + "/test", "{}")).isEqualTo(403);
        assertThat(who.status("DELETE", API + "webhooks/" + id, "")).isEqualTo(403);
        assertThat(who.status("PUT", "/api/notifications", "{\"webhook\":\"https://93.184.215.14/x\"}"))
                .isEqualTo(403);
        assertThat(As.root().status("GET", API + "webhooks/" + id, "")).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://127.0.0.1/x",
                "https://localhost/x",
                "https://10.0.0.1/x",
                "https://172.16.0.1/x",
                "https://192.168.1.1/x",
                "https://169.254.169.254/latest/meta-data",
                "https://0.0.0.0/x",
                "https://[::1]/x",
                "https://[fd00::1]/x",
                "https://[::ffff:127.0.0.1]/x",
                "http://93.184.215.14/x",
                "file:///etc/passwd",
                "ftp://93.184.215.14/x"
            })
    void aTargetInsideIsRefusedForANewWebhookAndAnOldOne(String url) throws IOException, InterruptedException {
        HttpResponse<String> made = As.root().send("POST", API + "webhooks", hook(url));
        assertThat(made.statusCode()).as(made.body()).isEqualTo(400);
        String id = As.root()
                .ok("POST", API + "webhooks", hook("https://93.184.215.14/" + fresh("hook")))
                .at("/webhook/webhook_id")
                .asText();
        assertThat(As.root()
                        .status(
                                "PATCH",
                                API + "webhooks/" + id,
                                Json.object().put("url", url).toString()))
                .isEqualTo(400);
        assertThat(As.root()
                        .ok("GET", API + "webhooks/" + id, "")
                        .at("/webhook/url")
                        .asText())
                .startsWith("https://93.184.215.14/");
    }

    // ---- pages while rights change ----

    private static void grant(String experiment, As who) throws IOException, InterruptedException {
        As.root()
                .ok(
                        "POST",
                        API + "experiments/permissions/create",
                        Json.object()
                                .put("experiment_id", experiment)
                                .put("username", who.name())
                                .put("permission", "READ")
                                .toString());
    }

    private static void end(String experiment, As who) throws IOException, InterruptedException {
        As.root()
                .ok(
                        "DELETE",
                        API + "experiments/permissions/delete?experiment_id=" + experiment + "&username=" + who.name(),
                        "");
    }

    private static JsonNode experiments(As who, String token) throws IOException, InterruptedException {
        return who.ok(
                "POST",
                API + "experiments/search",
                Json.object()
                        .put("max_results", 2)
                        .put("page_token", token)
                        .set("order_by", Json.array().add("experiment_id ASC"))
                        .toString());
    }

    @Test
    void pagesGoOnWhenGrantsComeAndGo() throws IOException, InterruptedException {
        As ann = person("");
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            all.add(As.root().experiment(fresh("paged")));
        }
        for (int i : List.of(1, 2, 4, 5, 6, 7)) {
            grant(all.get(i), ann);
        }
        JsonNode first = experiments(ann, "");
        assertThat(first.path("experiments").findValuesAsText("experiment_id")).containsExactly(all.get(1), all.get(2));
        end(all.get(2), ann);
        end(all.get(5), ann);
        grant(all.get(0), ann);
        grant(all.get(8), ann);
        List<String> rest = new ArrayList<>();
        String token = first.path("next_page_token").asText();
        while (!token.isEmpty()) {
            JsonNode page = experiments(ann, token);
            rest.addAll(page.path("experiments").findValuesAsText("experiment_id"));
            token = page.path("next_page_token").asText();
        }
        assertThat(rest).containsExactly(all.get(4), all.get(6), all.get(7), all.get(8));
    }

    @Test
    void aReaderWhoLosesTheLastGrantSeesNothingMore() throws IOException, InterruptedException {
        As ann = person("");
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            all.add(As.root().experiment(fresh("lost")));
            grant(all.get(i), ann);
        }
        String token = experiments(ann, "").path("next_page_token").asText();
        for (String experiment : all) {
            end(experiment, ann);
        }
        assertThat(experiments(ann, token).has("experiments")).isFalse();
        assertThat(experiments(ann, token).has("next_page_token")).isFalse();
    }

    @Test
    void aPageTokenOpensNothingForAnotherReader() throws IOException, InterruptedException {
        As ann = person("viewer");
        As.root().experiment(fresh("others"));
        As.root().experiment(fresh("others"));
        As.root().experiment(fresh("others"));
        String token = experiments(ann, "").path("next_page_token").asText();
        assertThat(token).isNotEmpty();
        assertThat(experiments(person(""), token).has("experiments")).isFalse();
    }

    @Test
    void aSearchForRunsSaysThatRightsHaveChanged() throws IOException, InterruptedException {
        As ann = person("");
        String one = As.root().experiment(fresh("runs"));
        String two = As.root().experiment(fresh("runs"));
        for (String experiment : List.of(one, two)) {
            grant(experiment, ann);
            As.root().run(experiment);
            As.root().run(experiment);
        }
        ObjectNode search = Json.object().put("max_results", 1);
        search.putArray("experiment_ids").add(one).add(two);
        String token = ann.ok("POST", API + "runs/search", search.toString())
                .path("next_page_token")
                .asText();
        ann.ok("POST", API + "runs/search", search.put("page_token", token).toString());
        end(two, ann);
        HttpResponse<String> refused = ann.send("POST", API + "runs/search", search.toString());
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("the experiments that you may read have changed; start without one");
    }

    @Test
    void aSearchForModelsGoesOnToo() throws IOException, InterruptedException {
        As ann = person("");
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            String model = "grown-" + i + "-" + fresh("m");
            all.add(model);
            As.root().ok("POST", API + "registered-models/create", "{\"name\":\"" + model + "\"}");
            if (i != 2) {
                modelGrant(model, ann);
            }
        }
        String search = API + "registered-models/search?max_results=1&page_token=";
        JsonNode first = ann.ok("GET", search, "");
        modelGrant(all.get(2), ann);
        List<String> rest = new ArrayList<>();
        String token = first.path("next_page_token").asText();
        while (!token.isEmpty()) {
            JsonNode page = ann.ok("GET", search + token, "");
            rest.addAll(page.path("registered_models").findValuesAsText("name"));
            token = page.path("next_page_token").asText();
        }
        assertThat(rest).containsExactly(all.get(1), all.get(2), all.get(3));
    }

    private static void modelGrant(String model, As who) throws IOException, InterruptedException {
        As.root()
                .ok(
                        "POST",
                        API + "registered-models/permissions/create",
                        Json.object()
                                .put("name", model)
                                .put("username", who.name())
                                .put("permission", "READ")
                                .toString());
    }
}
