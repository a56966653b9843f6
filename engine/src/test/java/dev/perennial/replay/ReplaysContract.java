package dev.perennial.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.LifeContract;
import dev.perennial.lifecycle.LifeFixture;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Replays and their barriers. */
abstract class ReplaysContract extends LifeContract {
    private static final long FROM = LifeFixture.six(LifeFixture.START);
    private static final long TO = LifeFixture.six(LifeFixture.START.plusDays(30));
    private static final Duration WAIT = Duration.ofSeconds(30);

    @Test
    void aReplayBeginsRunningAtItsFirstClockAndIsReadBackAsItWas() {
        Replay.Plan plan = plan("file", LifeFixture.six(LifeFixture.START.plusDays(3)));
        Replay replay = replays().create(LifeFixture.MODEL, plan);
        assertThat(replay.state()).isEqualTo(Replay.State.RUNNING);
        assertThat(replay.clock()).isEqualTo(FROM);
        assertThat(replay.error()).isNull();
        assertThat(replay.result()).isNull();
        life.restart();
        assertThat(replays().get("spring")).isEqualTo(replay);
    }

    @Test
    void aNameIsGivenOnce() {
        create("spring");
        refused(ErrorCode.CONFLICT, () -> create("spring"), "there is a replay 'spring' already; give another name");
    }

    @Test
    void aLiveModelIsNotReplayedInPlace() {
        refused(
                ErrorCode.INVALID_ARGUMENT,
                () -> replays().create(new ModelId("flight-delay", ModelId.LIVE), plan("file")),
                "a replay needs a name of its own");
    }

    @Test
    void aReplayEndsAfterItBegins() {
        Replay.Plan backwards = new Replay.Plan("", "/l.yaml", TO, TO, true, List.of(), List.of(), "file");
        refused(
                ErrorCode.INVALID_ARGUMENT,
                () -> replays().create(LifeFixture.MODEL, backwards),
                "the replay's first clock must lie before its last");
    }

    @Test
    void twoAreUnderWayAtATimeAndAThirdWaitsForOneToEnd() {
        create("one");
        create("two");
        refused(ErrorCode.CONFLICT, () -> create("three"), "2 replays are under way");
        replays().cancel("one");
        create("three");
        replays().fail("two", "it broke");
        create("four");
        assertThat(replays().page(PageRequest.of(null, null)).items())
                .extracting(replay -> replay.name() + " " + replay.state())
                .containsExactly("four RUNNING", "one CANCELLED", "three RUNNING", "two FAILED");
    }

    @Test
    void listsArePaged() {
        create("one");
        replays().cancel("one");
        create("two");
        var first = replays().page(PageRequest.of(1, null));
        assertThat(first.items()).extracting(Replay::name).containsExactly("one");
        assertThat(replays().page(PageRequest.of(1, first.next().orElseThrow())).items())
                .extracting(Replay::name)
                .containsExactly("two");
    }

    @Test
    void whatIsNotThereIsNotFoundWithAHint() {
        refused(
                ErrorCode.NOT_FOUND,
                () -> replays().get("autumn"),
                "no replay 'autumn'; 'perennial replay --list' shows them");
        refused(ErrorCode.NOT_FOUND, () -> replays().release("autumn"), "no replay 'autumn'");
    }

    @Test
    void aFailedReplaySaysWhyAndStaysFailed() {
        create("spring");
        replays().fail("spring", "drive: the file is gone");
        replays().finish("spring");
        replays().cancel("spring");
        assertThat(replays().get("spring").state()).isEqualTo(Replay.State.FAILED);
        assertThat(replays().get("spring").error()).isEqualTo("drive: the file is gone");
    }

    @Test
    void aReplayThatWasComputedOfflineKeepsItsTable() {
        replays().create(LifeFixture.MODEL, plan("monthly, last 30d, no gates"));
        var table = Json.parse("{\"arms\":[{\"name\":\"never retrained\",\"months\":[]}]}");
        replays().finish("spring", table);
        Replay done = replays().get("spring");
        assertThat(done.state()).isEqualTo(Replay.State.DONE);
        assertThat(done.clock()).isEqualTo(TO);
        assertThat(done.result()).isEqualTo(table);
        assertThat(replays().page(PageRequest.of(null, null)).items()).containsExactly(done);
    }

