package dev.perennial.lifecycle;

import static dev.perennial.lifecycle.EndpointFixture.CANDIDATE;
import static dev.perennial.lifecycle.EndpointFixture.CHAMPION;
import static dev.perennial.lifecycle.EndpointFixture.ENDPOINT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.rollout.BlockSpec;
import dev.perennial.rollout.BlockSpec.Guards;
import dev.perennial.rollout.Look;
import dev.perennial.rollout.RolloutState.Phase;
import dev.perennial.serving.BlockTallies;
import dev.perennial.serving.VersionRef;
import dev.perennial.store.StoreSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rollouts of an endpoint without a lifecycle file, on every database. */
abstract class EndpointRolloutsContract {
    private static final People.Act ANN = new People.Act("ann", "a better one");
    private static final People.Act BOB = new People.Act("bob", "audit");
    private static final BlockSpec PLAN = BlockSpec.parse("shadow 2m 100 rows, 10% 3m 20 rows, 50% 3m 100 rows");
    private static final BlockSpec TIME_AND_ROWS = new BlockSpec(PLAN.steps(), Guards.NONE, null);

    @TempDir
    Path folder;

    EndpointFixture life;

    abstract StoreSettings storage(Path folder);

    @BeforeEach
    void open() {
        life = new EndpointFixture(folder, storage(folder));
    }

    @AfterEach
    void close() {
        life.close();
    }

    private String start(BlockSpec spec) {
        return life.start(spec, ANN);
    }

    private List<String> verdicts(String rollout) {
        return life.verdicts(rollout);
    }

    private RolloutBook.Entry entry(String rollout) {
        return life.book.find(ENDPOINT, rollout).orElseThrow();
    }

    @Test
    void aRolloutBeginsInItsShadowAndSaysByWhomAndWhy() {
        String rollout = start(PLAN);
        assertThat(life.serving()).containsExactly(CHAMPION + " champion 10000", CANDIDATE + " shadow 0");
        assertThat(life.book.list(ENDPOINT)).singleElement().satisfies(entry -> {
            assertThat(entry.id()).isEqualTo(rollout);
            assertThat(entry.candidate()).isEqualTo(CANDIDATE);
            assertThat(entry.replaces()).isEqualTo(CHAMPION);
            assertThat(entry.phase()).isEqualTo(Phase.SHADOW);
            assertThat(entry.endedAt()).isNull();
        });
        Decision begun = life.decisions
                .find(ENDPOINT, life.book.decisions(rollout).getFirst())
                .orElseThrow();
        assertThat(begun.text())
                .isEqualTo("ann began the rollout of " + CANDIDATE + " behind 'churn' against " + CHAMPION
                        + ": a better one");
        var ledger = life.store.ledger().entry(new Digest(begun.entry())).orElseThrow();
        assertThat(ledger.action()).isEqualTo("rollout.start");
        assertThat(ledger.object()).isEqualTo("endpoint:churn/" + CANDIDATE);
        assertThat(life.rollouts.running(ENDPOINT)).isTrue();
    }

    @Test
    void anHonestCandidateIsPromotedWhenItsTimeAndRowsAreOver() {
        life.earlier(10, 400);
        String rollout = start(PLAN);
        life.minutes(12, 400);
        assertThat(verdicts(rollout))
                .containsExactly("STARTED", "ADVANCE STEP_PASSED", "ADVANCE STEP_PASSED", "PROMOTE STEP_PASSED");
        assertThat(life.serving()).containsExactly(CHAMPION + " warm 0", CANDIDATE + " champion 10000");
        assertThat(entry(rollout).phase()).isEqualTo(Phase.PROMOTED);
        assertThat(life.rollouts.running(ENDPOINT)).isFalse();
        Decision last = life.decisions
                .find(ENDPOINT, life.book.decisions(rollout).getLast())
                .orElseThrow();
        var ledger = life.store.ledger().entry(new Digest(last.entry())).orElseThrow();
        assertThat(ledger.action()).isEqualTo("rollout.promote");
        assertThat(ledger.payload().orElseThrow().path("evidence").asText())
                .isEqualTo(Json.digest(last.evidence()).hex());
    }

    @Test
    void rejudgingTheEvidenceGivesTheSameDecisions() {
        life.earlier(10, 400);
        String rollout = start(PLAN);
        life.minutes(12, 400);
        Rejudging.Report report = new Rejudging(life.book, life.decisions).rejudge(ENDPOINT, rollout);
        assertThat(report.same()).isTrue();
        assertThat(report.decisions())
                .extracting(Rejudging.Judged::again)
                .containsExactly(null, "ADVANCE STEP_PASSED", "ADVANCE STEP_PASSED", "PROMOTE STEP_PASSED");
    }

