package dev.perennial.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.lifecycle.file.Rollout;
import dev.perennial.rollout.RolloutDecision.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.LongFunction;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.commons.statistics.distribution.BetaDistribution;
import org.junit.jupiter.api.Test;

/**
 * The error level of whole rollouts: 1,000 fixed seeds for each design effect, what days teach learnt from exactly 8 of them. An honest
 * candidate is as good as the champion in the long run; whatever stops it, a fuse included, is an error.
 */
class RolloutErrorLevelTest {
    private static final Logger LOG = Logger.getLogger(RolloutErrorLevelTest.class.getName());
    private static final int ROLLOUTS = 1_000;

    /** Of 1,000: the most whose two-sided 95 % upper bound stays at or under 6.5 %. */
    private static final int STOPPED_MAX = 49;

    private static final Rollout PLAN = new Rollout(
            2,
            List.of(new Rollout.Canary(0.10, 3), new Rollout.Canary(0.50, 1)),
            new Rollout.StopOn(0.25, "log_loss", 0, 0.01),
            604_800_000);

    /** One line of the table. */
    private record Line(String endpoint, int deff, int stopped, Map<Reason, Long> reasons) {
        private double upper() {
            return BetaDistribution.of(stopped + 1.0, ROLLOUTS - stopped).inverseCumulativeProbability(0.975);
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "| %-14s | %13d | %7d | %6.1f %% | %s",
                    endpoint,
                    deff,
                    stopped,
                    100 * upper(),
                    reasons);
        }
    }

    @Test
    void honestCandidatesAreSeldomStoppedWhateverTheDesignEffect() {
        List<Line> lines = new ArrayList<>();
        for (LabelledWorld world : LabelledWorld.values()) {
            lines.add(line(
                    "with labels",
                    world.deff(),
                    seed -> RolloutRun.play(PLAN, world.world(), seed).last()));
        }
        for (int deff : new int[] {1, 5, 15, 50}) {
            BlockWorld world = BlockWorld.honest(deff);
            lines.add(line(
                    "without labels", deff, seed -> BlockRun.play(world, seed).last()));
            BlockWorld flawless = BlockWorld.flawless(deff);
            lines.add(line(
                    "never failed", deff, seed -> BlockRun.play(flawless, seed).last()));
        }
        LOG.info("honest candidates, 1,000 whole rollouts each\n"
                + "| endpoint       | design effect | stopped | upper bd | why\n"
                + lines.stream().map(Line::toString).collect(Collectors.joining("\n")));
        assertThat(lines).hasSize(12).allSatisfy(line -> {
            assertThat(line.stopped()).as(line.toString()).isLessThanOrEqualTo(STOPPED_MAX);
            assertThat(line.upper()).as(line.toString()).isLessThanOrEqualTo(0.065);
        });
    }

    @Test
    void theWorldsHaveTheDesignEffectsThatTheTableNames() {
        for (LabelledWorld world : LabelledWorld.values()) {
            assertThat(LabelledWorld.measured(world.world()))
                    .as(world.name())
                    .isBetween(0.8 * world.deff(), 1.25 * world.deff());
        }
        for (int deff : new int[] {1, 5, 15, 50}) {
            SplittableRandom random = new SplittableRandom(deff);
            Learnt many = Learnt.fromHalves(BlockWorld.honest(deff).earlier(400, random), BlockWorld.BLOCKS_A_DAY);
            assertThat(many.latency().rho() * (BlockWorld.HALF - 1) + 1)
                    .as("of half a block's calls, %d", deff)
                    .isBetween(0.8 * deff, 1.3 * deff);
        }
    }

    private static Line line(String endpoint, int deff, LongFunction<RolloutDecision> last) {
        Map<Reason, Long> reasons = LongStream.range(0, ROLLOUTS)
                .parallel()
                .mapToObj(last)
                .collect(Collectors.groupingBy(RolloutDecision::reason, TreeMap::new, Collectors.counting()));
        int passed = reasons.getOrDefault(Reason.STEP_PASSED, 0L).intValue();
        return new Line(endpoint, deff, ROLLOUTS - passed, reasons);
    }
}
