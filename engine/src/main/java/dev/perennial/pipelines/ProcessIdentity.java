package dev.perennial.pipelines;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Tells one process from any other that may get the same number later: number, the kernel's start time and the boot.
 *
 * @param startTicks field 22 of {@code /proc/PID/stat}
 */
record ProcessIdentity(long pid, long startTicks, String bootId) {
    private static final Path PROC = Path.of("/proc");
    private static final int STATE_AFTER_NAME = 0;
    private static final int GROUP_AFTER_NAME = 2;
    private static final int START_AFTER_NAME = 19;

    /** What the kernel says about a process. */
    record Stat(char state, long group, long startTicks) {
        boolean dead() {
            return state == 'Z' || state == 'X';
        }
    }

    /** Whether this very process is alive; a zombie is dead. */
    boolean alive() {
        return bootId.equals(boot())
                && stat(pid)
                        .filter(stat -> stat.startTicks == startTicks && !stat.dead())
                        .isPresent();
    }

    /** Whether another process has this number now. */
    boolean numberReused() {
        return !bootId.equals(boot())
                || stat(pid).filter(stat -> stat.startTicks != startTicks).isPresent();
    }

    static Optional<Stat> stat(long pid) {
        try {
            String text = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"));
            String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
            return Optional.of(new Stat(
                    fields[STATE_AFTER_NAME].charAt(0),
                    Long.parseLong(fields[GROUP_AFTER_NAME]),
                    Long.parseLong(fields[START_AFTER_NAME])));
        } catch (IOException e) {
            return Optional.empty(); // ended between two looks
        }
    }

    static String boot() {
        try {
            return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }
}
