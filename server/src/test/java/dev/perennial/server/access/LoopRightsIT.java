package dev.perennial.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.events.EventLog;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Ids;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.VersionId;
import dev.perennial.lifecycle.Decision;
import dev.perennial.lifecycle.Decisions;
import dev.perennial.lifecycle.Lifecycles;
import dev.perennial.lifecycle.LoopState;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.LifecycleParser;
import dev.perennial.registry.ModelVersion;
import dev.perennial.registry.Registry;
import dev.perennial.server.mlflow.RunningServer;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.store.Transaction;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A model that a lifecycle file keeps: who signs its versions, and who moves what says what serves. */
class LoopRightsIT extends AccessFixture {
    private static final String MODEL = "flight-delay";
    private static final Path FILE = Path.of(System.getProperty("perennial.root"), "examples", MODEL, "lifecycle.yaml");

    private static final VersionId VERSION = new VersionId(ModelId.parse(MODEL), 1);

    private static As ann = As.root();
    private static As bob = As.root();

    /** What Ann applied and the version that it made are put there while no server runs, because both take a worker. */
    @BeforeAll
    static void appliedByAnn() throws IOException, InterruptedException {
        ann = person("maintainer");
        member("default", ann, "approver");
        bob = person("approver");
        server.close();
        TestClock clock = TestClock.fixed();
        Ids ids = SeededIds.of(1, clock);
        String text = Files.readString(FILE);
        LifecycleFile file =
                LifecycleParser.parse(text, FILE.getParent()).file().orElseThrow();
        try (Store store = Store.open(StoreSettings.local(folder.resolve("data")), clock, ids, new SecureRandom());
                EventLog events = new EventLog(store.database(), clock)) {
            Decisions decisions = new Decisions(store.database(), events, clock, ids);
            store.database().writing(tx -> {
                new Lifecycles(store.database(), clock)
                        .apply(tx, VERSION.model(), file, FILE.getParent().toString(), text, Optional.empty());
                pausedLoop(tx, clock.millis());
                decisions.record(tx, applied(file.digest(), clock.millis()));
                new Registry(store.database()).add(tx, version(file.digest(), clock.millis()));
            });
        }
        server = RunningServer.start(folder, List.of("perennial.auth=true"));
    }

    private static void pausedLoop(Transaction tx, long at) {
        tx.sql()
                .createUpdate("insert into loop_state (model, version, body) values (:model, 1, :body)")
                .bind("model", MODEL)
                .bind("body", Json.canonical(new LoopState(at, at, at, null, null, null, true, 0, at, null)))
                .execute();
    }

    private static Decisions.Draft applied(Digest lifecycle, long at) {
        return new Decisions.Draft(
                VERSION.model(),
                at,
                "user:" + ann.name(),
                Decision.Kind.APPLY,
                "APPLIED",
                null,
                "Lifecycle file applied",
                "",
                Json.object().put("digest", lifecycle.hex()),
                false);
    }

    private static ModelVersion version(Digest lifecycle, long at) {
        return new ModelVersion(
                VERSION,
                at,
                at,
                ModelVersion.Source.IMPORTED,
                Digest.of("manifest"),
                Digest.of("file"),
                lifecycle,
                null,
                null,
                null,
                ModelVersion.State.IN_REVIEW,
                Json.object());
    }

    private static HttpResponse<String> sign(As who) throws IOException, InterruptedException {
        return who.send("POST", "/api/models/" + MODEL + "/sign", "{\"version\":1,\"reason\":\"looks right\"}");
    }

    @Test
    void nobodySignsWhatTheyAppliedAlthoughTheyApprove() throws IOException, InterruptedException {
        HttpResponse<String> refused = sign(ann);
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
        assertThat(refused.body())
                .contains("'" + ann.name() + "' proposed or applied what made version '" + MODEL + "/1', so another"
                        + " approver has to sign it");
        JsonNode entries = As.root().ok("GET", "/api/ledger/entries?stream=access&limit=1000", "");
        assertThat(entries.path("items"))
                .anyMatch(entry -> entry.path("action").asText().equals("auth.token.use_denied")
                        && entry.path("actor").asText().equals("user:" + ann.name()));
    }

