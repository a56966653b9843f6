package dev.perennial.rollout;

import dev.perennial.gates.Evaluation;
import dev.perennial.gates.Evaluation.Cluster;
import dev.perennial.gates.Evaluation.Paired;
import dev.perennial.gates.Evaluation.Scores;
import dev.perennial.rollout.RolloutEvidence.Comparison;
import dev.perennial.rollout.RolloutEvidence.Day;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/**
 * A world in which two models see the same rows. Outcomes of a day share a cause that neither model knows; each model errs by its own
 * amount on a whole day, sometimes by much (a front that one of them reads wrongly), and by its own amount on each row. Two models with
 * errors of the same law are equally good: neither is better in the long run, on any single day either may be.
 *
 * @param rowsPerDay predictions of a day
 * @param surprise standard deviation of what a day does to all its outcomes, as log-odds
 * @param dayError standard deviation of a model's error on a whole day
 * @param rowError standard deviation of a model's error on a row
 * @param harm what the candidate makes of its log-odds
 */
record RolloutWorld(int rowsPerDay, double surprise, double dayError, double rowError, DoubleUnaryOperator harm) {
    private static final double STORMY_SHARE = 0.12;
    private static final double STORMY_FACTOR = 2.2;
    private static final double UNLABELLED = 0.03;
    private static final double LOST_DAY_SHARE = 0.01;

    RolloutWorld with(DoubleUnaryOperator effect) {
        return new RolloutWorld(rowsPerDay, surprise, dayError, rowError, effect);
    }

    /** One day of rows that both models score; {@code share} of the day's traffic, and the first {@code part} of the day. */
    Day day(LocalDate date, double share, SplittableRandom random) {
        ComparisonTally tally = new ComparisonTally();
        long calls = 0;
        long predictions = rowsPerDay;
        double missing = random.nextDouble() < LOST_DAY_SHARE ? 0.5 : UNLABELLED;
        double cause = random.nextGaussian() * surprise;
        double candidateDay = dayShift(random);
        double championDay = dayShift(random);
        for (int i = 0; i < rowsPerDay; i++) {
            boolean taken = random.nextDouble() < share;
            double truth = -1.25 + 0.9 * random.nextGaussian();
            double candidate = harm.applyAsDouble(truth + candidateDay + random.nextGaussian() * rowError);
            double champion = truth + championDay + random.nextGaussian() * rowError;
            boolean late = random.nextDouble() < sigmoid(truth + cause);
            boolean labelled = random.nextDouble() >= missing;
            if (taken) {
                tally.add(sigmoid(candidate), sigmoid(champion), labelled ? late : null);
                calls++;
            }
        }
        long labels = Math.round(predictions * (1 - missing));
        return new Day(date.toString(), predictions, labels, tally.comparison(), calls, 0, 0);
    }

    /** A gate's fortnight on the same two models: what the correlation is learnt from. */
    Evaluation gate(SplittableRandom random, int days) {
        List<Cluster> clusters = new ArrayList<>();
        for (int i = 0; i < days; i++) {
            String key = LocalDate.of(2013, 6, 1).plusDays(i).toString();
            Comparison day = with(DoubleUnaryOperator.identity())
                    .day(LocalDate.parse(key), 1, random)
                    .comparison();
            Scores candidate = new Scores(0, 0, 0, 0, day.candidateBins(), new int[0]);
            Scores champion = new Scores(0, 0, 0, 0, day.championBins(), new int[0]);
            clusters.add(new Cluster(
                    key,
                    day.labelled(),
                    day.labelled(),
                    1,
                    candidate,
                    champion,
                    champion,
                    day.paired(),
                    new Paired(0, 0, 0, 0)));
        }
        return new Evaluation("c", "d", "e", 0L, 0L, 0, 1, clusters, List.of(), Map.of(), Map.of());
    }

    private double dayShift(SplittableRandom random) {
        double scale = random.nextDouble() < STORMY_SHARE ? STORMY_FACTOR : 1;
        return random.nextGaussian() * dayError * scale;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
