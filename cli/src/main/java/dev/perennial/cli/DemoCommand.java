package dev.perennial.cli;

import dev.perennial.cli.demo.Demo;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Plays nine months of a real model's life. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description =
                "Plays nine months of a real model's life, unattended, and shows what keeping it alive was worth.",
        footer = {
            "",
            "Examples:",
            "  perennial demo                   plays, then stays up for looking around",
            "  perennial demo --exit            plays, checks every claim, and ends with 0 only if all held",
            "  perennial demo --full            every flight instead of every fourth"
        })
final class DemoCommand extends CliCommand {
    @Option(names = "--exit", description = "End after the story, with 0 only if every claim held.")
    boolean exit;

    @Option(names = "--full", description = "Score and train every flight instead of every fourth.")
    boolean full;

    @Option(names = "--port", paramLabel = "PORT", description = "Port of the server (default: 7300; 0: any free one).")
    @Nullable
    Integer port;

    @Override
    Integer execute() {
        return new Demo(terminal(), context().clock(), ServerCommand.dist(this))
                .play(new Demo.Options(exit, full, dataDir(), ServerCommand.port(port, settings())));
    }
}
