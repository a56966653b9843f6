package dev.perennial.monitoring;

import dev.perennial.gates.Evaluation;
import dev.perennial.kernel.VersionId;
import dev.perennial.predictionlog.LogRecord;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;
import dev.perennial.predictionlog.ShadowRecord;
import dev.perennial.serving.Label;
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
    private final ScoreTally served = new ScoreTally();
    private final Map<String, ScoreTally> versions = new TreeMap<>();
    private final Map<String, Long> answers = new TreeMap<>();
    private final Map<String, PairTally> pairs = new TreeMap<>();
    private long labelled;
    private long positives;

    public DayJoin(Map<String, Label> labels) {
        this.labels = labels;
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
        versions.forEach((version, tally) -> byVersion.put(version, tally.scores()));
        Map<String, DayResult.Pair> byCandidate = new HashMap<>();
        pairs.forEach((version, tally) -> byCandidate.put(version, tally.pair()));
        return new DayResult(
                day,
                from,
                to,
                answered.size(),
                labelled,
                positives,
                served.scores(),
                byVersion,
                answers,
                byCandidate,
                revision);
    }

    private boolean answer(PredictionRecord prediction) {
        if (!answered.add(prediction.id())) {
            return false;
        }
        String version = number(prediction.version());
        answers.merge(version, 1L, Long::sum);
        Label label = labels.get(prediction.id());
        if (label != null) {
            labelled++;
            positives += label.label();
            served.add(prediction.score(), label.label());
            versions.computeIfAbsent(version, v -> new ScoreTally()).add(prediction.score(), label.label());
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
        private double logLoss;
        private double logLossSquares;
        private double brier;
        private double brierSquares;

        private void compare(double score, double championScore, @Nullable Label label) {
            if (Double.isNaN(score) || Double.isNaN(championScore)) {
                return;
            }
            rows++;
            candidate.merge(ScoreTally.bin(score), 1, Integer::sum);
            other.merge(ScoreTally.bin(championScore), 1, Integer::sum);
            if (label != null) {
                labelled++;
                double loss =
                        ScoreTally.logLoss(score, label.label()) - ScoreTally.logLoss(championScore, label.label());
                double square = ScoreTally.brier(score, label.label()) - ScoreTally.brier(championScore, label.label());
                logLoss += loss;
                logLossSquares += loss * loss;
                brier += square;
                brierSquares += square * square;
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
                    new Evaluation.Paired(logLoss, logLossSquares, brier, brierSquares),
                    ScoreTally.sparse(candidate),
                    ScoreTally.sparse(other));
        }
    }
}
