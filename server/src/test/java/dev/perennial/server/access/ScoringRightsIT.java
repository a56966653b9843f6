package dev.perennial.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.server.mlflow.RunningServer;
import dev.perennial.server.proof.ScorableModel;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who may score files, and who sees whose jobs. */
class ScoringRightsIT extends AccessFixture {
    private static As ann = As.root();
    private static As bob = As.root();
    private static As maintainer = As.root();
    private static As viewer = As.root();
    private static As stranger = As.root();

    @BeforeAll
    static void people() throws IOException, InterruptedException {
        ann = person("contributor");
        bob = person("contributor");
        maintainer = person("maintainer");
        viewer = person("viewer");
        stranger = person("");
        server.close();
        ScorableModel.into(folder.resolve("data"));
        server = RunningServer.start(folder, List.of("perennial.auth=true"));
    }

    private static ObjectNode order() {
        return Json.object()
                .put("endpoint", "frames")
                .put("name", "in.csv")
                .put("digest", Digest.of("x").hex());
    }

    private static String made(As who) throws IOException, InterruptedException {
        return who.ok("POST", "/api/scorings", order().toString()).path("id").asText();
    }

    private static List<String> listed(As who) throws IOException, InterruptedException {
        return who.ok("GET", "/api/scorings?limit=1000", "").findValuesAsText("id");
    }

    @Test
    void scoringNeedsTheRightToUseTheModel() throws IOException, InterruptedException {
        assertThat(ann.status("POST", "/api/scorings", order().toString())).isEqualTo(200);
        assertThat(viewer.status("POST", "/api/scorings", order().toString())).isEqualTo(403);
        assertThat(stranger.status("POST", "/api/scorings", order().toString())).isEqualTo(404);
        ObjectNode version = order().put("model", "frames/1");
        version.remove("endpoint");
        assertThat(viewer.status("POST", "/api/scorings", version.toString())).isEqualTo(403);
        assertThat(ann.status("POST", "/api/scorings", version.toString())).isEqualTo(200);
    }

    @Test
    void soItDoesByAVersionOfTheRegistryThatIsMadeReadyFirst() throws IOException, InterruptedException {
        maintainer.ok("POST", "/api/2.0/mlflow/registered-models/create", "{\"name\":\"Grass snakes\"}");
        ObjectNode version = order().put("model", "models:/Grass snakes/1");
        version.remove("endpoint");
        assertThat(viewer.status("POST", "/api/scorings", version.toString())).isEqualTo(403);
        assertThat(stranger.send("POST", "/api/scorings", version.toString()).body())
                .contains("no model 'Grass snakes' in project 'default'");
        HttpResponse<String> none = ann.send("POST", "/api/scorings", version.toString());
        assertThat(none.statusCode()).isEqualTo(404);
        assertThat(none.body()).contains("Grass snakes").doesNotContain("no model");
    }

    @Test
    void aJobIsSeenByItsAuthorAndByWhoManagesTheModel() throws IOException, InterruptedException {
        String job = made(ann);
        assertThat(ann.status("GET", "/api/scorings/" + job, "")).isEqualTo(200);
        assertThat(maintainer.status("GET", "/api/scorings/" + job, "")).isEqualTo(200);
        assertThat(As.root().status("GET", "/api/scorings/" + job, "")).isEqualTo(200);
        for (As other : List.of(bob, viewer, stranger)) {
            assertThat(other.status("GET", "/api/scorings/" + job, "")).isEqualTo(404);
            assertThat(other.status("GET", "/api/scorings/" + job + "/result", ""))
                    .isEqualTo(404);
            assertThat(other.status("POST", "/api/scorings/" + job + "/cancel", "{}"))
                    .isEqualTo(404);
            assertThat(other.status("POST", "/api/scorings/" + job + "/resume", "{}"))
                    .isEqualTo(404);
            assertThat(other.status("PUT", "/api/scorings/" + job + "/input", "x"))
                    .isEqualTo(404);
        }
    }

