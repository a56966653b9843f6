package dev.perennial.scoring.admission;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Limits that this process sets on itself for a while, by {@code prlimit --pid}: soft ones, so that closing gives back those that it had.
 * They count from what the process has taken so far. Costs the start of two small programs, some 10 ms of processor time.
 */
final class OwnLimits implements AutoCloseable {
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final Path SIZES = Path.of("/proc/self/statm");
    private static final String ADDRESSES = "Max address space";
    private static final String SECONDS = "Max cpu time";
    private static final int PAGE_BYTES = 4096;

    private final List<String> applied = new ArrayList<>();
    private final List<String> missing = new ArrayList<>();
    private final List<String> before = new ArrayList<>();

    private OwnLimits() {}

    /** As far as this machine has and permits them: {@link #applied} and {@link #missing} say which. */
    static OwnLimits set(AdmissionPolicy policy) throws InterruptedException {
        OwnLimits limits = new OwnLimits();
        try {
            limits.set(policy.addressBytes(), policy.cpuSeconds());
        } catch (IOException e) {
            limits.missing.add("prlimit: " + e.getMessage());
        }
        return limits;
    }

    private void set(long addressBytes, long cpuSeconds) throws IOException, InterruptedException {
        if (!Files.isExecutable(ProcessLimits.PRLIMIT) || !Files.isReadable(LIMITS)) {
            missing.add("prlimit: there is no " + ProcessLimits.PRLIMIT + ", or no " + LIMITS);
            return;
        }
        List<String> had = List.of("--as=" + soft(ADDRESSES) + ":", "--cpu=" + soft(SECONDS) + ":");
        Duration used = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
        List<String> wanted =
                List.of("--as=" + (taken() + addressBytes) + ":", "--cpu=" + (used.toSeconds() + 1 + cpuSeconds) + ":");
        if (prlimit(wanted)) {
            before.addAll(had);
            applied.add("prlimit --pid --as: " + addressBytes + " bytes more than before");
            applied.add("prlimit --pid --cpu: " + cpuSeconds + " s more than before");
        } else {
            missing.add("prlimit: this process may not change its limits");
        }
    }

    /** The soft limit in force: a number or {@code unlimited}. */
    private static String soft(String name) throws IOException {
        for (String line : Files.readAllLines(LIMITS)) {
            if (line.startsWith(name)) {
                return line.substring(name.length()).strip().split("\\s+")[0];
            }
        }
        throw new IOException(LIMITS + " has no line '" + name + "'");
    }

    private static long taken() throws IOException {
        return Long.parseLong(Files.readString(SIZES).split(" ")[0]) * PAGE_BYTES;
    }

    private static boolean prlimit(List<String> limits) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                ProcessLimits.PRLIMIT.toString(),
                "--pid",
                Long.toString(ProcessHandle.current().pid())));
        command.addAll(limits);
        return ProcessLimits.succeeds(command);
    }

    List<String> applied() {
        return List.copyOf(applied);
    }

    List<String> missing() {
        return List.copyOf(missing);
    }

    /** Gives back the limits that were in force before. */
    @Override
    public void close() {
        if (before.isEmpty()) {
            return;
        }
        try {
            if (!prlimit(before)) {
                throw new IllegalStateException("prlimit cannot give back " + before);
            }
        } catch (IOException e) {
            throw new IllegalStateException("prlimit cannot give back " + before, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
