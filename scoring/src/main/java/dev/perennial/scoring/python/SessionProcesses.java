package dev.perennial.scoring.python;

import dev.perennial.kernel.ProcessIdentity;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A process that leads a session of its own, and whatever it started in it. Where there is no {@code /proc}, only the process itself and
 * its known descendants are ended and nothing is measured.
 */
final class SessionProcesses {
    private static final Path PROC = Path.of("/proc");
    private static final int PAGE_BYTES = 4096;
    private static final long KIBIBYTE = 1024;
    private static final int SESSION_AFTER_NAME = 3;
    private static final int ROUNDS_MAX = 50;
    private static final int KILL_SECONDS = 5;

    private final Process leader;
    private final @Nullable ProcessIdentity identity;

    SessionProcesses(Process leader) {
        this.leader = leader;
        this.identity = ProcessIdentity.of(leader.pid()).orElse(null);
    }

    /** How many there are, and what they take together. */
    record Taken(int processes, long residentBytes) {}

    /** Memory of the leader alone; 0 when the system does not tell. */
    long residentBytes() {
        return residentBytes(PROC.resolve(Long.toString(leader.pid())));
    }

    /** The most that the leader has taken so far; 0 when the system does not tell. */
    long peakResidentBytes() {
        try {
            return Files.readAllLines(PROC.resolve(Long.toString(leader.pid())).resolve("status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIBIBYTE)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0; // ended meanwhile, or not Linux
        }
    }

    /** All members; costs a look at every process of the machine. */
    Taken taken() {
        int processes = 0;
        long bytes = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : all) {
                if (session(process).filter(session -> session == leader.pid()).isPresent()) {
                    processes++;
                    bytes += residentBytes(process);
                }
            }
        } catch (IOException e) {
            return new Taken(1, residentBytes());
        }
        return new Taken(processes, bytes);
    }

    private static Optional<Long> session(Path process) {
        try {
            String text = Files.readString(process.resolve("stat"));
            String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", SESSION_AFTER_NAME + 2);
            return Optional.of(Long.parseLong(fields[SESSION_AFTER_NAME]));
        } catch (IOException e) {
            return Optional.empty(); // ended between two looks
        }
    }

    private static long residentBytes(Path process) {
        try {
            return Long.parseLong(Files.readString(process.resolve("statm")).split(" ")[1]) * PAGE_BYTES;
        } catch (IOException e) {
            return 0; // ended meanwhile, or not Linux
        }
    }

    /** Ends the leader and its group at once; what forks faster than it dies is ended with its group, in one call of the system. */
    void kill() {
        leader.descendants().forEach(ProcessHandle::destroyForcibly);
        leader.destroyForcibly();
        if (identity == null) {
            return;
        }
        for (int round = 0; round < ROUNDS_MAX && !identity.group().isEmpty(); round++) {
            killGroup();
        }
    }

    private void killGroup() {
        try {
            new ProcessBuilder("kill", "-KILL", "--", "-" + leader.pid())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor(KILL_SECONDS, TimeUnit.SECONDS);
        } catch (IOException e) {
            if (identity != null) {
                identity.group().forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
