package dev.perennial.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * Where a server keeps artifacts outside its data directory, told there in a small file so that a backup finds them whatever options the
 * server was started with.
 *
 * @param destination the folder that keeps what clients send as plain files
 * @param defaultRoot where new experiments keep their artifacts, as it was given
 * @param rootFolder the folder of this machine that {@code defaultRoot} means; empty when it is an address of something else, or was told
 *     by a server that did not tell it
 */
public record PlainFolders(Optional<Path> destination, Optional<String> defaultRoot, Optional<Path> rootFolder) {
    public static final String FILE = "plain-artifacts.json";

    /** Of a server that keeps everything in its data directory. */
    public static PlainFolders none() {
        return new PlainFolders(Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Tells it, or takes back what an earlier server told. */
    public void tell(Path dataDir) {
        Path file = dataDir.resolve(FILE);
        try {
            if (destination.isEmpty() && defaultRoot.isEmpty()) {
                Files.deleteIfExists(file);
                return;
            }
            ObjectNode told = Json.object();
            destination.ifPresent(folder -> told.put("destination", absolute(folder)));
            defaultRoot.ifPresent(root -> told.put("defaultRoot", root));
            rootFolder.ifPresent(folder -> told.put("rootFolder", absolute(folder)));
            Path temporary = dataDir.resolve(FILE + ".part");
            Files.writeString(temporary, Json.write(told), StandardCharsets.UTF_8);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw PerennialException.internal("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    private static String absolute(Path folder) {
        return folder.toAbsolutePath().normalize().toString();
    }

    /** What the last server on a data directory told. */
    public static PlainFolders of(Path dataDir) {
        Path file = dataDir.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return none();
        }
        try {
            JsonNode told = Json.parse(Files.readString(file, StandardCharsets.UTF_8));
            return new PlainFolders(
                    Optional.ofNullable(told.path("destination").textValue()).map(Path::of),
                    Optional.ofNullable(told.path("defaultRoot").textValue()),
                    Optional.ofNullable(told.path("rootFolder").textValue()).map(Path::of));
        } catch (IOException e) {
            throw PerennialException.internal("cannot read " + file + ": " + e.getMessage(), e);
        }
    }
}
