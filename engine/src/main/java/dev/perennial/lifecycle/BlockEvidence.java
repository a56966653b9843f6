package dev.perennial.lifecycle;

import dev.perennial.rollout.Learnt;
import dev.perennial.rollout.RolloutEvidence.Comparison;
import dev.perennial.rollout.RolloutEvidence.Control;
import dev.perennial.rollout.RolloutEvidence.Day;
import dev.perennial.rollout.Spread.Halves;
import dev.perennial.rollout.Spread.Sums;
import dev.perennial.serving.BlockTallies;
import dev.perennial.serving.BlockTallies.Part;
import dev.perennial.serving.BlockTally;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/** Makes evidence for rollouts without labels of tallied minutes. Thread-safe. */
final class BlockEvidence {
    /** Earlier periods that are looked for at a time; more say hardly more. */
    private static final int PERIODS = 14;

    /** How often as many earlier ones are looked for, while those that teach are too few: after a quiet night, for example. */
    private static final int STRETCHES_MAX = 4;

    private final BlockTallies tallies;

    BlockEvidence(BlockTallies tallies) {
        this.tallies = tallies;
    }

    /** The three parts of a stretch of time. */
    private record Parts(BlockTally candidate, BlockTally control, BlockTally rest) {
        private static final Parts NONE = new Parts(BlockTally.NONE, BlockTally.NONE, BlockTally.NONE);

        private Parts with(BlockTallies.Entry entry) {
            BlockTally tally = entry.tally();
            return switch (entry.part()) {
                case CANDIDATE -> new Parts(candidate.plus(tally), control, rest);
                case CONTROL -> new Parts(candidate, control.plus(tally), rest);
                case REST -> new Parts(candidate, control, rest.plus(tally));
            };
        }
    }

    /** The blocks of a rollout that began after {@code from} and are over at {@code to}, also those in which nobody called. */
    List<Day> blocks(String endpoint, String candidate, String champion, long from, long to, long block) {
        long first = Math.ceilDiv(from, block) * block;
        Map<Long, Parts> parts = parts(endpoint, candidate, champion, first, to, block);
        List<Day> days = new ArrayList<>();
        for (long start = first; start + block <= to; start += block) {
            days.add(day(start, parts.getOrDefault(start, Parts.NONE)));
        }
        return days;
    }

    /** What the champion's callers taught before {@code until}. */
    Learnt learnt(Handle sql, String endpoint, String champion, long until, long block, Duration period) {
        long length = period.toMillis();
        long end = Math.floorDiv(until, BlockTallies.MINUTE_MILLIS) * BlockTallies.MINUTE_MILLIS;
        List<Learnt.EarlierPeriod> periods = new ArrayList<>();
        Learnt learnt = Learnt.NOTHING;
        for (int i = 0; i < STRETCHES_MAX && !learnt.enough(); i++) {
            periods.addAll(periods(sql, endpoint, champion, end - i * PERIODS * length, length));
            learnt = Learnt.fromHalves(periods, (double) length / block);
        }
        return learnt;
    }

    /** The periods before {@code end} in which this version was champion and called; its calls as a candidate are not among them. */
    private static List<Learnt.EarlierPeriod> periods(
            Handle sql, String endpoint, String champion, long end, long length) {
        long first = end - PERIODS * length;
        Map<Long, Parts> parts = new TreeMap<>();
        for (BlockTallies.Entry entry : BlockTallies.between(sql, endpoint, first, end)) {
            if (entry.part() != Part.CANDIDATE && entry.version().equals(champion)) {
                long start = first + Math.floorDiv(entry.minute() - first, length) * length;
                parts.merge(start, Parts.NONE.with(entry), (before, one) -> before.with(entry));
            }
        }
        return parts.values().stream()
                .map(one -> new Learnt.EarlierPeriod(
                        one.control.scores(),
                        one.rest.scores(),
                        new Halves(failed(one.control), failed(one.rest)),
                        new Halves(time(one.control), time(one.rest))))
                .toList();
    }

    private Map<Long, Parts> parts(String endpoint, String candidate, String champion, long from, long to, long block) {
        Map<Long, Parts> parts = new TreeMap<>();
        for (BlockTallies.Entry entry : tallies.between(endpoint, from, to)) {
            String version = entry.part() == Part.CANDIDATE ? candidate : champion;
            if (entry.version().equals(version)) {
                long start = Math.floorDiv(entry.minute(), block) * block;
                parts.merge(start, Parts.NONE.with(entry), (before, one) -> before.with(entry));
            }
        }
        return parts;
    }

    private static Day day(long start, Parts parts) {
        BlockTally candidate = parts.candidate;
        BlockTally control = parts.control;
        int[] scores = candidate.scores();
        long rows = 0;
        for (int i = 1; i < scores.length; i += 2) {
            rows += scores[i];
        }
        return new Day(
                Instant.ofEpochMilli(start).toString(),
                candidate.calls() + control.calls() + parts.rest.calls(),
                0,
                new Comparison(rows, 0, Comparison.empty().paired(), scores, candidate.beside()),
                candidate.calls(),
                candidate.errors() + candidate.invalid(),
                candidate.fallbacks(),
                candidate.timed() == 0 ? null : time(candidate),
                control.calls() == 0
                        ? null
                        : new Control(
                                control.calls(),
                                control.errors() + control.invalid(),
                                control.timed() == 0 ? null : time(control)),
                candidate.rows() + control.rows() + parts.rest.rows() == 0 ? null : candidate.rows());
    }

    private static Sums failed(BlockTally tally) {
        long failed = tally.errors() + tally.invalid();
        return new Sums(tally.calls(), failed, failed);
    }

    private static Sums time(BlockTally tally) {
        return new Sums(tally.timed(), tally.logTime(), tally.logTimeSquares());
    }
}
