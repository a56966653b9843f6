package dev.perennial.monitoring.atoms;

import dev.perennial.statistics.ClusterAuc;
import dev.perennial.statistics.ClusterBootstrap;
import dev.perennial.statistics.DesignEffect;
import dev.perennial.statistics.Interval;
import dev.perennial.statistics.Probabilities;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How good answers were over a window of days. Days whose outcomes are mostly unknown are withheld and named: what is missing is not random.
 * Intervals draw whole days; under {@link #DAYS_MIN} used days nothing is concluded.
 *
 * @param days used days
 * @param withheld days left out, with the share of outcomes known
 * @param rows answered in all days, {@code labelled} outcomes known in the used ones
 * @param coverage share of all answers whose outcome is known
 * @param rate share of positives, {@code meanScore} mean answer, over the used rows; 0 without any
 * @param skill 1 - log loss / entropy of the rate: comparable when the rate changes
 * @param calibration mean answer minus rate
 * @param deff design effect of the log loss
 */
public record Performance(
        String from,
        String to,
        int days,
        Map<String, Double> withheld,
        long rows,
        long labelled,
        double coverage,
        double rate,
        double meanScore,
        Interval logLoss,
        Interval skill,
        Interval brier,
        Interval auc,
        Interval calibration,
        DesignEffect deff) {

    /** Days below which nothing is concluded. */
    public static final int DAYS_MIN = 8;

    private static final double CONFIDENCE = 0.95;
    private static final int REPLICATES = 1_000;

    /** @param seed derived from what is judged: model, version, window */
    public static Performance of(List<ServedDay> window, double coverageFloor, long seed) {
        List<ServedDay> used = new ArrayList<>();
        Map<String, Double> withheld = new TreeMap<>();
        long rows = 0;
        long known = 0;
        for (ServedDay day : window) {
            rows += day.rows();
            known += day.labelled();
            if (day.rows() > 0 && day.coverage() < coverageFloor) {
                withheld.put(day.day(), day.coverage());
            } else if (day.labelled() > 0) {
                used.add(day);
            }
        }
        double[] weights = used.stream().mapToDouble(ServedDay::labelled).toArray();
        double[] losses =
                used.stream().mapToDouble(day -> day.scores().logLoss()).toArray();
        double[] positives = used.stream().mapToDouble(ServedDay::positives).toArray();
        double[] scores =
                used.stream().mapToDouble(day -> day.scores().scoreSum()).toArray();
        double[] gaps = used.stream()
                .mapToDouble(day -> day.scores().scoreSum() - day.positives())
                .toArray();
        double[] squares =
                used.stream().mapToDouble(day -> day.scores().logLossSquares()).toArray();
        double[] brier = used.stream().mapToDouble(day -> day.scores().brier()).toArray();
        long labelled = used.stream().mapToLong(ServedDay::labelled).sum();
        ClusterAuc auc = ClusterAuc.of(
                used.stream().map(day -> day.scores().positiveBins()).toList(),
                used.stream().map(day -> day.scores().negativeBins()).toList());
        return new Performance(
                window.isEmpty() ? "" : window.getFirst().day(),
                window.isEmpty() ? "" : window.getLast().day(),
                used.size(),
                withheld,
                rows,
                labelled,
                rows == 0 ? 0 : (double) known / rows,
                share(positives, labelled),
                share(scores, labelled),
                ClusterBootstrap.tInterval(losses, weights, CONFIDENCE),
                skill(losses, positives, weights, seed),
                ClusterBootstrap.tInterval(brier, weights, CONFIDENCE),
                auc.interval(seed, REPLICATES, CONFIDENCE),
                ClusterBootstrap.tInterval(gaps, weights, CONFIDENCE),
                DesignEffect.of(
                        losses,
                        squares,
                        used.stream().mapToLong(ServedDay::labelled).toArray()));
    }

    /** Loss and rate of the drawn days move together, so they are drawn together. */
    private static Interval skill(double[] losses, double[] positives, double[] weights, long seed) {
        return ClusterBootstrap.statistic(
                losses.length,
                draw -> {
                    double loss = 0;
                    double positive = 0;
                    double weight = 0;
                    for (int i = 0; i < draw.length; i++) {
                        loss += draw[i] * losses[i];
                        positive += draw[i] * positives[i];
                        weight += draw[i] * weights[i];
                    }
                    return weight == 0
                            ? Double.NaN
                            : Probabilities.skill(loss / weight, positive / weight)
                                    .value();
                },
                seed,
                REPLICATES,
                CONFIDENCE);
    }

    private static double share(double[] sums, long rows) {
        double sum = 0;
        for (double value : sums) {
            sum += value;
        }
        return rows == 0 ? 0 : sum / rows;
    }

    /** Whether enough days are there to conclude something. */
    public boolean concludes() {
        return days >= DAYS_MIN && logLoss.isDefined();
    }
}