    @Test
    void aTableThatComesAfterTheCancellationIsNotKept() {
        create("spring");
        replays().cancel("spring");
        replays().finish("spring", Json.object());
        assertThat(replays().get("spring").state()).isEqualTo(Replay.State.CANCELLED);
        assertThat(replays().get("spring").result()).isNull();
    }

    @Test
    void replaysFromBeforePoliciesHadWordsAreRead() {
        create("spring");
        life.store
                .database()
                .writing(tx -> tx.sql()
                        .createUpdate("update replay set body = :body where name = 'spring'")
                        .bind(
                                "body",
                                "{\"from\":" + FROM
                                        + ",\"loop\":false,\"outages\":[],\"path\":\"/l.yaml\",\"stops\":[],\"text\":\"\",\"to\":"
                                        + TO + "}")
                        .execute());
        assertThat(replays().get("spring").plan().policy()).isEqualTo("never");
    }

    @Test
    void aBarrierIsPassedWhenAllThatIsDueIsDoneAndTwiceIsAsGoodAsOnce() {
        begin(plan("file"));
        LocalDate third = LifeFixture.START.plusDays(2);
        assertThat(advance(third)).isTrue();
        assertThat(advance(third)).isTrue();
        assertThat(replays().get("spring").clock()).isEqualTo(LifeFixture.six(third));
        assertThat(life.room.lifecycles().clock(LifeFixture.MODEL)).isEqualTo(LifeFixture.six(third));
        assertThat(life.endpoints.clock(LifeFixture.MODEL)).isEqualTo(LifeFixture.six(third.plusDays(1)));
        assertThat(life.champion()).contains(1);
        assertThat(life.state().tick()).isEqualTo(LifeFixture.six(third));
    }

    @Test
    void theClockNeverGoesBack() {
        begin(plan("file"));
        advance(LifeFixture.START.plusDays(2));
        advance(LifeFixture.START.plusDays(1));
        assertThat(life.room.lifecycles().clock(LifeFixture.MODEL))
                .isEqualTo(LifeFixture.six(LifeFixture.START.plusDays(2)));
    }

    @Test
    void atAStopTheDriverWaitsUntilAPersonReleasesItOnce() {
        LocalDate stop = LifeFixture.START.plusDays(1);
        begin(plan("file", LifeFixture.six(stop)));
        assertThat(advance(stop)).isFalse();
        assertThat(replays().get("spring").state()).isEqualTo(Replay.State.HELD);
        assertThat(advance(stop)).isFalse();
        replays().release("spring");
        assertThat(advance(stop)).isTrue();
        assertThat(advance(stop.plusDays(1))).isTrue();
    }

    @Test
    void aCancelledReplayLetsNobodyAdvance() {
        begin(plan("file"));
        replays().cancel("spring");
        refused(ErrorCode.CONFLICT, () -> advance(LifeFixture.START.plusDays(1)), "replay 'spring' was cancelled");
        assertThat(life.room.lifecycles().clock(LifeFixture.MODEL)).isEqualTo(FROM);
    }

    private boolean advance(LocalDate to) {
        return replays().advance("spring", LifeFixture.six(to), LifeFixture.six(to.plusDays(1)), WAIT);
    }

    private void begin(Replay.Plan plan) {
        replays().create(LifeFixture.MODEL, plan);
        life.apply(LifeFixture.text());
    }

    private Replay create(String name) {
        return replays().create(new ModelId("flight-delay", name), plan("file"));
    }

    private static Replay.Plan plan(String policy, Long... stops) {
        return new Replay.Plan("", "/l.yaml", FROM, TO, policy.equals("file"), List.of(stops), List.of(), policy);
    }

    private Replays replays() {
        return life.replays;
    }

    private static void refused(ErrorCode code, ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }
}
