package dev.perennial.lifecycle;

import static dev.perennial.lifecycle.LifeFixture.MODEL;
import static dev.perennial.lifecycle.LifeFixture.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.gates.Trial;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.registry.ModelVersion;
import dev.perennial.serving.Variant;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The loop, turn by turn, on a model whose clock the test moves; 1 April 2013 is a Monday. */
abstract class LoopContract extends LifeContract {
    private static final LocalDate FIRST_CANDIDATE = START.plusDays(14);

    @Test
    void aFirstVersionThatPassesServesAtOnce() {
        life.firstVersionServes();
        assertThat(life.told(Decision.Kind.RETRAIN))
                .containsExactly(
                        "FIRED There is no champion yet: a first version is made from what was known on 2013-04-01.");
        assertThat(life.told(Decision.Kind.GATE)).singleElement().asString().startsWith("PASS 1 All ");
        assertThat(traffic()).containsExactly("1 champion 10000");
        ModelVersion version = version(1);
        assertThat(version.state()).isEqualTo(ModelVersion.State.CHAMPION);
        assertThat(version.source()).isEqualTo(ModelVersion.Source.TRAINED);
        assertThat(version.eventTime()).isEqualTo(LifeFixture.six(START));
        assertThat(version.lifecycle())
                .isEqualTo(life.room.lifecycles().get(MODEL).digest());
        for (String kind : List.of("evaluation", "gates", "validation", "training", "admission")) {
            assertThat(life.registry.evidence(version.id(), kind)).as(kind).isPresent();
        }
        assertThat(life.state().attempt()).isNull();
    }

    @Test
    void aFirstVersionThatIsRefusedServesNobodyAndTheNextMorningTriesAgain() {
        life.trial = new Trial().firstVersion().separation(0.1, 0.1);
        life.apply(LifeFixture.text());
        life.idle();
        assertThat(life.champion()).isEmpty();
        assertThat(life.endpoints.variants(MODEL)).isEmpty();
        assertThat(version(1).state()).isEqualTo(ModelVersion.State.REFUSED);
        life.trial = new Trial().firstVersion();
        life.advance(START.plusDays(1));
        assertThat(life.champion()).contains(2);
    }

    @Test
    void aCandidateThatCannotBeMadeSaysWhichStepFailedAndWhy() {
        life.workers.on("train", work -> {
            throw new IllegalStateException("no row is left to train on");
        });
        life.apply(LifeFixture.text());
        life.idle();
        assertThat(life.told(Decision.Kind.GATE))
                .containsExactly(
                        "ERROR The candidate of 2013-04-01 could not be made: train: no row is left to train on");
        assertThat(life.registry.find(new VersionId(MODEL, 1))).isEmpty();
        assertThat(life.state().attempt()).isNull();
    }

    @Test
    void theLoopWaitsUntilTheModelHasServedForAHoldout() {
        life.firstVersionServes();
        life.serve(START, START.plusDays(13), 4);
        life.advance(FIRST_CANDIDATE);
        assertThat(life.told(Decision.Kind.RETRAIN).subList(1, 3))
                .containsExactly(
                        "SKIPPED No candidate is tried on 2013-04-08: the model has served for 7 days, and a gate looks at 14.",
                        "FIRED The schedule asks for a candidate on 2013-04-15.");
    }

    @Test
    void aDecisionKeepsTheRuleAndWhatItWasMadeFrom() {
        life.firstVersionServes();
        life.serve(START, START.plusDays(13), 4);
        life.advance(FIRST_CANDIDATE);
        Decision fired = life.last(Decision.Kind.RETRAIN);
        assertThat(fired.evidence().path("rule").asText()).isEqualTo("FIRED");
        assertThat(fired.evidence().at("/inputs/newLabels").asLong()).isEqualTo(14 * 4);
        assertThat(fired.evidence().at("/inputs/lastAskedAt").asLong()).isEqualTo(LifeFixture.six(START));
        Decision skipped = life.evidenced(life.room.decisions().all(MODEL).stream()
                .filter(decision -> decision.verdict().equals("SKIPPED"))
                .findFirst()
                .orElseThrow());
        assertThat(skipped.evidence().path("rule").asText()).isEqualTo("TOO_YOUNG");
        assertThat(skipped.evidence().path("againAt").asLong()).isEqualTo(LifeFixture.six(FIRST_CANDIDATE));
    }

