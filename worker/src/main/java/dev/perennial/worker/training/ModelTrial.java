package dev.perennial.worker.training;

import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.worker.StepFailure;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Loads a foreign model, and runs it on its input example, in a process that may die of it: native code that crashes, hangs or takes all
 * memory ends that process and becomes a failure with a clear message, not the end of the worker. Costs the start of a JVM, 0.4 s of
 * processor time, for each foreign model that a step loads.
 *
 * @param java flags of the process and its main class; the class path is that of this process
 * @param memoryBytesMax resident memory, looked at 20 times a second
 */
record ModelTrial(List<String> java, Duration limit, long memoryBytesMax) {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final long MEMORY_BYTES_MAX = 2L << 30;
    private static final int REFUSED = 10;
    private static final long LOOK_MILLIS = 50;
    private static final int WORDS_MAX = 2_000;
    private static final int PAGE_BYTES = 4096;

    ModelTrial {
        java = List.copyOf(java);
    }

    /** In a JVM like this one, within a minute and 2 GiB. */
    static ModelTrial standard() {
        return new ModelTrial(
                List.of(
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx640m",
                        "--enable-native-access=ALL-UNNAMED",
                        Trial.class.getName()),
                LIMIT,
                MEMORY_BYTES_MAX);
    }

    /**
     * @param role what the model is, for the message
     * @param natives folder in which native libraries are kept
     * @throws StepFailure when the model is refused or its process did not survive it
     */
    void run(String role, Path natives, Path manifest, Path model) throws IOException {
        Path words = Files.createTempFile("perennial-trial-", ".log");
        try {
            Process process = start(natives, manifest, model, words);
            try {
                judge(role, process, words);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StepFailure(StepFailure.Kind.INFRA, "interrupted while the " + role + " was tried");
            } finally {
                process.destroyForcibly();
            }
        } finally {
            Files.delete(words);
        }
    }

    private Process start(Path natives, Path manifest, Path model, Path words) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(java);
        command.addAll(List.of(natives.toString(), manifest.toString(), model.toString()));
        ProcessBuilder builder = new ProcessBuilder(command);
        // not a flag: ONNX Runtime 1.29 crashes at its start in a process whose command line is longer than some 4,000
        // characters
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        return builder.redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(words.toFile())
                .start();
    }

    private void judge(String role, Process process, Path words) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
            if (System.nanoTime() - deadline > 0) {
                throw failure(role, "it was not ready within " + limit.toMillis() + " ms");
            }
            if (residentBytes(process.pid()) > memoryBytesMax) {
                throw failure(role, "it takes more than " + memoryBytesMax + " bytes of memory");
            }
        }
        if (process.exitValue() == REFUSED) {
            throw failure(role, said(words));
        }
        if (process.exitValue() != 0) {
            throw failure(role, "its native code ended the process with " + process.exitValue() + ": " + said(words));
        }
    }

    private static StepFailure failure(String role, String why) {
        return new StepFailure(StepFailure.Kind.CONTRACT, "the " + role + " cannot be loaded: " + why);
    }

    private static String said(Path words) throws IOException {
        String text = new String(Files.readAllBytes(words), StandardCharsets.UTF_8).strip();
        return text.substring(0, Math.min(text.length(), WORDS_MAX));
    }

    /** 0 when the system does not tell. */
    private static long residentBytes(long pid) {
        try {
            String pages = Files.readString(Path.of("/proc", Long.toString(pid), "statm"));
            return Long.parseLong(pages.split(" ")[1]) * PAGE_BYTES;
        } catch (IOException e) {
            return 0; // ended meanwhile, or not Linux
        }
    }

    /** The program of the process. */
    static final class Trial {
        private Trial() {}

        public static void main(String[] arguments) throws IOException {
            byte[] manifest = Files.readAllBytes(Path.of(arguments[1]));
            byte[] model = Files.readAllBytes(Path.of(arguments[2]));
            try {
                new ModelLoader(Path.of(arguments[0])).load(manifest, model).close();
            } catch (PerennialException | ModelFailure e) {
                new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8)
                        .println(e.getMessage());
                System.exit(REFUSED); // not halted: ONNX Runtime's hook must clean up, or its destructors crash
            }
        }
    }
}
