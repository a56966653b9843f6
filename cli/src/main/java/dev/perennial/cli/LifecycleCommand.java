package dev.perennial.cli;

import picocli.CommandLine.Parameters;

/** A command on one lifecycle file. */
abstract class LifecycleCommand extends LifecycleFileCommand {
    @Parameters(paramLabel = "LIFECYCLE", description = "The lifecycle file.")
    String file = "";

    @Override
    String file() {
        return file;
    }
}