    @Test
    void anAlertOnHarmAsksForACandidateBetweenTwoMondays() {
        life.apply(LifeFixture.text().replace("cool-down: 5d", "cool-down: 1d"));
        life.idle();
        harm();
        assertThat(life.last(Decision.Kind.RETRAIN).text())
                .isEqualTo("The alert on performance asks for a candidate on 2013-04-25.");
        assertThat(life.last(Decision.Kind.GATE).verdict()).isEqualTo("FAIL");
        assertThat(life.state().rejections()).isEqualTo(1);
    }

    @Test
    void anAlertWaitsForTheCoolDown() {
        life.apply(LifeFixture.text());
        life.idle();
        harm();
        assertThat(life.last(Decision.Kind.RETRAIN).text())
                .isEqualTo(
                        "No candidate is tried on 2013-04-25: the last candidate is of 2013-04-22, and alerts wait for the"
                                + " cool-down of 5 days, until 2013-04-27.");
        assertThat(life.state().rejections()).isZero();
    }

    @Test
    void anAlertThatTheFileDoesNotListAsksPeopleOnly() {
        life.apply(LifeFixture.text().replace("also-on: [performance]", "also-on: [drift]"));
        life.idle();
        harm();
        assertThat(life.last(Decision.Kind.RETRAIN).text())
                .isEqualTo("No candidate is tried on 2013-04-25: the alert on performance asks people only, because"
                        + " retrain.also-on does not list it.");
    }

    @Test
    void withoutOutcomesTheScheduleIsAnsweredByTheGate() {
        life.firstVersionServes();
        life.serve(START, 4, 0);
        life.trial = new Trial().coverage(0);
        life.advance(FIRST_CANDIDATE);
        assertThat(life.last(Decision.Kind.RETRAIN).verdict()).isEqualTo("FIRED");
        assertThat(life.last(Decision.Kind.RETRAIN)
                        .evidence()
                        .at("/inputs/newLabels")
                        .asLong())
                .isZero();
        assertThat(life.last(Decision.Kind.GATE).verdict()).isEqualTo("INSUFFICIENT_DATA");
        assertThat(version(2).state()).isEqualTo(ModelVersion.State.REFUSED);
    }

    @Test
    void aBetterCandidateGoesIntoShadowAndOthersWait() {
        rolloutBegins();
        assertThat(traffic()).containsExactly("1 champion 10000", "2 shadow 0");
        assertThat(version(2).state()).isEqualTo(ModelVersion.State.ROLLING_OUT);
        assertThat(version(1).state()).isEqualTo(ModelVersion.State.CHAMPION);
        life.serve(FIRST_CANDIDATE, FIRST_CANDIDATE.plusDays(6), 4);
        life.advance(FIRST_CANDIDATE.plusDays(7));
        assertThat(life.last(Decision.Kind.RETRAIN).text())
                .isEqualTo(
                        "No candidate is tried on 2013-04-22: version 2 is in shadow since 2013-04-15, and one candidate at a time"
                                + " is tried.");
        assertThat(life.told(Decision.Kind.ROLLOUT)).allMatch(text -> text.startsWith("EXTEND"));
    }

    @Test
    void aWorseCandidateIsRefusedAndTheChampionStays() {
        life.firstVersionServes();
        candidate(new Trial().gain(-0.05));
        assertThat(version(2).state()).isEqualTo(ModelVersion.State.REFUSED);
        assertThat(traffic()).containsExactly("1 champion 10000");
        assertThat(life.last(Decision.Kind.GATE).verdict()).isEqualTo("FAIL");
        assertThat(life.state().rejections()).as("the schedule asked").isZero();
    }

