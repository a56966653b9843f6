package dev.perennial.rollout;

import dev.perennial.lifecycle.file.Rollout;
import dev.perennial.rollout.RolloutEvidence.Day;
import dev.perennial.serving.ScorerConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;

/** Plays one whole rollout of an endpoint without labels: a look at each closed block, and the scorer's fuse at work inside. */
final class BlockRun {
    static final double TOLERATED_ERRORS = 0.005;

    static final RolloutPlan PLAN = new RolloutPlan(
            List.of(RolloutStep.ofBlocks(0, 12), RolloutStep.ofBlocks(0.10, 12), RolloutStep.ofBlocks(0.50, 12)),
            new Rollout.StopOn(0.25, RolloutPlan.NO_LABELS, 0, TOLERATED_ERRORS),
            Pace.blocks(Duration.ofMillis(BlockWorld.BLOCK_MILLIS)),
            1.1,
            false);

    private static final int BLOCKS_MAX = 500;
    private static final int DAYS_LEARNT = 8;

    private BlockRun() {}

    /** How it ended, and after how many blocks. */
    record End(RolloutDecision last, int blocks) {
        boolean stopped() {
            return last.action() == RolloutDecision.Action.STOP;
        }
    }

    /** Twenty days of half the traffic: long enough to see how long a harm takes to be shown. */
    static final RolloutPlan WATCH =
            new RolloutPlan(List.of(RolloutStep.ofBlocks(0.50, 240)), PLAN.stopOn(), PLAN.pace(), 1.1, false);

    static End play(BlockWorld world, long seed) {
        return play(PLAN, 1, world, seed);
    }

    /** @param every blocks between two looks */
    static End play(RolloutPlan plan, int every, BlockWorld world, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Learnt learnt = Learnt.fromHalves(world.earlier(DAYS_LEARNT, random), BlockWorld.BLOCKS_A_DAY);
        return play(plan, every, world, learnt, new Traffic(day -> 1, 1), random);
    }

    /**
     * How the endpoint's calls come while the rollout runs.
     *
     * @param calls of a day, counted from the start of the rollout, over the usual ones
     * @param lasting days that a cause lasts
     */
    record Traffic(IntToDoubleFunction calls, int lasting) {}

    static End play(
            RolloutPlan plan, int every, BlockWorld world, Learnt learnt, Traffic traffic, SplittableRandom random) {
        RolloutJudge judge = new RolloutJudge(RolloutLimits.DEFAULT);
        RolloutState state = RolloutState.start(plan, RolloutRun.CANDIDATE, RolloutRun.CHAMPION, 0);
        List<Day> blocks = new ArrayList<>();
        BlockWorld.Cause cause = world.cause(random);
        for (int i = 0; ; i++) {
            int day = i / BlockWorld.BLOCKS_A_DAY;
            if (i % (BlockWorld.BLOCKS_A_DAY * traffic.lasting()) == 0) {
                cause = world.cause(random);
            }
            long start = i * BlockWorld.BLOCK_MILLIS;
            blocks.add(world.block(
                    start, state.share(plan.steps()), traffic.calls().applyAsDouble(day), cause, random));
            if ((i + 1) % every != 0) {
                continue;
            }
            RolloutEvidence evidence = new RolloutEvidence(blocks, learnt, 0, fuse(blocks));
            RolloutDecision decision = judge.judge(plan, state, evidence, start + BlockWorld.BLOCK_MILLIS);
            state = decision.next();
            if (!state.running() || i == BLOCKS_MAX) {
                return new End(decision, i + 1);
            }
        }
    }

    /** What the scorer's fuse makes of the calls so far; five in a row are too rare at these rates to matter. */
    private static String fuse(List<Day> blocks) {
        ScorerConfig.Fuse fuse = ScorerConfig.Fuse.tolerating(TOLERATED_ERRORS);
        long calls = blocks.stream().mapToLong(Day::calls).sum();
        long errors = blocks.stream().mapToLong(Day::errors).sum();
        return calls >= fuse.rows() && errors > fuse.share() * calls ? "too many of all calls failed" : null;
    }
}
