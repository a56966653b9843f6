package dev.perennial.lifecycle;

import static dev.perennial.lifecycle.EndpointFixture.CANDIDATE;
import static dev.perennial.lifecycle.EndpointFixture.ENDPOINT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.KilledDatabase.Killed;
import dev.perennial.lifecycle.KilledDatabase.Moment;
import dev.perennial.rollout.BlockSpec;
import dev.perennial.rollout.BlockSpec.Guards;
import dev.perennial.serving.ServingAct;
import dev.perennial.serving.VersionRef;
import dev.perennial.testing.FreshSqlite;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server dies before and after the commit of every move of a rollout and starts anew on its data: the rollout is where it was, or where it
 * was to be, and its decisions and the ledger say the same. {@link EndpointRolloutKillTest} kills a process for it.
 */
class RolloutTransitionsTest {
    private static final People.Act ANN = new People.Act("ann", "because");
    private static final ServingAct ACT = new ServingAct("user:ann", "because");
    private static final BlockSpec PLAN =
            new BlockSpec(BlockSpec.parse("shadow 2m 20 rows, 50% 1m 20 rows").steps(), Guards.NONE, null);

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

    /** All that a server finds of rollouts when it starts. */
    private record Found(
            List<String> serving,
            List<String> phases,
            List<String> verdicts,
            List<String> entries,
            int looks,
            String state,
            long ledger) {}

    private Found found() {
        List<RolloutBook.Entry> all = life.book.list(ENDPOINT);
        List<Decision> decisions = all.reversed().stream()
                .flatMap(one -> life.book.decisions(one.id()).stream())
                .map(id -> life.decisions.find(ENDPOINT, id).orElseThrow())
                .toList();
        return new Found(
                life.serving(),
                all.stream().map(one -> one.phase().name()).toList(),
                decisions.stream().map(Decision::verdict).toList(),
                decisions.stream().map(this::entry).toList(),
                all.stream().mapToInt(one -> life.book.looks(one.id()).size()).sum(),
                life.store
                        .database()
                        .read(sql -> life.book.running(sql, ENDPOINT))
                        .map(Json::canonical)
                        .orElse("none"),
                life.store.ledger().status().entries());
    }

    /** What the ledger says of a decision; its evidence must be the one that is kept. */
    private String entry(Decision decision) {
        var entry = life.store.ledger().entry(new Digest(decision.entry())).orElseThrow();
        assertThat(entry.payload().orElseThrow().path("evidence").asText())
                .isEqualTo(Json.digest(decision.evidence()).hex());
        return entry.action();
    }

    /** Lets the server die before the commit, and after it; returns what it found then. */
    private Found killed(String move, Runnable doing) {
        Found before = found();
        life.kill.at(Moment.BEFORE_COMMIT);
        assertThatThrownBy(doing::run).as(move).isInstanceOf(Killed.class);
        life.restart();
        assertThat(found()).as("killed before the commit of " + move).isEqualTo(before);
        life.kill.at(Moment.AFTER_COMMIT);
        assertThatThrownBy(doing::run).as(move).isInstanceOf(Killed.class);
        life.restart();
        Found after = found();
        assertThat(after).as("killed after the commit of " + move).isNotEqualTo(before);
        life.turn();
        assertThat(found()).as("nothing is done twice after " + move).isEqualTo(after);
        return after;
    }

    /** The same for a move that is a decision, with the action that the ledger names. */
    private Found decided(String move, String action, Runnable doing) {
        Found before = found();
        Found after = killed(move, doing);
        assertThat(after.ledger()).as(move).isEqualTo(before.ledger() + 1);
        assertThat(after.entries())
                .as(move)
                .hasSize(before.entries().size() + 1)
                .last()
                .isEqualTo(action);
        return after;
    }

    private void minute() {
        life.serve(100);
        life.clock.set(life.clock.instant().plusMillis(EndpointFixture.MINUTE));
    }

    private void start() {
        decided("start", "rollout.start", () -> life.rollouts.start(ENDPOINT, VersionRef.parse(CANDIDATE), PLAN, ANN));
    }

    @Test
    void fromTheStartOverAPauseToPromotionAndBack() {
        start();
        assertThat(life.serving()).containsExactly("iris/1 champion 10000", "iris/2 shadow 0");
        minute();
        long begun = found().ledger();
        Found held = killed("hold", life::turn);
        assertThat(held.looks()).isOne();
        assertThat(held.ledger()).as("neither in the ledger").isEqualTo(begun);
        assertThat(held.verdicts()).as("a look that holds is no decision").containsExactly("STARTED");
        decided("pause", "rollout.hold", () -> life.rollouts.pause(ENDPOINT, ANN));
        decided("resume", "rollout.resume", () -> life.rollouts.resume(ENDPOINT, ANN));
        decided("sign", "gate.override", () -> life.rollouts.sign(ENDPOINT, ANN));
        minute();
        decided("advance", "rollout.step", life::turn);
        assertThat(life.serving()).containsExactly("iris/1 champion 5000", "iris/2 canary 5000");
        minute();
        Found promoted = decided("promote", "rollout.promote", life::turn);
        assertThat(promoted.phases()).containsExactly("PROMOTED");
        assertThat(life.serving()).containsExactly("iris/1 warm 0", "iris/2 champion 10000");
        Found back = killed("rollback", () -> life.traffic.rollback(ACT, ENDPOINT));
        assertThat(back.ledger()).isEqualTo(promoted.ledger() + 1);
        assertThat(life.serving()).containsExactly("iris/1 champion 10000", "iris/2 warm 0");
    }

    @Test
    void anExtensionAnAbortAndAStop() {
        start();
        life.clock.set(life.clock.instant().plusMillis(2 * EndpointFixture.MINUTE));
        Found extended = decided("extend", "rollout.step", life::turn);
        assertThat(extended.verdicts()).last().isEqualTo("EXTEND TOO_FEW_ROWS");
        Found aborted = decided("abort", "rollout.abort", () -> life.rollouts.abort(ENDPOINT, ANN));
        assertThat(aborted.phases()).containsExactly("ABORTED");
        assertThat(life.serving()).containsExactly("iris/1 champion 10000");
        life.hold();
        start();
        life.fuses.accept("s1", ENDPOINT, VersionRef.parse(CANDIDATE), "5 errors in a row", Json.object());
        Found stopped = decided("stop", "rollout.stop", life::turn);
        assertThat(stopped.verdicts()).last().isEqualTo("STOP BLOWN_FUSE");
        assertThat(stopped.phases()).containsExactly("STOPPED", "ABORTED");
        assertThat(life.serving()).containsExactly("iris/1 champion 10000");
    }
}
