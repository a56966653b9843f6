package dev.perennial.scoring.python;

import dev.perennial.kernel.Folders;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.ModelResources;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Loads Python models, each into processes of its own: the interpreter of a prepared environment, which gets the model's files as a
 * read-only copy, talks over a Unix socket in a private folder and ends with this process. Thread-safe; lives as long as the process.
 *
 * <p>Cost of a call beside the model: 1.5 ms of processor time for one row, nearly all of it pandas and MLflow's own look at the frame (a
 * ping costs 0.1 ms). Start of a process: 1.7 s, nearly all of it {@code import mlflow}.
 */
public final class PythonRuntime {
    private static final String SCRIPT = "perennial_child.py";

    private final Path blobs;
    private final PythonEnvironments environments;
    private final Path work;
    private final PythonLimits limits;
    private final AtomicLong folders = new AtomicLong();

    /**
     * The kernel ends a child when the thread that started it ends, not when the process does: hence one thread for all, which never
     * ends.
     */
    private final ExecutorService spawner = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("python-spawner").factory());

    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("python-watchdog").factory());

    /**
     * @param blobs store of model files by digest
     * @param environments folder of prepared environments
     * @param work a folder of this process alone, for copies of models; what an earlier process left there is removed
     */
    public PythonRuntime(Path blobs, Path environments, Path work, PythonLimits limits) {
        this.blobs = blobs;
        this.environments = new PythonEnvironments(environments);
        this.work = work;
        this.limits = limits;
        timer.setRemoveOnCancelPolicy(true);
    }

    PythonLimits limits() {
        return limits;
    }

    ScheduledThreadPoolExecutor timer() {
        return timer;
    }

    /** Starts a process on the thread that lives as long as this one. */
    Process spawn(ProcessBuilder builder) throws IOException {
        try {
            return CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return builder.start();
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            },
                            spawner)
                    .join();
        } catch (CompletionException e) {
            throw new IOException("cannot start " + builder.command() + ": " + e.getCause(), e);
        }
    }

    /**
     * Loads a model; returns when its process has it.
     *
     * @param environment digest of the environment that was prepared for it
     * @throws PerennialException when the environment is not there, files are missing, or Python refuses the model
     */
    public Model load(ModelManifest manifest, @Nullable String environment) {
        return load(manifest, environment, ModelResources.DEFAULT);
    }

    /**
     * @param resources how many processes the model has, and what each may use
     * @throws PerennialException as above
     */
    public Model load(ModelManifest manifest, @Nullable String environment, ModelResources resources) {
        PythonSpec spec = Objects.requireNonNull(manifest.python(), "a manifest of format python");
        Path interpreter = environments.interpreter(environment, spec);
        PythonHome home = home(manifest);
        try {
            PythonPool pool = PythonPool.open(this, interpreter, home, manifest, resources);
            return manifest.columns() == null
                    ? new PythonModel(pool, manifest)
                    : new PythonTabularModel(pool, manifest.signature(), spec);
        } catch (PerennialException e) {
            home.close();
            throw e;
        }
    }

    private PythonHome home(ModelManifest manifest) {
        try {
            if (folders.get() == 0) {
                begin();
            }
            return PythonHome.make(work.resolve(Long.toString(folders.incrementAndGet())), blobs, manifest.files());
        } catch (IOException e) {
            throw PerennialException.internal("cannot copy the files of the model: " + e, e);
        }
    }

    private synchronized void begin() throws IOException {
        if (Files.exists(script())) {
            return;
        }
        if (Files.exists(work)) {
            Folders.remove(work);
        }
        PythonHome.privateFolder(work);
        try (InputStream in = Objects.requireNonNull(PythonRuntime.class.getResourceAsStream(SCRIPT))) {
            Files.copy(in, script());
        }
    }

    Path script() {
        return work.resolve(ProcessHandle.current().pid() + "-" + SCRIPT);
    }

    /** What stands before the name of the script, so that nothing of the user's own Python gets in. */
    static List<String> flags() {
        return Stream.of("-I", "-B", "-X", "utf8").toList();
    }
}
