package dev.perennial.lifecycle;

import static dev.perennial.lifecycle.LifeFixture.MODEL;
import static dev.perennial.lifecycle.LifeFixture.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.gates.Trial;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.registry.ModelVersion;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What persons do to a loop. */
abstract class PeopleContract extends LifeContract {
    private static final People.Act ANN = new People.Act("ann", "a drill");

    @BeforeEach
    void begin() {
        life.firstVersionServes();
    }

    @Test
    void anActNeedsANameAndAReason() {
        refused(
                ErrorCode.INVALID_ARGUMENT,
                () -> new People.Act(" ", "why"),
                "the name of the person who acts is needed");
        refused(ErrorCode.INVALID_ARGUMENT, () -> new People.Act("a".repeat(101), "why"), "1 to 100 printable");
        refused(ErrorCode.INVALID_ARGUMENT, () -> new People.Act("a\nb", "why"), "printable characters");
        refused(ErrorCode.INVALID_ARGUMENT, () -> new People.Act("ann", ""), "a reason of 1 to 2,000 characters");
        refused(ErrorCode.INVALID_ARGUMENT, () -> new People.Act("ann", "x".repeat(2001)), "a reason of 1 to 2,000");
        assertThat(new People.Act("a".repeat(100), "x".repeat(2000)).actor()).startsWith("user:a");
    }

    @Test
    void everyActIsADecisionThatSaysTheNameIsNotAuthenticated() {
        Decision decision = people().pause(MODEL, ANN);
        assertThat(decision.kind()).isEqualTo(Decision.Kind.PAUSE);
        assertThat(decision.text()).isEqualTo("ann paused the loop: a drill");
        assertThat(decision.evidence().path("by").asText()).isEqualTo("ann");
        assertThat(decision.evidence().path("authenticated").asBoolean(true)).isFalse();
        assertThat(life.last(Decision.Kind.PAUSE).entry()).isNotNull();
        assertThat(decision.at()).isEqualTo(LifeFixture.six(START));
    }

    @Test
    void aPausedLoopTriesNothingUntilItIsResumed() {
        people().pause(MODEL, ANN);
        refused(ErrorCode.INVALID_STATE, () -> people().pause(MODEL, ANN), "is paused already");
        life.serve(START, START.plusDays(20), 4);
        life.advance(START.plusDays(14));
        assertThat(life.last(Decision.Kind.RETRAIN).text())
                .isEqualTo("No candidate is tried on 2013-04-15: ann paused the loop on 2013-04-01 (a drill).");
        people().resume(MODEL, ANN);
        refused(ErrorCode.INVALID_STATE, () -> people().resume(MODEL, ANN), "is not paused");
        life.trial = new Trial().gain(-0.05);
        life.advance(START.plusDays(21));
        assertThat(life.last(Decision.Kind.RETRAIN).verdict()).isEqualTo("FIRED");
    }

    @Test
    void aPauseHoldsARolloutAndAResumeLetsItGoOn() {
        rollout();
        people().pause(MODEL, ANN);
        assertThat(life.state().rollout().state().paused()).isTrue();
        life.restart();
        assertThat(life.state().rollout().state().hold().by()).isEqualTo("ann");
        people().resume(MODEL, ANN);
        assertThat(life.state().rollout().state().paused()).isFalse();
        assertThat(life.state().paused()).isFalse();
    }

    @Test
    void anAbortGivesAllTrafficBackToTheChampion() {
        refused(
                ErrorCode.INVALID_STATE,
                () -> people().abort(MODEL, ANN),
                "no rollout of 'flight-delay@spring' is running");
        rollout();
        Decision decision = people().abort(MODEL, ANN);
        assertThat(decision.version()).isEqualTo(2);
        assertThat(decision.verdict()).isEqualTo("ABORTED");
        assertThat(life.endpoints.variants(MODEL))
                .singleElement()
                .satisfies(variant -> assertThat(variant.version().number()).isEqualTo(1));
        assertThat(state(2)).isEqualTo(ModelVersion.State.STOPPED);
        assertThat(life.state().rollout()).isNull();
    }

    @Test
    void aRollbackNeedsAChampionBeforeAndNoRollout() {
        refused(ErrorCode.INVALID_STATE, () -> people().rollback(MODEL, ANN), "has had one champion only, version 1");
        rollout();
        refused(
                ErrorCode.INVALID_STATE,
                () -> people().rollback(MODEL, ANN),
                "the rollout of version 2 is running; abort it");
        assertThat(life.told(Decision.Kind.ROLLBACK)).isEmpty();
    }

