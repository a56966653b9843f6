package dev.perennial.statistics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Gaps between groups of a binary decision. A rate with an empty denominator is undefined and left out (not 0, which would invent a gap);
 * fewer than two groups with a defined rate: the gap is undefined.
 */
public record Fairness(
        Metric demographicParityDifference,
        Metric demographicParityRatio,
        Metric equalOpportunityDifference,
        Metric equalizedOddsDifference,
        Metric equalizedOddsRatio,
        Metric predictiveParityDifference,
        boolean fourFifthsPass,
        Map<String, Classification.Confusion> groups) {

    private static final String FEW_GROUPS = "fewer than two groups with a defined rate";

    /** @param minRows groups with fewer rows are shown in {@link #groups} and not judged */
    public static Fairness of(boolean[] labels, boolean[] predicted, List<String> group, int minRows) {
        Map<String, Classification.Confusion> groups = new TreeMap<>();
        for (int i = 0; i < labels.length; i++) {
            Classification.Confusion one =
                    Classification.Confusion.of(new boolean[] {labels[i]}, new boolean[] {predicted[i]});
            groups.merge(group.get(i), one, Classification.Confusion::merge);
        }
        return of(groups, minRows);
    }

    /** From counts that were merged over windows. */
    public static Fairness of(Map<String, Classification.Confusion> groups, int minRows) {
        List<Classification.Confusion> judged = groups.values().stream()
                .filter(group -> group.rows() >= minRows)
                .toList();
        List<Double> selection = rates(judged, g -> Metric.quotient(g.tp() + g.fp(), g.rows(), "no rows"));
        List<Double> tpr = rates(judged, Classification.Confusion::recall);
        List<Double> fpr = rates(judged, g -> Metric.quotient(g.fp(), g.fp() + g.tn(), "no negative rows"));
        List<Double> ppv = rates(judged, Classification.Confusion::precision);
        Metric parityRatio = ratio(selection);
        return new Fairness(
                spread(selection),
                parityRatio,
                spread(tpr),
                worst(spread(tpr), spread(fpr), true),
                worst(ratio(tpr), ratio(fpr), false),
                spread(ppv),
                parityRatio.isDefined() && parityRatio.value() >= 0.8,
                Map.copyOf(groups));
    }

    private static List<Double> rates(
            List<Classification.Confusion> groups, Function<Classification.Confusion, Metric> rate) {
        List<Double> defined = new ArrayList<>();
        for (Classification.Confusion group : groups) {
            Metric metric = rate.apply(group);
            if (metric.isDefined()) {
                defined.add(metric.value());
            }
        }
        return defined;
    }

    private static Metric spread(List<Double> rates) {
        if (rates.size() < 2) {
            return Metric.undefined(FEW_GROUPS);
        }
        Moments moments =
                Moments.of(rates.stream().mapToDouble(Double::doubleValue).toArray());
        return Metric.of(moments.max() - moments.min());
    }

    private static Metric ratio(List<Double> rates) {
        if (rates.size() < 2) {
            return Metric.undefined(FEW_GROUPS);
        }
        Moments moments =
                Moments.of(rates.stream().mapToDouble(Double::doubleValue).toArray());
        return moments.max() == 0 ? Metric.of(1) : Metric.of(moments.min() / moments.max());
    }

    private static Metric worst(Metric a, Metric b, boolean largest) {
        if (!a.isDefined() || !b.isDefined()) {
            return a.isDefined() ? a : b;
        }
        return Metric.of(largest ? Math.max(a.value(), b.value()) : Math.min(a.value(), b.value()));
    }
}
