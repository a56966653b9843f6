package dev.perennial.registry;

import dev.perennial.kernel.Ids;
import dev.perennial.registry.webhooks.Deliveries;
import dev.perennial.registry.webhooks.SecretBox;
import dev.perennial.registry.webhooks.Webhooks;
import dev.perennial.store.Database;
import dev.perennial.tracking.TrackingRuns;
import dev.perennial.tracking.models.Registrations;
import java.time.InstantSource;

/** What adapters need of the registry of names and versions; the loop's side of it is {@link Registry}. */
public record RegistryRoom(
        RegisteredModels models,
        RegisteredVersions versions,
        RegistryImport imported,
        Webhooks webhooks,
        Deliveries deliveries) {
    public static RegistryRoom of(
            Database database, InstantSource clock, Ids ids, TrackingRuns tracking, SecretBox secrets) {
        Origins origins = new TrackedOrigins(tracking);
        return new RegistryRoom(
                new RegisteredModels(database, clock),
                new RegisteredVersions(database, clock, origins),
                new RegistryImport(database, clock, origins, tracking.artifacts()),
                new Webhooks(database, clock, ids, secrets),
                new Deliveries(database, clock, ids));
    }

    /** Tells the tracking room which versions were made from its logged models. */
    public static Registrations registrations() {
        return VersionRows::ofLogged;
    }
}
