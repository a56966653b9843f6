package dev.perennial.lifecycle;

import static dev.perennial.lifecycle.EndpointFixture.CANDIDATE;
import static dev.perennial.lifecycle.EndpointFixture.CHAMPION;
import static dev.perennial.lifecycle.EndpointFixture.ENDPOINT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.KilledDatabase.Killed;
import dev.perennial.lifecycle.KilledDatabase.Moment;
import dev.perennial.rollout.BlockSpec;
import dev.perennial.rollout.BlockSpec.Guards;
import dev.perennial.rollout.Learnt;
import dev.perennial.serving.BlockTallies;
import dev.perennial.serving.EndpointCatalogue;
import dev.perennial.serving.ServingAct;
import dev.perennial.serving.VersionRef;
import dev.perennial.testing.FreshSqlite;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong around a running rollout, and what the engine makes of it; the ledger and a second judgement must agree each time. */
class EndpointRolloutTroubleTest {
    private static final People.Act ANN = new People.Act("ann", "a better one");
    private static final People.Act BOB = new People.Act("bob", "alarm");
    private static final ServingAct ACT = new ServingAct("user:bob", "alarm");
    private static final VersionRef VERSION = VersionRef.parse(CANDIDATE);

    @TempDir
    Path folder;

    private EndpointFixture life;

    @BeforeEach
    void open() {
        life = new EndpointFixture(folder, FreshSqlite.under(folder.resolve("data")));
        life.hold();
    }

    @AfterEach
    void close() {
        life.close();
    }

    private static BlockSpec unguarded(String plan) {
        return new BlockSpec(BlockSpec.parse(plan).steps(), Guards.NONE, null);
    }

    private String start(BlockSpec spec) {
        return life.rollouts.start(ENDPOINT, VERSION, spec, ANN);
    }

    private void report(VersionRef version, String rollout) {
        ObjectNode body = Json.object().put("version", version.toString());
        if (rollout != null) {
            body.put("rollout", rollout);
        }
        life.fuses.accept("s1", ENDPOINT, version, "5 errors in a row", body);
    }

    /** Verdicts of a rollout's decisions; each is in the ledger with its evidence, and comes out the same when it is judged again. */
    private List<String> verdicts(String rollout) {
        List<Decision> decisions = life.book.decisions(rollout).stream()
                .map(id -> life.decisions.find(ENDPOINT, id).orElseThrow())
                .toList();
        assertThat(decisions)
                .allSatisfy(decision -> assertThat(life.store
                                .ledger()
                                .entry(new Digest(decision.entry()))
                                .orElseThrow()
                                .payload()
                                .orElseThrow()
                                .path("evidence")
                                .asText())
                        .isEqualTo(Json.digest(decision.evidence()).hex()));
        assertThat(new Rejudging(life.book, life.decisions)
                        .rejudge(ENDPOINT, rollout)
                        .same())
                .isTrue();
        return decisions.stream().map(Decision::verdict).toList();
    }

    @Test
    void aBlownFuseOfAnotherModelsVersionOfTheSameNumberStopsNothing() {
        life.holdBeside("tulip/2");
        String rollout = start(unguarded("50% 1m"));
        report(VersionRef.parse("tulip/2"), rollout);
        life.turn();
        assertThat(verdicts(rollout)).containsExactly("STARTED");
        report(VERSION, rollout);
        life.turn();
        assertThat(verdicts(rollout)).containsExactly("STARTED", "STOP BLOWN_FUSE");
    }

    @Test
    void aFuseThatBlewBeforeTheFirstRolloutBeganSaysNothingAboutIt() {
        life.traffic.weights(ACT, ENDPOINT, Map.of(VERSION, 1_000));
        report(VERSION, null);
        life.traffic.weights(ACT, ENDPOINT, Map.of(VERSION, 0));
        String rollout = start(unguarded("50% 1m"));
        life.turn();
        assertThat(verdicts(rollout)).containsExactly("STARTED");
        assertThat(life.endpoints.config().endpoints().getFirst().variants())
                .allSatisfy(variant -> assertThat(variant.fused()).isNull());
    }

    @Test
    void aFuseThatBlowsWhileTheLastLookWaitsForDeliveriesIsNotPromoted() {
        String rollout = start(unguarded("50% 1m 20 rows"));
        life.meanwhile = () -> report(VERSION, rollout);
        life.minutes(1, 200);
        assertThat(verdicts(rollout)).containsExactly("STARTED", "STOP BLOWN_FUSE");
        assertThat(life.serving()).containsExactly(CHAMPION + " champion 10000");
    }

