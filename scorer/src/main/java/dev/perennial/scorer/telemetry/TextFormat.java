package dev.perennial.scorer.telemetry;

import dev.perennial.scorer.telemetry.Family.Series;
import java.util.List;
import java.util.Locale;

/** Prometheus' text format, with classic histograms. */
public final class TextFormat {
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final double WHOLE_MAX = 1L << 53;

    private TextFormat() {}

    public static String write(List<Family> families) {
        StringBuilder out = new StringBuilder(1 << 12);
        for (Family family : families) {
            out.append("# TYPE ")
                    .append(family.name())
                    .append(' ')
                    .append(family.kind().name().toLowerCase(Locale.ROOT))
                    .append('\n');
            family.series().forEach(series -> series(out, family.name(), series));
        }
        return out.toString();
    }

    private static void series(StringBuilder out, String name, Series series) {
        switch (series.value()) {
            case Family.Number number -> line(out, name, series.labels(), number(number.value()));
            case Family.Distribution told ->
                histogram(out, name, series.labels(), told.histogram().snapshot());
        }
    }

    private static void histogram(StringBuilder out, String name, List<String> labels, Histogram.Snapshot now) {
        for (int i = 0; i < now.below().length; i++) {
            String edge = i == now.edges().length ? "+Inf" : Double.toString(now.edges()[i]);
            labels(out.append(name).append("_bucket"), labels);
            out.setLength(out.length() - 1);
            out.append(labels.isEmpty() ? "le=\"" : ",le=\"").append(edge).append("\"} ");
            out.append(now.below()[i]).append('\n');
        }
        line(out, name + "_sum", labels, Double.toString(now.sum()));
        line(out, name + "_count", labels, Long.toString(now.count()));
    }

    private static void line(StringBuilder out, String name, List<String> labels, String value) {
        labels(out.append(name), labels);
        out.append(' ').append(value).append('\n');
    }

    private static void labels(StringBuilder out, List<String> labels) {
        out.append('{');
        for (int i = 0; i < labels.size(); i += 2) {
            String value = labels.get(i + 1)
                    .replace("\\", "\\\\")
                    .replace("\"", "\\\"")
                    .replace("\n", "\\n");
            out.append(i == 0 ? "" : ",")
                    .append(labels.get(i))
                    .append("=\"")
                    .append(value)
                    .append('"');
        }
        out.append('}');
    }

    private static String number(double value) {
        boolean whole = Math.rint(value) == value && Math.abs(value) < WHOLE_MAX;
        return whole ? Long.toString((long) value) : Double.toString(value);
    }
}
