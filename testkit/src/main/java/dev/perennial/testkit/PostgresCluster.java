package dev.perennial.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
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

/**
 * A throw-away PostgreSQL server from the installed binaries, in a folder and on a port of its own, for tests and benchmarks. It trusts
 * whoever comes from this machine. As root it runs as the user postgres, because it refuses to run as root. Thread-safe.
 */
public final class PostgresCluster implements AutoCloseable {
    /** Where the binaries are looked for. */
    public static final List<Path> INSTALLATIONS = List.of(
            Path.of("/usr/lib/postgresql"), Path.of("/usr/local/pgsql"), Path.of("/opt/homebrew/opt/postgresql"));

    private static final int COMMAND_SECONDS_MAX = 90;

    private final Path binaries;
    private final Path folder;
    private final String user;
    private final int port;
    private final AtomicInteger databases = new AtomicInteger();

    private PostgresCluster(Path binaries, Path folder, String user) throws IOException {
        this.binaries = binaries;
        this.folder = folder;
        this.user = user;
        this.port = FreePort.any();
    }

    /** The folder of the newest binaries, where there are any. */
    public static Optional<Path> binaries() {
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

    /**
     * Makes and starts a server.
     *
     * @param folder made when it is not there; its parents must be open to the user postgres
     * @param user made as the superuser
     * @param settings such as {@code fsync=off}
     */
    public static PostgresCluster start(Path binaries, Path folder, String user, List<String> settings) {
        try {
            Files.createDirectories(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
            if (root()) {
                Files.setOwner(
                        folder,
                        folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postgres"));
            }
            PostgresCluster server = new PostgresCluster(binaries, folder, user);
            server.start(settings);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prepare " + folder, e);
        }
    }

    private void start(List<String> settings) {
        run("initdb", "-D", data(), "-A", "trust", "-U", user, "--no-sync", "-E", "UTF8", "--locale=C");
        String options = "-p " + port + " -c listen_addresses=127.0.0.1 -c unix_socket_directories=" + folder
                + String.join(
                        "", settings.stream().map(setting -> " -c " + setting).toList());
        run("pg_ctl", "-D", data(), "-w", "-l", folder.resolve("server.log").toString(), "-o", options, "start");
    }

    private String data() {
        return folder.resolve("data").toString();
    }

    private static boolean root() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** The address of a fresh, empty database, for JDBC. */
    public String freshDatabase() {
        String name = "t" + databases.incrementAndGet();
        psql("postgres", "create database " + name);
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + name;
    }

    /** Runs a statement and returns what it printed. */
    public String psql(String database, String statement) {
        return run("psql", psqlArguments(database, statement));
    }

    /** A running statement that reads its rows, as COPY does, from its input. */
    public Process reading(String database, String statement) throws IOException {
        return builder("psql", psqlArguments(database, statement))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private String[] psqlArguments(String database, String statement) {
        return new String[] {
            "-q",
            "-At",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            "127.0.0.1",
            "-p",
            String.valueOf(port),
            "-U",
            user,
            "-d",
            database,
            "-c",
            statement
        };
    }

    private ProcessBuilder builder(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        if (root()) {
            command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"));
        }
        command.add(binaries.resolve(program).toString());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).directory(folder.toFile());
    }

    private String run(String program, String... arguments) {
        try {
            Path output = Files.createTempFile("perennial-postgres", ".out");
            Process process = builder(program, arguments)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = program.equals("psql") || process.waitFor(COMMAND_SECONDS_MAX, TimeUnit.SECONDS);
            boolean well = ended && process.waitFor() == 0;
            String text = Files.readString(output, StandardCharsets.UTF_8);
            Files.delete(output);
            if (!well) {
                throw new IllegalStateException(program + " " + String.join(" ", arguments) + " failed: " + text);
            }
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + program, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + program + " ran", e);
        }
    }

    /**
     * Stops the server and removes its folder. A database has some hundred files and a process makes hundreds of databases: that is left
     * to a process of its own, which goes on when this one has ended.
     */
    @Override
    public void close() {
        run("pg_ctl", "-D", data(), "-m", "immediate", "stop");
        try {
            new ProcessBuilder("rm", "-rf", folder.toString()).start();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + folder, e);
        }
    }
}
