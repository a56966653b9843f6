package dev.perennial.scorer.config;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The configuration that was last in effect, kept in the spool folder for a start without a server. */
public final class LastGoodConfig {
    private static final Logger LOG = LoggerFactory.getLogger(LastGoodConfig.class);

    private static final FileAttribute<?> OWNER_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path file;

    public LastGoodConfig(Path spool) {
        this.file = spool.resolve("config.json");
    }

    public Optional<ScorerConfig> load() {
        try {
            return Files.exists(file)
                    ? Optional.of(Json.read(Files.readString(file), ScorerConfig.class))
                    : Optional.empty();
        } catch (IOException | PerennialException e) {
            LOG.warn("the kept configuration {} cannot be used: {}", file, e.getMessage());
            return Optional.empty();
        }
    }

    void keep(ScorerConfig config) {
        Path next = file.resolveSibling("config.json.next");
        try {
            Files.deleteIfExists(next);
            Files.createFile(next, OWNER_ALONE); // hashes of tokens are nobody else's business
            Files.writeString(next, Json.write(config));
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.warn("the configuration cannot be kept in {}: {}", file, e.getMessage());
        }
    }
}
