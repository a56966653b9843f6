package dev.perennial.lifecycle;

import static dev.perennial.lifecycle.LifeFixture.MODEL;
import static dev.perennial.lifecycle.LifeFixture.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.file.ExampleFile;
import dev.perennial.lifecycle.file.LifecycleFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the lifecycle keeps: files, clocks, states, proposals and decisions. */
abstract class LedgeredStateContract extends LifeContract {
    private LoopStates states;
    private Proposals proposals;

    @BeforeEach
    void begin() {
        states = new LoopStates(life.store.database());
        proposals = new Proposals(life.store.database(), life.clock, dev.perennial.testkit.SeededIds.of(7, life.clock));
    }

    @Test
    void aStateIsReadBackAsItWasWrittenWithEverythingUnderWay() {
        LoopState full = LoopState.starting(5)
                .withAttempt(new LoopState.Attempt("run-1", 7, LoopState.Cause.ALERT, "ab", "request-1"))
                .withComparing(new LoopState.Comparing("run-2", "2013-04-01", "2013-04-03", 9))
                .withRejections(2)
                .withReview(4);
        create(full);
        assertThat(states.get(MODEL).state()).isEqualTo(full);
    }

    @Test
    void aStateFromBeforeComparisonsIsRead() {
        create(LoopState.starting(5));
        life.store
                .database()
                .writing(tx -> tx.sql()
                        .createUpdate("update loop_state set body = :body")
                        .bind(
                                "body",
                                "{\"attempt\":null,\"lastTraining\":3,\"paused\":false,\"rejections\":1,\"review\":null,\"rollout\":null,"
                                        + "\"rolloutTick\":4,\"started\":5,\"tick\":6}")
                        .execute());
        LoopState state = states.get(MODEL).state();
        assertThat(state.comparing()).isNull();
        assertThat(state.lastTraining()).isEqualTo(3);
    }

    @Test
    void creatingAStateTwiceKeepsTheFirst() {
        create(LoopState.starting(5));
        create(LoopState.starting(9));
        assertThat(states.get(MODEL).state().started()).isEqualTo(5);
    }

