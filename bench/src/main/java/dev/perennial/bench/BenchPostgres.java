package dev.perennial.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A throw-away PostgreSQL with its usual durability, from the installed binaries. */
final class BenchPostgres implements AutoCloseable {
    static final String USER = "bench";
    private static final Path INSTALLED = Path.of("/usr/lib/postgresql");

    private final Path binaries;
    private final Path folder;
    private final int port;
    private int databases;

    private BenchPostgres(Path binaries, Path folder, int port) {
        this.binaries = binaries;
        this.folder = folder;
        this.port = port;
    }

    static BenchPostgres start(Path folder) throws IOException, InterruptedException {
        Path binaries;
        try (Stream<Path> files = Files.walk(INSTALLED, 3)) {
            binaries = files.filter(file -> file.endsWith("initdb"))
                    .max(Comparator.naturalOrder())
                    .map(Path::getParent)
                    .orElseThrow(() -> new IOException("no PostgreSQL under " + INSTALLED));
        }
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Files.createDirectories(folder);
        if (asRoot()) {
            Files.setPosixFilePermissions(folder.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.setOwner(folder, folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postgres"));
        }
        BenchPostgres server = new BenchPostgres(binaries, folder, port);
        String data = folder.resolve("data").toString();
        server.run("initdb", "-D", data, "-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C");
        server.run("pg_ctl", "-D", data, "-w", "-l", folder.resolve("log").toString(), "-o",
                "-p " + port + " -c listen_addresses=127.0.0.1 -c unix_socket_directories=" + folder
                        + " -c shared_buffers=512MB -c max_wal_size=4GB", "start");
        return server;
    }

    private static boolean asRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    String freshDatabase() {
        String name = "bench" + ++databases;
        try {
            psql("postgres", "create database " + name);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + name;
    }

    /** How often the write-ahead log was forced to the disk. */
    long syncs() {
        try {
            return Long.parseLong(psql("postgres", "select wal_sync from pg_stat_wal").strip());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Fills the tables of ours by COPY. */
    void fill(String address, int runs) throws IOException {
        SeedCopy.fill(statement -> copy(address.substring(address.lastIndexOf('/') + 1), statement), 1, runs);
        psql(address.substring(address.lastIndexOf('/') + 1), "analyze");
    }

    /** A running COPY, to whose input rows are written. */
    Process copy(String database, String statement) throws IOException {
        return builder("psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", String.valueOf(port), "-U", USER,
                        "-d", database, "-c", statement)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    String psql(String database, String statement) throws IOException {
        return run("psql", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", String.valueOf(port), "-U", USER,
                "-d", database, "-c", statement);
    }

    private ProcessBuilder builder(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        if (asRoot()) {
            command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
        }
        command.add(binaries.resolve(program).toString());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).directory(folder.toFile());
    }

    private String run(String program, String... arguments) throws IOException {
        Path told = Files.createTempFile("perennial-bench", ".txt");
        Process process = builder(program, arguments).redirectErrorStream(true).redirectOutput(told.toFile()).start();
        try {
            int code = process.waitFor();
            String text = Files.readString(told, StandardCharsets.UTF_8);
            if (code != 0) {
                throw new IOException(program + " ended with " + code + ": " + text);
            }
            return text;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + program + " ran", e);
        } finally {
            Files.deleteIfExists(told);
        }
    }

    @Override
    public void close() throws IOException {
        run("pg_ctl", "-D", folder.resolve("data").toString(), "-m", "immediate", "stop");
    }
}
