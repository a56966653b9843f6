package dev.perennial.monitoring.atoms;

import dev.perennial.lifecycle.file.ContractRule;
import dev.perennial.lifecycle.file.Features;
import dev.perennial.lifecycle.file.LifecycleFile;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The contract's rules as they bear on served feature columns: a feature that is a source column as it is keeps that column's rule.
 *
 * @param rules by feature
 * @param sources the source that a feature comes from, for grouping what one feed breaks; by feature
 */
public record ServedRules(Map<String, Rule> rules, Map<String, String> sources) {
    public static final ServedRules NONE = new ServedRules(Map.of(), Map.of());

    public ServedRules {
        rules = Map.copyOf(rules);
        sources = Map.copyOf(sources);
    }

    /** What must hold of a feature's values; null bounds and lists are not checked. */
    public record Rule(
            String target,
            @Nullable Double min,
            @Nullable Double max,
            boolean required,
            @Nullable Double maxMissingShare,
            @Nullable Set<String> oneOf,
            boolean knownValues) {

        boolean breaks(double value) {
            return (min != null && value < min) || (max != null && value > max);
        }

        boolean breaks(String value) {
            return oneOf != null && !oneOf.contains(value);
        }
    }

    public static ServedRules of(LifecycleFile file) {
        Map<String, Rule> byTarget = new HashMap<>();
        for (ContractRule rule : file.contract()) {
            if (rule.column() != null) {
                byTarget.put(rule.target(), rule(rule));
            }
        }
        Map<String, Rule> rules = new HashMap<>();
        Map<String, String> sources = new HashMap<>();
        String base = file.predict().from();
        for (String column : file.features().columns()) {
            put(column, base, column, byTarget, rules, sources);
        }
        file.features().sums().forEach(sum -> sources.put(sum.as(), base));
        for (Features.Latest latest : file.features().latest()) {
            for (Features.Output output : latest.outputs()) {
                put(output.as(), latest.from(), output.column(), byTarget, rules, sources);
            }
        }
        file.features().windows().forEach(window -> sources.put(window.as(), window.from()));
        return new ServedRules(rules, sources);
    }

    private static void put(
            String feature,
            String source,
            String column,
            Map<String, Rule> byTarget,
            Map<String, Rule> rules,
            Map<String, String> sources) {
        sources.put(feature, source);
        Rule rule = byTarget.get(source + "." + column);
        if (rule != null) {
            rules.put(feature, rule);
        }
    }

    private static Rule rule(ContractRule rule) {
        Collection<String> oneOf = rule.oneOf();
        return new Rule(
                rule.target(),
                rule.min(),
                rule.max(),
                rule.required(),
                rule.maxMissingShare(),
                oneOf == null ? null : new HashSet<>(oneOf),
                rule.knownValues());
    }
}