    @Test
    void aNameInTheBodyMakesItNobodyElsesWork() throws IOException, InterruptedException {
        HttpResponse<String> refused = ann.send(
                "POST",
                "/api/models/" + MODEL + "/sign",
                Json.object()
                        .put("version", 1)
                        .put("reason", "r")
                        .put("by", bob.name())
                        .toString(),
                "X-Perennial-Actor",
                bob.name());
        assertThat(refused.statusCode()).isEqualTo(403);
    }

    @Test
    void anotherApproverComesAsFarAsTheReview() throws IOException, InterruptedException {
        HttpResponse<String> answer = sign(bob);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).contains("does not wait for a signature");
    }

    @Test
    void filesOfTheServersMachineAreReadForAdministratorsOnly() throws IOException, InterruptedException {
        String body = Json.object()
                .put("reason", "looks right")
                .put("modelFile", "/etc/hostname")
                .put("manifestFile", "/no/such/file")
                .toString();
        HttpResponse<String> refused = ann.send("POST", "/api/models/" + MODEL + "/candidates", body);
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
        assertThat(refused.body())
                .contains("which are read for administrators only")
                .doesNotContain("/no/such");
        assertThat(As.root()
                        .send("POST", "/api/models/" + MODEL + "/candidates", body)
                        .body())
                .contains("/no/such/file");
    }

    @Test
    void anAdministratorSignsNothingWithoutTheRole() throws IOException, InterruptedException {
        HttpResponse<String> refused = sign(As.root());
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("signing needs the role approver in project 'default'");
    }

    private static String alias(String alias) {
        return Json.object()
                .put("name", MODEL)
                .put("alias", alias)
                .put("version", "1")
                .toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"champion", "previous"})
    void whatSaysWhatServesIsMovedByTheLifecycleAlone(String alias) throws IOException, InterruptedException {
        As carl = person("");
        As.root()
                .ok(
                        "POST",
                        API + "registered-models/permissions/create",
                        Json.object()
                                .put("name", MODEL)
                                .put("username", carl.name())
                                .put("permission", "MANAGE")
                                .toString());
        for (As who : List.of(carl, ann, As.root())) {
            HttpResponse<String> moved = who.send("POST", API + "registered-models/alias", alias(alias));
            assertThat(moved.statusCode()).as(moved.body()).isEqualTo(400);
            assertThat(moved.body()).contains("its lifecycle alone moves it");
            assertThat(who.status(
                            "DELETE",
                            API + "registered-models/alias",
                            Json.object().put("name", MODEL).put("alias", alias).toString()))
                    .isEqualTo(400);
            assertThat(who.status("GET", API + "registered-models/alias?name=" + MODEL + "&alias=" + alias, ""))
                    .isIn(400, 404);
        }
    }

    @Test
    void anotherAliasIsMovedByWhoMayEditTheModel() throws IOException, InterruptedException {
        ann.ok("POST", API + "registered-models/alias", alias("tried-out"));
        assertThat(bob.status("POST", API + "registered-models/alias", alias("tried-out")))
                .isEqualTo(403);
    }

    @Test
    void aReaderOfNothingIsCarriedPastTheEvents() throws IOException, InterruptedException {
        JsonNode all = As.root().ok("GET", "/api/events?after=0", "");
        assertThat(all.path("items")).isNotEmpty();
        As nobody = person("");
        JsonNode hidden = nobody.ok("GET", "/api/events?after=0", "");
        assertThat(hidden.path("items")).isEmpty();
        long position = hidden.path("position").asLong();
        assertThat(position).isGreaterThanOrEqualTo(all.path("position").asLong());
        assertThat(nobody.ok("GET", "/api/events?after=" + position, "")
                        .path("position")
                        .asLong())
                .isEqualTo(position);
    }
}
