package dev.perennial.scorer;

import dev.perennial.scorer.telemetry.Family;
import dev.perennial.scorer.telemetry.Family.Kind;
import dev.perennial.scorer.telemetry.Family.Series;
import dev.perennial.scorer.telemetry.Histogram;
import dev.perennial.scorer.telemetry.ProtobufFormat;
import dev.perennial.scorer.telemetry.TextFormat;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Counters, gauges and histograms, told in Prometheus' formats. A count costs one addition without contention. Series of versions that
 * are configured no more are forgotten, so that their number is bounded by the configuration. Thread-safe.
 */
public final class Metrics {
    private final ConcurrentMap<Key, LongAdder> counters = new ConcurrentHashMap<>();
    private final ConcurrentMap<Key, DoubleSupplier> gauges = new ConcurrentHashMap<>();
    private final ConcurrentMap<Key, Histogram> histograms = new ConcurrentHashMap<>();
    private final List<Supplier<List<Family>>> others = new CopyOnWriteArrayList<>();

    /** @param labels pairs of label name and value */
    private record Key(String name, List<String> labels) {
        static Key of(String name, String... labels) {
            return new Key(name, List.of(labels));
        }

        /** Whether it is of an endpoint and a version that are not among those. */
        boolean gone(Map<String, Set<String>> versions) {
            int endpoint = labels.indexOf("endpoint");
            int version = labels.indexOf("version");
            if (endpoint < 0) {
                return false;
            }
            Set<String> live = versions.get(labels.get(endpoint + 1));
            return live == null || version >= 0 && !live.contains(labels.get(version + 1));
        }
    }

    /**
     * The counter of a series; keep it where it is hot.
     *
     * @param labels pairs of label name and value
     */
    public LongAdder counter(String name, String... labels) {
        return counters.computeIfAbsent(Key.of(name, labels), key -> new LongAdder());
    }

    /** A value that is asked for when metrics are read; the last one registered wins. */
    public void gauge(String name, LongSupplier value, String... labels) {
        gauges.put(Key.of(name, labels), value::getAsLong);
    }

    /** A gauge with fractions. */
    public void measure(String name, DoubleSupplier value, String... labels) {
        gauges.put(Key.of(name, labels), value);
    }

    /** The histogram of a series; keep it where it is hot. */
    public Histogram histogram(String name, Histogram.Scale scale, String... labels) {
        return histograms.computeIfAbsent(Key.of(name, labels), key -> new Histogram(scale));
    }

    /** Families that are counted elsewhere, asked for when metrics are read. */
    public void families(Supplier<List<Family>> told) {
        others.add(told);
    }

    /**
     * Forgets the series of endpoints and versions that are configured no more; who still holds one counts for nobody.
     *
     * @param versions by endpoint
     */
    public void retain(Map<String, Set<String>> versions) {
        counters.keySet().removeIf(key -> key.gone(versions));
        histograms.keySet().removeIf(key -> key.gone(versions));
        gauges.keySet().removeIf(key -> key.gone(versions));
    }

    /** The text exposition of everything, sorted by name and labels. */
    public String text() {
        return TextFormat.write(all());
    }

    /** The same in protobuf, with native histograms. */
    public byte[] protobuf() {
        return ProtobufFormat.write(all());
    }

    private List<Family> all() {
        Map<String, Family> families = new TreeMap<>();
        others.forEach(told -> told.get().forEach(family -> families.put(family.name(), family)));
        counters.forEach((key, value) -> add(families, Kind.COUNTER, key, new Family.Number(value.sum())));
        gauges.forEach((key, value) -> add(families, Kind.GAUGE, key, new Family.Number(value.getAsDouble())));
        histograms.forEach((key, value) -> add(families, Kind.HISTOGRAM, key, new Family.Distribution(value)));
        families.values()
                .forEach(family -> family.series()
                        .sort(Comparator.comparing(series -> series.labels().toString())));
        return List.copyOf(families.values());
    }

    private static void add(Map<String, Family> families, Kind kind, Key key, Family.Value value) {
        families.computeIfAbsent(key.name(), name -> new Family(name, kind, new ArrayList<>()))
                .series()
                .add(new Series(key.labels(), value));
    }
}
