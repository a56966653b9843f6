package dev.perennial.lifecycle.file;

import dev.perennial.lifecycle.file.ContractRule.OnBreach;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the data contract: rules on sources and on their columns, in file order. */
final class Contracts {
    private static final List<String> NUMERIC = List.of("integer", "number");

    private final Problems problems;
    private final Map<String, Source> sources;
    private final List<ColumnReference> references;

    Contracts(Problems problems, Map<String, Source> sources, List<ColumnReference> references) {
        this.problems = problems;
        this.sources = sources;
        this.references = references;
    }

    List<ContractRule> read(Value value) {
        List<ContractRule> rules = new ArrayList<>();
        for (Section.Entry entry : value.section(null).entries()) {
            String target = entry.name();
            int dot = target.indexOf('.');
            String source = dot < 0 ? target : target.substring(0, dot);
            if (!sources.containsKey(source)) {
                if (!problems.concern("sources")) {
                    problems.add(
                            entry.value().keyPlace(),
                            "'" + target + "' is about the source '" + source + "', which is not declared",
                            Nearest.advice(source, sources.keySet()));
                }
            } else if (dot < 0) {
                rules.add(sourceRule(source, entry.value().section(Keys.SOURCE_RULE)));
            } else {
                String column = target.substring(dot + 1);
                ContractRule rule = columnRule(source, column, entry.value().section(Keys.COLUMN_RULE));
                ColumnNeed need = rule.min() != null || rule.max() != null ? ColumnNeed.NUMBER : ColumnNeed.PLAIN;
                references.add(ColumnReference.at(entry.value().keyPlace(), source, column, need));
                rules.add(rule);
            }
        }
        return rules;
    }

    private static ContractRule sourceRule(String source, Section section) {
        boolean unique = section.get("unique").flag(false);
        Long minRows = section.has("min-rows") ? section.get("min-rows").integer(1, Integer.MAX_VALUE, 1) : null;
        Long fresh = section.has("fresh-within")
                ? section.get("fresh-within").millis(1000, 366 * Quantity.MILLIS_PER_DAY, 1000)
                : null;
        OnBreach onBreach = onBreach(section.get("on-breach"), List.of("exclude-day", "warn"));
        return new ContractRule(
                source, null, null, null, null, null, false, null, null, false, unique, minRows, fresh, onBreach);
    }

    private static ContractRule columnRule(String source, String column, Section section) {
        Value typeValue = section.get("type");
        String type = typeValue.present() ? typeValue.choice(Sources.COLUMN_TYPES, "") : null;
        Double min = section.get("min").numberOrNull();
        Double max = section.get("max").numberOrNull();
        if (min != null && max != null && min > max) {
            section.get("max").wrong("max " + max + " is below min " + min, "swap the two, or correct one");
        }
        if (type != null && !type.isEmpty() && !NUMERIC.contains(type) && (min != null || max != null)) {
            section.get(min != null ? "min" : "max")
                    .wrong("a " + type + " has no min or max", "use type: number or integer, or remove the bound");
        }
        Value oneOfValue = section.get("one-of");
        List<String> oneOf = oneOfValue.present() ? oneOfValue.texts() : null;
        if (oneOf != null && oneOf.isEmpty() && oneOfValue.isList()) {
            oneOfValue.wrong("the list of allowed values is empty", "name the values, or remove one-of");
        }
        return new ContractRule(
                source,
                column,
                type,
                section.has("unit") ? section.get("unit").text("") : null,
                min,
                max,
                section.get("required").flag(false),
                missingShare(section.get("max-missing-share")),
                oneOf,
                section.get("known-values").flag(false),
                false,
                null,
                null,
                onBreach(section.get("on-breach"), List.of("quarantine", "exclude-day", "warn")));
    }

    private static @Nullable Double missingShare(Value value) {
        return value.present() ? value.share(0) : null;
    }

    private static OnBreach onBreach(Value value, List<String> allowed) {
        return switch (value.choice(allowed, "warn")) {
            case "quarantine" -> OnBreach.quarantine;
            case "exclude-day" -> OnBreach.excludeDay;
            default -> OnBreach.warn;
        };
    }
}