    @Test
    void listsShowOnesOwnJobs() throws IOException, InterruptedException {
        String anns = made(ann);
        String bobs = made(bob);
        assertThat(listed(ann)).contains(anns).doesNotContain(bobs);
        assertThat(listed(bob)).contains(bobs).doesNotContain(anns);
        assertThat(listed(maintainer)).contains(anns, bobs);
        assertThat(listed(viewer)).isEmpty();
    }

    @Test
    void filesOfTheServersMachineAreScoredForAdministratorsOnly() throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("here.csv"), ScorableModel.csv(1));
        String order = Json.object()
                .put("endpoint", "frames")
                .put("input", file.toString())
                .toString();
        for (As who : List.of(ann, maintainer)) {
            HttpResponse<String> refused = who.send("POST", "/api/scorings", order);
            assertThat(refused.statusCode()).isEqualTo(403);
            JsonNode error = Json.parse(refused.body()).path("error");
            assertThat(error.path("field").asText()).as("what a client goes by").isEqualTo("input");
            assertThat(error.path("message").asText())
                    .isEqualTo(
                            "files on the server's machine are scored for administrators only; send the file with its"
                                    + " 'digest'");
        }
        assertThat(As.root().status("POST", "/api/scorings", order)).isEqualTo(200);
    }

    @Test
    void whetherAFileIsThereIsNotToldToOthers() throws IOException, InterruptedException {
        String there = Json.object()
                .put("endpoint", "frames")
                .put("input", "/etc/hostname")
                .toString();
        String absent = Json.object()
                .put("endpoint", "frames")
                .put("input", "/no/such/file.csv")
                .toString();
        assertThat(ann.send("POST", "/api/scorings", there).body())
                .isEqualTo(ann.send("POST", "/api/scorings", absent).body());
    }

    @Test
    void aRightThatWasTakenAwayEndsOnesOwnJobs() throws IOException, InterruptedException {
        As leaving = person("contributor");
        String job = made(leaving);
        As.root().ok("PUT", "/api/access/projects/default/members/" + leaving.name(), "{\"roles\":[\"viewer\"]}");
        assertThat(leaving.status("GET", "/api/scorings/" + job + "/result", ""))
                .isEqualTo(403);
        As.root().ok("DELETE", "/api/access/projects/default/members/" + leaving.name(), "");
        assertThat(leaving.status("GET", "/api/scorings/" + job, "")).isEqualTo(404);
    }

    @Test
    void whatIsWrongIsNamed() throws IOException, InterruptedException {
        assertRefused(order().put("model", "frames/1"), "endpoint", "name what scores: either 'endpoint' or 'model'");
        assertRefused(order().put("name", "../in.csv"), "name", "'name', that of the file without its folder");
        assertRefused(order().put("name", "in.txt"), "input", "does not tell what the file is");
        assertRefused(order().put("digest", "abc"), "digest", "is not 64 lower-case hexadecimal digits");
        assertRefused(order().put("errorsMax", -1), "errorsMax", "expected 0 or more");
        assertRefused(order().put("errorsMax", "many"), "errorsMax", "must be a whole number");
        assertRefused(order().put("name", "in.jsonl").put("resultFormat", "csv"), "resultFormat", "leave --format out");
        assertRefused(order().put("resultFormat", "xml"), "resultFormat", "format 'xml' is not known");
        assertRefused(order().put("output", "/tmp/x.csv"), "output", "is fetched; it has no 'output' here");
    }

    private static void assertRefused(ObjectNode order, String field, String message)
            throws IOException, InterruptedException {
        HttpResponse<String> refused = ann.send("POST", "/api/scorings", order.toString());
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
        JsonNode error = Json.parse(refused.body()).path("error");
        assertThat(error.path("field").asText()).as(refused.body()).isEqualTo(field);
        assertThat(error.path("message").asText()).contains(message);
    }
}
