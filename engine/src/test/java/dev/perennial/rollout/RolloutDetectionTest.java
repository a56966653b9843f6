package dev.perennial.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.lifecycle.file.Rollout;
import dev.perennial.rollout.RolloutDecision.Action;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongFunction;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** How soon given harms end a rollout, by design effect; what days teach is learnt from exactly 8 of them. */
class RolloutDetectionTest {
    private static final Logger LOG = Logger.getLogger(RolloutDetectionTest.class.getName());
    private static final int ROLLOUTS = 100;
    private static final DoubleUnaryOperator LEAK = logit -> 0.55 * logit - 1.15;
    private static final DoubleUnaryOperator FLIPS = logit -> 0.25 * logit + 0.10;
    private static final DoubleUnaryOperator SAME = DoubleUnaryOperator.identity();

    private static final Rollout PLAN = new Rollout(
            2,
            List.of(new Rollout.Canary(0.10, 3), new Rollout.Canary(0.50, 1)),
            new Rollout.StopOn(0.25, "log_loss", 0, 0.01),
            604_800_000);

    /** How one rollout ended: after so many days or blocks, stopped or not, and before anybody was answered. */
    private record Ended(boolean stopped, boolean inShadow, int after) {}

    /** One line of the table. */
    private record Line(String endpoint, String harm, int deff, int stopped, int inShadow, int median, String unit) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "| %-14s | %-22s | %13d | %4d %% | %7d %% | %s",
                    endpoint,
                    harm,
                    deff,
                    stopped,
                    inShadow,
                    median == Integer.MAX_VALUE ? "not shown" : median + " " + unit);
        }
    }

    @Test
    void harmsEndRolloutsInTheDelayThatTheTableTells() {
        List<Line> lines = new ArrayList<>();
        for (LabelledWorld world : LabelledWorld.values()) {
            lines.add(labelled("leak (PSI 1.7)", world, LEAK));
            lines.add(labelled("30 % of labels flipped", world, FLIPS));
        }
        for (int deff : new int[] {1, 5, 15, 50}) {
            lines.add(blocks("leak (PSI 1.7)", new BlockWorld(deff, 0, 1, LEAK)));
            lines.add(blocks("30 % of labels flipped", new BlockWorld(deff, 0, 1, FLIPS)));
            lines.add(watched("+20 % latency", new BlockWorld(deff, 0, 1.2, SAME)));
            lines.add(watched("+1 % errors", new BlockWorld(deff, 0.01, 1, SAME)));
            lines.add(watched("tolerated errors", new BlockWorld(deff, BlockRun.TOLERATED_ERRORS, 1, SAME)));
            lines.add(watched("honest", BlockWorld.honest(deff)));
        }
        LOG.info("harmful candidates, 100 whole rollouts each\n"
                + "| endpoint       | harm                   | design effect | stopped | in shadow | median delay\n"
                + lines.stream().map(Line::toString).collect(Collectors.joining("\n")));
        assertThat(lines)
                .filteredOn(
                        line -> !line.harm().equals("honest") && !line.harm().equals("tolerated errors"))
                .filteredOn(line -> !line.harm().equals("+1 % errors") || line.deff() <= 5)
                .allSatisfy(
                        line -> assertThat(line.stopped()).as(line.toString()).isGreaterThanOrEqualTo(95));
        assertThat(lines)
                .filteredOn(line -> line.unit().equals("days"))
                .allSatisfy(
                        line -> assertThat(line.median()).as(line.toString()).isLessThanOrEqualTo(2));
        assertThat(lines)
                .filteredOn(line -> line.harm().equals("+20 % latency"))
                .allSatisfy(
                        line -> assertThat(line.median()).as(line.toString()).isLessThanOrEqualTo(60));
        assertThat(lines)
                .filteredOn(line -> line.harm().equals("+1 % errors"))
                .allSatisfy(line -> assertThat(line.stopped())
                        .as(line.toString())
                        .isGreaterThanOrEqualTo(line.deff() <= 15 ? 90 : 40));
        assertThat(lines)
                .filteredOn(line -> line.harm().equals("honest"))
                .allSatisfy(
                        line -> assertThat(line.stopped()).as(line.toString()).isLessThanOrEqualTo(5));
    }

    private static Line labelled(String harm, LabelledWorld world, DoubleUnaryOperator effect) {
        return line("with labels", harm, world.deff(), "days", seed -> {
            RolloutRun.End end = RolloutRun.play(PLAN, world.world().with(effect), seed);
            return new Ended(end.stopped(), shadow(end.last()), end.days());
        });
    }

    private static Line blocks(String harm, BlockWorld world) {
        return line("without labels", harm, (int) world.deff(), "blocks", seed -> {
            BlockRun.End end = BlockRun.play(world, seed);
            return new Ended(end.stopped(), shadow(end.last()), end.blocks());
        });
    }

    /** Half of the traffic for twenty days, a look at each half day. */
    private static Line watched(String harm, BlockWorld world) {
        return line("half, 20 days", harm, (int) world.deff(), "blocks", seed -> {
            BlockRun.End end = BlockRun.play(BlockRun.WATCH, 6, world, seed);
            return new Ended(end.stopped(), false, end.blocks());
        });
    }

    private static boolean shadow(RolloutDecision last) {
        return last.action() == Action.STOP && last.next().step() == 0;
    }

    private static Line line(String endpoint, String harm, int deff, String unit, LongFunction<Ended> play) {
        List<Ended> ends =
                LongStream.range(0, ROLLOUTS).parallel().mapToObj(play).toList();
        int[] delays = ends.stream()
                .mapToInt(end -> end.stopped() ? end.after() : Integer.MAX_VALUE)
                .toArray();
        Arrays.sort(delays);
        int stopped = (int) ends.stream().filter(Ended::stopped).count();
        int inShadow = (int) ends.stream().filter(Ended::inShadow).count();
        return new Line(endpoint, harm, deff, stopped, inShadow, delays[ROLLOUTS / 2], unit);
    }
}
