package dev.perennial.scorer.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.scorer.Metrics;
import io.prometheus.metrics.expositionformats.generated.com_google_protobuf_4_33_0.Metrics.Bucket;
import io.prometheus.metrics.expositionformats.generated.com_google_protobuf_4_33_0.Metrics.BucketSpan;
import io.prometheus.metrics.expositionformats.generated.com_google_protobuf_4_33_0.Metrics.LabelPair;
import io.prometheus.metrics.expositionformats.generated.com_google_protobuf_4_33_0.Metrics.MetricFamily;
import io.prometheus.metrics.expositionformats.generated.com_google_protobuf_4_33_0.Metrics.MetricType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Read with the classes that Prometheus' own library generates from its definitions. */
class ProtobufFormatTest {
    private final Metrics metrics = new Metrics();

    private List<MetricFamily> read() throws IOException {
        List<MetricFamily> families = new ArrayList<>();
        ByteArrayInputStream in = new ByteArrayInputStream(metrics.protobuf());
        for (MetricFamily next = MetricFamily.parseDelimitedFrom(in);
                next != null;
                next = MetricFamily.parseDelimitedFrom(in)) {
            families.add(next);
        }
        return families;
    }

    private io.prometheus.metrics.expositionformats.generated.com_google_protobuf_4_33_0.Metrics.Histogram histogram()
            throws IOException {
        return read().getFirst().getMetric(0).getHistogram();
    }

    /** Values by index of their bucket, as a reader of spans and differences finds them. */
    private TreeMap<Integer, Long> buckets() throws IOException {
        TreeMap<Integer, Long> buckets = new TreeMap<>();
        var histogram = histogram();
        int index = 0;
        int delta = 0;
        long value = 0;
        for (BucketSpan span : histogram.getPositiveSpanList()) {
            index += span.getOffset();
            for (int i = 0; i < span.getLength(); i++) {
                value += histogram.getPositiveDelta(delta++);
                if (value != 0) {
                    buckets.put(index, value);
                }
                index++;
            }
        }
        assertThat(delta).isEqualTo(histogram.getPositiveDeltaCount());
        return buckets;
    }

    @Test
    void countersAndGaugesHaveNamesTypesLabelsAndValues() throws IOException {
        metrics.counter("calls_total", "endpoint", "ä\"\n", "version", "m/1").add(7);
        metrics.measure("silent_seconds", () -> 0);
        List<MetricFamily> families = read();
        assertThat(families).extracting(MetricFamily::getName).containsExactly("calls_total", "silent_seconds");
        assertThat(families.get(0).getType()).isEqualTo(MetricType.COUNTER);
        assertThat(families.get(0).getMetric(0).getCounter().getValue()).isEqualTo(7);
        assertThat(families.get(0).getMetric(0).getLabelList())
                .extracting(LabelPair::getName, LabelPair::getValue)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("endpoint", "ä\"\n"),
                        org.assertj.core.groups.Tuple.tuple("version", "m/1"));
        assertThat(families.get(1).getType()).isEqualTo(MetricType.GAUGE);
        assertThat(families.get(1).getMetric(0).getGauge().hasValue()).isTrue();
    }

    @Test
    void aHistogramIsClassicAndNativeAtOnce() throws IOException {
        Histogram histogram = metrics.histogram("seconds", Histogram.Scale.SECONDS);
        histogram.record(TimeUnit.MILLISECONDS.toNanos(1));
        histogram.record(TimeUnit.MILLISECONDS.toNanos(3));
        var told = histogram();
        assertThat(read().getFirst().getType()).isEqualTo(MetricType.HISTOGRAM);
        assertThat(told.getSampleCount()).isEqualTo(2);
        assertThat(told.getSampleSum()).isEqualTo(0.004);
        assertThat(told.getSchema()).isEqualTo(3);
        assertThat(told.getBucketList())
                .filteredOn(bucket -> bucket.getUpperBound() == 0.001)
                .extracting(Bucket::getCumulativeCount)
                .containsExactly(1L);
        assertThat(buckets()).containsOnlyKeys(Histogram.index(0.001), Histogram.index(0.003));
    }

    @Test
    void spansAndDifferencesGiveBackEveryBucket() throws IOException {
        Histogram histogram = metrics.histogram("rows", Histogram.Scale.COUNTS);
        TreeMap<Integer, Long> expected = new TreeMap<>();
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 2_000; i++) {
            long value = Math.max(1, (long) Math.pow(2, random.nextDouble(0, 19)) & random.nextInt());
            histogram.record(value);
            expected.merge(Histogram.index(value), 1L, Long::sum);
        }
        assertThat(buckets()).isEqualTo(expected);
        assertThat(histogram().getSampleCount()).isEqualTo(2_000);
    }

    @Test
    void aHistogramWithoutValuesIsStillANativeOne() throws IOException {
        metrics.histogram("seconds", Histogram.Scale.SECONDS);
        assertThat(histogram().getSampleCount()).isZero();
        assertThat(histogram().getPositiveSpanCount()).isOne();
        assertThat(histogram().getPositiveDeltaCount()).isZero();
        assertThat(histogram().getZeroThreshold()).isPositive();
    }

    @Test
    void valuesThatCountAsZeroStandInTheZeroBucketOnly() throws IOException {
        metrics.histogram("seconds", Histogram.Scale.SECONDS).record(3);
        assertThat(histogram().getZeroCount()).isOne();
        assertThat(histogram().getSampleCount()).isOne();
        assertThat(buckets()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,text/plain;q=0.3",
                "text/plain;q=0.5, application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
            })
    void prometheusGetsItWhenItAsksForIt(String accept) {
        assertThat(ProtobufFormat.wanted(accept)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*/*",
                "text/plain",
                "application/vnd.google.protobuf",
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text",
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0"
            })
    void nobodyElseGetsIt(String accept) {
        assertThat(ProtobufFormat.wanted(accept)).isFalse();
    }
}
