package dev.perennial.worker.training;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.gates.Evaluation.Withheld;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import java.time.LocalDate;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The rows that a candidate is judged on.
 *
 * @param from first event time, inclusive
 * @param to events from here on are left out
 * @param labelKnownBy a label that became known later counts as missing
 * @param excludedDays with the reason in words
 * @param coverage days with a smaller share of labelled rows are withheld
 */
record Holdout(long from, long to, long labelKnownBy, Map<LocalDate, String> excludedDays, double coverage) {
    private static final double COVERAGE = 0.8;

    static Holdout of(JsonNode parameters) {
        JsonNode holdout = Parameters.required(parameters, "holdout");
        return new Holdout(
                Parameters.millis(holdout, "from"),
                Parameters.millis(holdout, "to"),
                Parameters.millis(holdout, "labelKnownBy"),
                new TreeMap<>(Parameters.days(holdout.path("excludedDays"))),
                parameters.path("coverage").asDouble(COVERAGE));
    }

    /** Why a day is withheld, or null when it is judged. */
    @Nullable
    Withheld withheld(LocalDate day, ClusterSums sums) {
        String excluded = excludedDays.get(day);
        if (excluded != null) {
            return new Withheld(day.toString(), sums.coverage(), excluded);
        }
        if (sums.labelled() == 0) {
            return new Withheld(day.toString(), 0, "no label is known yet");
        }
        if (sums.coverage() < coverage) {
            String reason = String.format(
                    Locale.ROOT,
                    "%.0f %% of the rows have a label, less than %.0f %%",
                    100 * sums.coverage(),
                    100 * coverage);
            return new Withheld(day.toString(), sums.coverage(), reason);
        }
        return null;
    }

    /** Names the judged rows. */
    Digest digest(String snapshot) {
        return Json.digest(Json.object()
                .put("snapshot", snapshot)
                .put("from", from)
                .put("to", to)
                .put("labelKnownBy", labelKnownBy)
                .put("coverage", coverage)
                .set(
                        "excludedDays",
                        Json.tree(excludedDays.keySet().stream()
                                .map(LocalDate::toString)
                                .sorted()
                                .toList())));
    }
}
