package dev.perennial.cli.demo;

import dev.perennial.cli.CommandFailure;
import dev.perennial.cli.ExitCode;
import dev.perennial.cli.Terminal;
import java.nio.file.Path;
import java.time.InstantSource;

/** Plays one model's life over real HTTP against a real server. */
public final class Demo {
    /**
     * @param exit end after the story, with 0 only if every claim held
     * @param full every flight instead of every fourth
     */
    public record Options(boolean exit, boolean full, Path dataDir, int port) {}

    private final Terminal terminal;
    private final InstantSource clock;
    private final Path dist;

    public Demo(Terminal terminal, InstantSource clock, Path dist) {
        this.terminal = terminal;
        this.clock = clock;
        this.dist = dist;
    }

    /** Plays the story; gives the exit code. */
    public int play(Options options) {
        throw new CommandFailure(ExitCode.ERROR, "this build has no story to play");
    }
}
