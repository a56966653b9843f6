package dev.perennial.lifecycle;

import dev.perennial.kernel.Digest;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.Rollout;
import dev.perennial.rollout.RolloutState;
import org.jspecify.annotations.Nullable;

/**
 * Where a model's loop stands; one row, changed by compare-and-set in the transaction of each decision, so that a restart goes on where
 * the last decision was made.
 *
 * @param started the model's clock when it was first applied
 * @param tick the last finished tick (a local publication hour), or a moment before the first
 * @param rolloutTick the last tick at which the running rollout was judged
 * @param attempt the candidate being made, null for none
 * @param rollout the running rollout, null for none
 * @param review the version that waits for a person's signature, null for none
 * @param paused a person stopped the loop: no candidates, no rollout steps
 * @param rejections refused candidates in a row that alerts had asked for
 * @param lastTraining clock of the last candidate, 0 for none
 * @param comparing the comparison of served rows with the sources that is under way, null for none
 */
public record LoopState(
        long started,
        long tick,
        long rolloutTick,
        @Nullable Attempt attempt,
        @Nullable Rolling rollout,
        @Nullable Integer review,
        boolean paused,
        int rejections,
        long lastTraining,
        @Nullable Comparing comparing) {

    /** Why a candidate is made. */
    public enum Cause {
        FIRST,
        SCHEDULE,
        ALERT,
        PROPOSED
    }

    /**
     * @param run the pipeline run that makes it
     * @param at the model's clock at which it was asked for and at which its verdict takes effect
     * @param lifecycle digest of the file that makes it
     * @param request the proposal, null when the loop asked itself
     */
    public record Attempt(
            String run,
            long at,
            Cause cause,
            String lifecycle,
            @Nullable String request) {}

    /**
     * A running rollout: the candidate, the champion that it would replace, and the judge's state.
     *
     * @param plan the steps and limits that it began with; null for one that began before they were kept
     */
    public record Rolling(
            int version,
            int champion,
            RolloutState state,
            @Nullable Rollout plan) {
        /** The same for the same candidate and moment, so that a disturbed story splits its callers like an undisturbed one. */
        public String id() {
            return Digest.of("rollout " + state.candidate() + " " + state.startedAt())
                    .shortHex();
        }

        Rolling with(RolloutState next) {
            return new Rolling(version, champion, next, plan);
        }

        /** The steps and limits that hold for it, whatever was applied since it began. */
        public Rollout plan(LifecycleFile inForce) {
            return plan == null ? inForce.rollout() : plan;
        }
    }

    /**
     * @param run the pipeline run that compares
     * @param first local date
     * @param last local date
     * @param at the model's clock at which it was asked for
     */
    public record Comparing(String run, String first, String last, long at) {}

    static LoopState starting(long clock) {
        return new LoopState(clock, clock - 1, clock - 1, null, null, null, false, 0, 0, null);
    }

    LoopState withTick(long at) {
        return new LoopState(
                started, at, rolloutTick, attempt, rollout, review, paused, rejections, lastTraining, comparing);
    }

    LoopState withRolloutTick(long at) {
        return new LoopState(started, tick, at, attempt, rollout, review, paused, rejections, lastTraining, comparing);
    }

    /** With a candidate in the making; one that waited for a signature is given up. */
    LoopState withAttempt(Attempt next) {
        return new LoopState(started, tick, rolloutTick, next, rollout, null, paused, rejections, next.at(), comparing);
    }

    LoopState withoutAttempt() {
        return new LoopState(
                started, tick, rolloutTick, null, rollout, review, paused, rejections, lastTraining, comparing);
    }

    LoopState withRollout(@Nullable Rolling next) {
        return new LoopState(
                started, tick, rolloutTick, attempt, next, null, paused, rejections, lastTraining, comparing);
    }

    LoopState withReview(@Nullable Integer version) {
        return new LoopState(
                started, tick, rolloutTick, attempt, rollout, version, paused, rejections, lastTraining, comparing);
    }

    LoopState withPaused(boolean stop) {
        return new LoopState(
                started, tick, rolloutTick, attempt, rollout, review, stop, rejections, lastTraining, comparing);
    }

    LoopState withRejections(int count) {
        return new LoopState(
                started, tick, rolloutTick, attempt, rollout, review, paused, count, lastTraining, comparing);
    }

    LoopState withComparing(@Nullable Comparing next) {
        return new LoopState(
                started, tick, rolloutTick, attempt, rollout, review, paused, rejections, lastTraining, next);
    }
}
