package dev.perennial.features;

import dev.perennial.lifecycle.file.Features.Aggregate;
import dev.perennial.lifecycle.file.Features.Clip;
import dev.perennial.lifecycle.file.Features.Prior;
import dev.perennial.lifecycle.file.Features.Window;
import org.jspecify.annotations.Nullable;

/** The arithmetic that both kinds of windows share. */
final class Aggregation {
    private Aggregation() {}

    /** What a row adds: 0 or 1 for a share, the clipped value for a mean; NaN when its value is missing. */
    static double added(Window window, double value) {
        if (Double.isNaN(value)) {
            return value;
        }
        if (window.aggregate() == Aggregate.share) {
            return value == 0 ? 0 : 1;
        }
        Clip clip = window.clip();
        return clip == null ? value : Math.min(Math.max(value, clip.low()), clip.high());
    }

    /** The window's value; null with too few rows. With a prior, no rows at all give the prior. */
    static @Nullable Object value(Window window, double sum, long rows) {
        Prior prior = window.prior();
        if (prior == null) {
            return rows >= Math.max(1, window.atLeast()) ? FeatureEngine.feature(sum / rows) : null;
        }
        int least = window.atLeast() <= 1 ? 0 : window.atLeast();
        double weight = rows + prior.weight();
        return rows >= least && weight != 0
                ? FeatureEngine.feature((sum + prior.weight() * prior.value()) / weight)
                : null;
    }
}