    @Test
    void withoutEightEarlierPeriodsOnlyAPersonsSignatureLetsAStepPass() {
        life.earlier(7, 400);
        String rollout = start(PLAN);
        life.minutes(2, 400);
        assertThat(verdicts(rollout)).containsExactly("STARTED", "EXTEND NOT_COMPUTABLE");
        assertThat(life.decisions
                        .find(ENDPOINT, life.book.decisions(rollout).getLast())
                        .orElseThrow()
                        .text())
                .contains("how much the champion's callers swing is known from 7 earlier periods, 8 are needed");
        life.rollouts.sign(ENDPOINT, BOB);
        life.minutes(1, 400);
        assertThat(verdicts(rollout))
                .containsExactly("STARTED", "EXTEND NOT_COMPUTABLE", "SIGNED", "ADVANCE STEP_PASSED");
        life.minutes(3, 400);
        assertThat(verdicts(rollout))
                .as("the next step needs a signature of its own")
                .endsWith("EXTEND NOT_COMPUTABLE");
    }

    @Test
    void aSignatureDoesNotReplaceRows() {
        String rollout = start(PLAN);
        life.rollouts.sign(ENDPOINT, BOB);
        life.minutes(2, 10);
        assertThat(verdicts(rollout)).containsExactly("STARTED", "SIGNED", "EXTEND TOO_FEW_ROWS");
    }

    @Test
    void timeAndRowsAloneDecideWhereNoGuardIsWanted() {
        String rollout = start(TIME_AND_ROWS);
        life.minutes(12, 400);
        assertThat(entry(rollout).phase()).isEqualTo(Phase.PROMOTED);
        assertThat(life.book.looks(rollout).getLast().guards())
                .extracting(guard -> guard.guard() + " " + guard.verdict())
                .containsExactly("harm OFF", "score OFF", "errors OFF", "latency OFF");
    }

    @Test
    void withoutTrafficNothingIsPromotedAndSomebodyIsAsked() {
        String rollout = start(TIME_AND_ROWS);
        life.minutes(30, 0);
        assertThat(verdicts(rollout))
                .hasSize(9)
                .startsWith("STARTED", "EXTEND TOO_FEW_ROWS")
                .endsWith("STOP STARVED");
        assertThat(life.serving()).containsExactly(CHAMPION + " champion 10000");
    }

    @Test
    void whereNoScoresAreComparedCallsAreTheRows() {
        String rollout = start(TIME_AND_ROWS);
        life.minutes(2, 50);
        assertThat(life.book.looks(rollout).getLast().minima()).isEqualTo(new Look.Minima(2, 2, 100, 100));
    }

    @Test
    void scoresThatLeaveTheChampionsStopItInTheShadow() {
        life.earlier(10, 400);
        life.shift = 3;
        String rollout = start(PLAN);
        life.minutes(3, 400);
        assertThat(verdicts(rollout)).containsExactly("STARTED", "STOP GROSS_SCORE_SHIFT");
        assertThat(life.serving()).containsExactly(CHAMPION + " champion 10000");
    }

    @Test
    void failedCallsStopItWhenTheyAreMoreThanIsTolerated() {
        life.earlier(10, 12_000);
        life.failing = 20;
        String rollout = start(BlockSpec.parse("10% 30m"));
        life.minutes(31, 2_000);
        assertThat(verdicts(rollout)).containsExactly("STARTED", "STOP ERRORS");
    }

    @Test
    void aCandidateThatTakesThreeTimesAsLongIsStopped() {
        life.earlier(10, 2_000);
        life.times = 3;
        String rollout = start(BlockSpec.parse("10% 30m"));
        life.minutes(31, 2_000);
        assertThat(verdicts(rollout)).containsExactly("STARTED", "STOP LATENCY");
    }

    @Test
    void aSegmentThatIsDeliveredTwiceCountsOnce() {
        String rollout = start(TIME_AND_ROWS);
        life.clock.set(life.clock.instant().plusSeconds(60));
        byte[] bytes = life.serve(40);
        life.log.accept(
                "s1",
                bytes,
                dev.perennial.predictionlog.SegmentReader.read(bytes).root().hex());
        var tallies = new BlockTallies(life.store.database());
        assertThat(tallies.between("churn", 0, Long.MAX_VALUE))
                .filteredOn(one -> one.version().equals(CANDIDATE))
                .singleElement()
                .satisfies(one -> assertThat(one.tally().calls()).isEqualTo(40));
        assertThat(tallies.forget(Long.MAX_VALUE)).isEqualTo(3);
        assertThat(rollout).isNotEmpty();
    }

    @Test
    void aReportOfABlownFuseStopsItAtOnce() {
        String rollout = start(PLAN);
        life.fuses.accept(
                "s1",
                ENDPOINT,
                VersionRef.parse(CANDIDATE),
                "5 errors in a row",
                Json.object().put("rollout", rollout));
        life.turn();
        assertThat(verdicts(rollout)).containsExactly("STARTED", "STOP BLOWN_FUSE");
        assertThat(life.serving()).containsExactly(CHAMPION + " champion 10000");
    }

