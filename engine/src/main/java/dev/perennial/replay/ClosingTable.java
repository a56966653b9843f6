package dev.perennial.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.gates.Evaluation;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.monitoring.DayResult;
import dev.perennial.statistics.ClusterAuc;
import dev.perennial.statistics.ClusterBootstrap;
import dev.perennial.statistics.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What keeping a model alive was worth: the scores that the loop served beside those of other policies on the same days, by month and in
 * all. Intervals draw whole days. Pure.
 */
public final class ClosingTable {
    public static final String LOOP = "this loop";

    private static final double CONFIDENCE = 0.95;
    private static final int MONTH_CHARS = 7;
    private static final String ALL = "all";

    private ClosingTable() {}

    /** One arm's sums on one day. */
    private record Day(String day, long labelled, long positives, Evaluation.Scores scores) {}

    /**
     * @param arms the file of the arms step: sums for each day
     * @param served closed days of the replay; none where nothing was played over HTTP
     */
    public static ObjectNode of(JsonNode arms, List<DayResult> served) {
        Map<String, List<Day>> byArm = new LinkedHashMap<>();
        arms.path("arms").forEach(arm -> {
            List<Day> days = new ArrayList<>();
            arm.path("days")
                    .forEach(day -> days.add(new Day(
                            day.path("day").asText(),
                            day.path("labelled").asLong(),
                            day.path("positives").asLong(),
                            Json.convert(day.get("scores"), Evaluation.Scores.class))));
            byArm.put(arm.path("name").asText(), days);
        });
        List<Day> loop = served.stream()
                .filter(day -> day.labelled() > 0)
                .map(day -> new Day(day.day(), day.labelled(), day.positives(), day.served()))
                .toList();
        if (!loop.isEmpty()) {
            byArm.put(LOOP, loop);
        }
        ObjectNode table = Json.object();
        ArrayNode rows = table.putArray("arms");
        List<Day> never = byArm.getOrDefault(Arms.NEVER, List.of());
        byArm.forEach((name, days) -> {
            ArrayNode months = rows.addObject().put("name", name).putArray("months");
            TreeSet<String> names = new TreeSet<>();
            days.forEach(day -> names.add(day.day().substring(0, MONTH_CHARS)));
            names.forEach(month -> months.add(line(month, name, in(days, month), in(never, month))));
            if (!days.isEmpty()) {
                months.add(line(ALL, name, days, never));
            }
        });
        return table;
    }

    private static List<Day> in(List<Day> days, String month) {
        return days.stream().filter(day -> day.day().startsWith(month)).toList();
    }

    private static ObjectNode line(String month, String arm, List<Day> days, List<Day> never) {
        long labelled = days.stream().mapToLong(Day::labelled).sum();
        long positives = days.stream().mapToLong(Day::positives).sum();
        double rate = (double) positives / labelled;
        double loss = days.stream().mapToDouble(day -> day.scores().logLoss()).sum() / labelled;
        double mean = days.stream().mapToDouble(day -> day.scores().scoreSum()).sum() / labelled;
        double entropy = -(rate * Math.log(rate) + (1 - rate) * Math.log(1 - rate));
        ObjectNode line = Json.object()
                .put("month", month)
                .put("rows", labelled)
                .put("rate", rate)
                .put("meanScore", mean)
                .put("logLoss", loss);
        put(line, "skill", 1 - loss / entropy);
        line.put("calibration", mean - rate);
        int[] once = new int[days.size()];
        Arrays.fill(once, 1);
        put(
                line,
                "auc",
                ClusterAuc.of(
                                days.stream()
                                        .map(day -> day.scores().positiveBins())
                                        .toList(),
                                days.stream()
                                        .map(day -> day.scores().negativeBins())
                                        .toList())
                        .auc(once));
        if (!arm.equals(Arms.NEVER)) {
            Interval difference = difference(month + arm, days, never);
            if (difference != null) {
                ObjectNode minus = line.putObject("minusNever").put("estimate", difference.estimate());
                put(minus, "low", difference.low());
                put(minus, "high", difference.high());
                minus.put("days", difference.clusters());
            }
        }
        return line;
    }

    /** What cannot be told (one class only, too few days) is null. */
    private static void put(ObjectNode line, String name, double value) {
        line.put(name, Double.isFinite(value) ? (Double) value : null);
    }

    /** Mean log loss minus that of never retraining, over the days that both have with the same rows. */
    private static @Nullable Interval difference(String seed, List<Day> days, List<Day> never) {
        Map<String, Day> other = new TreeMap<>();
        never.forEach(day -> other.put(day.day(), day));
        List<Day> both = days.stream()
                .filter(day -> {
                    Day same = other.get(day.day());
                    return same != null && same.labelled() == day.labelled();
                })
                .toList();
        if (both.size() < 2) {
            return null;
        }
        double[] sums = both.stream()
                .mapToDouble(day -> {
                    Day same = other.get(day.day());
                    return same == null
                            ? 0
                            : day.scores().logLoss() - same.scores().logLoss();
                })
                .toArray();
        double[] weights = both.stream().mapToDouble(Day::labelled).toArray();
        return ClusterBootstrap.ratio(sums, weights, Digest.of(seed).seed(), CONFIDENCE);
    }
}
