package dev.perennial.rollout;

import dev.perennial.lifecycle.file.Rollout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One step of a plan: the shadow, in which the candidate answers nobody, or a canary with a share of the traffic.
 *
 * @param share 0 in the shadow
 */
public record RolloutStep(boolean shadow, double share, int days) {

    /** The steps of a plan in order; steps of no days are left out. */
    public static List<RolloutStep> of(Rollout plan) {
        List<RolloutStep> steps = new ArrayList<>();
        if (plan.shadowDays() > 0) {
            steps.add(new RolloutStep(true, 0, plan.shadowDays()));
        }
        for (Rollout.Canary canary : plan.canary()) {
            if (canary.days() > 0) {
                steps.add(new RolloutStep(false, canary.share(), canary.days()));
            }
        }
        return List.copyOf(steps);
    }

    /** What people call it: {@code shadow}, {@code canary 10 %}. */
    public String title() {
        return shadow ? "shadow" : String.format(Locale.ROOT, "canary %s %%", Wording.plain(100 * share));
    }
}
