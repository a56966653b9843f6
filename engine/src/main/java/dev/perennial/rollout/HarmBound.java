package dev.perennial.rollout;

import dev.perennial.rollout.RolloutDecision.Harm;
import dev.perennial.rollout.RolloutEvidence.Comparison;
import dev.perennial.rollout.RolloutEvidence.Day;
import dev.perennial.statistics.ConfidenceSequence;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Is the candidate shown to be worse than the champion on the same rows? The bounds hold at every look at once, so a look each morning
 * costs nothing.
 */
final class HarmBound {
    private HarmBound() {}

    /** @param alpha level of the one side that is asked for: worse; null without labelled rows */
    static @Nullable Harm of(List<Day> days, Learnt learnt, HarmMetric metric, double margin, double alpha) {
        double rows = 0;
        double sum = 0;
        double squares = 0;
        double sizes = 0;
        for (Day day : days) {
            Comparison comparison = day.comparison();
            rows += comparison.labelled();
            sum += metric.sum(comparison.paired());
            squares += metric.squares(comparison.paired());
            sizes += (double) comparison.labelled() * comparison.labelled();
        }
        if (rows == 0) {
            return null;
        }
        double mean = sum / rows;
        double sd = Math.max(learnt.sd(), Math.sqrt(Math.max(0, squares / rows - mean * mean)));
        double deff = ScoreShift.designEffect(sizes / rows, learnt.rho());
        double effective = rows / deff;
        double radius = ConfidenceSequence.radius(sd, effective, AlphaPlan.twoSided(alpha), ConfidenceSequence.TAU);
        return new Harm(metric.title(), mean, mean - radius, mean + radius, margin, effective, deff);
    }
}
