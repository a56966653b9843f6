package dev.perennial.registry;

import dev.perennial.store.Database;
import dev.perennial.tracking.TrackingRuns;
import dev.perennial.tracking.models.Registrations;
import java.time.InstantSource;

/** What adapters need of the registry of names and versions; the loop's side of it is {@link Registry}. */
public record RegistryRoom(RegisteredModels models, RegisteredVersions versions) {
    public static RegistryRoom of(Database database, InstantSource clock, TrackingRuns tracking) {
        return new RegistryRoom(
                new RegisteredModels(database, clock),
                new RegisteredVersions(database, clock, new TrackedOrigins(tracking)));
    }

    /** Tells the tracking room which versions were made from its logged models. */
    public static Registrations registrations() {
        return VersionRows::ofLogged;
    }
}
