package dev.perennial.server;

import java.util.ArrayList;
import java.util.List;

/**
 * How long requests took, as Prometheus counts it.
 *
 * @param seconds upper edges of the buckets, rising; the last bucket of {@code counts} has none
 * @param counts requests in each bucket by itself, one more than there are edges; both are empty when nothing is known
 */
record LatencyBuckets(List<Double> seconds, List<Long> counts) {
    static final LatencyBuckets NONE = new LatencyBuckets(List.of(), List.of());

    private static final String SERIES = "perennial_scorer_request_seconds_bucket{";
    private static final String EDGE = "le=\"";

    LatencyBuckets {
        seconds = List.copyOf(seconds);
        counts = List.copyOf(counts);
    }

    /** Both together; with other edges than ours the other is left out, since its requests have no place here. */
    LatencyBuckets plus(LatencyBuckets other) {
        if (counts.isEmpty()) {
            return other;
        }
        if (!other.seconds.equals(seconds)) {
            return this;
        }
        List<Long> sums = new ArrayList<>(counts.size());
        for (int i = 0; i < counts.size(); i++) {
            sums.add(counts.get(i) + other.counts.get(i));
        }
        return new LatencyBuckets(seconds, sums);
    }

    /** Reads the histogram of an endpoint from a text exposition; lines of several series of it are summed. */
    static LatencyBuckets in(String exposition, String endpoint) {
        String wanted = label(endpoint);
        LatencyBuckets sum = NONE;
        List<Double> edges = new ArrayList<>();
        List<Long> counts = new ArrayList<>();
        long below = 0;
        for (String line : exposition.split("\n")) {
            int end = line.lastIndexOf("} ");
            if (!line.startsWith(SERIES) || end < 0 || !line.substring(0, end).contains(wanted)) {
                continue;
            }
            String edge = edge(line);
            long count = (long) Double.parseDouble(line.substring(end + 2).strip());
            counts.add(count - below);
            below = count;
            if (edge.equals("+Inf")) {
                sum = sum.plus(new LatencyBuckets(edges, counts));
                edges = new ArrayList<>();
                counts = new ArrayList<>();
                below = 0;
            } else {
                edges.add(Double.parseDouble(edge));
            }
        }
        return sum;
    }

    /** How the series of an endpoint name it. */
    static String label(String endpoint) {
        return "endpoint=\"" + endpoint.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private static String edge(String line) {
        int from = line.indexOf(EDGE) + EDGE.length();
        return line.substring(from, line.indexOf('"', from));
    }
}
