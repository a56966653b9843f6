package dev.perennial.statistics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reference rows on streams and histories. */
final class StreamRows {
    private StreamRows() {}

    static @Nullable Object compute(ReferenceRow row) {
        return switch (row.method()) {
            case "page_hinkley" -> pageHinkley(row);
            case "ddm" ->
                errorDrift(
                        new ErrorDrift.Rate((int) row.param("warm_start"), row.param("warning"), row.param("drift"), 0),
                        row.flags("errors"));
            case "eddm" ->
                errorDrift(
                        new ErrorDrift.Distance((int) row.param("warm_start"), row.param("alpha"), row.param("beta")),
                        row.flags("errors"));
            case "adwin_epsilon_cut" ->
                Adwin.epsilonCut(
                        row.param("n0"),
                        row.param("n1"),
                        row.param("variance"),
                        row.param("width"),
                        row.param("delta"));
            case "adwin_exhaustive" -> {
                Adwin adwin = new Adwin(row.param("delta"), (int) row.param("min_subwindow"), 10_000);
                double[] x = row.numbers("x");
                int cut = -1;
                int at = -1;
                for (int i = 0; i < x.length && cut < 0; i++) {
                    cut = adwin.update(x[i]);
                    at = i;
                }
                yield Map.of("alarm_index", at, "cut_at", cut);
            }
            case "alert_states" -> alertStates(row);
            case "robust_z" -> Baselines.robustZ(row.numbers("history"), row.numbers("value")[0], 0);
            case "prediction_interval" ->
                CategoricalRows.bounds(Baselines.prediction(row.numbers("history"), row.param("alpha")));
            case "ewma_chart" -> {
                Baselines.Chart chart = Baselines.ewma(
                        row.numbers("x"), row.param("mean"), row.param("sd"), row.param("lambda"), row.param("width"));
                yield Map.of(
                        "last",
                        chart.last(),
                        "last_half_width",
                        chart.halfWidth(),
                        "first_signal",
                        chart.firstSignal());
            }
            case "kll_rank_error" ->
                Map.of(
                        "rank", Baselines.kllRankError((int) row.param("k")),
                        "pmf", Baselines.kllShareError((int) row.param("k")));
            default -> NumericRows.UNKNOWN;
        };
    }

    private static Object pageHinkley(ReferenceRow row) {
        int minimum = (int) row.param("min_instances");
        PageHinkley detector = row.params().get("variant").asText().equals("classic")
                ? PageHinkley.classic(row.param("delta"), row.param("lambda"), minimum)
                : PageHinkley.forgetting(row.param("delta"), row.param("lambda"), minimum, row.param("alpha"));
        double[] x = row.numbers("x");
        for (int i = 0; i < x.length; i++) {
            if (detector.update(x[i])) {
                return Map.of("alarm_index", i, "statistic", detector.statistic());
            }
        }
        return Map.of();
    }

    private static Object errorDrift(ErrorDrift detector, boolean[] errors) {
        int warning = -1;
        for (int i = 0; i < errors.length; i++) {
            ErrorDrift.Level level = detector.update(errors[i]);
            if (level == ErrorDrift.Level.DRIFT) {
                return Map.of("first_warning", warning, "drift", i);
            }
            warning = warning < 0 && level == ErrorDrift.Level.WARNING ? i : warning;
        }
        return Map.of("first_warning", warning);
    }

    private static List<String> alertStates(ReferenceRow row) {
        Hysteresis.Rule rule = new Hysteresis.Rule(
                row.param("fire_at"),
                row.param("clear_at"),
                (int) row.param("for_windows"),
                (int) row.param("keep_windows"),
                Hysteresis.Missing.HOLD);
        Hysteresis current = Hysteresis.START;
        List<String> states = new ArrayList<>();
        for (double value : row.numbers("values")) {
            current = current.next(value, rule);
            states.add(current.state().name());
        }
        return states;
    }
}
