package dev.perennial.rollout;

import dev.perennial.gates.Evaluation.Paired;
import dev.perennial.kernel.PerennialException;

/** Metrics whose paired row differences can be summed day by day; less is better. */
enum HarmMetric {
    LOG_LOSS("log_loss", "log loss"),
    BRIER("brier", "Brier score");

    private final String key;
    private final String title;

    HarmMetric(String key, String title) {
        this.key = key;
        this.title = title;
    }

    static HarmMetric of(String key) {
        for (HarmMetric metric : values()) {
            if (metric.key.equals(key)) {
                return metric;
            }
        }
        throw PerennialException.invalid(
                "rollout.stop-on.harm.metric", "harm cannot be measured by '" + key + "'; use log_loss or brier");
    }

    String title() {
        return title;
    }

    double sum(Paired paired) {
        return this == LOG_LOSS ? paired.logLoss() : paired.brier();
    }

    double squares(Paired paired) {
        return this == LOG_LOSS ? paired.logLossSquares() : paired.brierSquares();
    }
}
