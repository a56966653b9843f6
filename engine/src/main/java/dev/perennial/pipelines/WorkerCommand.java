package dev.perennial.pipelines;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * How a worker process is started.
 *
 * @param java the java binary
 * @param classPath of the worker program
 * @param mainClass of the worker program
 * @param jvmFlags memory, collector, native access, perhaps an AOT cache
 * @param serverUrl where the server listens, asked at each launch
 * @param dataDir of the server
 * @param tokenFile holds the secret of the internal routes
 */
public record WorkerCommand(
        Path java,
        String classPath,
        String mainClass,
        List<String> jvmFlags,
        Supplier<String> serverUrl,
        Path dataDir,
        Path tokenFile) {
    /** Main class of the worker program. */
    public static final String MAIN = "dev.perennial.worker.WorkerMain";

    public WorkerCommand {
        jvmFlags = List.copyOf(jvmFlags);
    }

    List<String> line(String name, RunId run) {
        List<String> line = new ArrayList<>();
        line.add(java.toString());
        line.addAll(jvmFlags);
        line.addAll(List.of("-cp", classPath, mainClass));
        line.addAll(List.of("--server", serverUrl.get(), "--run", run.text(), "--worker", name));
        line.addAll(List.of("--dir", dataDir.toString(), "--token-file", tokenFile.toString()));
        return line;
    }
}
