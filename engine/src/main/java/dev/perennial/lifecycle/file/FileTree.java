package dev.perennial.lifecycle.file;

import dev.perennial.lifecycle.file.Gates.Gate;
import dev.perennial.lifecycle.file.Gates.Kind;
import dev.perennial.lifecycle.file.Source.KnownAt;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A lifecycle file as it would be written: maps, lists, texts, numbers and flags with the keys and the units of the file, in one order,
 * without what equals its default. Rendering and comparing both start from it.
 *
 * <p>Keyed, lists of mappings become mappings by the name of each item, so that comparing two files tells an inserted window from twenty
 * changed ones.
 */
final class FileTree {
    private final boolean keyed;

    private FileTree(boolean keyed) {
        this.keyed = keyed;
    }

    static Map<String, Object> written(LifecycleFile file) {
        return new FileTree(false).file(file);
    }

    static Map<String, Object> keyed(LifecycleFile file) {
        return new FileTree(true).file(file);
    }

    private Map<String, Object> file(LifecycleFile file) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("perennial", "v1");
        tree.put("model", file.model());
        tree.put("title", file.title());
        tree.put("owner", file.owner());
        tree.put("risk", file.risk().name());
        tree.put("time-zone", file.timeZone());
        Map<String, Object> sources = new LinkedHashMap<>();
        new TreeMap<>(file.sources()).forEach((name, source) -> sources.put(name, source(source)));
        tree.put("sources", sources);
        tree.put(
                "predict",
                map(
                        "from", file.predict().from(),
                        "label", file.predict().label(),
                        "ahead", Quantity.text(file.predict().aheadMillis())));
        Map<String, Object> contract = new LinkedHashMap<>();
        file.contract().forEach(rule -> contract.put(rule.target(), rule(rule)));
        if (!contract.isEmpty()) {
            tree.put("contract", contract);
        }
        tree.put("features", features(file.features()));
        tree.put("train", train(file.train()));
        tree.put("gates", gates(file.gates()));
        tree.put("rollout", rollout(file.rollout()));
        tree.put("monitor", monitor(file.monitor()));
        tree.put("retrain", retrain(file.retrain()));
        return tree;
    }

    private static Map<String, Object> source(Source source) {
        Source.Csv csv = source.csv();
        Source.Sample sample = source.sample();
        Map<String, Object> known = new LinkedHashMap<>();
        new TreeMap<>(source.knownAt()).forEach((column, at) -> known.put(column, knownAt(at)));
        Object knownAt = known.get(Source.EVERY_COLUMN) instanceof String all && known.size() == 1 ? all : known;
        return map(
                "path", source.path(),
                "csv", csv == null ? null : csv(csv),
                "key", source.key(),
                "event-time", source.eventTime(),
                "sample", sample == null ? null : map("by", sample.by(), "one-in", sample.oneIn()),
                "known-ahead", source.knownAhead(),
                "known-at", knownAt);
    }

    private static Map<String, Object> csv(Source.Csv csv) {
        Map<String, Object> columns = new LinkedHashMap<>();
        csv.columns().forEach(column -> columns.put(column.name(), column.type()));
        return map("delimiter", csv.delimiter(), "null", csv.nullText(), "columns", columns);
    }

    private static Object knownAt(KnownAt at) {
        if (at.plusMinutes() == null && at.plusMillis() == 0) {
            return at.time();
        }
        return map(
                "time",
                at.time(),
                "plus-minutes",
                at.plusMinutes(),
                "plus",
                at.plusMillis() > 0 ? Quantity.text(at.plusMillis()) : null,
                "minus",
                at.plusMillis() < 0 ? Quantity.text(-at.plusMillis()) : null);
    }

    private static Map<String, Object> rule(ContractRule rule) {
        Long fresh = rule.freshWithinMillis();
        return map(
                "type", rule.type(),
                "unit", rule.unit(),
                "min", rule.min(),
                "max", rule.max(),
                "required", rule.required() ? true : null,
                "max-missing-share", rule.maxMissingShare(),
                "one-of", rule.oneOf(),
                "known-values", rule.knownValues() ? true : null,
                "unique", rule.unique() ? true : null,
                "min-rows", rule.minRows(),
                "fresh-within", fresh == null ? null : Quantity.text(fresh),
                "on-breach",
                        switch (rule.onBreach()) {
                            case quarantine -> "quarantine";
                            case excludeDay -> "exclude-day";
                            case warn -> null;
                        });
    }

    private Map<String, Object> features(Features features) {
        return map(
                "columns", features.columns(),
                "sums", items(features.sums(), Features.Sum::as, FileTree::sum),
                "latest",
                        items(
                                features.latest(),
                                latest -> latest.outputs().getFirst().as(),
                                FileTree::latest),
                "windows", items(features.windows(), Features.Window::as, FileTree::window));
    }

    private static Map<String, Object> sum(Features.Sum sum) {
        Map<String, Object> of = new LinkedHashMap<>();
        sum.terms().forEach(term -> of.put(term.column(), term.weight()));
        return map("as", sum.as(), "of", of);
    }

    private static Map<String, Object> latest(Features.Latest latest) {
        Features.Output first = latest.outputs().getFirst();
        boolean renamed = !first.as().equals(first.column());
        return map(
                "columns",
                renamed
                        ? null
                        : latest.outputs().stream().map(Features.Output::column).toList(),
                "column",
                renamed ? first.column() : null,
                "as",
                renamed ? first.as() : null,
                "from",
                latest.from(),
                "by",
                latest.by(),
                "max-age",
                Quantity.text(latest.maxAgeMillis()),
                "when-null",
                new TreeMap<>(latest.whenNull()));
    }

    private static Map<String, Object> window(Features.Window window) {
        Features.Days days = window.days();
        Long over = window.overMillis();
        Features.Prior prior = window.prior();
        Features.Clip clip = window.clip();
        return map(
                "as",
                window.as(),
                window.aggregate().name(),
                window.column(),
                "from",
                window.from(),
                "by",
                window.by(),
                "over",
                days != null
                        ? map("days", days.count(), "published", days.published())
                        : over == null ? null : Quantity.text(over),
                "prior",
                prior == null ? null : map("value", prior.value(), "weight", prior.weight()),
                "clip",
                clip == null ? null : List.of(clip.low(), clip.high()),
                "at-least",
                window.atLeast() == 1 ? null : window.atLeast());
    }

    private static Map<String, Object> train(Train train) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        new TreeMap<>(train.parameters())
                .forEach((name, value) -> parameters.put(
                        name,
                        value.isNumber()
                                ? value.numberValue()
                                : value.isBoolean() ? value.booleanValue() : value.asText()));
        Integer days = train.rowsDays();
        return map(
                "trainer",
                train.command() == null ? train.trainer() : null,
                "command",
                train.command(),
                "parameters",
                parameters,
                "rows",
                days == null ? "all" : days + "d",
                "seed",
                train.seed(),
                "label-noise",
                train.labelNoise() == 0 ? null : train.labelNoise());
    }

    private Map<String, Object> gates(Gates gates) {
        return map(
                "holdout", gates.holdoutDays() + "d",
                "cluster", gates.cluster(),
                "label-coverage", gates.labelCoverage(),
                "require", items(gates.require(), Gate::id, FileTree::gate));
    }

    private static Map<String, Object> gate(Gate gate) {
        if (gate.kind() == Kind.cost) {
            Double micros = gate.threshold();
            return map("cost", "cpu-per-row", "at-most", (micros == null ? 0 : micros.longValue()) + "us");
        }
        String condition = gate.kind().name().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
        Object bound = switch (gate.kind()) {
            case betterThan, notWorseThan -> gate.against();
            case reviewAbove -> map("champion-plus", gate.threshold());
            case atLeast, atMost, cost -> gate.threshold();
        };
        return map(
                "metric",
                gate.metric(),
                condition,
                bound,
                "confidence",
                gate.confidence() == GateRules.DEFAULT_CONFIDENCE ? null : gate.confidence(),
                "margin",
                gate.kind() == Kind.notWorseThan ? gate.margin() : null,
                "each",
                gate.each());
    }

    private Map<String, Object> rollout(Rollout rollout) {
        List<Rollout.Canary> canary = rollout.canary();
        return map(
                "shadow", map("days", rollout.shadowDays()),
                "canary",
                        items(
                                canary,
                                step -> "step " + (canary.indexOf(step) + 1),
                                step -> map("share", step.share(), "days", step.days())),
                "stop-on",
                        map(
                                "score-shift", map("psi", rollout.stopOn().scoreShiftPsi()),
                                "harm",
                                        map(
                                                "metric",
                                                rollout.stopOn().harmMetric(),
                                                "margin",
                                                rollout.stopOn().harmMargin()),
                                "errors", map("share", rollout.stopOn().errorShare()),
                                "latency", latency(rollout.stopOn().latencyRatio())),
                "keep-warm", Quantity.text(rollout.keepWarmMillis()));
    }

    private static @Nullable Map<String, Object> latency(@Nullable Double ratio) {
        return ratio == null ? null : map("ratio", ratio);
    }

    private static Map<String, Object> monitor(Monitor monitor) {
        return map(
                "drift",
                        map(
                                "window", monitor.drift().windowDays() + "d",
                                "tolerance", map("psi", monitor.drift().psi()),
                                "season", monitor.drift().seasonDays() + "d"),
                "performance",
                        map(
                                "window", monitor.performance().windowDays() + "d",
                                "metric", monitor.performance().metric(),
                                "not-worse-than",
                                        map(
                                                "first-evaluation-plus",
                                                monitor.performance().firstEvaluationPlus())),
                "skew-every", monitor.skewEveryDays() + "d");
    }

    private static Map<String, Object> retrain(Retrain retrain) {
        String day =
                retrain.weekday() == null ? "daily" : retrain.weekday().name().toLowerCase(Locale.ROOT);
        return map(
                "schedule", day + " " + retrain.time(),
                "also-on", retrain.alsoOn(),
                "cool-down", Quantity.text(retrain.coolDownMillis()),
                "breaker", map("rejections-of-triggered-attempts", retrain.breakerRejections()));
    }

    private <T> Object items(List<T> items, Function<T, String> name, Function<T, Map<String, Object>> item) {
        if (!keyed) {
            return items.stream().map(item).toList();
        }
        Map<String, Object> byName = new LinkedHashMap<>();
        items.forEach(one -> byName.put(name.apply(one), item.apply(one)));
        return byName;
    }

    /** Keys and values in turn; null values and empty collections are left out. */
    private static Map<String, Object> map(@Nullable Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            Object value = keysAndValues[i + 1];
            boolean empty = value == null
                    || value instanceof Map<?, ?> inner && inner.isEmpty()
                    || value instanceof List<?> list && list.isEmpty();
            if (!empty && value != null) {
                map.put(String.valueOf(keysAndValues[i]), plain(value));
            }
        }
        return map;
    }

    private static Object plain(Object value) {
        return value instanceof List<?> list ? new ArrayList<>(list) : value;
    }
}
