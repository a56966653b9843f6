package dev.perennial.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.lifecycle.file.Rollout;
import dev.perennial.rollout.BlockRun.Traffic;
import dev.perennial.rollout.Learnt.EarlierPeriod;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Honest candidates behind an endpoint without labels whose earlier periods are not as even as those of {@link RolloutErrorLevelTest}: what
 * the champion's halves teach there must license the error level all the same.
 */
@Tag("long")
class EarlierTrafficTest {
    private static final Logger LOG = Logger.getLogger(EarlierTrafficTest.class.getName());
    private static final int ROLLOUTS = 300;
    private static final int DAY = BlockWorld.BLOCKS_A_DAY;
    private static final double[] USUAL = {1, 1};
    private static final Traffic EVEN = new Traffic(day -> 1, 1);

    /** Nine days, of which causes that last three days see three. */
    private static final RolloutPlan LONG = new RolloutPlan(
            List.of(RolloutStep.ofBlocks(0, 36), RolloutStep.ofBlocks(0.10, 36), RolloutStep.ofBlocks(0.50, 36)),
            new Rollout.StopOn(0.25, RolloutPlan.NO_LABELS, 0, BlockRun.TOLERATED_ERRORS),
            BlockRun.PLAN.pace(),
            1.1,
            false);

    private static BlockRun.End play(
            RolloutPlan plan, BlockWorld world, List<EarlierPeriod> earlier, Traffic traffic, SplittableRandom random) {
        Learnt learnt = Learnt.fromHalves(earlier, DAY);
        return BlockRun.play(plan, plan == LONG ? 3 : 1, world, learnt, traffic, random);
    }

    /** Working days and weekends with a fifth of their calls; each rollout begins on another day of the week. */
    private static BlockRun.End weekends(BlockWorld world, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int weekday = (int) (seed % 7);
        List<EarlierPeriod> earlier = new ArrayList<>();
        for (int day = -8; day < 0; day++) {
            double calls = weekend(weekday + day);
            earlier.add(world.period(DAY, new double[] {calls, calls}, world.cause(random), random));
        }
        return play(BlockRun.PLAN, world, earlier, new Traffic(day -> weekend(weekday + day), 1), random);
    }

    private static double weekend(int day) {
        return Math.floorMod(day, 7) >= 5 ? 0.2 : 1;
    }

    /** One busy day among seven with a thirtieth of its calls. */
    private static BlockRun.End oneBusyDay(BlockWorld world, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<EarlierPeriod> earlier = new ArrayList<>();
        for (int day = 0; day < 8; day++) {
            double calls = day == seed % 8 ? 1 : 1.0 / 30;
            earlier.add(world.period(DAY, new double[] {calls, calls}, world.cause(random), random));
        }
        return play(BlockRun.PLAN, world, earlier, EVEN, random);
    }

    /** Causes that last as long as three periods, before the rollout and in it. */
    private static BlockRun.End longCauses(BlockWorld world, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<EarlierPeriod> earlier = new ArrayList<>();
        BlockWorld.Cause cause = world.cause(random);
        for (int day = 0; day < 9; day++) {
            cause = day % 3 == 0 ? world.cause(random) : cause;
            earlier.add(world.period(DAY, USUAL, cause, random));
        }
        return play(LONG, world, earlier, new Traffic(day -> 1, 3), random);
    }

    /** Who calls is what differs: the halves differ by the same on each day, and candidate and control by something else all along. */
    private static BlockRun.End lastingGroups(BlockWorld world, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<EarlierPeriod> earlier = new ArrayList<>();
        BlockWorld.Cause cause = world.cause(random);
        for (int day = 0; day < 8; day++) {
            earlier.add(world.period(DAY, USUAL, cause, random));
        }
        return play(LONG, world, earlier, new Traffic(day -> 1, 1_000), random);
    }

