package dev.perennial.rollout;

import dev.perennial.statistics.DesignEffect;
import java.util.List;

/**
 * How much a mean over rows of one group swings, learnt from days on which two halves of the champion's callers saw the same model: what
 * both halves share is no difference, what one of them has alone (a burst of one client, an incident of one key) is the noise of any
 * comparison.
 *
 * @param rho correlation of two rows of one cluster and group
 * @param sd standard deviation of a row
 * @param days how many days taught it
 */
public record Spread(double rho, double sd, int days) {

    /** Rows of one half on one day: how many, the sum of their values and of the squares. */
    public record Sums(long rows, double sum, double squares) {
        double mean() {
            return sum / rows;
        }

        double within() {
            return Math.max(0, squares - sum * sum / rows);
        }
    }

    /** Two halves of the champion on one day. */
    public record Halves(Sums first, Sums second) {
        boolean usable() {
            return first.rows() > 1 && second.rows() > 1;
        }

        private double effective() {
            return 1 / (1.0 / first.rows() + 1.0 / second.rows());
        }

        /** Rows that each of two equal halves would have to tell as much; 0 where one is missing. */
        double size() {
            return usable() ? 2 * effective() : 0;
        }
    }

    /**
     * The variance of the halves' difference by days over what independent rows would show, raised to what it reaches in four of five
     * samples of so many days, and written as a correlation of the rows of one cluster.
     *
     * @param clustersPerDay 1 where days are the clusters, else blocks of a day
     */
    static Spread of(List<Halves> halves, double clustersPerDay) {
        List<Halves> days = halves.stream().filter(Halves::usable).toList();
        double rows = 0;
        double within = 0;
        for (Halves day : days) {
            rows += day.first().rows() + day.second().rows();
            within += day.first().within() + day.second().within();
        }
        double variance = within / Math.max(1, rows - 2.0 * days.size());
        if (days.size() < 2 || !(variance > 0)) {
            return new Spread(0, 0, days.size());
        }
        double ratio = 0;
        double sizes = 0;
        for (Halves day : days) {
            double difference = day.first().mean() - day.second().mean();
            ratio += difference * difference * day.effective() / variance / days.size();
            sizes += day.size();
        }
        double size = sizes / days.size() / clustersPerDay;
        return new Spread(
                correlation(ratio * DesignEffect.caution(days.size()), size), Math.sqrt(variance), days.size());
    }

    /** The correlation that gives clusters of this size this design effect; may exceed 1 where blocks of few rows share a day's cause. */
    static double correlation(double deff, double size) {
        return Math.max(0, deff - 1) / Math.max(1, size - 1);
    }
}
