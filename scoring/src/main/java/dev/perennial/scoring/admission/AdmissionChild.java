package dev.perennial.scoring.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Folders;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.python.PythonLimits;
import dev.perennial.scoring.python.PythonRuntime;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The program of a process that looks at one model: {@code AdmissionChild NATIVES MANIFEST MODEL SECONDS}, and of a Python model
 * {@code BLOBS ENVIRONMENTS ENVIRONMENT MEMORY} behind them. Writes what it found to
 * standard output as one line of JSON. Exit codes: 0 admitted, 10 refused; anything else is what native code did to it.
 */
final class AdmissionChild {
    static final int REFUSED = 10;
    static final String REASON = "reason";
    private static final int OVERDUE = 11;
    private static final long KIBIBYTE = 1024;
    private static final int PYTHON_ARGUMENTS = 8;

    private AdmissionChild() {}

    public static void main(String[] arguments) throws IOException {
        endAfter(Long.parseLong(arguments[3]));
        ObjectNode evidence = Json.object();
        int exit = 0;
        boolean python = arguments.length == PYTHON_ARGUMENTS;
        Path work = Files.createTempDirectory("perennial-admission-");
        try {
            ModelLoader loader = new ModelLoader(Path.of(arguments[0]), python ? runtime(work, arguments) : null);
            Admission.look(
                    loader, Path.of(arguments[1]), Path.of(arguments[2]), python ? arguments[6] : null, evidence);
        } catch (PerennialException | ModelFailure e) {
            evidence.put(REASON, String.valueOf(e.getMessage()));
            exit = REFUSED;
        } catch (OutOfMemoryError | StackOverflowError e) {
            evidence.put(REASON, "it needs more memory than a model may take: " + e);
            exit = REFUSED;
        }
        Folders.remove(work);
        evidence.put("peakResidentBytes", peakResidentBytes());
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8)
                .println(Json.write(evidence));
        System.exit(exit); // not halted: ONNX Runtime's hook must clean up, or its destructors crash
    }

    private static PythonRuntime runtime(Path work, String... arguments) {
        return new PythonRuntime(
                Path.of(arguments[4]),
                Path.of(arguments[5]),
                work.resolve("python"),
                PythonLimits.DEFAULT.withResident(Long.parseLong(arguments[7])));
    }

    /** Also ends when the process that watches this one is gone. */
    private static void endAfter(long seconds) {
        Thread.ofPlatform().daemon().name("own-end").start(() -> {
            try {
                if (!new CountDownLatch(1).await(seconds, TimeUnit.SECONDS)) {
                    Runtime.getRuntime().halt(OVERDUE);
                }
            } catch (InterruptedException e) {
                Runtime.getRuntime().halt(OVERDUE);
            }
        });
    }

    private static long peakResidentBytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return 0; // not Linux
        }
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * KIBIBYTE;
            }
        }
        return 0;
    }
}
