package dev.perennial.tracking;

import dev.perennial.store.Reals;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Metrics in the orders in which they are written. Made before the database is asked for its turn, so that others write meanwhile.
 *
 * @param byKey by key, then age
 * @param moment of all of them, where they have one in common
 */
record SortedMetrics(List<Metric> byKey, Optional<WaitingMoment> moment) {
    private static final Comparator<Metric> BY_KEY = SortedMetrics::byKey;
    private static final Comparator<Metric> BY_PLACE = SortedMetrics::byPlace;

    SortedMetrics {
        byKey = List.copyOf(byKey);
    }

    static SortedMetrics of(List<Metric> metrics) {
        List<Metric> byKey = new ArrayList<>(metrics);
        byKey.sort(BY_KEY);
        return new SortedMetrics(
                byKey,
                ofOneMoment(byKey)
                        ? Optional.of(WaitingMoment.of(
                                byKey.getFirst().step(), byKey.getFirst().at(), byKey))
                        : Optional.empty());
    }

    /** In the order of the history, so that rows are appended. */
    List<Metric> byPlace() {
        if (moment.isPresent()) {
            return byKey;
        }
        List<Metric> byPlace = new ArrayList<>(byKey);
        byPlace.sort(BY_PLACE);
        return byPlace;
    }

    List<Metric> lastOfEachKey() {
        List<Metric> last = new ArrayList<>();
        for (int i = 0; i < byKey.size(); i++) {
            if (i + 1 == byKey.size()
                    || !byKey.get(i).key().equals(byKey.get(i + 1).key())) {
                last.add(byKey.get(i));
            }
        }
        return last;
    }

    /** By key, then age; written out, because a composed comparator costs a batch of a thousand as much as its rows. */
    private static int byKey(Metric a, Metric b) {
        int keys = a.key().compareTo(b.key());
        if (keys != 0) {
            return keys;
        }
        int moments = byMoment(a, b);
        if (moments != 0) {
            return moments;
        }
        int values = Double.compare(Reals.stored(a.value()), Reals.stored(b.value()));
        return values != 0 ? values : Integer.compare(Reals.flag(a.value()), Reals.flag(b.value()));
    }

    private static int byPlace(Metric a, Metric b) {
        int moments = byMoment(a, b);
        return moments != 0 ? moments : a.key().compareTo(b.key());
    }

    private static int byMoment(Metric a, Metric b) {
        int steps = Long.compare(a.step(), b.step());
        return steps != 0 ? steps : Long.compare(a.at(), b.at());
    }

    private static boolean ofOneMoment(List<Metric> metrics) {
        for (Metric metric : metrics) {
            if (byMoment(metric, metrics.getFirst()) != 0) {
                return false;
            }
        }
        return !metrics.isEmpty();
    }
}
