package dev.perennial.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/**
 * One PostgreSQL server for the whole test process, started from the installed binaries when first asked for and stopped with the
 * process; each test class takes a database of its own. Without the binaries a test is skipped with a loud message, and fails where
 * {@code CI=true}.
 */
public final class TemporaryPostgres {
    public static final String USER = "test";
    public static final String PASSWORD = "";

    private TemporaryPostgres() {}

    /** Started once for a process. */
    private static final class Shared {
        private static final Optional<PostgresCluster> SERVER =
                PostgresCluster.binaries().map(TemporaryPostgres::start);
    }

    /** The address of a fresh, empty database; user {@link #USER}, any password. */
    public static String freshDatabase() {
        return Shared.SERVER.orElseThrow(TemporaryPostgres::missing).freshDatabase();
    }

    private static RuntimeException missing() {
        String message = "NOT TESTED ON POSTGRESQL: no server binaries under " + PostgresCluster.INSTALLATIONS
                + "; install them, on Debian: apt-get install postgresql";
        System.err.println("**** " + message);
        if ("true".equals(System.getenv("CI"))) {
            throw new AssertionFailedError(message);
        }
        return new TestAbortedException(message);
    }

    private static PostgresCluster start(Path binaries) {
        try {
            Path folder = Files.createTempDirectory("perennial-postgres");
            PostgresCluster server =
                    PostgresCluster.start(binaries, folder, USER, List.of("fsync=off", "shared_buffers=32MB"));
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop-postgres"));
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException("no room for a temporary PostgreSQL", e);
        }
    }
}
