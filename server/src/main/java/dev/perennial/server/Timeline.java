package dev.perennial.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.Decision;
import dev.perennial.monitoring.Performances;
import dev.perennial.statistics.Interval;
import java.util.List;

/** The life of a model on one time axis: who was champion when, what was decided, how good the answers were. */
final class Timeline {
    private final List<Decision> decisions;
    private final List<Performances.Point> windows;
    private final long clock;

    Timeline(List<Decision> decisions, List<Performances.Point> windows, long clock) {
        this.decisions = decisions;
        this.windows = windows;
        this.clock = clock;
    }

    ObjectNode body() {
        ObjectNode body = Json.object();
        body.put("from", decisions.isEmpty() ? clock : decisions.getFirst().at())
                .put("to", clock)
                .put("clock", clock);
        ArrayNode lanes = body.putArray("lanes");
        champions(lanes.addObject().put("name", "champion"));
        rollouts(lanes.addObject().put("name", "rollout"));
        marks(lanes.addObject().put("name", "candidates"), Decision.Kind.GATE, Decision.Kind.RETRAIN);
        marks(
                lanes.addObject().put("name", "people"),
                Decision.Kind.APPLY,
                Decision.Kind.SIGN,
                Decision.Kind.ROLLBACK,
                Decision.Kind.PAUSE,
                Decision.Kind.RESUME);
        series(body.putArray("series"));
        return body;
    }

    private void champions(ObjectNode lane) {
        ArrayNode spans = lane.putArray("spans");
        lane.putArray("marks");
        ObjectNode open = null;
        for (Decision decision : decisions) {
            Integer version = decision.version();
            boolean first = decision.kind() == Decision.Kind.GATE && "PASS".equals(decision.verdict()) && open == null;
            boolean change = decision.kind() == Decision.Kind.PROMOTION || decision.kind() == Decision.Kind.ROLLBACK;
            if (version != null && (first || change)) {
                if (open != null) {
                    open.put("to", decision.at());
                }
                open = spans.addObject()
                        .put("from", decision.at())
                        .put("to", clock)
                        .put("label", "v" + version)
                        .put("kind", "CHAMPION")
                        .put("version", version)
                        .put("decision", decision.id());
            }
        }
    }

    private void rollouts(ObjectNode lane) {
        ArrayNode spans = lane.putArray("spans");
        ArrayNode marks = lane.putArray("marks");
        ObjectNode open = null;
        boolean serving = false;
        for (Decision decision : decisions) {
            boolean passed = decision.kind() == Decision.Kind.GATE && "PASS".equals(decision.verdict());
            boolean starts = (passed && serving) || decision.kind() == Decision.Kind.SIGN;
            serving |= passed;
            boolean ends = decision.kind() == Decision.Kind.PROMOTION
                    || (decision.kind() == Decision.Kind.ROLLOUT
                            && (decision.verdict().startsWith("STOP")
                                    || decision.verdict().startsWith("ABORT")));
            if (open != null && (starts || ends)) {
                open.put("to", decision.at());
                open = null;
            }
            if (starts && decision.version() != null) {
                open = spans.addObject()
                        .put("from", decision.at())
                        .put("to", clock)
                        .put("label", "v" + decision.version())
                        .put("kind", "ROLLOUT")
                        .put("version", decision.version())
                        .put("decision", decision.id());
            }
            if (decision.kind() == Decision.Kind.ROLLOUT || decision.kind() == Decision.Kind.PROMOTION) {
                mark(marks, decision);
            }
        }
    }

    private void marks(ObjectNode lane, Decision.Kind... kinds) {
        lane.putArray("spans");
        ArrayNode marks = lane.putArray("marks");
        List<Decision.Kind> wanted = List.of(kinds);
        decisions.stream()
                .filter(decision -> wanted.contains(decision.kind()))
                .filter(decision -> decision.kind() != Decision.Kind.RETRAIN || !"FIRED".equals(decision.verdict()))
                .forEach(decision -> mark(marks, decision));
    }

    private static void mark(ArrayNode marks, Decision decision) {
        marks.addObject()
                .put("at", decision.at())
                .put("label", decision.title())
                .put("kind", decision.kind().name())
                .put("verdict", decision.verdict())
                .put("version", decision.version())
                .put("injected", decision.injected())
                .put("decision", decision.id());
    }

    private void series(ArrayNode series) {
        ArrayNode loss =
                series.addObject().put("name", "log_loss").put("unit", "nats").putArray("points");
        ArrayNode skill =
                series.addObject().put("name", "skill").put("unit", "").putArray("points");
        for (Performances.Point window : windows) {
            point(loss, window, window.performance().logLoss());
            point(skill, window, window.performance().skill());
        }
    }

    private static void point(ArrayNode points, Performances.Point window, Interval interval) {
        ObjectNode point = PerformanceJson.figure(window.performance(), interval);
        point.put("at", window.at())
                .put("rows", window.performance().labelled())
                .put("coverage", window.performance().coverage());
        points.add(point);
    }
}
