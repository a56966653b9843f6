package dev.perennial.gates;

import dev.perennial.gates.Evaluation.Cluster;
import dev.perennial.gates.Evaluation.Withheld;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The days that gates may use: those with enough labels that nobody withheld. */
record Holdout(List<Cluster> days, List<Withheld> withheld, Set<String> keys) {

    static Holdout of(Evaluation evaluation, double coverageFloor) {
        List<Withheld> withheld = new ArrayList<>(evaluation.withheld());
        Set<String> named = withheld.stream().map(Withheld::day).collect(Collectors.toSet());
        List<Cluster> days = new ArrayList<>();
        for (Cluster day : evaluation.clusters()) {
            if (named.contains(day.key())) {
                continue;
            }
            double coverage = day.rows() == 0 ? 0 : (double) day.labelled() / day.rows();
            if (day.labelled() > 0 && coverage >= coverageFloor) {
                days.add(day);
            } else {
                withheld.add(new Withheld(
                        day.key(),
                        coverage,
                        String.format(
                                Locale.ROOT,
                                "%,d of %,d rows have a label, %.0f %% are needed",
                                day.labelled(),
                                day.rows(),
                                100 * coverageFloor)));
            }
        }
        return new Holdout(
                List.copyOf(days),
                List.copyOf(withheld),
                days.stream().map(Cluster::key).collect(Collectors.toSet()));
    }

    /** Days of one slice value, of the days that count. */
    List<Cluster> of(List<Cluster> slice) {
        return slice.stream()
                .filter(day -> keys.contains(day.key()) && day.labelled() > 0)
                .toList();
    }

    long rows() {
        return rows(days);
    }

    static long rows(List<Cluster> days) {
        return days.stream().mapToLong(Cluster::labelled).sum();
    }
}
