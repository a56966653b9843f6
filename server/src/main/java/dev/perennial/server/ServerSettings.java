package dev.perennial.server;

import dev.perennial.kernel.Program;
import dev.perennial.pipelines.WorkerCommand;
import dev.perennial.tracking.ArtifactSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/**
 * What the server is started with; the same names serve as system property ({@code perennial.data-dir}) and environment variable
 * ({@code PERENNIAL_DATA_DIR}).
 *
 * @param dataDir holds everything that must not be lost
 * @param dist the installation's programs, for starting scorers and workers
 * @param port of the server; scorers take the next free one
 * @param databaseSizeLimit bytes that the SQLite file may have; 0 for no limit
 * @param webhookPrivate whether webhooks may lead to private addresses
 * @param artifacts where the files of runs and models go
 * @param databaseUrl JDBC address of a PostgreSQL database; empty for SQLite in the data directory
 * @param pythonFolders where interpreters for Python models are looked for beside the search path; entries may hold {@code *}
 * @param sharedDir keys and blobs of several servers on one PostgreSQL database
 */
record ServerSettings(
        Path dataDir,
        Path dist,
        int port,
        Optional<String> databaseUrl,
        String databaseUser,
        String databasePassword,
        long databaseSizeLimit,
        boolean webhookPrivate,
        ArtifactSettings artifacts,
        Optional<Path> sharedDir,
        List<String> pythonFolders) {

    static ServerSettings from(Config config) {
        return new ServerSettings(
                Path.of(config.getOptionalValue("perennial.data-dir", String.class)
                                .orElse(System.getProperty("user.home") + "/.perennial"))
                        .toAbsolutePath()
                        .normalize(),
                Path.of(config.getOptionalValue("perennial.dist", String.class).orElse("target/dist"))
                        .toAbsolutePath()
                        .normalize(),
                config.getOptionalValue("perennial.port", Integer.class).orElse(7300),
                config.getOptionalValue("perennial.database-url", String.class),
                config.getOptionalValue("perennial.database-user", String.class).orElse(""),
                config.getOptionalValue("perennial.database-password", String.class)
                        .orElse(""),
                config.getOptionalValue("perennial.database-size-limit", Long.class)
                        .orElse(0L),
                config.getOptionalValue("perennial.webhook-private", Boolean.class)
                        .orElse(false),
                new ArtifactSettings(
                        config.getOptionalValue("perennial.artifacts-destination", String.class)
                                .map(folder -> Path.of(folder).toAbsolutePath().normalize()),
                        config.getOptionalValue("perennial.default-artifact-root", String.class)),
                config.getOptionalValue("perennial.shared-dir", String.class)
                        .map(folder -> Path.of(folder).toAbsolutePath().normalize()),
                config.getOptionalValues("perennial.python-dirs", String.class).orElse(List.of()));
    }

    /** How a worker is started that talks to this server. */
    WorkerCommand workerCommand(InternalToken token) {
        return new WorkerCommand(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                Program.WORKER.classPath(dist),
                WorkerCommand.MAIN,
                Program.WORKER.flags(dist),
                () -> "http://127.0.0.1:" + port,
                dataDir,
                token.file());
    }
}
