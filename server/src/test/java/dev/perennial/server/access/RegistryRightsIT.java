package dev.perennial.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What signed-in callers may do with registered models, and who may send their events elsewhere. */
class RegistryRightsIT extends AccessFixture {
    private static final String WORKSPACE = "X-MLFLOW-WORKSPACE";

    private static String name(String model) {
        return "{\"name\":\"" + model + "\"}";
    }

    private static String made(As by, String... headers) throws IOException, InterruptedException {
        String model = fresh("model");
        by.ok("POST", API + "registered-models/create", name(model), headers);
        return model;
    }

    private static String get(String model) {
        return API + "registered-models/get?name=" + model;
    }

    @Test
    void whoMakesAModelMayDeleteIt() throws IOException, InterruptedException {
        As ann = person("contributor");
        String model = made(ann);
        assertThat(person("contributor").status("DELETE", API + "registered-models/delete", name(model)))
                .as("another contributor")
                .isEqualTo(403);
        ann.ok("DELETE", API + "registered-models/delete", name(model));
        assertThat(ann.status("GET", get(model), "")).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({
        "viewer, 200, 403, 403",
        "approver, 200, 403, 403",
        "contributor, 200, 200, 403",
        "maintainer, 200, 200, 200",
        "'', 404, 404, 404"
    })
    void rolesReadDescribeAndDelete(String role, int read, int describe, int delete)
            throws IOException, InterruptedException {
        String model = made(As.root());
        As ann = person(role);
        assertThat(ann.status("GET", get(model), "")).isEqualTo(read);
        assertThat(ann.status(
                        "PATCH",
                        API + "registered-models/update",
                        "{\"name\":\"" + model + "\",\"description\":\"d\"}"))
                .isEqualTo(describe);
        assertThat(ann.status("DELETE", API + "registered-models/delete", name(model)))
                .isEqualTo(delete);
    }

    @Test
    void aForeignModelIsAnsweredLikeOneThatIsNotThere() throws IOException, InterruptedException {
        String model = made(As.root());
        As ann = person("");
        HttpResponse<String> foreign = ann.send("GET", get(model), "");
        HttpResponse<String> absent = ann.send("GET", get("absent"), "");
        assertThat(foreign.statusCode()).isEqualTo(404).isEqualTo(absent.statusCode());
        assertThat(foreign.body().replace(model, "N")).isEqualTo(absent.body().replace("absent", "N"));
    }

    @Test
    void aModelOfAnotherProjectIsNotThere() throws IOException, InterruptedException {
        String project = project();
        String model = made(As.root(), WORKSPACE, project);
        As ann = person("maintainer");
        assertThat(ann.status("GET", get(model), "")).isEqualTo(404);
        assertThat(ann.status("GET", get(model), "", WORKSPACE, project)).isEqualTo(404);
        member(project, ann, "viewer");
        assertThat(ann.status("GET", get(model), "", WORKSPACE, project)).isEqualTo(200);
        assertThat(ann.status("DELETE", API + "registered-models/delete", name(model), WORKSPACE, project))
                .isEqualTo(403);
    }

    @Test
    void searchesShowWhatOneMayReadInFullPages() throws IOException, InterruptedException {
        As ann = person("");
        String first = made(As.root());
        made(As.root());
        made(As.root());
        String last = made(As.root());
        for (String model : new String[] {first, last}) {
            As.root()
                    .ok(
                            "POST",
                            API + "registered-models/permissions/create",
                            "{\"name\":\"" + model + "\",\"username\":\"" + ann.name() + "\",\"permission\":\"READ\"}");
        }
        JsonNode page = ann.ok("GET", API + "registered-models/search?max_results=2", "");
        assertThat(page.path("registered_models").findValuesAsText("name")).containsExactlyInAnyOrder(first, last);
        assertThat(person("").ok("GET", API + "registered-models/search", "").toString())
                .doesNotContain("model-");
    }

    @Test
    void aModelThatWasRenamedKeepsItsGrants() throws IOException, InterruptedException {
        As ann = person("contributor");
        String model = made(ann);
        String renamed = fresh("renamed");
        ann.ok(
                "POST",
                API + "registered-models/rename",
                "{\"name\":\"" + model + "\",\"new_name\":\"" + renamed + "\"}");
        ann.ok("DELETE", API + "registered-models/delete", name(renamed));
    }

    @Test
    void aNewModelOfAnOldNameHasNoneOfTheOldGrants() throws IOException, InterruptedException {
        As ann = person("contributor");
        String model = made(ann);
        ann.ok("DELETE", API + "registered-models/delete", name(model));
        As.root().ok("POST", API + "registered-models/create", name(model));
        assertThat(ann.status("DELETE", API + "registered-models/delete", name(model)))
                .isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource({"maintainer, 403", "contributor, 403", "'', 403", "ADMINISTRATOR, 200"})
    void webhooksAreForAdministrators(String role, int status) throws IOException, InterruptedException {
        As who = role.equals("ADMINISTRATOR") ? As.root() : person(role);
        assertThat(who.status("GET", API + "webhooks", "")).isEqualTo(status);
    }
}
