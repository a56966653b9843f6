package dev.perennial.lifecycle.file;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a passed candidate takes the traffic: shadow, then canary steps, then champion. A step of n days ends at the local publication hour
 * after its n-th day.
 */
public record Rollout(int shadowDays, List<Canary> canary, StopOn stopOn, long keepWarmMillis) {
    public Rollout {
        canary = List.copyOf(canary);
    }

    /** {@code share} of the traffic, 0 to 1, for {@code days}. */
    public record Canary(double share, int days) {}

    /**
     * @param scoreShiftPsi tolerated population stability index of the candidate's scores against the champion's on the same rows
     * @param harmMetric metric whose paired difference must not be shown to exceed {@code harmMargin}
     * @param errorShare tolerated share of failed calls
     * @param latencyRatio tolerated ratio of the candidate's typical compute time to the champion's; null: time does not matter
     */
    public record StopOn(
            double scoreShiftPsi,
            String harmMetric,
            double harmMargin,
            double errorShare,
            @Nullable Double latencyRatio) {
        /** To whom time does not matter. */
        public StopOn(double scoreShiftPsi, String harmMetric, double harmMargin, double errorShare) {
            this(scoreShiftPsi, harmMetric, harmMargin, errorShare, null);
        }
    }

    /** Days from the gate to the promotion. */
    public int days() {
        return shadowDays + canary.stream().mapToInt(Canary::days).sum();
    }
}
