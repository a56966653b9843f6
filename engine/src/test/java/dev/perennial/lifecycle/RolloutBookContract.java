package dev.perennial.lifecycle;

import static dev.perennial.lifecycle.LifeFixture.MODEL;
import static dev.perennial.lifecycle.LifeFixture.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.rollout.GuardLook.Verdict;
import dev.perennial.rollout.Look;
import dev.perennial.rollout.RolloutState.Phase;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is kept of rollouts: their looks, what moved them, and evidence that leads to the same decision again. */
abstract class RolloutBookContract extends LifeContract {
    private static final LocalDate BEGUN = START.plusDays(14);

    @Test
    void aRolloutIsListedFromItsBeginToItsEnd() {
        life.rolloutBegins();
        assertThat(book().list(MODEL)).singleElement().satisfies(entry -> {
            assertThat(entry.id()).isEqualTo(running());
            assertThat(entry.version()).isEqualTo(2);
            assertThat(entry.champion()).isEqualTo(1);
            assertThat(entry.phase()).isEqualTo(Phase.SHADOW);
            assertThat(entry.startedAt()).isEqualTo(LifeFixture.six(BEGUN));
            assertThat(entry.endedAt()).isNull();
            assertThat(entry.plan().steps()).hasSize(3);
            assertThat(entry.plan().replayed()).isTrue();
        });
        life.room.people().abort(MODEL, new People.Act("bob", "not now"));
        assertThat(book().list(MODEL)).singleElement().satisfies(entry -> {
            assertThat(entry.phase()).isEqualTo(Phase.ABORTED);
            assertThat(entry.endedAt()).isEqualTo(LifeFixture.six(BEGUN));
        });
    }

    @Test
    void eachMorningsLookIsKeptAlsoOneThatDecidesNothing() {
        life.rolloutBegins();
        String rollout = running();
        life.serve(BEGUN, BEGUN.plusDays(1), 4);
        life.advance(BEGUN.plusDays(1));
        life.advance(BEGUN.plusDays(2));
        List<Look> looks = book().looks(rollout);
        assertThat(looks)
                .extracting(Look::at)
                .containsExactly(LifeFixture.six(BEGUN.plusDays(1)), LifeFixture.six(BEGUN.plusDays(2)));
        assertThat(looks.getLast().guards())
                .extracting(guard -> guard.guard() + " " + guard.verdict())
                .containsExactly(
                        "harm " + Verdict.NOT_COMPUTABLE,
                        "score " + Verdict.NOT_COMPUTABLE,
                        "errors " + Verdict.NOT_COMPUTABLE,
                        "latency " + Verdict.OFF);
        assertThat(looks.getLast().minima()).isEqualTo(new Look.Minima(2, 2, 0, 20));
        assertThat(book().decisions(rollout)).as("the first look moved nothing").hasSize(1);
    }

    @Test
    void whatMovedItStandsInTheLedgerWithTheDigestOfItsEvidence() {
        life.rolloutBegins();
        String rollout = running();
        life.serve(BEGUN, BEGUN.plusDays(1), 4);
        life.advance(BEGUN.plusDays(2));
        life.room.people().pause(MODEL, new People.Act("ann", "audit"));
        life.room.people().resume(MODEL, new People.Act("ann", "done"));
        life.room.people().abort(MODEL, new People.Act("ann", "enough"));
        List<Decision> moves = book().decisions(rollout).stream()
                .map(id -> life.room.decisions().find(MODEL, id).orElseThrow())
                .toList();
        assertThat(moves)
                .extracting(Decision::verdict)
                .containsExactly("EXTEND TOO_FEW_ROWS", "PAUSED", "RESUMED", "ABORTED");
        for (Decision move : moves) {
            var entry = life.store.ledger().entry(new Digest(move.entry())).orElseThrow();
            assertThat(entry.payload().orElseThrow().path("evidence").asText())
                    .isEqualTo(Json.digest(move.evidence()).hex());
        }
    }

