package dev.perennial.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.serving.Endpoints;
import dev.perennial.serving.MissingEnvironment;
import dev.perennial.serving.ScorerFleet;
import dev.perennial.serving.ScorerHello;
import dev.perennial.serving.ScorerPoll;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told of scorers when traffic was moved. */
class ServedTest {
    private static final ModelId TREES = ModelId.parse("trees");

    @TempDir
    Path folder;

    private Store store;
    private Endpoints endpoints;
    private ScorerFleet fleet;

    @BeforeEach
    void open() {
        TestClock clock = TestClock.fixed();
        store = Store.open(StoreSettings.local(folder), clock, SeededIds.of(1, clock), new SecureRandom());
        endpoints = new Endpoints(store.database());
        fleet = new ScorerFleet(store.database(), endpoints, clock);
    }

    @AfterEach
    void close() {
        fleet.close();
        store.close();
    }

    /** A scorer that runs the newest configuration, but for what it lacks. */
    private void scorer(long applied, MissingEnvironment... missing) {
        fleet.hello("edge", new ScorerHello(List.of(2), List.of(1), "b", "h", null, List.of(missing)), false, null);
        fleet.poll(new ScorerPoll("edge", "http://x", Long.MAX_VALUE, applied, 2, name -> true), Duration.ZERO);
    }

    private static MissingEnvironment lacks(String endpoint) {
        return new MissingEnvironment(endpoint, endpoint + "/2", "BUILDING", "");
    }

    private JsonNode told() {
        return Json.parse(Served.of(fleet, TREES, Json.object().put("name", "trees")));
    }

    private void assertTold(boolean served, String sentence) {
        assertThat(told().path("served").asBoolean()).isEqualTo(served);
        assertThat(told().path("serving").asText()).isEqualTo(sentence);
        assertThat(told().path("name").asText()).isEqualTo("trees");
    }

    @Test
    void allServeIt() {
        scorer(endpoints.revision());
        assertTold(true, "every scorer serves it");
    }

    @Test
    void oneThatIsBehindTakesItOverLater() {
        scorer(endpoints.revision() - 1, lacks("trees"));
        assertTold(false, "a scorer is away and takes it over when it is back");
    }

    @Test
    void oneThatLacksAnEnvironmentDoesNotServeIt() {
        scorer(endpoints.revision(), lacks("trees"));
        assertTold(false, "edge lacks the environment of trees/2; 'perennial status' tells more");
    }

    @Test
    void whatItLacksForAnotherEndpointDoesNotMatter() {
        scorer(endpoints.revision(), lacks("snakes"));
        assertTold(true, "every scorer serves it");
    }
}
