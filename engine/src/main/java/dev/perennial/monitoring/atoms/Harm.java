package dev.perennial.monitoring.atoms;

import dev.perennial.statistics.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Whether outcomes show that a model's answers became worse than its gate promised. Three ways of harm, each only when its whole interval
 * by days says so: the loss exceeds the first evaluation by more than is tolerated, the answers are wrong on average, or they are worse
 * than always saying the rate.
 *
 * @param evidence a sentence for each way of harm that is shown
 */
public record Harm(State state, List<String> evidence, String text) {
    /** A mean answer may be off by this much before it is called harm. */
    public static final double CALIBRATION_TOLERANCE = 0.02;

    public Harm {
        evidence = List.copyOf(evidence);
    }

    /** What outcomes say. */
    public enum State {
        SHOWN,
        NOT_SHOWN,
        INSUFFICIENT_DATA
    }

    /**
     * @param metric {@code log_loss}, {@code brier} (smaller is better), {@code roc_auc} or {@code skill} (greater is better)
     * @param firstEvaluation the metric at the gate that let the version in
     * @param plus tolerated worsening
     */
    public static Harm judge(Performance now, String metric, double firstEvaluation, double plus) {
        if (!now.concludes()) {
            String withheld = now.withheld().isEmpty()
                    ? ""
                    : "; withheld for missing outcomes: "
                            + String.join(", ", now.withheld().keySet());
            return new Harm(
                    State.INSUFFICIENT_DATA,
                    List.of(),
                    now.days() + " days with outcomes, " + Performance.DAYS_MIN + " are needed" + withheld);
        }
        List<String> evidence = new ArrayList<>();
        Interval value = metricOf(now, metric);
        boolean smaller = metric.equals("log_loss") || metric.equals("brier");
        boolean worse = smaller ? value.low() > firstEvaluation + plus : value.high() < firstEvaluation - plus;
        if (worse) {
            evidence.add(String.format(
                    Locale.ROOT,
                    "%s %s, at its gate %.3f with %.3f tolerated",
                    metric,
                    range(value),
                    firstEvaluation,
                    plus));
        }
        Interval gap = now.calibration();
        if (gap.low() > CALIBRATION_TOLERANCE || gap.high() < -CALIBRATION_TOLERANCE) {
            evidence.add(String.format(
                    Locale.ROOT,
                    "mean answer %.3f against a rate of %.3f: off by %s",
                    now.meanScore(),
                    now.rate(),
                    range(gap)));
        }
        if (now.skill().high() < 0) {
            evidence.add("worse than always saying the rate: skill " + range(now.skill()));
        }
        String days = now.days() + " days";
        return evidence.isEmpty()
                ? new Harm(State.NOT_SHOWN, evidence, "no harm shown in " + days + ": " + metric + " " + range(value))
                : new Harm(State.SHOWN, evidence, "harm shown in " + days + ": " + String.join("; ", evidence));
    }

    private static Interval metricOf(Performance now, String metric) {
        return switch (metric) {
            case "brier" -> now.brier();
            case "roc_auc" -> now.auc();
            case "skill" -> now.skill();
            default -> now.logLoss();
        };
    }

    private static String range(Interval interval) {
        return String.format(Locale.ROOT, "%.3f [%.3f, %.3f]", interval.estimate(), interval.low(), interval.high());
    }
}
