package dev.perennial.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells one process from any other that may get the same number later: number, the kernel's start time and the boot. Needs {@code /proc}.
 *
 * @param started field 22 of {@code /proc/PID/stat}
 * @param boot changes with each boot of the machine
 */
public record ProcessIdentity(long pid, long started, String boot) {
    private static final Path PROC = Path.of("/proc");
    private static final int STATE_AFTER_NAME = 0;
    private static final int GROUP_AFTER_NAME = 2;
    private static final int START_AFTER_NAME = 19;

    /** Three words, or the JSON that releases up to 0.1.0 left for a worker. */
    private static final Pattern WRITTEN = Pattern.compile(
            "(?:\\{\"pid\":)?(\\d{1,18})(?: |,\"start\":)(\\d{1,18})(?: |,\"boot\":\")([^\"\\s]{1,64})(?:\"})?");

    private record Stat(char state, long group, long started) {
        boolean dead() {
            return state == 'Z' || state == 'X';
        }
    }

    /** Of a process that runs now; empty when it has ended. */
    public static Optional<ProcessIdentity> of(long pid) {
        return stat(pid).filter(stat -> !stat.dead()).map(stat -> new ProcessIdentity(pid, stat.started, thisBoot()));
    }

    /**
     * As its starter left it in a file; empty when there is no file or it holds something else.
     *
     * @throws IOException when the file is there and cannot be read
     */
    public static Optional<ProcessIdentity> read(Path file) throws IOException {
        try {
            return parse(Files.readString(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    static Optional<ProcessIdentity> parse(String text) {
        Matcher written = WRITTEN.matcher(text.strip());
        return written.matches()
                ? Optional.of(new ProcessIdentity(
                        Long.parseLong(written.group(1)), Long.parseLong(written.group(2)), written.group(3)))
                : Optional.empty();
    }

    /** As it stands in a file: three words. */
    public String text() {
        return pid + " " + started + " " + boot;
    }

    /** Leaves it in a file, which appears whole or not at all. */
    public void write(Path file) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(temporary, text());
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Whether this very process is alive; a zombie is dead. */
    public boolean alive() {
        return boot.equals(thisBoot())
                && stat(pid)
                        .filter(stat -> stat.started == started && !stat.dead())
                        .isPresent();
    }

    /**
     * Living processes of the group that this process leads, itself and whatever it started, also when it has ended; empty when another
     * process has its number now.
     */
    public List<Long> group() {
        boolean reused = !boot.equals(thisBoot())
                || stat(pid).filter(stat -> stat.started != started).isPresent();
        return reused
                ? List.of()
                : ProcessHandle.allProcesses()
                        .map(ProcessHandle::pid)
                        .filter(member -> stat(member)
                                .filter(stat -> stat.group == pid && !stat.dead() && stat.started >= started)
                                .isPresent())
                        .toList();
    }

    /** Asks this very process to end, or ends it; does nothing when it is gone. */
    public void signal(boolean force) {
        if (alive()) {
            ProcessHandle.of(pid).ifPresent(force ? ProcessHandle::destroyForcibly : ProcessHandle::destroy);
        }
    }

    private static Optional<Stat> stat(long pid) {
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

    private static String thisBoot() {
        try {
            return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }
}
