package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.kernel.ProcessIdentity;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** {@code DATA/server.json}: which process serves a data directory, and where. */
record ServerFile(ProcessIdentity mark, URI url) {
    private static final String NAME = "server.json";

    static Optional<ServerFile> read(Path dataDir) {
        try {
            JsonNode json = new ObjectMapper().readTree(Files.readString(dataDir.resolve(NAME)));
            return Optional.of(new ServerFile(
                    new ProcessIdentity(
                            json.path("pid").asLong(),
                            json.path("started").asLong(),
                            json.path("boot").asText()),
                    URI.create(json.path("url").asText())));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty(); // no server was started here, or its file is damaged
        }
    }

    void write(Path dataDir) throws IOException {
        Path temporary = dataDir.resolve(NAME + ".new");
        String json = new ObjectMapper()
                .createObjectNode()
                .put("pid", mark.pid())
                .put("started", mark.started())
                .put("boot", mark.boot())
                .put("url", url.toString())
                .toString();
        Files.writeString(temporary, json);
        Files.move(
                temporary, dataDir.resolve(NAME), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    boolean alive() {
        return mark.alive();
    }
}
