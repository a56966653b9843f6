package dev.perennial.serving;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Transaction;
import java.util.List;
import java.util.Map;

/** What a rollout does with the traffic of an endpoint without a lifecycle file, in the transaction of its decision. Thread-safe. */
public final class RolloutTraffic {
    private final Endpoints endpoints;
    private final Traffic traffic;

    public RolloutTraffic(Endpoints endpoints, Traffic traffic) {
        this.endpoints = endpoints;
        this.traffic = traffic;
    }

    /**
     * The champion that a candidate would replace.
     *
     * @throws PerennialException when the endpoint is unknown, is kept by a lifecycle file, has no champion, does not hold the candidate, or
     *     has given another version a share
     */
    public VersionRef champion(Transaction tx, ModelId endpoint, VersionRef candidate) {
        EndpointCatalogue.own(tx, endpoint);
        List<Variant> variants = EndpointRows.variants(tx.sql(), endpoint);
        Variant champion = variants.stream()
                .filter(variant -> variant.role() == Variant.Role.champion)
                .findFirst()
                .orElseThrow(() -> PerennialException.state("endpoint '" + endpoint
                        + "' has no champion yet; the first version takes all traffic when it is deployed"));
        if (champion.version().equals(candidate)) {
            throw PerennialException.state("version '" + candidate + "' is the champion of '" + endpoint + "' already");
        }
        if (variants.stream().noneMatch(variant -> variant.version().equals(candidate))) {
            throw PerennialException.notFound("endpoint '" + endpoint + "' has no version '" + candidate
                    + "'; deploy it first, as a shadow, or with its rollout");
        }
        variants.stream()
                .filter(variant -> variant.role() == Variant.Role.canary
                        && !variant.version().equals(candidate))
                .findFirst()
                .ifPresent(other -> {
                    throw PerennialException.state("version '" + other.version() + "' has a share of '" + endpoint
                            + "'; take it away ('perennial weights', 'perennial promote') before a rollout begins");
                });
        return champion.version();
    }

    /**
     * From now on callers are drawn for this rollout, and nobody was taken out of it yet.
     *
     * @param tolerated share of failed calls, of which the scorers' fuses tolerate many times as much
     */
    public void begin(Transaction tx, ModelId endpoint, String rollout, double tolerated) {
        endpoints.rollout(tx, endpoint, rollout);
        tx.sql()
                .createUpdate("update endpoint set fuse = :fuse where name = :name")
                .bind("fuse", Json.write(ScorerConfig.Fuse.tolerating(tolerated)))
                .bind("name", endpoint.toString())
                .execute();
    }

    /** @param weight basis points; 0 makes it a shadow */
    public void share(Transaction tx, ModelId endpoint, VersionRef candidate, int weight) {
        traffic.split(tx, endpoint, Map.of(candidate, weight));
    }

    /** All traffic to the candidate; the champion stays warm. */
    public void promote(Transaction tx, ModelId endpoint, VersionRef candidate) {
        traffic.crown(tx, endpoint, candidate);
    }

    /** All traffic to the champion. The candidate goes, unless the endpoint falls back to it. */
    public void drop(Transaction tx, ModelId endpoint, VersionRef candidate) {
        traffic.drop(tx, endpoint, candidate);
    }
}
