package dev.perennial.pipelines;

import dev.perennial.kernel.Ids;
import dev.perennial.store.BlobStore;
import dev.perennial.store.Database;
import java.nio.file.Path;
import java.time.InstantSource;

/**
 * What the engine stands on.
 *
 * @param clock wall clock: leases, timeouts and delays are a matter of machines
 * @param staging folder under which attempts write files before they are committed
 */
public record EngineResources(Database database, BlobStore blobs, InstantSource clock, Ids ids, Path staging) {}
