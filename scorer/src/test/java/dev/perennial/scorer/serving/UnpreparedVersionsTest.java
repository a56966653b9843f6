package dev.perennial.scorer.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.Models;
import dev.perennial.scorer.PythonManifests;
import dev.perennial.scorer.ScorerSettings;
import dev.perennial.scorer.config.BlobSource;
import dev.perennial.scorer.config.ScorerConfig;
import dev.perennial.scorer.http.Health;
import dev.perennial.scorer.serving.Unprepared.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is served while environments are missing. */
class UnpreparedVersionsTest {
    private static final NotPrepared BUILDING = new NotPrepared(State.BUILDING, "");

    @TempDir
    Path folder;

    private final List<FuseReport> blown = new ArrayList<>();
    private NotPrepared state = BUILDING;
    private Models models;
    private Router router;
    private Health health;

    @BeforeEach
    void start() {
        models = new Models(folder.resolve("blobs"));
        ScorerSettings settings = ScorerSettings.parse(
                "--server", "http://127.0.0.1:1",
                "--id", "s1",
                "--standalone", "yes",
                "--spool", folder.resolve("spool").toString(),
                "--blobs", folder.resolve("blobs").toString());
        Environments none = (manifest, told) -> {
            if (manifest.python() != null) {
                throw state;
            }
            return told;
        };
        router = new Router(settings, BlobSource.LOCAL, none, new Metrics(), blown::add);
        health = new Health(router, () -> 1, () -> true, () -> false, () -> "");
    }

    private boolean apply(long revision, String... endpoints) {
        return router.apply(Json.read(
                "{\"revision\":%d,\"flush\":0,\"endpoints\":[%s]}".formatted(revision, String.join(",", endpoints)),
                ScorerConfig.class));
    }

    private static String endpoint(String name, String... variants) {
        return "{\"name\":\"%s\",\"key\":[],\"salt\":\"s\",\"variants\":[%s]}"
                .formatted(name, String.join(",", variants));
    }

    private String tree(String version) throws IOException {
        return Models.variant(version, "champion", 10_000, models.model(0.25, "x"));
    }

    private String python(String version, String role) throws IOException {
        byte[] manifest = PythonManifests.of("3.11.7", "probe==1.0");
        Digest digest = Digest.of(manifest);
        Path blob = folder.resolve(
                "blobs", digest.hex().substring(0, 2), digest.hex().substring(2));
        Files.createDirectories(blob.getParent());
        Files.write(blob, manifest);
        String files = Json.object()
                .put("manifest", digest.hex())
                .put("file", Digest.of("an MLmodel").hex())
                .put("environment", Digest.of("the server's").hex())
                .toString();
        return Models.variant(version, role, role.equals("champion") ? 10_000 : 100, files);
    }

    private String champion(String endpoint) {
        try (Serving serving = router.lease()) {
            Endpoint found = serving.endpoint(endpoint);
            return found == null ? "none" : found.championVersion();
        }
    }

    @Test
    void theOthersServeAndTheConfigurationCountsAsTaken() throws Exception {
        assertThat(apply(1, endpoint("trees", tree("trees/1")), endpoint("snakes", python("snakes/1", "champion"))))
                .isTrue();
        assertThat(champion("trees")).isEqualTo("trees/1");
        assertThat(champion("snakes")).isEqualTo("none");
        assertThat(router.unprepared()).containsExactly(new Unprepared("snakes", "snakes/1", State.BUILDING, ""));
        assertThat(router.problem()).isEmpty();
    }

    @Test
    void aScorerThatStartsIsNotReadyUntilItHadAll() throws Exception {
        apply(1, endpoint("trees", tree("trees/1")), endpoint("snakes", python("snakes/1", "champion")));
        assertThat(health.reason()).isEqualTo("no champion loaded for [snakes]: building the environment of snakes/1");
    }

    @Test
    void oneThatWasReadyStaysReadyWhileANewEndpointWaitsForItsEnvironment() throws Exception {
        apply(1, endpoint("trees", tree("trees/1")));
        apply(2, endpoint("trees", tree("trees/1")), endpoint("snakes", python("snakes/1", "champion")));
        assertThat(health.reason()).isEmpty();
        assertThat(router.loading()).isEmpty();
        assertThat(champion("snakes")).isEqualTo("none");
    }

    @Test
    void aNewChampionWithoutItsEnvironmentLeavesTheOneBefore() throws Exception {
        apply(1, endpoint("m", tree("m/1")));
        assertThat(apply(2, endpoint("m", python("m/2", "champion")))).isTrue();
        assertThat(champion("m")).isEqualTo("m/1");
    }

    @Test
    void aCandidateWithoutItsEnvironmentIsLeftOutAndItsFuseStays() throws Exception {
        assertThat(apply(1, endpoint("m", tree("m/1"), python("m/2", "canary"))))
                .isTrue();
        assertThat(champion("m")).isEqualTo("m/1");
        assertThat(blown).isEmpty();
        assertThat(router.unprepared()).extracting(Unprepared::version).containsExactly("m/2");
    }

    @Test
    void whyItCannotBeBuiltIsToldWithTheNextLook() throws Exception {
        apply(1, endpoint("m", python("m/2", "champion")));
        state = new NotPrepared(State.FAILED, "pip ended with exit code 1");
        apply(1, endpoint("m", python("m/2", "champion")));
        assertThat(router.unprepared())
                .containsExactly(new Unprepared("m", "m/2", State.FAILED, "pip ended with exit code 1"));
        assertThat(health.reason()).endsWith("the environment of m/2 cannot be built: pip ended with exit code 1");
    }

    @Test
    void oneThatNobodyWantsAnyMoreIsNotTold() throws Exception {
        apply(1, endpoint("m", python("m/2", "champion")));
        apply(2, endpoint("m", tree("m/1")));
        assertThat(router.unprepared()).isEmpty();
        assertThat(health.reason()).isEmpty();
    }

    @Test
    void ofALongOutputTheFirstLineAndTheEndAreTold() {
        String message =
                new Unprepared("m", "m/2", State.FAILED, "pip ended\n" + "x".repeat(9_000) + "the end").message();
        assertThat(message).startsWith("pip ended\n... x").endsWith("xthe end").hasSizeLessThan(2_100);
    }
}
