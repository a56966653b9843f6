package dev.perennial.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tokens that {@code perennial login} keeps, one for each server, in a file that only its owner can read. */
final class Credentials {
    private static final String TOKEN = "PERENNIAL_TOKEN";

    private final Path file;

    private Credentials(Path file) {
        this.file = file;
    }

    static Credentials of(Map<String, String> environment, String home) {
        String config = environment.get("XDG_CONFIG_HOME");
        Path folder = config == null || config.isBlank() ? Path.of(home, ".config") : Path.of(config);
        return new Credentials(folder.resolve("perennial").resolve("credentials.json"));
    }

    /** The token for a server: of the environment, else the one that was kept. */
    Optional<String> token(Map<String, String> environment, URI server) {
        String given = environment.get(TOKEN);
        return given != null && !given.isBlank()
                ? Optional.of(given.strip())
                : Optional.ofNullable(read().path(key(server)).textValue());
    }

    /** Keeps a token, or with null forgets it. */
    void keep(URI server, @Nullable String token) {
        ObjectNode all = read();
        if (token == null) {
            all.remove(key(server));
        } else {
            all.put(key(server), token);
        }
        try {
            Files.createDirectories(file.getParent());
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.deleteIfExists(fresh);
            Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(fresh, all.toString());
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.ERROR, "cannot keep the token in " + file + ": " + e.getMessage(), e);
        }
    }

    Path file() {
        return file;
    }

    private ObjectNode read() {
        try {
            if (!Files.exists(file)) {
                return new ObjectMapper().createObjectNode();
            }
            Set<java.nio.file.attribute.PosixFilePermission> open = Files.getPosixFilePermissions(file);
            if (!PosixFilePermissions.toString(open).endsWith("------")) {
                throw new CommandFailure(
                        ExitCode.ERROR, file + " can be read by others; close it with: chmod 600 " + file);
            }
            return new ObjectMapper().readTree(Files.readString(file)) instanceof ObjectNode node
                    ? node
                    : new ObjectMapper().createObjectNode();
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.ERROR, "cannot read " + file + "; delete it and sign in again", e);
        }
    }

    private static String key(URI server) {
        return server.getScheme() + "://" + server.getAuthority();
    }
}
