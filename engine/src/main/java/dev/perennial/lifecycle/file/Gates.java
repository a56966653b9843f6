package dev.perennial.lifecycle.file;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a candidate must show before it may serve.
 *
 * @param holdoutDays newest labelled days; neither candidate nor champion was trained on them
 * @param cluster {@code day} or {@code none}: what is drawn as a whole for intervals
 * @param labelCoverage days with a smaller share of labelled rows are withheld from verdicts
 */
public record Gates(int holdoutDays, String cluster, double labelCoverage, List<Gate> require) {
    public Gates {
        require = List.copyOf(require);
    }

    public enum Kind {
        /** The metric reaches {@code threshold}. */
        atLeast,
        /** The metric is at most {@code threshold}. */
        atMost,
        /** Superiority over {@code against} is shown at {@code confidence}. */
        betterThan,
        /** Non-inferiority to {@code against} within {@code margin} is shown at {@code confidence}. */
        notWorseThan,
        /** More than {@code threshold} above the champion is too good to be true: REVIEW. */
        reviewAbove,
        /** CPU per row, microseconds, is at most {@code threshold}. */
        cost
    }

    /**
     * @param metric {@code log_loss, brier, roc_auc, ...}; {@code cpu_per_row} for {@link Kind#cost}
     * @param against {@code champion} or {@code baseline}; null where the kind needs none
     * @param each slice column: the gate holds for each of its values; null for the whole
     */
    public record Gate(
            Kind kind,
            String metric,
            @Nullable Double threshold,
            @Nullable String against,
            double confidence,
            double margin,
            @Nullable String each) {

        /** The name under which its verdict is stored, unique in a file: {@code log_loss not-worse-than champion by origin}. */
        public String id() {
            String kindText = kind.name().replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
            String text = metric + " " + kindText;
            text += against != null ? " " + against : threshold != null ? " " + threshold : "";
            return each == null ? text : text + " by " + each;
        }
    }
}
