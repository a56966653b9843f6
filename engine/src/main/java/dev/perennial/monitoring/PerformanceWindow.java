package dev.perennial.monitoring;

import dev.perennial.kernel.Digest;
import dev.perennial.statistics.ClusterBootstrap;
import dev.perennial.statistics.Interval;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How good the served answers were over some days. Days with too few outcomes are left out and named; intervals draw whole days.
 *
 * @param from first local date
 * @param to last local date
 * @param days days used
 * @param withheld days left out because too few of their outcomes are known
 * @param logLoss mean log loss of the served scores
 * @param skill 1 - log loss / entropy of the outcome's rate
 * @param brier mean squared error
 * @param calibration mean score minus rate
 */
public record PerformanceWindow(
        String from,
        String to,
        int days,
        List<String> withheld,
        long rows,
        long labelled,
        double coverage,
        @Nullable Double rate,
        Estimate logLoss,
        Estimate skill,
        Estimate brier,
        Estimate calibration) {

    private static final int REPLICATES = 500;
    private static final double CONFIDENCE = 0.95;
    private static final int DAYS_MIN = 8;

    /** A figure with its interval by days; all null when there is nothing to tell, bounds null under 8 days. */
    public record Estimate(
            @Nullable Double value,
            @Nullable Double low,
            @Nullable Double high) {
        static final Estimate NONE = new Estimate(null, null, null);
    }

    public static PerformanceWindow of(List<DayResult> window, double coverageFloor) {
        List<DayResult> used = new ArrayList<>();
        List<String> withheld = new ArrayList<>();
        long rows = 0;
        for (DayResult day : window) {
            rows += day.rows();
            if (day.rows() > 0 && day.coverage() >= coverageFloor) {
                used.add(day);
            } else if (day.rows() > 0) {
                withheld.add(day.day());
            }
        }
        long labelled = used.stream().mapToLong(DayResult::labelled).sum();
        long positives = used.stream().mapToLong(DayResult::positives).sum();
        long known = window.stream().mapToLong(DayResult::labelled).sum();
        String from = window.isEmpty() ? "" : window.getFirst().day();
        String to = window.isEmpty() ? "" : window.getLast().day();
        double coverage = rows == 0 ? 0 : (double) known / rows;
        if (labelled == 0) {
            return new PerformanceWindow(
                    from,
                    to,
                    0,
                    withheld,
                    rows,
                    0,
                    coverage,
                    null,
                    Estimate.NONE,
                    Estimate.NONE,
                    Estimate.NONE,
                    Estimate.NONE);
        }
        double rate = (double) positives / labelled;
        double entropy =
                rate <= 0 || rate >= 1 ? Double.NaN : -(rate * Math.log(rate) + (1 - rate) * Math.log(1 - rate));
        double[] weights = used.stream().mapToDouble(DayResult::labelled).toArray();
        Estimate loss = estimate(
                used.stream().mapToDouble(day -> day.served().logLoss()).toArray(), weights, used);
        return new PerformanceWindow(
                from,
                to,
                used.size(),
                withheld,
                rows,
                labelled,
                coverage,
                rate,
                loss,
                skill(loss, entropy),
                estimate(used.stream().mapToDouble(day -> day.served().brier()).toArray(), weights, used),
                estimate(
                        used.stream()
                                .mapToDouble(day -> day.served().scoreSum() - day.positives())
                                .toArray(),
                        weights,
                        used));
    }

    /** The interval takes the rate as given: it says how sure the loss is, not how sure the rate is. */
    private static Estimate skill(Estimate loss, double entropy) {
        Double value = loss.value();
        if (value == null || Double.isNaN(entropy)) {
            return Estimate.NONE;
        }
        Double low = loss.low();
        Double high = loss.high();
        return new Estimate(
                1 - value / entropy, high == null ? null : 1 - high / entropy, low == null ? null : 1 - low / entropy);
    }

    private static Estimate estimate(double[] sums, double[] weights, List<DayResult> days) {
        double total = java.util.Arrays.stream(weights).sum();
        double value = java.util.Arrays.stream(sums).sum() / total;
        if (days.size() < DAYS_MIN) {
            return new Estimate(value, null, null);
        }
        long seed = Digest.of(days.getFirst().day() + days.getLast().day() + days.size())
                .seed();
        Interval interval = ClusterBootstrap.ratio(sums, weights, seed, REPLICATES, CONFIDENCE);
        return new Estimate(value, interval.low(), interval.high());
    }
}
