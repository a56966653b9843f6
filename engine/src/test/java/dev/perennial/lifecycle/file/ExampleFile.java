package dev.perennial.lifecycle.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The lifecycle file that ships as the example. */
public final class ExampleFile {
    private ExampleFile() {}

    public static Path folder() {
        return Path.of(System.getProperty("perennial.root"), "examples", "flight-delay");
    }

    public static String text() {
        try {
            return Files.readString(folder().resolve("lifecycle.yaml"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static LifecycleFile parsed() {
        return parsed(text());
    }

    /** The example with something changed. */
    public static LifecycleFile parsed(String text) {
        ParseResult result = LifecycleParser.parse(text, folder());
        return result.file().orElseThrow(() -> new AssertionError(result.problems()));
    }
}
