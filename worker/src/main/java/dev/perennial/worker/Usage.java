package dev.perennial.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Processor time and peak memory of this process, from {@code /proc}: ten milliseconds exact, children that have ended included, and
 * without loading the management classes of the JDK. Other systems report the time alone.
 */
final class Usage {
    private static final Path STAT = Path.of("/proc/self/stat");
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");
    private static final int MILLIS_PER_TICK = 10;
    private static final int USER_TIME_AFTER_NAME = 11;
    private static final int TIMES = 4;
    private static final int BYTES_PER_KIB = 1024;

    private final long cpuMillisAtStart = cpuMillis();

    /** Starts to measure an attempt: the peak of memory begins anew. */
    static Usage start() {
        try {
            Files.writeString(CLEAR, "5");
        } catch (IOException e) {
            // not permitted or not Linux: the peak is that of the process
        }
        return new Usage();
    }

    long cpuMillisSinceStart() {
        return cpuMillis() - cpuMillisAtStart;
    }

    /** Processor time of this process and of its ended children. */
    static long cpuMillis() {
        try {
            String text = Files.readString(STAT);
            String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
            long ticks = 0;
            for (int i = 0; i < TIMES; i++) {
                ticks += Long.parseLong(fields[USER_TIME_AFTER_NAME + i]);
            }
            return ticks * MILLIS_PER_TICK;
        } catch (IOException e) {
            return ProcessHandle.current()
                    .info()
                    .totalCpuDuration()
                    .orElse(Duration.ZERO)
                    .toMillis();
        }
    }

    /** Peak resident memory since {@link #start}, 0 when the system does not tell. */
    static long peakRssBytes() {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith("VmHWM:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * BYTES_PER_KIB;
                }
            }
        } catch (IOException e) {
            return 0;
        }
        return 0;
    }
}
