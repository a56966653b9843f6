package dev.perennial.serving;

import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Moves the traffic of endpoints without a lifecycle file: what persons order, and what a rollout does in its own transactions. What
 * persons order is one transaction with its ledger entry, and is refused while a rollout moves the traffic. Thread-safe.
 */
public final class Traffic {
    private final Database database;
    private final ServingLedger ledger;

    public Traffic(Database database, InstantSource clock) {
        this.database = database;
        this.ledger = new ServingLedger(clock);
    }

    /**
     * Gives a version all traffic; the champion before stays warm.
     *
     * @param version null: the one candidate that there is
     */
    public void promote(ServingAct act, ModelId name, @Nullable VersionRef version) {
        move(act, "deployment.traffic", name, tx -> crown(tx, name, version == null ? candidate(tx, name) : version));
    }

    private static VersionRef candidate(Transaction tx, ModelId name) {
        List<Variant> candidates = EndpointRows.variants(tx.sql(), name).stream()
                .filter(variant -> variant.role() == Variant.Role.canary || variant.role() == Variant.Role.shadow)
                .sorted(Comparator.comparing(Variant::version))
                .toList();
        if (candidates.size() != 1) {
            throw PerennialException.invalid(
                    "version",
                    "endpoint '" + name + "' has "
                            + (candidates.isEmpty()
                                    ? "no candidate"
                                    : "the candidates "
                                            + candidates.stream()
                                                    .map(one -> one.version().toString())
                                                    .collect(Collectors.joining(", ")))
                            + "; name the version to promote");
        }
        return candidates.getFirst().version();
    }

    /** Returns the traffic to the champion before, whichever it is; a second rollback goes forward again. */
    public void rollback(ServingAct act, ModelId name) {
        rollback(act, name, null);
    }

    /**
     * Returns the traffic to the champion before; a second rollback goes forward again.
     *
     * @param meant the version that it shall lead to; null for whichever it is
     * @throws PerennialException when it would lead elsewhere, because somebody was faster
     */
    public void rollback(ServingAct act, ModelId name, @Nullable VersionRef meant) {
        move(act, "deployment.rollback", name, tx -> {
            VersionRef previous = previous(tx, name);
            if (meant != null && !meant.equals(previous)) {
                throw elsewhere(name, meant, previous.toString());
            }
            place(tx, name, placement -> placement.back(name.toString(), previous));
        });
    }

    /** The refusal of a rollback that was meant to lead to another version. */
    public static PerennialException elsewhere(ModelId name, VersionRef meant, String previous) {
        return PerennialException.conflict("a rollback of endpoint '" + name + "' leads to " + previous
                + " now, not to " + meant + ": somebody moved its traffic meanwhile; look again");
    }

    private static VersionRef previous(Transaction tx, ModelId name) {
        return tx.sql()
                .createQuery("select previous from endpoint where name = :name and previous is not null")
                .bind("name", name.toString())
                .mapTo(String.class)
                .findOne()
                .map(VersionRef::parse)
                .filter(version -> EndpointRows.variants(tx.sql(), name).stream()
                        .anyMatch(variant -> variant.version().equals(version)))
                .orElseThrow(() -> PerennialException.state("endpoint '" + name
                        + "' has no champion before the present one; there is nothing to roll back to"));
    }

    /** Gives candidates other shares, in basis points; 0 makes one a shadow, and the champion takes what is left. */
    public void weights(ServingAct act, ModelId name, Map<VersionRef, Integer> weights) {
        if (weights.isEmpty()) {
            throw PerennialException.invalid("weights", "'weights' names no version");
        }
        move(act, "deployment.traffic", name, tx -> split(tx, name, weights));
    }

    /** Takes a version that is not the champion out. */
    public void remove(ServingAct act, ModelId name, VersionRef version) {
        move(
                act,
                "deployment.update",
                name,
                tx -> place(tx, name, placement -> placement.without(name.toString(), version)));
    }

    /** As {@link #promote} in the transaction of whoever decides, who writes the ledger entry. */
    public void crown(Transaction tx, ModelId name, VersionRef version) {
        place(tx, name, placement -> placement.crowned(name.toString(), version));
    }

    /** As {@link #weights} in the transaction of whoever decides, who writes the ledger entry. */
    public void split(Transaction tx, ModelId name, Map<VersionRef, Integer> weights) {
        place(tx, name, placement -> placement.weighted(name.toString(), weights));
    }

    /** Takes a candidate out in the transaction of whoever decides; one that the endpoint falls back to stays, without a share. */
    void drop(Transaction tx, ModelId name, VersionRef version) {
        place(
                tx,
                name,
                placement -> version.equals(placement.kept())
                        ? placement.weighted(name.toString(), Map.of(version, 0))
                        : placement.without(name.toString(), version));
    }

    /** Puts a version that was admitted behind an endpoint; returns where it stands. */
    Variant add(Transaction tx, ModelId name, Variant added, int weight, boolean now) {
        place(tx, name, placement -> {
            Placement with = placement.with(added, now ? 0 : weight);
            return now ? with.crowned(name.toString(), added.version()) : with;
        });
        return EndpointRows.variants(tx.sql(), name).stream()
                .filter(variant -> variant.version().equals(added.version()))
                .findFirst()
                .orElseThrow();
    }

    private interface Move {
        void in(Transaction tx);
    }

    private void move(ServingAct act, String action, ModelId name, Move move) {
        database.writing(tx -> {
            EndpointCatalogue.own(tx, name);
            still(tx, name);
            move.in(tx);
            ledger.entry(tx, act, action, name, ServingLedger.traffic(EndpointRows.variants(tx.sql(), name)));
        });
    }

    /** Refuses what a person orders while a rollout decides. */
    static void still(Transaction tx, ModelId name) {
        if (EndpointRows.rollingOut(tx.sql(), name)) {
            throw PerennialException.state("a rollout moves the traffic of endpoint '" + name
                    + "'; let it end, or abort it ('perennial rollouts abort " + name + "'), first");
        }
    }

    private static void place(Transaction tx, ModelId name, UnaryOperator<Placement> change) {
        ServedEndpoint endpoint = EndpointRows.get(tx.sql(), name);
        EndpointSettings.Fallback fallback = endpoint.settings().fallback();
        Placement before =
                new Placement(EndpointRows.variants(tx.sql(), name), fallback == null ? null : fallback.version());
        Placement after = change.apply(before);
        EndpointRows.replace(tx, name, after.variants());
        before.champion()
                .map(Variant::version)
                .filter(was -> after.champion()
                        .filter(champion -> !champion.version().equals(was))
                        .isPresent())
                .ifPresent(was -> tx.sql()
                        .createUpdate("update endpoint set previous = :version where name = :name")
                        .bind("version", was.toString())
                        .bind("name", name.toString())
                        .execute());
        Endpoints.raise(tx);
    }
}
