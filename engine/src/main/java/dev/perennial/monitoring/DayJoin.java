package dev.perennial.monitoring;

import dev.perennial.gates.Evaluation;
import dev.perennial.kernel.VersionId;
import dev.perennial.monitoring.DayResult.TimeSums;
import dev.perennial.predictionlog.LogRecord;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;
import dev.perennial.predictionlog.ShadowRecord;
import dev.perennial.serving.Label;
import dev.perennial.statistics.PairedSums;
import dev.perennial.statistics.ScoreSums;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Joins one day's prediction log with its outcomes. A prediction id counts once however often it was delivered, in the order in which
 * records were written. Cost: one pass over the day's records, memory for its ids. Not thread-safe.
 */
public final class DayJoin {
    private final Map<String, Label> labels;
    private final Set<String> answered = new HashSet<>();
    private final Set<String> shadowed = new HashSet<>();
    private final ScoreSums served = new ScoreSums();
    private final Map<String, ScoreSums> versions = new TreeMap<>();
    private final Map<String, Long> answers = new TreeMap<>();
    private final Map<String, PairTally> pairs = new TreeMap<>();
    private final Map<String, TimeSums> times = new TreeMap<>();
    private final boolean timed;
    private TimeSums control = TimeSums.NONE;
    private TimeSums rest = TimeSums.NONE;
    private long labelled;
    private long positives;

    public DayJoin(Map<String, Label> labels) {
        this(labels, false);
    }

    /** @param timed whether what answers took is summed up; a replay's day is the same whenever it is played */
    public DayJoin(Map<String, Label> labels, boolean timed) {
        this.labels = labels;
        this.timed = timed;
    }

    /** Adds a record; false when its prediction was counted before. */
    public boolean add(LogRecord record) {
        return switch (record) {
            case PredictionRecord prediction -> answer(prediction);
            case ShadowRecord shadow -> shadow(shadow);
        };
    }

    public DayResult result(String day, long from, long to, int revision) {
        Map<String, Evaluation.Scores> byVersion = new HashMap<>();
        versions.forEach((version, sums) -> byVersion.put(version, Evaluation.Scores.of(sums)));
        Map<String, DayResult.Pair> byCandidate = new HashMap<>();
        pairs.forEach((version, tally) -> byCandidate.put(version, tally.pair()));
        return new DayResult(
                day,
                from,
                to,
                answered.size(),
                labelled,
                positives,
                Evaluation.Scores.of(served),
                byVersion,
                answers,
                byCandidate,
                revision,
                timed ? new DayResult.Times(times, control, rest) : null);
    }

    private void time(PredictionRecord prediction, String version) {
        long micros = prediction.answer().latencyMicros();
        if (prediction.role() == Role.CANARY) {
            times.put(version, times.getOrDefault(version, TimeSums.NONE).plus(micros));
        } else if (prediction.failure() == null && prediction.answer().control()) {
            control = control.plus(micros);
        } else if (prediction.failure() == null) {
            rest = rest.plus(micros);
        }
    }

    private boolean answer(PredictionRecord prediction) {
        if (!answered.add(prediction.id())) {
            return false;
        }
        String version = number(prediction.version());
        answers.merge(version, 1L, Long::sum);
        if (timed) {
            time(prediction, version);
        }
        Label label = labels.get(prediction.id());
        if (label != null && isProbability(prediction.score())) {
            labelled++;
            positives += label.label();
            if (prediction.kept().drawn()) { // others would count the rows of a rollout too often
                served.add(label.label(), prediction.score());
            }
            versions.computeIfAbsent(version, v -> new ScoreSums()).add(label.label(), prediction.score());
        }
        if (prediction.role() == Role.CANARY) {
            PairTally tally = pairs.computeIfAbsent(version, v -> new PairTally());
            tally.calls++;
            PredictionRecord.Paired paired = prediction.paired();
            if (paired != null) {
                tally.champion = Integer.parseInt(number(paired.version()));
                tally.compare(prediction.score(), paired.score(), label);
            }
        } else if (prediction.failure() != null) {
            PairTally tally = pairs.computeIfAbsent(number(prediction.failure().version()), v -> new PairTally());
            tally.champion = Integer.parseInt(version);
            tally.calls++;
            tally.errors++;
            tally.fallbacks++;
        }
        return true;
    }

    private boolean shadow(ShadowRecord shadow) {
        String version = number(shadow.version());
        if (!shadowed.add(version + " " + shadow.id())) {
            return false;
        }
        if (shadow.pair()) {
            pair(shadow);
            return true;
        }
        PairTally tally = pairs.computeIfAbsent(version, v -> new PairTally());
        tally.champion = Integer.parseInt(number(shadow.served().version()));
        tally.calls++;
        if (shadow.error() != null) {
            tally.errors++;
        } else {
            tally.compare(shadow.score(), shadow.served().score(), labels.get(shadow.id()));
        }
        return true;
    }

    /** What the champion says of a row that a candidate answered; the call itself is counted by its answer. */
    private void pair(ShadowRecord record) {
        PairTally tally = pairs.computeIfAbsent(number(record.served().version()), v -> new PairTally());
        tally.champion = Integer.parseInt(number(record.version()));
        if (record.error() == null) {
            tally.compare(record.served().score(), record.score(), labels.get(record.id()));
        }
    }

    /** A row that a model could not score has no part in sums of scores; it stays an answer without an outcome. */
    private static boolean isProbability(double score) {
        return score >= 0 && score <= 1;
    }

    private static String number(String version) {
        return Integer.toString(VersionId.parse(version).number());
    }

    private static final class PairTally {
        private final TreeMap<Integer, Integer> candidate = new TreeMap<>();
        private final TreeMap<Integer, Integer> other = new TreeMap<>();
        private int champion;
        private long calls;
        private long errors;
        private long fallbacks;
        private long rows;
        private long labelled;
        private final PairedSums paired = new PairedSums();

        private void compare(double score, double championScore, @Nullable Label label) {
            if (!isProbability(score) || !isProbability(championScore)) {
                return;
            }
            rows++;
            candidate.merge(ScoreSums.bin(score), 1, Integer::sum);
            other.merge(ScoreSums.bin(championScore), 1, Integer::sum);
            if (label != null) {
                labelled++;
                paired.add(label.label(), score, championScore);
            }
        }

        private DayResult.Pair pair() {
            return new DayResult.Pair(
                    champion,
                    calls,
                    errors,
                    fallbacks,
                    rows,
                    labelled,
                    Evaluation.Paired.of(paired),
                    ScoreSums.pairs(candidate),
                    ScoreSums.pairs(other));
        }
    }
}