    @Test
    void aCandidateThatIsTooGoodWaitsForAPersonUntilTheNextOneIsTried() {
        life.firstVersionServes();
        candidate(tooGood());
        assertThat(version(2).state()).isEqualTo(ModelVersion.State.IN_REVIEW);
        assertThat(life.state().review()).isEqualTo(2);
        assertThat(traffic()).containsExactly("1 champion 10000");
        life.serve(FIRST_CANDIDATE, FIRST_CANDIDATE.plusDays(6), 4);
        life.trial = new Trial().gain(-0.05);
        life.advance(FIRST_CANDIDATE.plusDays(7));
        assertThat(life.state().review()).isNull();
        assertThatThrownBy(() -> life.room.people().sign(MODEL, 2, new People.Act("ann", "late")))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("version 'flight-delay@spring/2' does not wait for a signature; no version does");
    }

    @Test
    void aSignatureOpensAReview() {
        life.firstVersionServes();
        candidate(tooGood());
        assertThatThrownBy(() -> life.room.people().sign(MODEL, 1, new People.Act("ann", "fine")))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("'flight-delay@spring/1' does not wait for a signature; version 2 does");
        Decision signed = life.room.people().sign(MODEL, 2, new People.Act("ann", "the new feed explains it"));
        assertThat(signed.text()).isEqualTo("ann (not authenticated) signed version 2: the new feed explains it");
        assertThat(traffic()).containsExactly("1 champion 10000", "2 shadow 0");
        assertThat(life.registry.evidence(new VersionId(MODEL, 2), "signature")).isPresent();
        assertThat(life.state().review()).isNull();
    }

    @Test
    void aProposalIsTriedAtOnceByItsOwnFile() {
        life.firstVersionServes();
        life.trial = new Trial().gain(-0.05);
        var file = life.room
                .applications()
                .candidate(
                        MODEL,
                        LifeFixture.text().replace("seed: 1", "seed: 9"),
                        life.order("").path());
        life.room.people().propose(MODEL, new Proposal("user:ann", "another seed", file, null, null, null, true));
        life.idle();
        assertThat(life.last(Decision.Kind.RETRAIN).text()).isEqualTo("user:ann proposed a candidate: another seed");
        assertThat(life.last(Decision.Kind.GATE).injected()).isTrue();
        assertThat(version(2).lifecycle()).isEqualTo(file.digest());
        assertThat(life.room.lifecycles().body(file.digest()).train().seed()).isEqualTo(9);
        assertThat(life.room.lifecycles().get(MODEL).file().train().seed()).isEqualTo(1);
    }

    @Test
    void aProposalDuringARolloutOrAPauseIsSkippedWithTheReason() {
        rolloutBegins();
        propose();
        assertThat(life.last(Decision.Kind.RETRAIN).text())
                .isEqualTo(
                        "The candidate proposed by user:ann is not tried: version 2 is in shadow since 2013-04-15, and one"
                                + " candidate at a time is tried.");
        life.room.people().abort(MODEL, new People.Act("bob", "not now"));
        life.room.people().pause(MODEL, new People.Act("bob", "audit"));
        propose();
        assertThat(life.last(Decision.Kind.RETRAIN).text())
                .isEqualTo(
                        "The candidate proposed by user:ann is not tried: bob paused the loop on 2013-04-15 (audit).");
    }

    @Test
    void twoProposalsAreTriedOneAfterTheOther() {
        life.firstVersionServes();
        life.trial = new Trial().gain(-0.05);
        life.room.people().propose(MODEL, new Proposal("user:ann", "one", null, null, null, null, false));
        life.room.people().propose(MODEL, new Proposal("user:bob", "two", null, null, null, null, false));
        life.idle();
        assertThat(life.told(Decision.Kind.RETRAIN).subList(1, 3))
                .containsExactly(
                        "FIRED user:ann proposed a candidate: one", "FIRED user:bob proposed a candidate: two");
        assertThat(version(3).state()).isEqualTo(ModelVersion.State.REFUSED);
    }

    @Test
    void aChampionFromOutsideIsComparedAsUnprovenByItsDeclaredCutOff() {
        life.firstVersionServes();
        outsideModelBecomesChampion();
        life.serve(START, START.plusDays(13), 4);
        life.trial = new Trial().gain(0.05).championUntil(null);
        life.advance(FIRST_CANDIDATE);
        var evaluate = life.workers.steps("evaluate").getLast().parameters();
        assertThat(evaluate.path("championProven").asBoolean(true)).isFalse();
        assertThat(evaluate.path("candidateProven").asBoolean(false)).isTrue();
        assertThat(life.last(Decision.Kind.GATE).verdict()).isEqualTo("REVIEW");
        assertThat(life.last(Decision.Kind.GATE).text())
                .contains("The champion comes from outside: that its training ended 2013-07-18T04:00:00Z is declared");
    }

