package dev.perennial.scorer.serving;

import dev.perennial.scorer.ScorerSettings;
import dev.perennial.scoring.python.PythonLimits;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** Settings of a scorer whose server never answers and whose state is in one folder. */
final class LonelySettings {
    private LonelySettings() {}

    static ScorerSettings in(Path folder) throws IOException {
        return new ScorerSettings(
                URI.create("http://127.0.0.1:1"),
                "s1",
                0,
                folder.resolve("spool"),
                folder.resolve("blobs"),
                Files.writeString(folder.resolve("token"), "none"),
                "",
                folder.resolve("native"),
                ScorerSettings.Limits.DEFAULT,
                new ScorerSettings.Python(folder.resolve("environments"), PythonLimits.DEFAULT),
                "");
    }
}
