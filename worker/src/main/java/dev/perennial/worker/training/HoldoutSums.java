package dev.perennial.worker.training;

import dev.perennial.gates.Evaluation.Cluster;
import dev.perennial.gates.Evaluation.Withheld;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Sums the scores of a holdout by local day and by slices of it. */
final class HoldoutSums {
    private static final String MISSING = "(missing)";

    private final Holdout holdout;
    private final SnapshotRows rows;
    private final List<String> slices;
    private final boolean withChampion;
    private final TreeMap<LocalDate, ClusterSums> days = new TreeMap<>();
    private final Map<String, TreeMap<String, TreeMap<LocalDate, ClusterSums>>> sliced = new TreeMap<>();

    /**
     * @param rows the holdout's rows
     * @param champion scores of the champion, null without one
     * @param baseline the score that the baseline gives to every row
     */
    HoldoutSums(
            Holdout holdout,
            SnapshotRows rows,
            List<String> slices,
            double[] candidate,
            double @Nullable [] champion,
            double baseline) {
        this.holdout = holdout;
        this.rows = rows;
        this.slices = List.copyOf(slices);
        this.withChampion = champion != null;
        slices.forEach(slice -> sliced.put(slice, new TreeMap<>()));
        for (int row = 0; row < rows.size(); row++) {
            add(row, candidate[row], champion == null ? Double.NaN : champion[row], baseline);
        }
    }

    private void add(int row, double candidate, double champion, double baseline) {
        List<ClusterSums> targets = new ArrayList<>();
        LocalDate day = rows.date(row);
        targets.add(days.computeIfAbsent(day, unused -> new ClusterSums(withChampion)));
        for (String slice : slices) {
            targets.add(slicesOf(slice)
                    .computeIfAbsent(value(slice, row), unused -> new TreeMap<>())
                    .computeIfAbsent(day, unused -> new ClusterSums(withChampion)));
        }
        boolean labelled = rows.labelledBy(row, holdout.labelKnownBy());
        for (ClusterSums target : targets) {
            if (labelled) {
                target.add(rows.label(row), candidate, champion, baseline);
            } else {
                target.addUnlabelled();
            }
        }
    }

    private TreeMap<String, TreeMap<LocalDate, ClusterSums>> slicesOf(String slice) {
        return sliced.computeIfAbsent(slice, unused -> new TreeMap<>());
    }

    private String value(String slice, int row) {
        return switch (rows.feature(slice)) {
            case FeatureColumn.Texts texts -> {
                String text = texts.text(row);
                yield text == null ? MISSING : text;
            }
            case FeatureColumn.Numbers numbers -> {
                float value = numbers.values()[row];
                yield Float.isNaN(value)
                        ? MISSING
                        : value == Math.rint(value) ? Long.toString((long) value) : Float.toString(value);
            }
        };
    }

    List<Withheld> withheld() {
        List<Withheld> withheld = new ArrayList<>();
        days.forEach((day, sums) -> {
            Withheld reason = holdout.withheld(day, sums);
            if (reason != null) {
                withheld.add(reason);
            }
        });
        return withheld;
    }

    List<Cluster> clusters() {
        return clusters(days);
    }

    /** Clusters by slice column and value; a day is judged for all slices or for none. */
    Map<String, Map<String, List<Cluster>>> slices() {
        Map<String, Map<String, List<Cluster>>> result = new TreeMap<>();
        sliced.forEach((slice, values) -> {
            Map<String, List<Cluster>> byValue = new TreeMap<>();
            values.forEach((value, sums) -> byValue.put(value, clusters(sums)));
            result.put(slice, byValue);
        });
        return result;
    }

    private List<Cluster> clusters(TreeMap<LocalDate, ClusterSums> sums) {
        List<Cluster> clusters = new ArrayList<>();
        sums.forEach((day, cluster) -> {
            ClusterSums whole = days.get(day);
            if (whole != null && holdout.withheld(day, whole) == null) {
                clusters.add(cluster.cluster(day.toString()));
            }
        });
        return clusters;
    }
}
