package dev.perennial.lifecycle;

import static dev.perennial.lifecycle.EndpointFixture.CANDIDATE;
import static dev.perennial.lifecycle.EndpointFixture.CHAMPION;
import static dev.perennial.lifecycle.EndpointFixture.ENDPOINT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Json;
import dev.perennial.predictionlog.SegmentReader;
import dev.perennial.rollout.BlockSpec;
import dev.perennial.rollout.Look;
import dev.perennial.serving.BlockTallies;
import dev.perennial.testing.FreshSqlite;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rollouts of an endpoint whose calls are tensors: no record, no score, tallies of calls only. */
class TensorRolloutsTest {
    private static final BlockSpec PLAN = BlockSpec.parse("shadow 2m 100 rows, 10% 3m 20 rows, 50% 3m 100 rows");

    @TempDir
    Path folder;

    private EndpointFixture life;

    @BeforeEach
    void open() {
        life = new EndpointFixture(folder, FreshSqlite.under(folder.resolve("data")));
        life.tensors = true;
    }

    @AfterEach
    void close() {
        life.close();
    }

    private String start(BlockSpec spec) {
        return life.start(spec, new People.Act("ann", "a better one"));
    }

    private List<String> verdicts(String rollout) {
        return life.verdicts(rollout);
    }

    @Test
    void anEndpointOfTensorsIsRolledOutByTimeRowsErrorsAndLatency() {
        life.earlier(10, 400);
        String rollout = start(PLAN);
        life.minutes(12, 400);
        assertThat(verdicts(rollout))
                .containsExactly("STARTED", "ADVANCE STEP_PASSED", "ADVANCE STEP_PASSED", "PROMOTE STEP_PASSED");
        assertThat(life.serving()).containsExactly(CHAMPION + " warm 0", CANDIDATE + " champion 10000");
        Look last = life.book.looks(rollout).getLast();
        assertThat(last.guards())
                .extracting(guard -> guard.guard() + " " + guard.verdict() + " " + guard.why())
                .containsExactly(
                        "harm OFF no outcomes are expected",
                        "score OFF this endpoint gives tensors",
                        "errors CLEAR null",
                        "latency CLEAR null");
        assertThat(last.minima().rows()).as("three for each call").isGreaterThan(3 * 150);
        assertThat(new Rejudging(life.book, life.decisions)
                        .rejudge(ENDPOINT, rollout)
                        .same())
                .isTrue();
    }

    @Test
    void aCandidateForTensorsThatFailsAFifthOfItsCallsIsStopped() {
        life.earlier(10, 12_000);
        life.failing = 20;
        String rollout = start(BlockSpec.parse("10% 30m"));
        life.minutes(31, 2_000);
        assertThat(verdicts(rollout)).containsExactly("STARTED", "STOP ERRORS");
        assertThat(life.serving()).containsExactly(CHAMPION + " champion 10000");
    }

    @Test
    void aCandidateForTensorsThatTakesThreeTimesAsLongIsStopped() {
        life.earlier(10, 2_000);
        life.times = 3;
        String rollout = start(BlockSpec.parse("10% 30m"));
        life.minutes(31, 2_000);
        assertThat(verdicts(rollout)).containsExactly("STARTED", "STOP LATENCY");
    }

    @Test
    void scorersAreAskedForTalliesOfPeoplesEndpoints() {
        assertThat(life.endpoints.config().endpoints()).singleElement().satisfies(endpoint -> {
            assertThat(endpoint.calls()).isTrue();
            assertThat(Json.tree(endpoint).path("calls").asBoolean()).isTrue();
        });
    }

    @Test
    void withoutEightEarlierPeriodsOfTensorsAPersonIsAsked() {
        life.earlier(7, 400);
        String rollout = start(PLAN);
        life.minutes(2, 400);
        assertThat(verdicts(rollout)).containsExactly("STARTED", "EXTEND NOT_COMPUTABLE");
    }

    @Test
    void aSegmentOfTensorsThatIsDeliveredTwiceCountsOnce() {
        byte[] bytes = life.serve(40);
        life.log.accept("s1", bytes, SegmentReader.read(bytes).root().hex());
        assertThat(new BlockTallies(life.store.database()).between("churn", 0, Long.MAX_VALUE))
                .extracting(one ->
                        one.part() + " " + one.tally().rows() / one.tally().calls())
                .containsExactlyInAnyOrder("CONTROL 3", "REST 3")
                .hasSize(2);
        assertThat(new BlockTallies(life.store.database())
                        .between("churn", 0, Long.MAX_VALUE).stream()
                                .mapToLong(one -> one.tally().calls())
                                .sum())
                .isEqualTo(40);
    }
}