    @Test
    void aRollbackGoesBackAndForwardAgain() {
        promoted();
        Decision back = people().rollback(MODEL, ANN);
        assertThat(back.text()).isEqualTo("ann rolled back from version 2 to version 1: a drill");
        assertThat(life.champion()).contains(1);
        assertThat(state(1)).isEqualTo(ModelVersion.State.CHAMPION);
        assertThat(state(2)).isEqualTo(ModelVersion.State.RETIRED);
        assertThat(people().rollback(MODEL, ANN).version()).isEqualTo(2);
        assertThat(life.champion()).contains(2);
        assertThat(life.endpoints.variants(MODEL))
                .extracting(variant -> variant.version().number() + " " + variant.role())
                .containsExactlyInAnyOrder("2 champion", "1 warm");
    }

    @Test
    void nobodyRollsBackToAVersionWhoseAdmissionWasRefused() {
        promoted();
        VersionId first = new VersionId(MODEL, 1);
        assertThat(life.registry.evidence(first, "admission")).isPresent();
        life.store
                .database()
                .writing(tx -> life.registry.evidence(
                        tx,
                        first,
                        "admission",
                        0,
                        Json.object().put("verdict", "REFUSED").put("reason", "its graph runs in a circle")));
        refused(
                ErrorCode.INVALID_STATE,
                () -> people().rollback(MODEL, ANN),
                "version 1 of 'flight-delay@spring' may not serve; its admission was refused: its graph runs in a circle");
        assertThat(life.champion()).contains(2);
    }

    @Test
    void twoWhoRollBackAtOnceMakeOneRollbackOrTwoAndNeverHalfOfOne() throws Exception {
        promoted();
        List<Object> ends = together(() -> people().rollback(MODEL, ANN), () -> people().rollback(MODEL, ANN));
        long done = ends.stream().filter(Decision.class::isInstance).count();
        assertThat(life.told(Decision.Kind.ROLLBACK)).hasSize((int) done + 1);
        assertThat(life.champion()).contains(done == 2 ? 2 : 1);
        assertThat(ends.stream().filter(PerennialException.class::isInstance))
                .allSatisfy(end -> assertThat(((PerennialException) end).code()).isEqualTo(ErrorCode.CONFLICT));
    }

    @Test
    void ofTwoWhoPauseAtOnceOneIsToldThatItIsDone() throws Exception {
        List<Object> ends = together(() -> people().pause(MODEL, ANN), () -> people().pause(MODEL, ANN));
        assertThat(ends.stream().filter(Decision.class::isInstance)).hasSize(1);
        assertThat(life.told(Decision.Kind.PAUSE)).hasSize(1);
        assertThat(life.state().paused()).isTrue();
    }

    @Test
    void aModelThatIsNotThereIsNotFound() {
        ModelId nobody = new ModelId("nobody", ModelId.LIVE);
        refused(ErrorCode.NOT_FOUND, () -> people().sign(nobody, 1, ANN), "no model 'nobody'");
        refused(ErrorCode.NOT_FOUND, () -> people().pause(nobody, ANN), "no loop for model 'nobody'");
        refused(
                ErrorCode.NOT_FOUND,
                () -> people().propose(nobody, new Proposal("user:ann", "x", null, null, null, null, false)),
                "no model 'nobody'");
    }

    /** Both at the same moment; their answers or refusals. */
    private static List<Object> together(Callable<Decision> one, Callable<Decision> other) throws Exception {
        CyclicBarrier start = new CyclicBarrier(2);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            List<Future<Object>> ends = List.of(one, other).stream()
                    .map(work -> threads.submit(() -> {
                        start.await();
                        try {
                            return (Object) work.call();
                        } catch (PerennialException refused) {
                            return refused;
                        }
                    }))
                    .toList();
            return List.of(ends.get(0).get(), ends.get(1).get());
        }
    }

    private void rollout() {
        life.serve(START, START.plusDays(13), 4);
        life.trial = new Trial().gain(0.05);
        life.advance(START.plusDays(14));
        assertThat(life.state().rollout()).isNotNull();
    }

    /** Version 2 has taken the place of version 1. */
    private void promoted() {
        rollout();
        people().abort(MODEL, ANN);
        life.store.database().writing(tx -> {
            life.registry.alias(tx, MODEL, "previous", 2, 1);
        });
        people().rollback(MODEL, new People.Act("ann", "forward"));
        assertThat(life.champion()).contains(2);
    }

    private ModelVersion.State state(int number) {
        return life.registry.version(new VersionId(MODEL, number)).state();
    }

    private People people() {
        return life.room.people();
    }

    private static void refused(ErrorCode code, ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }
}
