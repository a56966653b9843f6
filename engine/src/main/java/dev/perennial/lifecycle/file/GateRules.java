package dev.perennial.lifecycle.file;

import dev.perennial.lifecycle.file.Gates.Gate;
import dev.perennial.lifecycle.file.Gates.Kind;
import dev.perennial.lifecycle.file.Value.Named;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads one gate. */
final class GateRules {
    /** Metrics of which less is better. */
    static final List<String> LOSSES = List.of("log_loss", "brier");

    static final List<String> METRICS = List.of("log_loss", "brier", "roc_auc");
    static final double DEFAULT_CONFIDENCE = 0.95;

    private static final Map<String, Kind> KINDS = Map.of(
            "at-least", Kind.atLeast,
            "at-most", Kind.atMost,
            "better-than", Kind.betterThan,
            "not-worse-than", Kind.notWorseThan,
            "review-above", Kind.reviewAbove);
    private static final List<String> CONDITIONS =
            List.of("at-least", "at-most", "better-than", "not-worse-than", "review-above");
    private static final List<String> OPPONENTS = List.of("champion", "baseline");

    private final List<Named> slices = new ArrayList<>();

    List<Named> slices() {
        return slices;
    }

    /** The gate, or empty when a problem was told that leaves nothing to go on with. */
    Optional<Gate> read(Value item) {
        Section section = item.section(Keys.GATE);
        String subject = section.exactlyOne(List.of("metric", "cost"));
        if (subject == null) {
            return Optional.empty();
        }
        if (subject.equals("cost")) {
            return Optional.of(cost(section));
        }
        String metric = section.get("metric").choice(METRICS, "");
        String condition = section.exactlyOne(CONDITIONS);
        Kind kind = condition == null ? null : KINDS.get(condition);
        if (kind == null || condition == null || metric.isEmpty()) {
            return Optional.empty();
        }
        Value value = section.get(condition);
        Double threshold = null;
        String against = null;
        switch (kind) {
            case atLeast, atMost -> threshold = value.number(Double.NaN);
            case betterThan, notWorseThan -> against = value.choice(OPPONENTS, "");
            case reviewAbove, cost -> {
                threshold = value.section(Keys.REVIEW).need("champion-plus").number(0, 100, 0);
                against = "champion";
            }
        }
        if ("".equals(against)) {
            return Optional.empty();
        }
        double confidence = section.get("confidence").number(0.5, 0.9999, DEFAULT_CONFIDENCE);
        return Optional.of(
                new Gate(kind, metric, threshold, against, confidence, margin(section, kind), each(section)));
    }

    private static double margin(Section section, Kind kind) {
        if (kind == Kind.notWorseThan) {
            return section.need("margin").number(0, 100, 0);
        }
        if (section.has("margin")) {
            section.get("margin").wrong("only 'not-worse-than' has a margin", "remove it, or use not-worse-than");
        }
        return 0;
    }

    private @Nullable String each(Section section) {
        Value value = section.get("each");
        String name = value.nameOrNull();
        if (name != null) {
            slices.add(new Named(name, value.place()));
        }
        return name;
    }

    private static Gate cost(Section section) {
        section.get("cost").choice(List.of("cpu-per-row"), "cpu-per-row");
        long micros = section.need("at-most").micros(0, 3_600_000, 0);
        for (String key :
                List.of("at-least", "better-than", "not-worse-than", "review-above", "confidence", "margin", "each")) {
            if (section.has(key)) {
                section.get(key).wrong("a cost is only bounded by at-most", "remove '" + key + "'");
            }
        }
        return new Gate(Kind.cost, "cpu_per_row", (double) micros, null, DEFAULT_CONFIDENCE, 0, null);
    }
}