    @Test
    void whatOneScorerTookOutIsTakenOutOfAllWithTheReport() {
        String rollout = start(PLAN);
        long revision = life.endpoints.revision();
        life.fuses.accept(
                "s1",
                ENDPOINT,
                VersionRef.parse(CANDIDATE),
                "5 errors in a row",
                Json.object().put("rollout", rollout));
        assertThat(life.endpoints.revision()).as("before any turn of the loop").isGreaterThan(revision);
        assertThat(fused()).containsExactly("iris/2 5 errors in a row");
        life.rollouts.pause(ENDPOINT, BOB);
        assertThat(fused()).containsExactly("iris/2 5 errors in a row");
    }

    @Test
    void aLateReportOfAnEarlierRolloutTakesNobodyOut() {
        String first = start(PLAN);
        life.rollouts.abort(ENDPOINT, ANN);
        life.clock.set(life.clock.instant().plusSeconds(1));
        start(PLAN);
        life.fuses.accept(
                "s1",
                ENDPOINT,
                VersionRef.parse(CANDIDATE),
                "late",
                Json.object().put("rollout", first));
        assertThat(fused()).isEmpty();
    }

    private List<String> fused() {
        return life.endpoints.config().endpoints().getFirst().variants().stream()
                .filter(variant -> variant.fused() != null)
                .map(variant -> variant.version() + " " + variant.fused())
                .toList();
    }

    @Test
    void aReportOfAnEarlierRolloutSaysNothingAboutThisOne() {
        String first = start(PLAN);
        life.rollouts.abort(ENDPOINT, ANN);
        life.clock.set(life.clock.instant().plusSeconds(1));
        String second = start(PLAN);
        life.fuses.accept(
                "s1",
                ENDPOINT,
                VersionRef.parse(CANDIDATE),
                "late",
                Json.object().put("rollout", first));
        life.turn();
        assertThat(verdicts(second)).containsExactly("STARTED");
        life.fuses.accept(
                "s1",
                ENDPOINT,
                VersionRef.parse(CANDIDATE),
                "again",
                Json.object().put("rollout", second));
        life.turn();
        assertThat(verdicts(second)).containsExactly("STARTED", "STOP BLOWN_FUSE");
    }

    @Test
    void aPausedRolloutEntersNoStepUntilItIsResumed() {
        String rollout = start(TIME_AND_ROWS);
        life.rollouts.pause(ENDPOINT, BOB);
        life.minutes(6, 400);
        assertThat(verdicts(rollout)).containsExactly("STARTED", "PAUSED");
        assertThatThrownBy(() -> life.rollouts.pause(ENDPOINT, BOB))
                .hasMessage("the rollout of " + CANDIDATE + " is paused already; resume it first");
        life.rollouts.resume(ENDPOINT, BOB);
        life.minutes(1, 400);
        assertThat(verdicts(rollout)).containsExactly("STARTED", "PAUSED", "RESUMED", "ADVANCE STEP_PASSED");
        assertThatThrownBy(() -> life.rollouts.resume(ENDPOINT, BOB)).hasMessageContaining("is not paused");
    }

    @Test
    void aPausedRolloutIsStoppedByDangerAllTheSame() {
        String rollout = start(PLAN);
        life.rollouts.pause(ENDPOINT, BOB);
        life.fuses.accept("s1", ENDPOINT, VersionRef.parse(CANDIDATE), "5 errors in a row", Json.object());
        life.turn();
        assertThat(verdicts(rollout)).endsWith("STOP BLOWN_FUSE");
    }

    @Test
    void anAbortGivesTheChampionAllTraffic() {
        String rollout = start(TIME_AND_ROWS);
        life.minutes(4, 400);
        assertThat(life.serving()).contains(CANDIDATE + " canary 1000");
        Decision decision = life.rollouts.abort(ENDPOINT, BOB);
        assertThat(decision.text()).isEqualTo("bob aborted the rollout of " + CANDIDATE + ": audit");
        String entered =
                life.decisions.find(ENDPOINT, decision.id()).orElseThrow().entry();
        assertThat(life.store.ledger().entry(new Digest(entered)).orElseThrow().action())
                .isEqualTo("rollout.abort");
        assertThat(life.serving()).containsExactly(CHAMPION + " champion 10000");
        assertThat(entry(rollout).phase()).isEqualTo(Phase.ABORTED);
        assertThatThrownBy(() -> life.rollouts.abort(ENDPOINT, BOB)).hasMessage("no rollout behind 'churn' is running");
    }

