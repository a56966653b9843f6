package dev.perennial.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What processes have used, as {@code /proc} tells it: processor time to ten milliseconds, resident memory. Linux only. */
final class ProcessUse {
    private static final double MILLIS_PER_TICK = 10;
    private static final int USER_TIME_AFTER_NAME = 11;
    private static final int CHILD_USER_TIME_AFTER_NAME = 13;
    private static final double KIBIBYTES = 1_024;
    private static final Pattern COMPILER = Pattern.compile("C[12] Compiler");
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

    private ProcessUse() {}

    /** User and system time of a process. */
    static double cpuMillis(long pid) throws IOException {
        return millis(Long.toString(pid), USER_TIME_AFTER_NAME);
    }

    /** User and system time of this process's ended children. */
    static double childrenCpuMillis() throws IOException {
        return millis("self", CHILD_USER_TIME_AFTER_NAME);
    }

    /** User and system time of a JVM's compilers; 0 of a process that has none. */
    static double compilersCpuMillis(long pid) throws IOException {
        double sum = 0;
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path thread : threads.toList()) {
                Path name = thread.resolve("comm");
                if (Files.exists(name)
                        && COMPILER.matcher(Files.readString(name)).lookingAt()) {
                    sum += millis(pid + "/task/" + thread.getFileName(), USER_TIME_AFTER_NAME);
                }
            }
        }
        return sum;
    }

    /** Resident memory; 0 of a process that has just ended. */
    static double mebibytes(long pid) throws IOException {
        Matcher resident = RESIDENT.matcher(Files.readString(Path.of("/proc", Long.toString(pid), "status")));
        return resident.find() ? Long.parseLong(resident.group(1)) / KIBIBYTES : 0;
    }

    /** The user time at this field and the system time behind it. */
    private static double millis(String process, int user) throws IOException {
        String text = Files.readString(Path.of("/proc/" + process + "/stat"));
        String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
        return MILLIS_PER_TICK * (Long.parseLong(fields[user]) + Long.parseLong(fields[user + 1]));
    }
}
