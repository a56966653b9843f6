package dev.perennial.scoring.admission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.Program;
import dev.perennial.kernel.StartCache;
import dev.perennial.scoring.ModelLoader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A process that looks at a model and may die of it: what crashes, hangs or takes all memory ends that process and becomes a refusal with
 * a reason, not the end of the worker. Costs the start of a JVM: 0.6 s of processor time, half of that with the start cache of the worker.
 *
 * @param java flags of the process and its main class; the class path is that of this process
 */
record AdmissionProcess(List<String> java, AdmissionPolicy policy) {
    private static final long LOOK_MILLIS = 50;
    private static final int WORDS_MAX = 2_000;
    private static final int PAGE_BYTES = 4096;
    private static final int SAID_BYTES_MAX = 1 << 20;
    private static final int GRACE_SECONDS = 5;
    private static final long MEBIBYTE = 1 << 20;
    private static final long HEAP_MEBIBYTES = 256;
    private static final int HEAP_FACTOR = 4;

    AdmissionProcess {
        java = List.copyOf(java);
    }

    /** In a JVM whose memory beside the heap fits into the limit of addresses. */
    static AdmissionProcess standard(long modelBytes) {
        return with(AdmissionPolicy.standard(modelBytes), HEAP_MEBIBYTES);
    }

    /** The same for a file that our own Java reads, whose heap grows with the file. */
    static AdmissionProcess ours(long modelBytes) {
        long read = Math.min(modelBytes, ModelLoader.HEAP_BYTES_MAX); // a larger file is refused by its size
        return with(AdmissionPolicy.standard(read), HEAP_MEBIBYTES + HEAP_FACTOR * Math.ceilDiv(read, MEBIBYTE));
    }

    /** The same for a Python model whose files have that size. */
    static AdmissionProcess python(long folderBytes, long memoryBytes) {
        return with(AdmissionPolicy.python(folderBytes, memoryBytes), HEAP_MEBIBYTES);
    }

    private static AdmissionProcess with(AdmissionPolicy policy, long heapMebibytes) {
        List<String> java = new ArrayList<>(Program.WORKER.flags());
        java.addAll(startCache());
        java.addAll(List.of(
                "-Xmx" + heapMebibytes + "m",
                "-XX:-UsePerfData",
                "-XX:ReservedCodeCacheSize=64m",
                "-XX:CompressedClassSpaceSize=64m",
                AdmissionChild.class.getName()));
        return new AdmissionProcess(java, policy);
    }

    /** The worker's start cache is good for any program with its class path and flags. */
    private static List<String> startCache() {
        Path first = Path.of(classPath().split(File.pathSeparator, 2)[0]).toAbsolutePath();
        Path folder = first.getParent();
        if (folder == null || !first.toString().endsWith(".jar") || !Files.isReadable(StartCache.file(folder))) {
            return List.of();
        }
        return StartCache.flags(folder);
    }

    private static String classPath() {
        return System.getProperty("java.class.path");
    }

    AdmissionEvidence admit(Path natives, Path manifest, Path model) throws IOException, InterruptedException {
        return admit(natives, manifest, model, null);
    }

    AdmissionEvidence admit(Path natives, Path manifest, Path model, Admission.@Nullable PythonPlace python)
            throws IOException, InterruptedException {
        Files.createDirectories(natives);
        Path said = Files.createTempFile("perennial-admission-", ".out");
        Path words = Files.createTempFile("perennial-admission-", ".log");
        try {
            ProcessLimits limits = ProcessLimits.around(
                    command(natives, manifest, model, python), policy, needed(natives, manifest, model, python));
            Process process = start(limits.command(), said, words);
            try {
                String ended = watch(process);
                return judge(limits, process, ended, said, words);
            } finally {
                process.destroyForcibly();
            }
        } finally {
            Files.delete(said);
            Files.delete(words);
        }
    }

    private List<String> command(Path natives, Path manifest, Path model, Admission.@Nullable PythonPlace python) {
        List<String> command = new ArrayList<>(List.of(javaProgram().toString()));
        command.addAll(java);
        long seconds = policy.wall().toSeconds() + GRACE_SECONDS;
        Stream.of(natives, manifest, model)
                .map(path -> path.toAbsolutePath().toString())
                .forEach(command::add);
        command.add(Long.toString(seconds));
        if (python != null) {
            command.addAll(List.of(
                    python.blobs().toAbsolutePath().toString(),
                    python.environments().toAbsolutePath().toString(),
                    python.environment(),
                    Long.toString(python.memoryBytes())));
        }
        return command;
    }

