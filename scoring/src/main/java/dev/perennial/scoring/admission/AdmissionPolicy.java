package dev.perennial.scoring.admission;

import dev.perennial.scoring.python.PythonLimits;
import java.time.Duration;

/**
 * Limits of a process that looks at a model.
 *
 * @param wall time from its start to its end
 * @param cpuSeconds processor time
 * @param addressBytes address space
 * @param residentBytes memory that it really takes, looked at 20 times a second
 * @param fileBytes largest file that it may write
 * @param openFiles files that it may have open
 */
public record AdmissionPolicy(
        Duration wall, long cpuSeconds, long addressBytes, long residentBytes, long fileBytes, int openFiles) {
    private static final long GIBIBYTE = 1L << 30;
    private static final int ADDRESS_FACTOR = 6;
    private static final int RESIDENT_FACTOR = 4;
    private static final int OPEN_FILES = 256;
    private static final long FILE_BYTES = 128L << 20;
    private static final int CPU_SECONDS = 60;
    private static final int PYTHON_SECONDS = 180;

    /** For a model file of that size: a minute, 4 GiB of addresses and 1 GiB of memory beside what the file needs. */
    public static AdmissionPolicy standard(long modelBytes) {
        return new AdmissionPolicy(
                Duration.ofSeconds(CPU_SECONDS),
                CPU_SECONDS,
                4 * GIBIBYTE + ADDRESS_FACTOR * modelBytes,
                GIBIBYTE + RESIDENT_FACTOR * modelBytes,
                FILE_BYTES,
                OPEN_FILES);
    }

    /**
     * For a Python model whose files have that size: three minutes, since its libraries may take one to load; its interpreter has the
     * limits of serving besides, for which there are addresses.
     *
     * @param memoryBytes what its interpreter may take; 0: the default
     */
    public static AdmissionPolicy python(long folderBytes, long memoryBytes) {
        PythonLimits own = PythonLimits.DEFAULT.withResident(memoryBytes);
        return new AdmissionPolicy(
                Duration.ofSeconds(PYTHON_SECONDS),
                PYTHON_SECONDS,
                2 * GIBIBYTE + Math.max(PythonLimits.DEFAULT.addressBytes(), own.addressBytes()),
                GIBIBYTE,
                FILE_BYTES + folderBytes,
                OPEN_FILES);
    }
}
