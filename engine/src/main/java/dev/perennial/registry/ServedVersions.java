package dev.perennial.registry;

import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Transaction;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Versions that are behind endpoints: they stay in the registry, so that what answers can be looked up. Stateless. */
final class ServedVersions {
    private ServedVersions() {}

    /** @throws PerennialException naming the endpoints, when this version is behind any */
    static void refuse(Transaction tx, ModelName name, int number) {
        List<String> endpoints = of(tx, name).get(name.text() + "/" + number);
        if (endpoints != null) {
            throw refused("Model Version (name=" + name + ", version=" + number + ") is", endpoints, name, number);
        }
    }

    /** @throws PerennialException naming the endpoints, when a version of the model is behind any */
    static void refuseAny(Transaction tx, ModelName name) {
        of(tx, name).forEach((version, endpoints) -> {
            int number = Integer.parseInt(version.substring(version.lastIndexOf('/') + 1));
            throw refused(
                    "Registered Model (name=" + name + ") has version " + number + ", which is",
                    endpoints,
                    name,
                    number);
        });
    }

    private static PerennialException refused(String what, List<String> endpoints, ModelName name, int number) {
        return PerennialException.state(what + " behind endpoint '" + String.join("', '", endpoints)
                + "' and cannot be deleted; take it out there first: perennial endpoints remove " + endpoints.getFirst()
                + " '" + name + "/" + number + "' --reason TEXT");
    }

    /** Endpoints by version. */
    private static Map<String, List<String>> of(Transaction tx, ModelName name) {
        return tx
                .sql()
                .createQuery(
                        "select v.version, v.endpoint from endpoint_variant v join endpoint e on e.name = v.endpoint"
                                + " where e.project = :project and e.deleted_at is null order by v.version, v.endpoint")
                .bind("project", name.project())
                .map((row, context) -> Map.entry(row.getString("version"), row.getString("endpoint")))
                .stream()
                .filter(served -> served.getKey().startsWith(name.text() + "/"))
                .collect(Collectors.groupingBy(
                        Map.Entry::getKey, TreeMap::new, Collectors.mapping(Map.Entry::getValue, Collectors.toList())));
    }
}