    private static Path javaProgram() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    private static List<Path> needed(Path natives, Path manifest, Path model, Admission.@Nullable PythonPlace python) {
        List<Path> needed = new ArrayList<>(List.of(javaProgram(), natives, manifest, model));
        if (python != null) {
            Path environment = python.environments().resolve(python.environment());
            needed.addAll(List.of(python.blobs(), environment.resolve("bin").resolve("python")));
        }
        for (String entry : classPath().split(File.pathSeparator)) {
            if (!entry.isEmpty()) {
                needed.add(Path.of(entry).toAbsolutePath());
            }
        }
        return needed;
    }

    private static Process start(List<String> command, Path said, Path words) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        String path = System.getenv("PATH");
        Map<String, String> environment = builder.environment();
        environment.clear(); // nothing of the platform's is a model's business
        environment.put("PATH", path == null ? "/usr/bin:/bin" : path);
        environment.put("MALLOC_ARENA_MAX", "2");
        // not a flag: ONNX Runtime 1.29 crashes at its start in a process whose command line is longer than some 4,000
        // characters
        environment.put("CLASSPATH", classPath());
        return builder.redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(said.toFile())
                .redirectError(words.toFile())
                .start();
    }

    /** Waits for the end; why it was ended, empty when it ended itself. */
    private String watch(Process process) throws InterruptedException {
        long deadline = System.nanoTime() + policy.wall().toNanos();
        while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
            if (System.nanoTime() - deadline > 0) {
                return "it was not ready within " + policy.wall().toMillis() + " ms";
            }
            if (residentBytes(process.pid()) > policy.residentBytes()) {
                return "it takes more than " + policy.residentBytes() + " bytes of memory";
            }
        }
        return "";
    }

    private AdmissionEvidence judge(ProcessLimits limits, Process process, String ended, Path said, Path words)
            throws IOException {
        ObjectNode evidence = found(said);
        ObjectNode bounds = evidence.putObject("limits");
        bounds.set("applied", Json.tree(limits.applied()));
        bounds.withArray("applied")
                .add("watchdog: " + policy.residentBytes() + " resident bytes every " + LOOK_MILLIS + " ms")
                .add("wall: " + policy.wall().toMillis() + " ms");
        bounds.set("missing", Json.tree(limits.missing()));
        if (!ended.isEmpty()) {
            return refused(ended, evidence);
        }
        int exit = process.exitValue();
        JsonNode reason = evidence.remove(AdmissionChild.REASON);
        if (exit == 0 && reason == null && evidence.has("latency")) {
            return new AdmissionEvidence(AdmissionEvidence.ADMITTED, "", evidence);
        }
        String why = exit == AdmissionChild.REFUSED && reason != null
                ? reason.asText()
                : "the process ended with " + exit + ": " + tail(words);
        return refused(why, evidence);
    }

    private static AdmissionEvidence refused(String why, ObjectNode evidence) {
        return new AdmissionEvidence(AdmissionEvidence.REFUSED, why, evidence);
    }

    /** The last line of what it said, when that is a JSON object: a model may have written before it. */
    private static ObjectNode found(Path said) throws IOException {
        if (Files.size(said) > SAID_BYTES_MAX) {
            return Json.object();
        }
        String text = text(said).strip();
        @Nullable JsonNode last = null;
        try {
            last = Json.parse(text.substring(text.lastIndexOf('\n') + 1));
        } catch (PerennialException e) {
            return Json.object(); // it died before it could say anything
        }
        return last instanceof ObjectNode object ? object : Json.object();
    }

    private static String tail(Path words) throws IOException {
        String text = text(words).strip();
        return text.substring(0, Math.min(text.length(), WORDS_MAX));
    }

    private static String text(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(SAID_BYTES_MAX), StandardCharsets.UTF_8);
        }
    }

    /** 0 when the system does not tell. */
    static long residentBytes(long pid) {
        try {
            String pages = Files.readString(Path.of("/proc", Long.toString(pid), "statm"));
            return Long.parseLong(pages.split(" ")[1]) * PAGE_BYTES;
        } catch (IOException e) {
            return 0; // ended meanwhile, or not Linux
        }
    }
}