    @Test
    void rejudgingTheEvidenceGivesTheSameDecisionsAndChangesNothing() {
        life.rolloutBegins();
        String rollout = running();
        life.serve(BEGUN, BEGUN.plusDays(2), 4);
        life.advance(BEGUN.plusDays(3));
        life.fuses.accept("s1", new VersionId(MODEL, 2), "5 errors in a row", Json.object());
        life.idle();
        long entries = life.store.ledger().status().entries();
        Rejudging.Report report = life.room.rejudging().rejudge(MODEL, rollout);
        assertThat(report.same()).isTrue();
        assertThat(report.decisions())
                .extracting(Rejudging.Judged::again)
                .containsExactly("EXTEND TOO_FEW_ROWS", "EXTEND TOO_FEW_ROWS", "STOP BLOWN_FUSE");
        assertThat(report.decisions()).allSatisfy(one -> assertThat(one.same()).isTrue());
        assertThat(life.store.ledger().status().entries()).isEqualTo(entries);
    }

    @Test
    void evidenceThatSomebodyChangedIsToldByRejudging() {
        life.rolloutBegins();
        String rollout = running();
        life.fuses.accept("s1", new VersionId(MODEL, 2), "5 errors in a row", Json.object());
        life.idle();
        Decision stop = life.last(Decision.Kind.ROLLOUT);
        ObjectNode evidence = stop.evidence().deepCopy();
        ((ObjectNode) evidence.path("evidence")).putNull("blownFuse");
        life.store
                .database()
                .writing(tx -> tx.sql()
                        .createUpdate("update decision set evidence = :evidence where id = :id")
                        .bind("evidence", Json.canonical(evidence))
                        .bind("id", stop.id())
                        .execute());
        Rejudging.Report report = life.room.rejudging().rejudge(MODEL, rollout);
        assertThat(report.same()).isFalse();
        assertThat(report.decisions()).singleElement().returns("HOLD STEP_RUNNING", Rejudging.Judged::again);
    }

    @Test
    void aPersonsActIsNotJudged() {
        life.rolloutBegins();
        String rollout = running();
        life.room.people().abort(MODEL, new People.Act("ann", "enough"));
        Rejudging.Report report = life.room.rejudging().rejudge(MODEL, rollout);
        assertThat(report.same()).isTrue();
        assertThat(report.decisions())
                .singleElement()
                .returns(null, Rejudging.Judged::again)
                .returns(null, Rejudging.Judged::same)
                .returns("ABORTED", Rejudging.Judged::verdict);
    }

    @Test
    void aRolloutThatTheModelNeverHadIsNotFound() {
        life.rolloutBegins();
        assertThatThrownBy(() -> life.room.rejudging().rejudge(MODEL, "ffff"))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
                .hasMessage("model '" + MODEL + "' has no rollout 'ffff'; list them to see which it has");
    }

    @Test
    void aRolloutThatBeganBeforeThereWasABookIsTakenInAtTheStart() {
        life.rolloutBegins();
        String rollout = running();
        String salt = salt();
        life.store.database().writing(tx -> {
            tx.sql().createUpdate("delete from rollout").execute();
            tx.sql().createUpdate("update endpoint set rollout = null").execute();
        });
        life.restart();
        life.room.loop().start();
        assertThat(book().list(MODEL)).singleElement().returns(rollout, RolloutBook.Entry::id);
        assertThat(life.endpoints.config().endpoints().getFirst().rollout()).isEqualTo(rollout);
        assertThat(salt()).as("its callers stay where they are").isEqualTo(salt);
        long revision = life.endpoints.revision();
        life.restart();
        life.room.loop().start();
        assertThat(life.endpoints.revision()).as("once").isEqualTo(revision);
        assertThat(book().list(MODEL)).hasSize(1);
    }

    @Test
    void everythingIsThereAfterARestart() {
        life.rolloutBegins();
        String rollout = running();
        life.serve(BEGUN, BEGUN.plusDays(1), 4);
        life.advance(BEGUN.plusDays(2));
        List<Look> looks = book().looks(rollout);
        List<String> moves = book().decisions(rollout);
        life.restart();
        assertThat(running()).isEqualTo(rollout);
        assertThat(book().looks(rollout)).isEqualTo(looks).isNotEmpty();
        assertThat(book().decisions(rollout)).isEqualTo(moves).isNotEmpty();
        assertThat(life.room.rejudging().rejudge(MODEL, rollout).same()).isTrue();
    }

    private RolloutBook book() {
        return life.room.rollouts();
    }

    private String running() {
        return life.state().rollout().id();
    }

    private String salt() {
        return life.endpoints.config().endpoints().getFirst().salt();
    }
}
