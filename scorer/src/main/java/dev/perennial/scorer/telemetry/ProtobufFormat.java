package dev.perennial.scorer.telemetry;

import dev.perennial.scorer.grpc.ProtoWriter;
import dev.perennial.scorer.telemetry.Family.Series;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Prometheus' protobuf format, in which histograms are classic and native at once: messages {@code io.prometheus.client.MetricFamily},
 * each behind its length.
 */
public final class ProtobufFormat {
    public static final String CONTENT_TYPE =
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

    private static final String TYPE = "application/vnd.google.protobuf";
    private static final int HISTOGRAM_TYPE = 4;
    /** Empty buckets up to this many are told as zeros; more end a span. */
    private static final int GAP_MAX = 2;

    private ProtobufFormat() {}

    /** Whether a caller who sends this {@code Accept} wants this format: it names it, and does not refuse it. */
    public static boolean wanted(@Nullable String accept) {
        if (accept == null) {
            return false;
        }
        for (String range : accept.split(",")) {
            String plain = range.strip();
            if (plain.startsWith(TYPE)) {
                return plain.contains("io.prometheus.client.MetricFamily")
                        && plain.contains("delimited")
                        && !plain.matches(".*;\\s*q=0(\\.0*)?\\s*(;.*)?");
            }
        }
        return false;
    }

    public static byte[] write(List<Family> families) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 12);
        for (Family family : families) {
            ProtoWriter writer = new ProtoWriter();
            family(writer, family);
            byte[] message = writer.message();
            ProtoWriter length = new ProtoWriter();
            length.varint(message.length);
            out.writeBytes(length.message());
            out.writeBytes(message);
        }
        return out.toByteArray();
    }

    private static void family(ProtoWriter out, Family family) {
        out.text(1, family.name());
        out.whole(3, type(family.kind()));
        for (Series series : family.series()) {
            out.message(4, metric -> metric(metric, family.kind(), series));
        }
    }

    private static int type(Family.Kind kind) {
        return switch (kind) {
            case COUNTER -> 0;
            case GAUGE -> 1;
            case HISTOGRAM -> HISTOGRAM_TYPE;
        };
    }

    private static void metric(ProtoWriter out, Family.Kind kind, Series series) {
        List<String> labels = series.labels();
        for (int i = 0; i < labels.size(); i += 2) {
            String name = labels.get(i);
            String value = labels.get(i + 1);
            out.message(1, pair -> {
                pair.text(1, name);
                pair.text(2, value);
            });
        }
        switch (series.value()) {
            case Family.Number number ->
                out.message(kind == Family.Kind.GAUGE ? 2 : 3, one -> one.number(1, number.value()));
            case Family.Distribution told ->
                out.message(
                        7, histogram -> histogram(histogram, told.histogram().snapshot()));
        }
    }

    private static void histogram(ProtoWriter out, Histogram.Snapshot now) {
        long count = now.zeros();
        for (long bucket : now.exponential()) {
            count += bucket;
        }
        out.whole(1, count);
        out.number(2, now.sum());
        for (int i = 0; i < now.edges().length; i++) {
            long below = Math.min(count, now.below()[i]); // values are counted while this is written
            double edge = now.edges()[i];
            out.message(3, bucket -> {
                bucket.whole(1, below);
                bucket.number(2, edge);
            });
        }
        out.whole(5, zigzag(Histogram.SCHEMA));
        out.number(6, now.zeroUpTo());
        out.whole(7, now.zeros());
        exponential(out, now);
    }

    /** Runs of buckets that are not empty, and the difference of each bucket to the one before. */
    private static void exponential(ProtoWriter out, Histogram.Snapshot now) {
        long[] buckets = now.exponential();
        List<Long> differences = new ArrayList<>();
        long before = 0;
        int end = 0; // behind the last span
        int at = next(buckets, 0);
        boolean first = true;
        while (at < buckets.length) {
            int to = at + 1;
            for (int more = next(buckets, to);
                    more < buckets.length && more - to <= GAP_MAX;
                    more = next(buckets, to)) {
                to = more + 1;
            }
            int gap = first ? now.offset() + at : at - end;
            int length = to - at;
            out.message(12, span -> {
                span.whole(1, zigzag(gap));
                span.whole(2, length);
            });
            for (int i = at; i < to; i++) {
                differences.add(buckets[i] - before);
                before = buckets[i];
            }
            first = false;
            end = to;
            at = next(buckets, to);
        }
        if (first) {
            out.message(12, span -> {}); // an empty span tells a native histogram without values from a classic one
        }
        out.wholes(13, differences.stream().mapToLong(ProtobufFormat::zigzag).toArray());
    }

    private static int next(long[] buckets, int from) {
        int at = from;
        while (at < buckets.length && buckets[at] == 0) {
            at++;
        }
        return at;
    }

    private static long zigzag(long value) {
        return value << 1 ^ value >> Long.SIZE - 1;
    }
}