    @Test
    void aBlownFuseStopsItsRolloutAtOnce() {
        rolloutBegins();
        life.fuses.accept("scorer-1", new VersionId(MODEL, 2), "5 errors in a row", Json.object());
        life.idle();
        assertThat(life.last(Decision.Kind.ROLLOUT).verdict()).startsWith("STOP BLOWN_FUSE");
        assertThat(life.last(Decision.Kind.ROLLOUT).text()).contains("5 errors in a row");
        assertThat(traffic()).containsExactly("1 champion 10000");
        assertThat(version(2).state()).isEqualTo(ModelVersion.State.STOPPED);
        assertThat(life.state().rollout()).isNull();
    }

    @Test
    void aFuseThatBlowsWhileAMorningIsJudgedIsAnsweredFirst() {
        rolloutBegins();
        life.fuses.accept("scorer-1", new VersionId(MODEL, 2), "5 errors in a row", Json.object());
        var database = life.store.database();
        LoopStates states = new LoopStates(database);
        RolloutBook book = life.room.rollouts();
        RolloutDesk desk = new RolloutDesk(life.registry, life.endpoints, book);
        RolloutJudging judging = new RolloutJudging(
                database, life.days, life.registry, life.room.decisions(), states, desk, book, life.fuses);
        int decisions = life.room.decisions().all(MODEL).size();
        assertThatThrownBy(() -> judging.judge(
                        life.room.lifecycles().get(MODEL),
                        states.get(MODEL),
                        life.room.lifecycles().clock(MODEL),
                        null,
                        tx -> {}))
                .hasMessage("a fuse blew while version 2 of 'flight-delay@spring' was judged: 5 errors in a row");
        assertThat(life.room.decisions().all(MODEL)).hasSize(decisions);
        life.idle();
        assertThat(life.last(Decision.Kind.ROLLOUT).verdict()).startsWith("STOP BLOWN_FUSE");
    }

    @Test
    void aFuseOfAVersionThatIsNotRolledOutIsHandledAndChangesNothing() {
        rolloutBegins();
        long decisions = life.room.decisions().all(MODEL).size();
        life.fuses.accept("scorer-1", new VersionId(MODEL, 1), "5 errors in a row", Json.object());
        life.idle();
        assertThat(life.room.decisions().all(MODEL)).hasSize((int) decisions);
        assertThat(life.fuses.next(MODEL)).isEmpty();
        assertThat(life.state().rollout()).isNotNull();
    }

    @Test
    void aTripInAnEarlierRolloutOfTheVersionDoesNotStopThisOne() {
        rolloutBegins();
        life.fuses.accept(
                "scorer-1",
                new VersionId(MODEL, 2),
                "5 errors in a row",
                Json.object().put("rollout", "earlier"));
        life.idle();
        assertThat(life.fuses.next(MODEL)).isEmpty();
        assertThat(life.state().rollout()).isNotNull();
        String running = life.state().rollout().id();
        life.fuses.accept(
                "scorer-1", new VersionId(MODEL, 2), "again", Json.object().put("rollout", running));
        life.idle();
        assertThat(life.state().rollout()).isNull();
        assertThat(life.last(Decision.Kind.ROLLOUT).text()).contains("again");
    }

    @Test
    void aRolloutBringsASaltOfItsOwn() {
        life.firstVersionServes();
        String before = life.endpoints.config().endpoints().getFirst().salt();
        candidate(new Trial().gain(0.05));
        var endpoint = life.endpoints.config().endpoints().getFirst();
        assertThat(endpoint.salt()).isNotEqualTo(before);
        assertThat(endpoint.rollout()).isEqualTo(life.state().rollout().id());
    }