    @Test
    void whoPausesWhileTheLastLookWaitsForDeliveriesIsHeard() {
        String rollout = start(unguarded("50% 1m 20 rows"));
        life.meanwhile = () -> life.rollouts.pause(ENDPOINT, BOB);
        life.minutes(2, 200);
        assertThat(verdicts(rollout)).containsExactly("STARTED", "PAUSED");
        assertThat(life.serving()).contains(CANDIDATE + " canary 5000");
    }

    @Test
    void whoAbortsWhileALookWaitsForDeliveriesLeavesNoLookBehind() {
        String rollout = start(unguarded("50% 10m"));
        life.meanwhile = () -> life.rollouts.abort(ENDPOINT, BOB);
        life.minutes(1, 200);
        assertThat(verdicts(rollout)).containsExactly("STARTED", "ABORTED");
        assertThat(life.book.looks(rollout)).isEmpty();
    }

    @Test
    void whoSignsWhileALookThatLacksGuardsWaitsIsNotExtendedAgain() {
        String rollout = start(BlockSpec.parse("shadow 1m 20 rows, 50% 1m"));
        life.meanwhile = () -> life.rollouts.sign(ENDPOINT, BOB);
        life.minutes(1, 200);
        assertThat(verdicts(rollout)).containsExactly("STARTED", "SIGNED", "ADVANCE STEP_PASSED");
    }

    @Test
    void rowsOfAScorerWhoseClockIsAheadCountWhenTheyArrive() {
        life.ahead = Duration.ofHours(1);
        String rollout = start(unguarded("shadow 2m 100 rows, 50% 2m 1000 rows"));
        life.minutes(2, 400);
        assertThat(verdicts(rollout)).containsExactly("STARTED", "ADVANCE STEP_PASSED");
        life.ahead = Duration.ZERO;
        life.minutes(70, 1);
        assertThat(verdicts(rollout))
                .as("rows of the shadow are none of the canary's an hour later")
                .doesNotContain("PROMOTE STEP_PASSED")
                .endsWith("STOP STARVED");
    }

    @Test
    void tensorsOfAScorerWhoseClockIsAheadCountWhenTheyArrive() {
        life.tensors = true;
        life.ahead = Duration.ofHours(1);
        String rollout = start(unguarded("shadow 2m 100 rows, 50% 2m"));
        life.minutes(2, 400);
        assertThat(verdicts(rollout)).containsExactly("STARTED", "ADVANCE STEP_PASSED");
    }

    @Test
    void rowsOfAScorerWhoseClockIsBehindOnlyDelay() {
        life.ahead = Duration.ofMinutes(-5);
        String rollout = start(unguarded("50% 2m 100 rows"));
        life.minutes(2, 400);
        assertThat(verdicts(rollout)).containsExactly("STARTED", "EXTEND TOO_FEW_ROWS");
        life.minutes(6, 400);
        assertThat(verdicts(rollout)).endsWith("PROMOTE STEP_PASSED");
    }

    @Test
    void aServerThatDiesBetweenAReportAndItsTurnStopsTheRolloutWhenItIsBack() {
        String rollout = start(unguarded("50% 1m"));
        report(VERSION, rollout);
        life.restart();
        life.turn();
        assertThat(verdicts(rollout)).containsExactly("STARTED", "STOP BLOWN_FUSE");
    }

    @Test
    void aDecisionThatCouldNotBeWrittenIsMadeAgainOnce() {
        String rollout = start(unguarded("50% 1m 20 rows"));
        life.serve(200);
        life.clock.advance(Duration.ofMinutes(1));
        for (int i = 0; i < 3; i++) {
            life.kill.at(Moment.BEFORE_COMMIT);
            assertThatThrownBy(life::turn).as("as on a full disk").isInstanceOf(Killed.class);
            assertThat(life.serving()).contains(CANDIDATE + " canary 5000");
        }
        life.turn();
        assertThat(verdicts(rollout)).containsExactly("STARTED", "PROMOTE STEP_PASSED");
    }

    @Test
    void whileItRunsNobodyMovesItsTrafficOrDeletesItsEndpoint() {
        start(unguarded("50% 1m"));
        String refused = "a rollout moves the traffic of endpoint 'churn'";
        var catalogue = new EndpointCatalogue(life.store.database(), life.clock);
        assertThatThrownBy(() -> life.traffic.promote(ACT, ENDPOINT, VERSION)).hasMessageContaining(refused);
        assertThatThrownBy(() -> life.traffic.rollback(ACT, ENDPOINT)).hasMessageContaining(refused);
        assertThatThrownBy(() -> life.traffic.weights(ACT, ENDPOINT, Map.of(VERSION, 1)))
                .hasMessageContaining(refused);
        assertThatThrownBy(() -> life.traffic.remove(ACT, ENDPOINT, VERSION)).hasMessageContaining(refused);
        assertThatThrownBy(() -> catalogue.delete(ACT, ENDPOINT, true)).hasMessageContaining(refused);
        assertThat(life.serving()).contains(CANDIDATE + " canary 5000");
        life.rollouts.abort(ENDPOINT, BOB);
        catalogue.delete(ACT, ENDPOINT, true);
        assertThat(life.serving()).isEmpty();
        life.turn();
    }

