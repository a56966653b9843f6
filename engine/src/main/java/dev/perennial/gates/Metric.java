package dev.perennial.gates;

import dev.perennial.gates.Evaluation.Cluster;
import dev.perennial.gates.Evaluation.Paired;
import dev.perennial.gates.Evaluation.Scores;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The metrics that gates understand, computed from the sums of days. */
enum Metric {
    LOG_LOSS("log_loss", "log loss", false),
    BRIER("brier", "Brier score", false),
    ROC_AUC("roc_auc", "AUC", true),
    SKILL("skill", "skill", true);

    private static final int BINS = 1_000;

    private final String key;
    private final String title;
    private final boolean higherIsBetter;

    Metric(String key, String title, boolean higherIsBetter) {
        this.key = key;
        this.title = title;
        this.higherIsBetter = higherIsBetter;
    }

    static Optional<Metric> of(String key) {
        return Arrays.stream(values()).filter(metric -> metric.key.equals(key)).findFirst();
    }

    static List<String> keys() {
        return Arrays.stream(values()).map(metric -> metric.key).toList();
    }

    String title() {
        return title;
    }

    boolean higherIsBetter() {
        return higherIsBetter;
    }

    /** Whether the metric is a mean over rows, so that sums are enough for it. */
    boolean isMean() {
        return this == LOG_LOSS || this == BRIER;
    }

    /** The sum over a day whose mean is the metric; only for {@link #isMean()}. */
    double sum(Scores scores) {
        return this == LOG_LOSS ? scores.logLoss() : scores.brier();
    }

    /** Sum of squared row values, NaN where it was not kept. */
    double squares(Scores scores) {
        return this == LOG_LOSS ? scores.logLossSquares() : Double.NaN;
    }

    double sum(Paired paired) {
        return this == LOG_LOSS ? paired.logLoss() : paired.brier();
    }

    double squares(Paired paired) {
        return this == LOG_LOSS ? paired.logLossSquares() : paired.brierSquares();
    }

    /**
     * The metric of one model over days, each taken {@code times[i]} times; NaN where it is not defined (one class alone has no AUC).
     */
    double value(List<Cluster> days, int[] times, Arm arm) {
        return switch (this) {
            case LOG_LOSS, BRIER -> mean(days, times, arm);
            case SKILL -> skill(days, times, arm);
            case ROC_AUC -> auc(days, times, arm);
        };
    }

    private double mean(List<Cluster> days, int[] times, Arm arm) {
        double sum = 0;
        double rows = 0;
        for (int i = 0; i < times.length; i++) {
            sum += times[i] * sum(arm.scores(days.get(i)));
            rows += (double) times[i] * days.get(i).labelled();
        }
        return sum / rows;
    }

    /** One less log loss over the entropy of the label rate: 0 for who knows the rate alone. */
    private static double skill(List<Cluster> days, int[] times, Arm arm) {
        double sum = 0;
        double rows = 0;
        double positives = 0;
        for (int i = 0; i < times.length; i++) {
            sum += times[i] * arm.scores(days.get(i)).logLoss();
            rows += (double) times[i] * days.get(i).labelled();
            positives += (double) times[i] * days.get(i).positives();
        }
        double rate = positives / rows;
        double entropy = -(rate * Math.log(rate) + (1 - rate) * Math.log(1 - rate));
        return 1 - sum / rows / entropy;
    }

    private static double auc(List<Cluster> days, int[] times, Arm arm) {
        long[] positives = new long[BINS];
        long[] negatives = new long[BINS];
        for (int i = 0; i < times.length; i++) {
            if (times[i] > 0) {
                Scores scores = arm.scores(days.get(i));
                add(scores.positiveBins(), times[i], positives);
                add(scores.negativeBins(), times[i], negatives);
            }
        }
        double won = 0;
        double below = 0;
        double all = 0;
        for (int bin = 0; bin < BINS; bin++) {
            won += positives[bin] * (below + negatives[bin] / 2.0);
            below += negatives[bin];
            all += positives[bin];
        }
        return won / (all * below);
    }

    private static void add(int[] pairs, int times, long[] bins) {
        for (int k = 0; k + 1 < pairs.length; k += 2) {
            bins[pairs[k]] += (long) times * pairs[k + 1];
        }
    }

    /** Whose scores. */
    enum Arm {
        CANDIDATE,
        CHAMPION,
        BASELINE;

        Scores scores(Cluster day) {
            return switch (this) {
                case CANDIDATE -> day.candidate();
                case CHAMPION -> present(day.champion(), day);
                case BASELINE -> day.baseline();
            };
        }

        /** Paired differences, candidate minus this arm. */
        Paired paired(Cluster day) {
            return this == BASELINE ? day.againstBaseline() : present(day.againstChampion(), day);
        }

        private static <T> T present(@Nullable T value, Cluster day) {
            if (value == null) {
                throw new IllegalStateException("day " + day.key() + " has no scores of the champion");
            }
            return value;
        }
    }
}
