package dev.perennial.cli;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A command line in a folder of its own, and the server that it talks to. */
abstract class CliFixture {
    @TempDir
    Path folder;

    CliHarness cli;

    @BeforeEach
    final void openServer() {
        cli = new CliHarness(folder);
    }

    @AfterEach
    final void closeServer() {
        cli.close();
    }
}
