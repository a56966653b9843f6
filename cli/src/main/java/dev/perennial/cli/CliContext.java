package dev.perennial.cli;

import java.io.InputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;

/** What a command finds around it; tests give their own. */
public record CliContext(
        Terminal terminal,
        InputStream input,
        Map<String, String> environment,
        Path workingFolder,
        InstantSource clock) {
    public CliContext {
        environment = Map.copyOf(environment);
    }
}
