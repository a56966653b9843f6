package dev.perennial.scoring.python;

import dev.perennial.kernel.ProcessIdentity;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A helping program in a session of its own, run to its end or to the end of its time; its output goes to a file. Beside that stands who it
 * is, as long as it runs: it does not end with a process that is killed, and the next one that needs its place ends it.
 */
record BoundedRun(List<String> command, Map<String, String> environment, Duration limit, Path output) {
    private static final Path SETSID = Path.of("/usr/bin/setsid");
    private static final int TAIL_BYTES = 2_000;
    private static final long LOOK_MILLIS = 10;

    /**
     * How it ended.
     *
     * @param exit exit code; -1 when it was ended because its time was up
     * @param tail the end of what it wrote
     */
    record Ended(int exit, String tail) {
        boolean overdue() {
            return exit < 0;
        }
    }

    Ended run() throws IOException, InterruptedException {
        List<String> line = new ArrayList<>();
        if (Files.isExecutable(SETSID)) {
            line.add(SETSID.toString());
        }
        line.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(line)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Path mark = mark(output);
        endOther(output);
        Process process = builder.start();
        SessionProcesses session = new SessionProcesses(process);
        Optional<ProcessIdentity> identity = ProcessIdentity.of(process.pid());
        try {
            if (identity.isPresent()) {
                identity.get().write(mark);
            }
            boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            return new Ended(ended ? process.exitValue() : -1, tail(output));
        } finally {
            session.kill();
            Files.deleteIfExists(mark);
        }
    }

    private static Path mark(Path output) {
        return output.resolveSibling(output.getFileName() + ".pid");
    }

    /** Ends the program with that output, and whatever it started, when whoever ran it was killed. */
    static void endOther(Path output) throws IOException, InterruptedException {
        Optional<ProcessIdentity> other = ProcessIdentity.read(mark(output));
        if (other.isEmpty()) {
            return;
        }
        List<Long> alive = other.get().group();
        while (!alive.isEmpty()) {
            alive.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
            Thread.sleep(LOOK_MILLIS);
            alive = other.get().group();
        }
        Files.deleteIfExists(mark(output));
    }

    private static String tail(Path file) throws IOException {
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "r")) {
            byte[] bytes = new byte[(int) Math.min(TAIL_BYTES, access.length())];
            access.seek(access.length() - bytes.length);
            access.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8).strip();
        }
    }
}