    @Test
    void ofTwoWhoChangeOneStateTheSecondIsToldAndItsTransactionIsUndone() {
        create(LoopState.starting(5));
        LoopStates.Stored seen = states.get(MODEL);
        save(seen, seen.state().withTick(10));
        assertThatThrownBy(() -> life.store.database().writing(tx -> {
                    proposals.add(tx, MODEL, proposal("lost"));
                    states.save(tx, MODEL, seen, seen.state().withTick(20));
                }))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT))
                .hasMessageContaining("the loop of 'flight-delay@spring' moved on meanwhile");
        assertThat(states.get(MODEL).state().tick()).isEqualTo(10);
        assertThat(proposals.next(MODEL)).isEmpty();
    }

    @Test
    void proposalsAreTakenInTheOrderInWhichTheyCame() {
        String first = life.store.database().write(tx -> proposals.add(tx, MODEL, proposal("first")));
        String second = life.store.database().write(tx -> proposals.add(tx, MODEL, proposal("second")));
        assertThat(proposals.next(MODEL).orElseThrow().id()).isEqualTo(first);
        life.store.database().writing(tx -> proposals.taken(tx, first));
        assertThat(proposals.next(MODEL).orElseThrow().id()).isEqualTo(second);
        life.store.database().writing(tx -> proposals.taken(tx, second));
        assertThat(proposals.next(MODEL)).isEmpty();
        assertThat(proposals.find(first).orElseThrow()).isEqualTo(proposal("first"));
        assertThat(proposals.next(new ModelId("flight-delay", ModelId.LIVE))).isEmpty();
    }

    @Test
    void aProposalKeepsItsWholeFile() {
        LifecycleFile file = ExampleFile.parsed();
        Proposal proposal = new Proposal("user:ann", "why", file, null, null, 7L, true);
        String id = life.store.database().write(tx -> proposals.add(tx, MODEL, proposal));
        assertThat(proposals.find(id)).contains(proposal);
        assertThat(proposals.find(id).orElseThrow().file().digest()).isEqualTo(file.digest());
    }

    @Test
    void aFileIsKeptUnderItsDigestOnce() {
        LifecycleFile file = ExampleFile.parsed();
        Digest first = life.store.database().write(tx -> life.room.lifecycles().keep(tx, file));
        Digest second = life.store.database().write(tx -> life.room.lifecycles().keep(tx, file));
        assertThat(second).isEqualTo(first).isEqualTo(file.digest());
        assertThat(life.room.lifecycles().body(first)).isEqualTo(file);
        refused(
                ErrorCode.NOT_FOUND,
                () -> life.room.lifecycles().body(Digest.of("nothing")),
                "no lifecycle file with digest " + Digest.of("nothing"));
    }

    @Test
    void theClockOfALiveModelIsTheWallClockAndCannotBeMoved() {
        ModelId live = new ModelId("flight-delay", ModelId.LIVE);
        assertThat(life.room.lifecycles().clock(live)).isEqualTo(life.clock.millis());
        refused(
                ErrorCode.INVALID_STATE,
                () -> life.store.database().writing(tx -> life.room.lifecycles().advanceClock(tx, live, 5)),
                "model 'flight-delay' is live: its clock is the wall clock and cannot be moved");
    }

    @Test
    void theClockOfAReplayMovesForwardOnly() {
        life.apply(LifeFixture.text());
        move(LifeFixture.six(START.plusDays(2)));
        move(LifeFixture.six(START.plusDays(1)));
        assertThat(life.room.lifecycles().clock(MODEL)).isEqualTo(LifeFixture.six(START.plusDays(2)));
    }

    @Test
    void aModelThatNobodyAppliedIsNotFoundWithAHint() {
        refused(
                ErrorCode.NOT_FOUND,
                () -> life.room.lifecycles().get(MODEL),
                "no model 'flight-delay@spring'; 'perennial models' lists the models, 'perennial apply FILE' makes one");
        refused(ErrorCode.NOT_FOUND, () -> states.get(MODEL), "no loop for model 'flight-delay@spring'");
    }

    @Test
    void aDecisionIsReadBackWithItsLedgerEntryAndItsEvent() {
        Decision written = decide("FAIL", 3, true);
        Decision read = life.last(Decision.Kind.GATE);
        assertThat(read.entry()).isNotBlank();
        assertThat(read).usingRecursiveComparison().ignoringFields("entry").isEqualTo(written);
        String object = life.store
                .database()
                .read(sql -> sql.createQuery("select count(*) from event where ref = :ref and model = :model")
                        .bind("ref", "decision:" + written.id())
                        .bind("model", MODEL.toString())
                        .mapTo(String.class)
                        .one());
        assertThat(object).isEqualTo("1");
    }

    @Test
    void decisionsArePagedNewestFirstAndByKind() {
        for (int i = 0; i < 5; i++) {
            decide("FAIL", i + 1, false);
        }
        life.store
                .database()
                .writing(tx -> life.room.decisions().record(tx, draft(Decision.Kind.PAUSE, "PAUSED", null, false)));
        List<Integer> seen = new ArrayList<>();
        Optional<String> token = Optional.empty();
        do {
            var page = life.room
                    .decisions()
                    .page(MODEL, Optional.of(Decision.Kind.GATE), PageRequest.of(2, token.orElse(null)));
            page.items().forEach(decision -> seen.add(decision.version()));
            token = page.next();
        } while (token.isPresent());
        assertThat(seen).containsExactly(5, 4, 3, 2, 1);
        assertThat(life.room
                        .decisions()
                        .page(MODEL, Optional.empty(), PageRequest.of(1, null))
                        .items())
                .singleElement()
                .satisfies(decision -> assertThat(decision.kind()).isEqualTo(Decision.Kind.PAUSE));
    }

    @Test
    void aDecisionOfATransactionThatFailsLeavesNothingBehind() {
        long entries = entries();
        assertThatThrownBy(() -> life.store.database().writing(tx -> {
                    life.room.decisions().record(tx, draft(Decision.Kind.GATE, "PASS", 1, false));
                    throw new IllegalStateException("killed");
                }))
                .hasMessageContaining("killed");
        assertThat(life.room.decisions().all(MODEL)).isEmpty();
        assertThat(entries()).isEqualTo(entries);
    }

    private Decision decide(String verdict, int version, boolean injected) {
        return life.store
                .database()
                .write(tx -> life.room.decisions().record(tx, draft(Decision.Kind.GATE, verdict, version, injected)));
    }

    private static Decisions.Draft draft(Decision.Kind kind, String verdict, Integer version, boolean injected) {
        return new Decisions.Draft(
                MODEL,
                5,
                Decisions.LOOP,
                kind,
                verdict,
                version,
                "A title",
                "A text with 'quotes' and ü",
                Json.parse("{\"a\":[1,null]}"),
                injected);
    }

    private static Proposal proposal(String reason) {
        return new Proposal("user:ann", reason, null, null, null, null, false);
    }

    private void create(LoopState state) {
        life.store.database().writing(tx -> states.create(tx, MODEL, state));
    }

    private void save(LoopStates.Stored before, LoopState next) {
        life.store.database().writing(tx -> states.save(tx, MODEL, before, next));
    }

    private void move(long to) {
        life.store.database().writing(tx -> life.room.lifecycles().advanceClock(tx, MODEL, to));
    }

    private long entries() {
        return life.store
                .database()
                .read(sql -> sql.createQuery("select count(*) from ledger_entry")
                        .mapTo(Long.class)
                        .one());
    }

    private static void refused(ErrorCode code, ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }
}
