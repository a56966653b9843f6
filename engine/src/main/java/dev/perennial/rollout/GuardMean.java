package dev.perennial.rollout;

import dev.perennial.rollout.GuardLook.Verdict;
import dev.perennial.rollout.Spread.Sums;
import dev.perennial.statistics.ConfidenceSequence;
import org.jspecify.annotations.Nullable;

/**
 * A confidence sequence for the difference of two groups' means over closed clusters: candidate and control, or the candidate alone
 * where no control is known. Each group's rows count as rows divided by their design effect.
 */
final class GuardMean {
    private final Group candidate = new Group();
    private final Group control = new Group();
    private int clusters;

    /** One cluster; {@code other} is null where no control is known. */
    void add(Sums own, @Nullable Sums other) {
        if (own.rows() > 0) {
            clusters++;
        }
        candidate.add(own);
        if (other != null) {
            control.add(other);
        }
    }

    boolean empty() {
        return candidate.rows == 0;
    }

    boolean controlled() {
        return control.rows > 0;
    }

    int clusters() {
        return clusters;
    }

    double difference() {
        return candidate.mean() - (controlled() ? control.mean() : 0);
    }

    double controlMean() {
        return control.mean();
    }

    /**
     * The guard at this look.
     *
     * @param sdMin what a row's standard deviation is taken for at least
     * @param alpha one-sided level
     */
    Sequence sequence(double rho, double sdMin, double alpha) {
        double own = candidate.deff(rho);
        double effective = candidate.rows / own;
        double deff = own;
        if (controlled()) {
            double others = control.deff(rho);
            deff = Math.max(own, others);
            effective = 1 / (own / candidate.rows + others / control.rows);
        }
        double sd = Math.max(sdMin, Math.max(candidate.sd(), control.sd()));
        double radius = ConfidenceSequence.radius(sd, effective, AlphaPlan.twoSided(alpha), ConfidenceSequence.TAU);
        return new Sequence(clusters, difference(), radius, deff, sd / Math.sqrt(effective));
    }

    /**
     * An estimate, the half width around it that holds at every look, the design effect that widened it, and the standard error in this
     * look.
     */
    record Sequence(int clusters, double estimate, double radius, double deff, double error) {
        double low() {
            return estimate - radius;
        }

        double high() {
            return estimate + radius;
        }

        /**
         * @param level null: more than the bound must be shown at every look; else that there is any difference must be, and that it is
         *     larger than the bound in one look, at this level
         */
        GuardLook look(Guard guard, double bound, double alpha, @Nullable Double level) {
            double low = low();
            if (level != null && low > 0) {
                low = Math.max(low, estimate - ConfidenceSequence.oneLook(error, level));
            }
            return new GuardLook(
                    guard.title(),
                    clusters,
                    estimate,
                    low,
                    high(),
                    bound,
                    alpha,
                    deff,
                    low > bound ? Verdict.SHOWN : Verdict.CLEAR,
                    null);
        }
    }

    private static final class Group {
        private double rows;
        private double sum;
        private double squares;
        private double sizes;

        private void add(Sums sums) {
            rows += sums.rows();
            sum += sums.sum();
            squares += sums.squares();
            sizes += (double) sums.rows() * sums.rows();
        }

        private double mean() {
            return rows == 0 ? 0 : sum / rows;
        }

        private double sd() {
            return rows == 0 ? 0 : Math.sqrt(Math.max(0, squares / rows - mean() * mean()));
        }

        private double deff(double rho) {
            return rows == 0 ? 1 : ScoreShift.designEffect(sizes / rows, rho);
        }
    }
}
