package dev.perennial.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.data.Profile;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.ContractRule;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.monitoring.atoms.Reference;
import dev.perennial.monitoring.atoms.ServedRules;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The values that a contract's {@code known-values} rules compare with: those of the reference snapshot. Pure. */
final class KnownValues {
    private KnownValues() {}

    /**
     * Values by target ({@code flights.carrier}). Left out are columns that are no feature or no category, whose values the reference could
     * not keep all, and rules that set rows aside, because a new value is no broken row.
     */
    static JsonNode of(LifecycleFile file, Reference reference) {
        Set<String> told = file.contract().stream()
                .filter(rule -> rule.knownValues() && rule.onBreach() != ContractRule.OnBreach.quarantine)
                .map(ContractRule::target)
                .collect(Collectors.toSet());
        ObjectNode values = Json.object();
        new TreeMap<>(ServedRules.of(file).rules()).forEach((feature, rule) -> {
            Profile.Column column = reference.profile().columns().get(feature);
            if (told.contains(rule.target())
                    && column != null
                    && column.values() != null
                    && column.otherValues() == 0) {
                values.set(rule.target(), Json.tree(new TreeMap<>(column.values()).keySet()));
            }
        });
        return values;
    }
}
