package dev.perennial.cli;

import java.time.Duration;
import java.time.InstantSource;

/** Tells how far a long work is and about how long the rest takes; one line every few seconds. */
final class Progress {
    private static final long EVERY_MILLIS = 2000;

    private final Terminal terminal;
    private final InstantSource clock;
    private long all;
    private long done;
    private long began;
    private long told;

    Progress(Terminal terminal, InstantSource clock) {
        this.terminal = terminal;
        this.clock = clock;
    }

    void start(long all) {
        this.all = all;
        this.began = clock.millis();
        this.told = began;
    }

    /** Counts some more. */
    void done(long more, long artifactBytes) {
        done += more;
        long now = clock.millis();
        if (done == all || now - told >= EVERY_MILLIS) {
            told = now;
            terminal.progress(done + " of " + all + " runs, " + (artifactBytes >> 20) + " MiB of artifacts"
                    + (done == all ? "" : ", about " + rest(now) + " left"));
        }
    }

    private String rest(long now) {
        Duration rest = Duration.ofMillis((now - began) * (all - done) / Math.max(1, done));
        return rest.toMinutes() > 0
                ? rest.toMinutes() + " min " + rest.toSecondsPart() + " s"
                : rest.toSeconds() + " s";
    }
}
