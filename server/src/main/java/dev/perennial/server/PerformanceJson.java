package dev.perennial.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.monitoring.atoms.Performance;
import dev.perennial.statistics.Interval;
import org.jspecify.annotations.Nullable;

/** A window of answers as people read it: what is not known is null, and under eight days a figure has no bounds. */
final class PerformanceJson {
    private PerformanceJson() {}

    static ObjectNode of(Performance performance) {
        boolean any = performance.labelled() > 0;
        ObjectNode body = Json.object()
                .put("from", performance.from())
                .put("to", performance.to())
                .put("days", performance.days());
        body.set("withheld", Json.tree(performance.withheld().keySet()));
        body.put("rows", performance.rows())
                .put("labelled", performance.labelled())
                .put("coverage", performance.coverage())
                .put("rate", any ? performance.rate() : null)
                .put("meanScore", any ? performance.meanScore() : null);
        body.set("logLoss", figure(performance, performance.logLoss()));
        body.set("skill", figure(performance, performance.skill()));
        body.set("brier", figure(performance, performance.brier()));
        body.set("auc", figure(performance, performance.auc()));
        body.set("calibration", figure(performance, performance.calibration()));
        return body;
    }

    /** {@code value}, {@code low} and {@code high} of one figure of a window. */
    static ObjectNode figure(Performance performance, Interval interval) {
        boolean bounded = performance.days() >= Performance.DAYS_MIN;
        return Json.object()
                .put("value", finite(interval.estimate(), true))
                .put("low", finite(interval.low(), bounded))
                .put("high", finite(interval.high(), bounded));
    }

    private static @Nullable Double finite(double value, boolean known) {
        return known && Double.isFinite(value) ? (Double) value : null;
    }
}
