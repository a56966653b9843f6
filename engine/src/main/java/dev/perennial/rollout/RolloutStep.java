package dev.perennial.rollout;

import dev.perennial.lifecycle.file.Rollout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One step of a plan: the shadow, in which the candidate answers nobody, or a canary with a share of the traffic.
 *
 * @param share 0 in the shadow
 * @param days how long it lasts; 0 for a step of blocks
 * @param blocks the same for an endpoint without labels; 0 for a step of days
 * @param rows rows that it needs at least; 0 for what {@link RolloutLimits} say
 */
public record RolloutStep(boolean shadow, double share, int days, int blocks, int rows) {

    /** A step that needs as many rows as every other. */
    public RolloutStep(boolean shadow, double share, int days, int blocks) {
        this(shadow, share, days, blocks, 0);
    }

    /** A step of an endpoint without labels. */
    public static RolloutStep ofBlocks(double share, int blocks) {
        return new RolloutStep(share == 0, share, 0, blocks);
    }

    /** How many clusters must be closed before it may pass. */
    int clusters() {
        return days + blocks;
    }

    /** The steps of a plan in order; steps of no days are left out. */
    public static List<RolloutStep> of(Rollout plan) {
        List<RolloutStep> steps = new ArrayList<>();
        if (plan.shadowDays() > 0) {
            steps.add(new RolloutStep(true, 0, plan.shadowDays(), 0));
        }
        for (Rollout.Canary canary : plan.canary()) {
            if (canary.days() > 0) {
                steps.add(new RolloutStep(false, canary.share(), canary.days(), 0));
            }
        }
        return List.copyOf(steps);
    }

    /** What people call it: {@code shadow}, {@code canary 10 %}. */
    public String title() {
        return shadow ? "shadow" : String.format(Locale.ROOT, "canary %s %%", Wording.plain(100 * share));
    }
}
