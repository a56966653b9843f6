package dev.perennial.lifecycle;

import dev.perennial.rollout.BlockSpec;
import dev.perennial.rollout.BlockSpec.Guards;
import dev.perennial.serving.VersionRef;
import dev.perennial.testing.FreshSqlite;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** A whole rollout in a process of its own, from wherever the process before it was killed. */
final class EndpointRolloutStory {
    static final int MINUTES = 3;

    private EndpointRolloutStory() {}

    /** @param args the folder of the store */
    public static void main(String[] args) {
        Path folder = Path.of(args[0]);
        try (EndpointFixture life = new EndpointFixture(folder, FreshSqlite.under(folder.resolve("data")))) {
            Instant begin = life.clock.instant();
            if (life.book.list(EndpointFixture.ENDPOINT).isEmpty()) {
                life.hold();
                life.rollouts.start(
                        EndpointFixture.ENDPOINT,
                        VersionRef.parse(EndpointFixture.CANDIDATE),
                        new BlockSpec(
                                BlockSpec.parse("shadow 1m 20 rows, 50% 1m 20 rows")
                                        .steps(),
                                Guards.NONE,
                                null),
                        new People.Act("ann", "new"));
            }
            for (int i = 0; i < MINUTES; i++) {
                life.clock.set(begin.plus(Duration.ofMinutes(i)));
                life.serve(100); // what was delivered before a kill is known by its number and counts once
                life.clock.set(begin.plus(Duration.ofMinutes(i + 1)));
                life.turn();
            }
        }
    }
}