    @Test
    void oneRolloutRunsAtATime() {
        start(PLAN);
        assertThatThrownBy(() -> life.rollouts.start(ENDPOINT, VersionRef.parse(CANDIDATE), PLAN, ANN))
                .hasMessage("a rollout of " + CANDIDATE + " behind 'churn' is running; let it end, or abort it, first");
    }

    @Test
    void whatTheEndpointDoesNotHoldCannotBeRolledOut() {
        assertThatThrownBy(() -> life.rollouts.start(ENDPOINT, VersionRef.parse("iris/9"), PLAN, ANN))
                .hasMessage(
                        "endpoint 'churn' has no version 'iris/9'; deploy it first, as a shadow, or with its rollout");
        assertThatThrownBy(() -> life.rollouts.start(ENDPOINT, VersionRef.parse(CHAMPION), PLAN, ANN))
                .hasMessage("version 'iris/1' is the champion of 'churn' already");
        assertThat(life.book.list(ENDPOINT)).isEmpty();
    }

    @Test
    void ofTwoWhoAbortAtOnceOneDoes() {
        start(PLAN);
        long done = Stream.of("ann", "bob")
                .map(name -> CompletableFuture.supplyAsync(() -> {
                    try {
                        life.rollouts.abort(ENDPOINT, new People.Act(name, "now"));
                        return true;
                    } catch (PerennialException e) {
                        assertThat(e.code()).isIn(ErrorCode.CONFLICT, ErrorCode.INVALID_STATE);
                        return false;
                    }
                }))
                .toList()
                .stream()
                .filter(CompletableFuture::join)
                .count();
        assertThat(done).isEqualTo(1);
    }

    @Test
    void nothingIsJudgedWhileAScorerDoesNotDeliver() {
        String rollout = start(TIME_AND_ROWS);
        life.delivering = false;
        life.minutes(5, 400);
        assertThat(life.book.looks(rollout)).isEmpty();
        life.delivering = true;
        life.turn();
        assertThat(verdicts(rollout)).containsExactly("STARTED", "ADVANCE STEP_PASSED");
    }

    @Test
    void aServerThatDiesBetweenAnyTwoTurnsGoesOnWhereItWas() {
        life.earlier(10, 400);
        String rollout = start(PLAN);
        for (int i = 0; i < 12; i++) {
            life.restart();
            life.minutes(1, 400);
        }
        assertThat(verdicts(rollout))
                .containsExactly("STARTED", "ADVANCE STEP_PASSED", "ADVANCE STEP_PASSED", "PROMOTE STEP_PASSED");
    }

    @Test
    void minutesAreForgottenWhenNobodyLooksAtThemAnyMore() {
        life.serve(10);
        BlockTallies tallies = new BlockTallies(life.store.database());
        life.clock.set(life.clock.instant().plus(java.time.Duration.ofDays(20)));
        start(PLAN);
        life.serve(10);
        life.clock.set(life.clock.instant().plus(java.time.Duration.ofDays(20)));
        life.rollouts.forget();
        assertThat(tallies.between("churn", 0, Long.MAX_VALUE))
                .as("the running rollout's are kept")
                .extracting(BlockTallies.Entry::version)
                .contains(CANDIDATE);
        assertThat(tallies.between("churn", 0, Long.MAX_VALUE))
                .extracting(BlockTallies.Entry::minute)
                .containsOnly(life.clock.millis() - 20 * 86_400_000L);
        life.clock.set(life.clock.instant().plus(java.time.Duration.ofDays(12)));
        life.rollouts.abort(ENDPOINT, ANN);
        life.rollouts.forget();
        assertThat(tallies.between("churn", 0, Long.MAX_VALUE)).isEmpty();
    }

    @Test
    void aDeploymentBringsItsRolloutUnlessTheTrafficDoesNotAllowIt() {
        life.hold();
        var plan = Json.parse("{\"plan\":\"10% 5m\"}");
        assertThat(begun("iris/1", plan)).as("the champion").isFalse();
        assertThat(begun(CANDIDATE, plan)).isTrue();
        assertThat(begun(CANDIDATE, plan)).as("one runs already").isFalse();
        assertThat(life.book.list(ENDPOINT)).hasSize(1);
        assertThat(life.serving()).contains(CANDIDATE + " canary 1000");
    }

    private boolean begun(String version, com.fasterxml.jackson.databind.JsonNode plan) {
        return life.store
                .database()
                .write(tx -> life.rollouts.begin(tx, ENDPOINT, VersionRef.parse(version), plan, "user:ann"));
    }

    @Test
    void eachLookIsKeptOnceHoweverOftenTheLoopTurns() {
        String rollout = start(TIME_AND_ROWS);
        life.minutes(2, 400);
        life.turn();
        life.turn();
        assertThat(life.book.looks(rollout))
                .extracting(Look::at)
                .doesNotHaveDuplicates()
                .isSorted();
    }
}
