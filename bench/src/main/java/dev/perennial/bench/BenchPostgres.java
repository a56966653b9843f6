package dev.perennial.bench;

import dev.perennial.testkit.PostgresCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** A throw-away PostgreSQL with its usual durability. */
final class BenchPostgres implements AutoCloseable {
    static final String USER = "bench";

    private final PostgresCluster cluster;

    private BenchPostgres(PostgresCluster cluster) {
        this.cluster = cluster;
    }

    static BenchPostgres start(Path folder) throws IOException {
        Files.setPosixFilePermissions(folder.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
        Path binaries = PostgresCluster.binaries()
                .orElseThrow(() -> new IOException("no PostgreSQL under " + PostgresCluster.INSTALLATIONS));
        return new BenchPostgres(
                PostgresCluster.start(binaries, folder, USER, List.of("shared_buffers=512MB", "max_wal_size=4GB")));
    }

    String freshDatabase() {
        return cluster.freshDatabase();
    }

    /** How often the write-ahead log was forced to the disk. */
    long syncs() {
        return Long.parseLong(
                cluster.psql("postgres", "select wal_sync from pg_stat_wal").strip());
    }

    /** Runs a statement in the database of an address and returns what it printed. */
    String psql(String address, String statement) {
        return cluster.psql(name(address), statement);
    }

    /** Adds runs to the tables of ours by COPY, each metric with so many points. */
    void fill(String address, int first, int last, int points) throws IOException {
        SeedCopy.fill(statement -> cluster.reading(name(address), statement), first, last, points);
    }

    private static String name(String address) {
        return address.substring(address.lastIndexOf('/') + 1);
    }

    @Override
    public void close() {
        cluster.close();
    }
}
