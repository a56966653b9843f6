package dev.perennial.scorer;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** Counters, gauges and latency histograms in Prometheus' text format. A count costs one addition without contention. Thread-safe. */
public final class Metrics {
    private static final double[] SECONDS = {
        0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5
    };
    private static final double NANOS = 1e9;

    private final ConcurrentMap<String, LongAdder> counters = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, LongSupplier> gauges = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Histogram> histograms = new ConcurrentHashMap<>();

    /** Latencies of one endpoint. */
    public static final class Histogram {
        private final AtomicLongArray buckets = new AtomicLongArray(SECONDS.length + 1);
        private final LongAdder nanos = new LongAdder();

        public void record(long took) {
            double seconds = took / NANOS;
            int bucket = 0;
            while (bucket < SECONDS.length && seconds > SECONDS[bucket]) {
                bucket++;
            }
            buckets.incrementAndGet(bucket);
            nanos.add(took);
        }
    }

    /**
     * The counter of a series; keep it where it is hot.
     *
     * @param labels pairs of label name and value
     */
    public LongAdder counter(String name, String... labels) {
        return counters.computeIfAbsent(series(name, labels), key -> new LongAdder());
    }

    /** A value that is asked for when metrics are read; the last one registered wins. */
    public void gauge(String name, LongSupplier value, String... labels) {
        gauges.put(series(name, labels), value);
    }

    public Histogram histogram(String name, String... labels) {
        return histograms.computeIfAbsent(series(name, labels), key -> new Histogram());
    }

    /** The text exposition of everything, sorted by name. */
    public String text() {
        StringBuilder out = new StringBuilder();
        Map<String, String> lines = new TreeMap<>();
        counters.forEach((series, value) -> lines.put(series, series + " " + value.sum() + "\n"));
        gauges.forEach((series, value) -> lines.put(series, series + " " + value.getAsLong() + "\n"));
        histograms.forEach((series, value) -> lines.put(series, lines(series, value)));
        String last = "";
        for (Map.Entry<String, String> line : lines.entrySet()) {
            String name = line.getKey().substring(0, line.getKey().indexOf('{'));
            if (!name.equals(last)) {
                String type = gauges.containsKey(line.getKey())
                        ? "gauge"
                        : histograms.containsKey(line.getKey()) ? "histogram" : "counter";
                out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
                last = name;
            }
            out.append(line.getValue());
        }
        return out.toString();
    }

    private static String lines(String series, Histogram histogram) {
        int brace = series.indexOf('{');
        String name = series.substring(0, brace);
        String labels = series.substring(brace + 1, series.length() - 1);
        String open = labels.isEmpty() ? "{" : "{" + labels + ",";
        StringBuilder out = new StringBuilder();
        long below = 0;
        for (int i = 0; i <= SECONDS.length; i++) {
            below += histogram.buckets.get(i);
            String edge = i == SECONDS.length ? "+Inf" : Double.toString(SECONDS[i]);
            out.append(name)
                    .append("_bucket")
                    .append(open)
                    .append("le=\"")
                    .append(edge)
                    .append("\"} ")
                    .append(below)
                    .append('\n');
        }
        out.append(name)
                .append("_sum{")
                .append(labels)
                .append("} ")
                .append(histogram.nanos.sum() / NANOS)
                .append('\n');
        return out.append(name)
                .append("_count{")
                .append(labels)
                .append("} ")
                .append(below)
                .append('\n')
                .toString();
    }

    private static String series(String name, String... labels) {
        StringBuilder series = new StringBuilder(name).append('{');
        for (int i = 0; i < labels.length; i += 2) {
            String value =
                    labels[i + 1].replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
            series.append(i == 0 ? "" : ",")
                    .append(labels[i])
                    .append("=\"")
                    .append(value)
                    .append('"');
        }
        return series.append('}').toString();
    }
}
