package dev.perennial.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One process and no other that gets its number later: number, the kernel's start time (field 22 of {@code /proc/PID/stat}), the boot.
 */
record ProcessMark(long pid, long started, String boot) {
    private static final int STATE = 0;
    private static final int STARTED = 19;
    private static final Pattern WRITTEN =
            Pattern.compile("\\D*(\\d+)\\D+(\\d+).*?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}).*", Pattern.DOTALL);

    static Optional<ProcessMark> of(long pid) {
        return stat(pid).map(fields -> new ProcessMark(pid, Long.parseLong(fields[STARTED]), currentBoot()));
    }

    /** The mark that a scorer's or worker's launcher left in a file. */
    static Optional<ProcessMark> read(Path file) {
        try {
            Matcher matcher = WRITTEN.matcher(Files.readString(file));
            return matcher.matches()
                    ? Optional.of(new ProcessMark(
                            Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)), matcher.group(3)))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // not written yet, or gone
        }
    }

    /** Whether this very process runs; a zombie does not. */
    boolean alive() {
        return boot.equals(currentBoot())
                && stat(pid)
                        .filter(fields -> !fields[STATE].equals("Z") && Long.parseLong(fields[STARTED]) == started)
                        .isPresent();
    }

    private static Optional<String[]> stat(long pid) {
        try {
            String text = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return Optional.of(text.substring(text.lastIndexOf(')') + 2).split(" "));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String currentBoot() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
