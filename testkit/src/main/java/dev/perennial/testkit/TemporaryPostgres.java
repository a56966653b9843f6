package dev.perennial.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
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

    private static final List<Path> INSTALLATIONS = List.of(
            Path.of("/usr/lib/postgresql"), Path.of("/usr/local/pgsql"), Path.of("/opt/homebrew/opt/postgresql"));
    private static final int COMMAND_SECONDS_MAX = 90;

    private final Path binaries;
    private final Path folder;
    private final int port;
    private final AtomicInteger databases = new AtomicInteger();

    private TemporaryPostgres(Path binaries) {
        this.binaries = binaries;
        try {
            this.folder = Files.createTempDirectory("perennial-postgres");
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                this.port = free.getLocalPort();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no room for a temporary PostgreSQL", e);
        }
    }

    /** Started once for a process. */
    private static final class Shared {
        private static final Optional<TemporaryPostgres> SERVER = findBinaries().map(TemporaryPostgres::start);
    }

    /** The address of a fresh, empty database; user {@link #USER}, any password. */
    public static String freshDatabase() {
        TemporaryPostgres server = Shared.SERVER.orElseThrow(TemporaryPostgres::missing);
        String name = "t" + server.databases.incrementAndGet();
        server.run(List.of("createdb", "-h", "127.0.0.1", "-p", String.valueOf(server.port), "-U", USER, name), false);
        return "jdbc:postgresql://127.0.0.1:" + server.port + "/" + name;
    }

    private static RuntimeException missing() {
        String message = "NOT TESTED ON POSTGRESQL: no server binaries under " + INSTALLATIONS
                + "; install them, on Debian: apt-get install postgresql";
        System.err.println("**** " + message);
        if ("true".equals(System.getenv("CI"))) {
            throw new AssertionFailedError(message);
        }
        return new TestAbortedException(message);
    }

    private static Optional<Path> findBinaries() {
        for (Path installation : INSTALLATIONS) {
            if (Files.isDirectory(installation)) {
                try (Stream<Path> files = Files.walk(installation, 3)) {
                    Optional<Path> initdb =
                            files.filter(file -> file.endsWith("initdb")).max(Comparator.naturalOrder());
                    if (initdb.isPresent()) {
                        return initdb.map(Path::getParent);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException("cannot look through " + installation, e);
                }
            }
        }
        return Optional.empty();
    }

    private static TemporaryPostgres start(Path binaries) {
        TemporaryPostgres server = new TemporaryPostgres(binaries);
        server.start();
        return server;
    }

    private void start() {
        try {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
            if (root()) {
                Files.setOwner(
                        folder,
                        folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postgres"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prepare " + folder, e);
        }
        String data = folder.resolve("data").toString();
        run(List.of("initdb", "-D", data, "-A", "trust", "-U", USER, "--no-sync", "-E", "UTF8", "--locale=C"), true);
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop-postgres"));
        String options = "-p " + port + " -c listen_addresses=127.0.0.1 -c unix_socket_directories=" + folder
                + " -c fsync=off -c shared_buffers=32MB";
        run(
                List.of(
                        "pg_ctl",
                        "-D",
                        data,
                        "-w",
                        "-l",
                        folder.resolve("server.log").toString(),
                        "-o",
                        options,
                        "start"),
                true);
    }

    private void stop() {
        run(List.of("pg_ctl", "-D", folder.resolve("data").toString(), "-m", "immediate", "stop"), true);
        remove();
    }

    /**
     * A database has some hundred files and a process makes hundreds of databases: left to a process of its own, which goes on when
     * this one has ended.
     */
    private void remove() {
        try {
            new ProcessBuilder("rm", "-rf", folder.toString()).start();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + folder, e);
        }
    }

    private static boolean root() {
        return "root".equals(System.getProperty("user.name"));
    }

    private void run(List<String> command, boolean server) {
        List<String> whole = new ArrayList<>();
        if (server && root()) {
            // initdb and postgres refuse to run as root
            whole.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"));
        }
        whole.add(binaries.resolve(command.getFirst()).toString());
        whole.addAll(command.subList(1, command.size()));
        try {
            Path output = Files.createTempFile("perennial-postgres", ".out");
            Process process = new ProcessBuilder(whole)
                    .directory(server ? folder.toFile() : null)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = process.waitFor(COMMAND_SECONDS_MAX, TimeUnit.SECONDS);
            String text = Files.readString(output, StandardCharsets.UTF_8);
            Files.delete(output);
            if (!ended || process.exitValue() != 0) {
                throw new IllegalStateException(String.join(" ", whole) + " failed: " + text);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + whole, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while running " + whole, e);
        }
    }
}
