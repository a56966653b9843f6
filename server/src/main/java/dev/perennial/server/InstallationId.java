package dev.perennial.server;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Ids;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * Tells one data directory from the next at the same place: a scorer that lives on when its data directory was deleted must not serve the
 * server of a new one. Made once, kept in the data directory.
 */
record InstallationId(String value) {
    /** What a scorer sends with each call. */
    static final String HEADER = "X-Perennial-Installation";

    static InstallationId in(Path dataDir, Ids ids) {
        Path file = dataDir.resolve("installation.id");
        try {
            if (!Files.exists(file)) {
                Path temporary = Files.writeString(dataDir.resolve("installation.id.new"), ids.next());
                Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
            }
            return new InstallationId(Files.readString(file).strip());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep the id of the installation in " + file, e);
        }
    }

    /**
     * Refuses a caller of another installation. One that names none is taken: a scorer of an earlier release.
     *
     * @throws PerennialException with {@code CONFLICT}
     */
    void check(@Nullable String given) {
        if (given != null && !given.equals(value)) {
            throw new PerennialException(
                    ErrorCode.CONFLICT,
                    "you belong to installation " + given + ", this server serves installation " + value,
                    HEADER,
                    null);
        }
    }
}