    /** The champion was promoted seven days and a block ago: there are eight periods, of which the first is a stub. */
    private static BlockRun.End youngChampion(BlockWorld world, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<EarlierPeriod> earlier = new ArrayList<>();
        earlier.add(world.period(1, USUAL, world.cause(random), random));
        earlier.addAll(world.earlier(7, random));
        return play(BlockRun.PLAN, world, earlier, EVEN, random);
    }

    /** On four of twelve days one half did not call at all. */
    private static BlockRun.End silentHalf(BlockWorld world, long seed) {
        return halves(world, seed, 12, 0);
    }

    /** On four of eight days one half called a twentieth of all. */
    private static BlockRun.End smallHalf(BlockWorld world, long seed) {
        return halves(world, seed, 8, 0.1);
    }

    private static BlockRun.End halves(BlockWorld world, long seed, int days, double part) {
        SplittableRandom random = new SplittableRandom(seed);
        List<EarlierPeriod> earlier = new ArrayList<>();
        for (int day = 0; day < days; day++) {
            double[] calls = day < 4 ? new double[] {2 - part, part} : USUAL;
            earlier.add(world.period(DAY, calls, world.cause(random), random));
        }
        return play(BlockRun.PLAN, world, earlier, EVEN, random);
    }

    private record Line(String earlier, int deff, int stopped, Map<Reason, Long> reasons) {
        private double upper() {
            return BetaDistribution.of(stopped + 1.0, ROLLOUTS - stopped).inverseCumulativeProbability(0.975);
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "| %-16s | %13d | %7d | %6.1f %% | %s",
                    earlier,
                    deff,
                    stopped,
                    100 * upper(),
                    reasons);
        }
    }

    private interface Playing {
        BlockRun.End play(BlockWorld world, long seed);
    }

    @Test
    void unevenEarlierPeriodsLicenseTheErrorLevel() {
        Map<String, Playing> kinds = new TreeMap<>(Map.of(
                "weekends", EarlierTrafficTest::weekends,
                "long causes", EarlierTrafficTest::longCauses,
                "lasting groups", EarlierTrafficTest::lastingGroups,
                "silent half", EarlierTrafficTest::silentHalf,
                "small half", EarlierTrafficTest::smallHalf));
        List<Line> lines = new ArrayList<>();
        kinds.forEach((name, playing) -> {
            for (int deff : new int[] {5, 50}) {
                BlockWorld world = BlockWorld.honest(deff);
                lines.add(line(name, deff, seed -> playing.play(world, seed).last()));
            }
        });
        LOG.info("honest candidates after uneven earlier periods, " + ROLLOUTS + " whole rollouts each\n"
                + "| earlier          | design effect | stopped | upper bd | why\n"
                + lines.stream().map(Line::toString).collect(Collectors.joining("\n")));
        assertThat(lines)
                .allSatisfy(line -> assertThat(line.upper()).as(line.toString()).isLessThanOrEqualTo(0.065));
    }

    @Test
    void whereFewerThanEightPeriodsTeachNothingIsEverPromoted() {
        BlockWorld world = BlockWorld.honest(15);
        for (long seed = 0; seed < 8; seed++) {
            assertThat(oneBusyDay(world, seed).last().reason()).isEqualTo(Reason.STARVED);
            assertThat(halves(world, seed, 8, 0.01).last().reason()).isEqualTo(Reason.STARVED);
            assertThat(youngChampion(world, seed).last().reason()).isEqualTo(Reason.STARVED);
        }
    }

    private static Line line(String earlier, int deff, LongFunction<RolloutDecision> last) {
        Map<Reason, Long> reasons = LongStream.range(0, ROLLOUTS)
                .parallel()
                .mapToObj(last)
                .collect(Collectors.groupingBy(RolloutDecision::reason, TreeMap::new, Collectors.counting()));
        int passed = reasons.getOrDefault(Reason.STEP_PASSED, 0L).intValue();
        return new Line(earlier, deff, ROLLOUTS - passed, reasons);
    }
}
