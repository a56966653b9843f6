package dev.perennial.worker.training;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.gates.Evaluation.Scores;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.statistics.ClusterBootstrap;
import dev.perennial.statistics.Interval;
import dev.perennial.statistics.Metric;
import dev.perennial.statistics.Probabilities;
import dev.perennial.statistics.RocAuc;
import dev.perennial.statistics.ScoreSums;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What one arm was worth, by month and in all: the figures of a closing table. */
final class MonthTable {
    private static final int CALIBRATION_BINS = 10;
    private static final double CONFIDENCE = 0.95;
    private static final String ALL = "all";

    private final SnapshotRows rows;
    private final int[] judged;
    private final String first;
    private final double[] reference;

    /**
     * @param judged labelled rows, ascending
     * @param first name of the arm that others are compared with
     * @param reference its scores
     */
    MonthTable(SnapshotRows rows, int[] judged, String first, double[] reference) {
        this.rows = rows;
        this.judged = judged;
        this.first = first;
        this.reference = reference;
    }

    /** One object for each month, and one named {@code all}. */
    ArrayNode of(String arm, double[] scores) {
        Map<YearMonth, int[]> months = new TreeMap<>();
        for (int row : judged) {
            months.merge(YearMonth.from(rows.date(row)), new int[] {row}, MonthTable::joined);
        }
        ArrayNode table = Json.array();
        months.forEach((month, chosen) -> table.add(line(month.toString(), arm, chosen, scores)));
        if (judged.length > 0) {
            table.add(line(ALL, arm, judged, scores));
        }
        return table;
    }

    private static int[] joined(int[] left, int[] right) {
        int[] both = Arrays.copyOf(left, left.length + right.length);
        System.arraycopy(right, 0, both, left.length, right.length);
        return both;
    }

    private ObjectNode line(String month, String arm, int[] chosen, double[] scores) {
        boolean[] labels = new boolean[chosen.length];
        double[] given = new double[chosen.length];
        double loss = 0;
        double brier = 0;
        double sum = 0;
        int positives = 0;
        for (int i = 0; i < chosen.length; i++) {
            int label = rows.label(chosen[i]);
            labels[i] = label == 1;
            given[i] = scores[chosen[i]];
            loss += ScoreSums.logLoss(label, given[i]);
            brier += ScoreSums.brier(label, given[i]);
            sum += given[i];
            positives += label;
        }
        int n = chosen.length;
        double rate = (double) positives / n;
        ObjectNode line = Json.object();
        line.put("month", month);
        line.put("rows", n);
        line.put("rate", rate);
        line.put("meanScore", sum / n);
        line.put("logLoss", loss / n);
        put(line, "skill", Probabilities.skill(loss / n, rate));
        line.put("brier", brier / n);
        put(line, "auc", RocAuc.of(labels, given));
        line.put(
                "calibrationError",
                Probabilities.calibrationEqualMass(labels, given, CALIBRATION_BINS)
                        .expected());
        if (!arm.equals(first)) {
            Interval difference = difference(month + "/" + arm + "/" + first, chosen, scores);
            ObjectNode minusFirst = line.putObject("minusFirst").put("estimate", difference.estimate());
            minusFirst.put("low", finite(difference.low())).put("high", finite(difference.high()));
            minusFirst.put("clusters", difference.clusters());
        }
        return line;
    }

    private static void put(ObjectNode line, String name, Metric metric) {
        line.put(name, metric.isDefined() ? (Double) metric.value() : null);
    }

    private static @Nullable Double finite(double bound) {
        return Double.isFinite(bound) ? (Double) bound : null;
    }

    /** Log loss minus the first arm's, with an interval by whole days. */
    private Interval difference(String seed, int[] chosen, double[] scores) {
        Map<Integer, double[]> days = new TreeMap<>();
        for (int row : chosen) {
            int label = rows.label(row);
            double[] sums = days.computeIfAbsent(rows.day(row), unused -> new double[2]);
            sums[0] += ScoreSums.logLoss(label, scores[row]) - ScoreSums.logLoss(label, reference[row]);
            sums[1]++;
        }
        double[] sums = days.values().stream().mapToDouble(day -> day[0]).toArray();
        double[] counts = days.values().stream().mapToDouble(day -> day[1]).toArray();
        return ClusterBootstrap.ratio(sums, counts, Digest.of(seed).seed(), CONFIDENCE);
    }

    /** Sums for each day, so that a reader can compare with arms that were not computed here. */
    ArrayNode days(double[] scores) {
        Map<Integer, ScoreSums> sums = new TreeMap<>();
        Map<Integer, int[]> counts = new TreeMap<>();
        IntStream.of(judged).forEach(row -> {
            sums.computeIfAbsent(rows.day(row), unused -> new ScoreSums()).add(rows.label(row), scores[row]);
            int[] count = counts.computeIfAbsent(rows.day(row), unused -> new int[2]);
            count[0]++;
            count[1] += rows.label(row);
        });
        ArrayNode days = Json.array();
        sums.forEach((day, sum) -> {
            int[] count = counts.getOrDefault(day, new int[2]);
            days.addObject()
                    .put("day", LocalDate.ofEpochDay(day).toString())
                    .put("labelled", count[0])
                    .put("positives", count[1])
                    .set("scores", Json.tree(Scores.of(sum)));
        });
        return days;
    }
}