    @Test
    void ofAnAbortAndAPromotionAtOnceTheAbortedVersionNeverServes() {
        for (int i = 0; i < 10; i++) {
            life.hold();
            String rollout = start(unguarded("50% 1m"));
            CompletableFuture<Boolean> abort = done(() -> life.rollouts.abort(ENDPOINT, BOB));
            CompletableFuture<Boolean> promote = done(() -> life.traffic.promote(ACT, ENDPOINT, VERSION));
            assertThat(abort.join()).isTrue();
            assertThat(promote.join()).isFalse();
            assertThat(life.serving()).containsExactly(CHAMPION + " champion 10000");
            assertThat(verdicts(rollout)).containsExactly("STARTED", "ABORTED");
            life.clock.advance(Duration.ofSeconds(1));
        }
    }

    @Test
    void anAbortOfARolloutThatHasEndedDoesNotHitTheNext() {
        String first = start(unguarded("50% 1m"));
        life.rollouts.abort(ENDPOINT, BOB);
        life.clock.advance(Duration.ofSeconds(1));
        life.hold();
        String second = start(unguarded("50% 1m"));
        assertThatThrownBy(() -> life.rollouts.of(first).abort(ENDPOINT, BOB))
                .hasMessage("rollout '" + first + "' of 'churn' has ended; rollout '" + second + "' is running");
        assertThat(verdicts(second)).containsExactly("STARTED");
        life.rollouts.of(second).abort(ENDPOINT, BOB);
        assertThat(verdicts(second)).containsExactly("STARTED", "ABORTED");
    }

    @Test
    void twoRolloutsOfOneVersionInTheSameMillisecondAreTwo() {
        String first = start(unguarded("50% 1m"));
        life.rollouts.abort(ENDPOINT, BOB);
        life.hold();
        assertThat(start(unguarded("50% 1m"))).isNotEqualTo(first);
    }

    @Test
    void theScorersFuseFollowsWhatTheRolloutTolerates() {
        start(new BlockSpec(BlockSpec.parse("50% 1m").steps(), new Guards(null, 0.04, null), null));
        assertThat(fuseShare()).isEqualTo(0.4);
        life.rollouts.abort(ENDPOINT, BOB);
        life.hold();
        start(unguarded("50% 1m"));
        assertThat(fuseShare()).as("whatever guards are off").isEqualTo(0.1);
    }

    private double fuseShare() {
        return life.endpoints.config().endpoints().getFirst().fuse().share();
    }

    @Test
    void scoresOnAnotherScalePassWhereTheScoreGuardIsOffAndAllSayIt() {
        life.earlier(10, 400);
        life.shift = 3;
        String rollout =
                start(new BlockSpec(BlockSpec.parse("50% 3m 100 rows").steps(), new Guards(null, 0.01, 1.2), null));
        life.minutes(4, 400);
        assertThat(verdicts(rollout)).containsExactly("STARTED", "PROMOTE STEP_PASSED");
        assertThat(life.book.looks(rollout).getLast().guards())
                .extracting(guard -> guard.guard() + " " + guard.verdict() + " " + guard.why())
                .contains("score OFF nobody asked for it; scores may differ, grossly too");
    }

    @Test
    void whatTheChampionDidAsACandidateAndWhatOthersDidTeachNothing() {
        life.earlier(10, 400);
        String rollout = start(unguarded("shadow 1m 20 rows, 50% 1m 20 rows"));
        life.minutes(2, 400);
        assertThat(verdicts(rollout)).endsWith("PROMOTE STEP_PASSED");
        assertThat(learnt(CANDIDATE).days()).isZero();
        assertThat(learnt(CHAMPION).days()).isGreaterThanOrEqualTo(10);
    }

    @Test
    void hoursBeforeAQuietNightTeachToo() {
        life.earlier(8, 400);
        life.earlier(12, 4);
        assertThat(learnt(CHAMPION).days()).isEqualTo(8);
        life.earlier(60, 0);
        assertThat(learnt(CHAMPION).days()).as("more than 56 hours ago").isZero();
    }

    private Learnt learnt(String champion) {
        return life.store
                .database()
                .read(sql -> new BlockEvidence(new BlockTallies(life.store.database()))
                        .learnt(sql, "churn", champion, life.now(), EndpointFixture.MINUTE, Duration.ofHours(1)));
    }

    private static CompletableFuture<Boolean> done(Runnable act) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                act.run();
                return true;
            } catch (PerennialException e) {
                return false;
            }
        });
    }
}
