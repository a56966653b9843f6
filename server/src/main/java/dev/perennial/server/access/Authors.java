package dev.perennial.server.access;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.VersionId;
import dev.perennial.lifecycle.Decision;
import dev.perennial.pipelines.RunId;
import dev.perennial.registry.ModelVersion;
import dev.perennial.server.Rooms;
import dev.perennial.store.ledger.LedgerEntry;
import java.util.Set;
import java.util.TreeSet;

/** Whose work a version is: of whoever proposed it, and of whoever applied the lifecycle file that made it. */
final class Authors {
    private static final String REQUEST = "/request/";

    private final Rooms rooms;

    Authors(Rooms rooms) {
        this.rooms = rooms;
    }

    /** The actors as the ledger tells them. */
    Set<String> of(VersionId id) {
        ModelVersion version = rooms.registry().version(id);
        Set<String> actors = new TreeSet<>();
        String run = version.run();
        if (run != null) {
            rooms.engine()
                    .find(new RunId(run))
                    .map(view -> view.dedupKey())
                    .filter(key -> key.contains(REQUEST))
                    .flatMap(key ->
                            rooms.lifecycle().people().proposer(key.substring(key.indexOf(REQUEST) + REQUEST.length())))
                    .ifPresent(actors::add);
        }
        for (Decision listed : rooms.lifecycle().decisions().all(id.model())) {
            String entry = listed.entry();
            if (listed.kind() == Decision.Kind.APPLY && entry != null && made(id, listed, version)) {
                rooms.store()
                        .ledger()
                        .entry(new Digest(entry))
                        .map(LedgerEntry::actor)
                        .ifPresent(actors::add);
            }
        }
        return actors;
    }

    private boolean made(VersionId id, Decision listed, ModelVersion version) {
        return rooms.lifecycle()
                .decisions()
                .find(id.model(), listed.id())
                .filter(decision -> decision.evidence()
                        .path("digest")
                        .asText()
                        .equals(version.lifecycle().hex()))
                .isPresent();
    }
}
