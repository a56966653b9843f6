package dev.perennial.scorer.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.ModelResources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScorerConfigTest {
    private static final String DIGEST = "ab".repeat(32);
    private static final String CONFIG = """
            {"revision":7,"flush":2,"younger":true,"endpoints":[{"name":"m","younger":{},"variants":[
             {"version":"m/1","role":"%s","weight":5,"model":{"manifest":"%s","file":"%s"}}]}]}
            """;

    @TempDir
    Path spool;

    private static ScorerConfig config(String role, String digest) {
        return Json.read(CONFIG.formatted(role, DIGEST, digest), ScorerConfig.class);
    }

    @Test
    void membersOfAYoungerServerAreIgnoredAndMissingOnesHaveDefaults() {
        ScorerConfig.EndpointConfig endpoint =
                config("champion", DIGEST).endpoints().getFirst();
        assertThat(endpoint.key()).isEmpty();
        assertThat(endpoint.salt()).isEmpty();
        assertThat(endpoint.clock()).isNull();
        assertThat(endpoint.fuseOrDefault().consecutive()).isEqualTo(5);
        assertThat(endpoint.fuseOrDefault().shareOrDefault()).isEqualTo(0.01);
        assertThat(endpoint.fuseOrDefault().rowsOrDefault()).isEqualTo(100);
    }

    @Test
    void whyACandidateIsOutAndWhetherCallersAreHalvedTravelWithIt() {
        ScorerConfig config = Json.read("""
                {"revision":7,"flush":2,"endpoints":[{"name":"m","halves":true,"calls":true,"variants":[
                 {"version":"m/2","role":"canary","weight":5,"fused":"5 errors in a row",
                  "model":{"manifest":"%s","file":"%s"}}]}]}""".formatted(DIGEST, DIGEST), ScorerConfig.class);
        ScorerConfig.EndpointConfig endpoint = config.endpoints().getFirst();
        assertThat(endpoint.halves()).isTrue();
        assertThat(endpoint.calls()).isTrue();
        assertThat(endpoint.variants().getFirst().fused()).isEqualTo("5 errors in a row");
        ScorerConfig older = config("champion", DIGEST);
        assertThat(older.endpoints().getFirst().halves()).isNull();
        assertThat(older.endpoints().getFirst().calls())
                .as("an older server could not read tallies of calls")
                .isNull();
        assertThat(older.endpoints().getFirst().variants().getFirst().fused()).isNull();
    }

    private static ScorerConfig.ModelFiles files(String more) {
        return Json.read("""
                {"version":"m/2","role":"shadow","weight":0,"model":{"manifest":"%s","file":"%s"}%s}""".formatted(DIGEST, DIGEST, more), ScorerConfig.VariantConfig.class)
                .model();
    }

    @Test
    void otherResourcesAreAnotherLoadedModel() {
        ScorerConfig.ModelFiles plain = files("");
        ScorerConfig.ModelFiles two = files(",\"resources\":{\"threads\":2,\"younger\":1}");
        assertThat(plain.uses()).isEqualTo(ModelResources.DEFAULT);
        assertThat(two.uses()).isEqualTo(new ModelResources(2, 1, 0));
        assertThat(files(",\"resources\":{\"instances\":3,\"memoryBytes\":70000000}")
                        .uses())
                .isEqualTo(new ModelResources(1, 3, 70_000_000));
        assertThat(two).isNotEqualTo(plain).isEqualTo(files(",\"resources\":{\"threads\":2}"));
        assertThat(files(",\"resources\":null")).isEqualTo(plain);
        assertThat(files(",\"load\":\"demand\",\"resources\":{\"threads\":2}").demand())
                .isTrue();
        assertThat(files(",\"resources\":{\"threads\":-1}").uses()).isEqualTo(ModelResources.DEFAULT);
    }

    @Test
    void resourcesAndConstantsAreTheSameAfterTheyWereKept() {
        ScorerConfig config = Json.read("""
                {"revision":7,"flush":2,"endpoints":[{"name":"m","fallback":{"outputs":{"p":[0.5,1]}},"variants":[
                 {"version":"m/2","role":"champion","weight":5,"resources":{"instances":2},"load":"demand",
                  "model":{"manifest":"%s","file":"%s"}}]}]}""".formatted(DIGEST, DIGEST), ScorerConfig.class);
        assertThat(Json.read(Json.write(config), ScorerConfig.class)).isEqualTo(config);
    }

    @Test
    void everyPlaceIsUnderstoodAndNoOther() {
        for (ScorerConfig.Place place : ScorerConfig.Place.values()) {
            String word = place.name().toLowerCase(java.util.Locale.ROOT);
            assertThat(config(word, DIGEST)
                            .endpoints()
                            .getFirst()
                            .variants()
                            .getFirst()
                            .role())
                    .isEqualTo(place);
        }
        assertThatThrownBy(() -> config("king", DIGEST)).isInstanceOf(PerennialException.class);
    }

    @Test
    void theModeIsStrictUnlessItSaysOtherwise() {
        assertThat(endpoint("{\"name\":\"m\"}").modeOrDefault()).isEqualTo(ScorerConfig.Mode.STRICT);
        assertThat(endpoint("{\"name\":\"m\",\"mode\":null}").modeOrDefault()).isEqualTo(ScorerConfig.Mode.STRICT);
        assertThat(endpoint("{\"name\":\"m\",\"mode\":\"strict\"}").modeOrDefault())
                .isEqualTo(ScorerConfig.Mode.STRICT);
        assertThat(endpoint("{\"name\":\"m\",\"mode\":\"mlflow\"}").modeOrDefault())
                .isEqualTo(ScorerConfig.Mode.MLFLOW);
    }

    @Test
    void anotherModeIsRefused() {
        assertThatThrownBy(() -> endpoint("{\"name\":\"m\",\"mode\":\"lenient\"}"))
                .isInstanceOf(PerennialException.class);
    }

    @Test
    void theModeIsKeptWithTheLastGoodConfiguration() {
        ScorerConfig config = Json.read(
                "{\"revision\":1,\"flush\":0,\"endpoints\":[{\"name\":\"m\",\"mode\":\"mlflow\"}]}",
                ScorerConfig.class);
        new LastGoodConfig(spool).keep(config);
        assertThat(new LastGoodConfig(spool).load()).contains(config);
    }

    private static ScorerConfig.EndpointConfig endpoint(String json) {
        return Json.read(json, ScorerConfig.EndpointConfig.class);
    }

    @Test
    void aDigestThatIsNoneNeverBecomesAPath() {
        for (String bad : new String[] {"", "../../etc/passwd", "ab".repeat(31), "g".repeat(64)}) {
            assertThatThrownBy(() -> config("champion", bad)).as(bad).isInstanceOf(PerennialException.class);
        }
    }

    @Test
    void theLastGoodConfigurationIsKept() {
        LastGoodConfig kept = new LastGoodConfig(spool);
        assertThat(kept.load()).isEmpty();
        kept.keep(config("warm", DIGEST));
        assertThat(new LastGoodConfig(spool).load()).contains(config("warm", DIGEST));
        assertThat(spool).isDirectoryNotContaining("glob:**.next");
    }

    @Test
    void aDamagedFileIsAsGoodAsNone() throws Exception {
        Files.writeString(spool.resolve("config.json"), "{\"revision\":");
        assertThat(new LastGoodConfig(spool).load()).isEmpty();
    }

    @Test
    void pausesDoubleUpToTheirBoundAndBeginAnew() {
        Backoff backoff = new Backoff(new SplittableRandom(1));
        long bound = 100;
        for (int i = 0; i < 20; i++) {
            assertThat(backoff.nextMillis()).isBetween(bound / 2, bound);
            bound = Math.min(5_000, bound * 2);
        }
        backoff.reset();
        assertThat(backoff.nextMillis()).isBetween(50L, 100L);
    }
}