    @Test
    void aRolloutUnderWayKeepsTheStepsThatItBeganWith() {
        rolloutBegins();
        life.apply(LifeFixture.text()
                .replace(
                        "  shadow: {days: 2}\n  canary: [{share: 0.10, days: 3}, {share: 0.50, days: 1}]",
                        "  canary: [{share: 0.9, days: 1}]"));
        life.serve(FIRST_CANDIDATE, FIRST_CANDIDATE.plusDays(1), 4);
        life.advance(FIRST_CANDIDATE.plusDays(2));
        assertThat(traffic()).containsExactly("1 champion 10000", "2 shadow 0");
        assertThat(life.last(Decision.Kind.ROLLOUT).text()).contains("shadow");
    }

    @Test
    void aLoopThatWasLeftInTheMiddleGoesOnWhereItStood() {
        life.firstVersionServes();
        life.serve(START, START.plusDays(13), 4);
        life.advance(START.plusDays(10));
        List<String> before = life.told(Decision.Kind.RETRAIN);
        life.restart();
        assertThat(life.told(Decision.Kind.RETRAIN)).isEqualTo(before);
        life.trial = new Trial().gain(-0.05);
        life.advance(FIRST_CANDIDATE);
        assertThat(life.told(Decision.Kind.RETRAIN)).hasSize(before.size() + 1);
        assertThat(version(2).state()).isEqualTo(ModelVersion.State.REFUSED);
    }

    @Test
    void everyMorningIsATickHoweverFarTheClockJumps() {
        life.firstVersionServes();
        life.serve(START, START.plusDays(9), 4);
        life.advance(START.plusDays(10));
        assertThat(life.state().tick()).isEqualTo(LifeFixture.six(START.plusDays(10)));
        assertThat(life.days.days(MODEL, START, START.plusDays(20)))
                .extracting(day -> day.day() + " " + day.labelled())
                .hasSize(10)
                .startsWith("2013-04-01 4")
                .endsWith("2013-04-10 4");
    }

    @Test
    void aModelThatNobodyAppliedHasNoLoop() {
        assertThatThrownBy(() -> life.room.loop().awaitIdle(MODEL, java.time.Duration.ofSeconds(1)))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
    }

    private void outsideModelBecomesChampion() {
        Digest manifest = life.store
                .blobs()
                .put(Json.canonical(
                                Json.parse(
                                        "{\"signature\":[{\"name\":\"carrier\",\"type\":\"category\"}],\"snapshot\":\"claimed\"}"))
                        .getBytes(java.nio.charset.StandardCharsets.UTF_8));
        life.trial = new Trial().gain(0.05).candidateUntil(null);
        life.room
                .people()
                .propose(
                        MODEL,
                        new Proposal("user:ann", "theirs", null, manifest.hex(), manifest.hex(), Trial.FROM, false));
        life.idle();
        life.room.people().sign(MODEL, 2, new People.Act("ann", "we know them"));
        life.store.database().writing(tx -> {
            life.registry.alias(tx, MODEL, "champion", 2, LifeFixture.six(START));
        });
        life.room.people().abort(MODEL, new People.Act("ann", "it serves already"));
    }

    /** Scores tell nothing from the second Monday after the first candidate on; the alert opens on 25 April. */
    private void harm() {
        candidate(new Trial().gain(-0.05));
        life.misled = true;
        life.serve(FIRST_CANDIDATE, FIRST_CANDIDATE.plusDays(9), 40);
        FIRST_CANDIDATE.datesUntil(FIRST_CANDIDATE.plusDays(11)).forEach(life::advance);
    }

    private void rolloutBegins() {
        life.rolloutBegins();
    }

    private void candidate(Trial trial) {
        life.serve(START, START.plusDays(13), 4);
        life.trial = trial;
        life.advance(FIRST_CANDIDATE);
    }

    private static Trial tooGood() {
        return new Trial().gain(0.05).separation(2.2, 1.1);
    }

    private void propose() {
        life.room.people().propose(MODEL, new Proposal("user:ann", "try", null, null, null, null, false));
        life.idle();
    }

    private ModelVersion version(int number) {
        return life.registry.version(new VersionId(MODEL, number));
    }

    private List<String> traffic() {
        return life.endpoints.variants(MODEL).stream()
                .map(variant -> variant.version().number() + " " + variant.role() + " " + variant.weight())
                .filter(text -> !text.contains(Variant.Role.warm.name()))
                .sorted()
                .toList();
    }
}
