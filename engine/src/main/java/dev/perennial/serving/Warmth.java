package dev.perennial.serving;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which versions of an endpoint scorers keep loaded that take no traffic. A change is one transaction with its ledger entry; it moves no
 * traffic. Thread-safe.
 */
public final class Warmth {
    private final Database database;
    private final InstantSource clock;
    private final ServingLedger ledger;

    public Warmth(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
        this.ledger = new ServingLedger(clock);
    }

    /**
     * Loads versions that somebody unloaded.
     *
     * @param only numbers or names of the versions that shall be loaded, and no others; empty: all of the endpoint
     * @return the revision that scorers have to follow
     * @throws PerennialException {@code CONFLICT} when a version that takes traffic is not among them
     */
    public long load(ServingAct act, ModelId endpoint, List<String> only) {
        return database.write(tx -> {
            List<Variant> variants = variants(tx, endpoint);
            Set<Variant> wanted = only.isEmpty() ? new HashSet<>(variants) : chosen(endpoint, variants, only);
            return change(tx, act, endpoint, variants, wanted);
        });
    }

    /**
     * Unloads versions; they answer nobody until they are loaded again.
     *
     * @param which numbers or names of versions; empty: all of the endpoint
     * @return the revision that scorers have to follow
     * @throws PerennialException {@code CONFLICT} when one of them takes traffic
     */
    public long unload(ServingAct act, ModelId endpoint, List<String> which) {
        return database.write(tx -> {
            List<Variant> variants = variants(tx, endpoint);
            Set<Variant> left = new HashSet<>(variants);
            Set<Variant> gone = which.isEmpty() ? Set.copyOf(variants) : chosen(endpoint, variants, which);
            left.removeAll(gone);
            left.removeAll(unloaded(tx, endpoint, variants)); // what was unloaded before stays so
            return change(tx, act, endpoint, variants, left);
        });
    }

    private static List<Variant> variants(Transaction tx, ModelId endpoint) {
        EndpointRows.get(tx.sql(), endpoint);
        return EndpointRows.variants(tx.sql(), endpoint);
    }

    private static Set<Variant> chosen(ModelId endpoint, List<Variant> variants, List<String> names) {
        Set<Variant> chosen = new HashSet<>();
        for (String name : names) {
            chosen.add(variants.stream()
                    .filter(variant -> variant.version().toString().equals(name)
                            || String.valueOf(variant.version().number()).equals(name))
                    .findFirst()
                    .orElseThrow(() -> PerennialException.notFound("endpoint '" + endpoint + "' has no version '" + name
                            + "'; there are "
                            + variants.stream().map(Variant::version).toList())));
        }
        return chosen;
    }

    private static List<Variant> unloaded(Transaction tx, ModelId endpoint, List<Variant> variants) {
        Set<String> names = new HashSet<>(tx.sql()
                .createQuery("select version from unloaded_version where endpoint = :endpoint")
                .bind("endpoint", endpoint.toString())
                .mapTo(String.class)
                .list());
        return variants.stream()
                .filter(variant -> variant.role() == Variant.Role.warm
                        && names.contains(variant.version().toString()))
                .toList();
    }

    private long change(Transaction tx, ServingAct act, ModelId endpoint, List<Variant> variants, Set<Variant> loaded) {
        Set<Variant> before = new HashSet<>(variants);
        before.removeAll(unloaded(tx, endpoint, variants));
        Set<String> on = new TreeSet<>();
        Set<String> off = new TreeSet<>();
        for (Variant variant : variants) {
            boolean is = before.contains(variant);
            boolean shall = loaded.contains(variant);
            if (!shall && variant.role() != Variant.Role.warm) {
                throw new PerennialException(
                        ErrorCode.CONFLICT,
                        "version " + variant.version() + " of endpoint '" + endpoint + "' is its " + variant.role()
                                + " and takes traffic, or copies of it; move that first, then unload it");
            }
            if (is != shall) {
                (shall ? on : off).add(variant.version().toString());
            }
        }
        if (!on.isEmpty() || !off.isEmpty()) {
            write(tx, act, endpoint, on, off);
            Endpoints.raise(tx);
            ObjectNode payload = Json.object();
            payload.set("loaded", Json.tree(on));
            payload.set("unloaded", Json.tree(off));
            ledger.entry(tx, act, "deployment.update", endpoint, payload);
        }
        return tx.sql()
                .createQuery("select value from counter where name = 'serving'")
                .mapTo(Long.class)
                .one();
    }

    private void write(Transaction tx, ServingAct act, ModelId endpoint, Set<String> on, Set<String> off) {
        for (String version : on) {
            tx.sql()
                    .createUpdate("delete from unloaded_version where endpoint = :endpoint and version = :version")
                    .bind("endpoint", endpoint.toString())
                    .bind("version", version)
                    .execute();
        }
        for (String version : off) {
            tx.sql()
                    .createUpdate("insert into unloaded_version (endpoint, version, unloaded_by, unloaded_at)"
                            + " values (:endpoint, :version, :by, :now) on conflict (endpoint, version) do update set"
                            + " unloaded_by = excluded.unloaded_by, unloaded_at = excluded.unloaded_at")
                    .bind("endpoint", endpoint.toString())
                    .bind("version", version)
                    .bind("by", act.actor())
                    .bind("now", clock.millis())
                    .execute();
        }
    }
}
