package dev.perennial.scoring.python;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Folders;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Environments of Python models: {@code FOLDER/DIGEST}, made once with {@code venv} and {@code pip} and used by every model that asks for
 * the same. The digest names the interpreter's full version, the platform, pip's version and the requirements. An environment without its
 * file {@code complete.json} is half built and made anew; two processes that want the same one wait for each other. Thread-safe.
 */
public final class PythonEnvironments {
    private static final String COMPLETE = "complete.json";
    private static final Duration VENV = Duration.ofMinutes(2);
    private static final long LOCK_MILLIS = 100;
    private static final String FACTS = "import sys, json, platform, sysconfig, ensurepip, venv;"
            + " print(json.dumps({'python': '%d.%d.%d' % sys.version_info[:3], 'abi': sys.implementation.cache_tag,"
            + " 'platform': sysconfig.get_platform(), 'libc': '-'.join(platform.libc_ver()),"
            + " 'pip': ensurepip.version()}))";

    private final Path folder;
    private final Map<String, String> machine;

    /** @param folder where they are; made when the first one is */
    public PythonEnvironments(Path folder) {
        this(folder, System.getenv());
    }

    /** @param machine variables of this process: the search path, and where pip finds its index */
    PythonEnvironments(Path folder, Map<String, String> machine) {
        this.folder = folder.toAbsolutePath();
        this.machine = Map.copyOf(machine);
    }

    /**
     * What an environment is asked for.
     *
     * @param minor whether another release of the same minor version will do
     * @param dirs more folders with interpreters than those of the search path; parts of their paths may be {@code *}
     * @param limit time for pip
     */
    public record Request(
            PythonVersion python, boolean minor, List<String> requirements, List<String> dirs, Duration limit) {
        public Request {
            requirements = Requirements.normalised(requirements);
            dirs = List.copyOf(dirs);
        }

        /** What a model asks for. */
        public static Request of(PythonSpec spec, List<String> dirs, Duration limit) {
            return new Request(PythonVersion.parse(spec.version()), spec.minor(), spec.requirements(), dirs, limit);
        }
    }

    /**
     * An environment that is there.
     *
     * @param built whether it was made now
     * @param bytes what it takes on the disk
     */
    public record Prepared(Digest digest, String python, String pip, boolean built, long bytes) {}

    /** Whether the whole environment is there. */
    public boolean has(Digest digest) {
        return Files.exists(folder.resolve(digest.hex()).resolve(COMPLETE));
    }

    /**
     * Makes the environment unless it is there; nothing is fetched when it is.
     *
     * @throws PerennialException INVALID_ARGUMENT when this machine lacks the interpreter, INVALID_STATE when pip fails, with the end of
     *     its output, UNAVAILABLE when it takes too long
     */
    public Prepared prepare(Request request) throws IOException, InterruptedException {
        Path interpreter = new PythonFinder(PythonFinder.folders(machine.get("PATH"), request.dirs()))
                .find(request.python(), request.minor());
        ObjectNode facts = facts(interpreter);
        facts.set("requirements", Json.tree(request.requirements()));
        Digest digest = Json.digest(facts);
        Files.createDirectories(folder);
        Path place = folder.resolve(digest.hex());
        try (FileChannel channel = FileChannel.open(
                        folder.resolve(digest.hex() + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = lock(channel)) {
            boolean there = Files.exists(place.resolve(COMPLETE));
            if (!there) {
                build(interpreter, place, request);
            }
            complete(place, facts); // also says when it was asked for the last time
            return new Prepared(
                    digest,
                    facts.path("python").asText(),
                    facts.path("pip").asText(),
                    !there,
                    lock.isValid() ? bytes(place) : 0);
        }
    }

    private static ObjectNode facts(Path interpreter) throws IOException, InterruptedException {
        JsonNode facts = PythonFinder.ask(interpreter, FACTS)
                .map(Json::parse)
                .orElseThrow(() -> PerennialException.invalid(
                        "python",
                        interpreter
                                + " has no 'venv' and 'ensurepip'; install them, as the package python3-venv does"));
        return (ObjectNode) facts;
    }

    /** Waits for whoever makes the same environment, here or in another process. */
    private static FileLock lock(FileChannel channel) throws IOException, InterruptedException {
        while (true) {
            try {
                FileLock lock = channel.tryLock();
                if (lock != null) {
                    return lock;
                }
            } catch (OverlappingFileLockException e) {
                // another thread of this process has it
            }
            Thread.sleep(LOCK_MILLIS);
        }
    }

    private void build(Path interpreter, Path place, Request request) throws IOException, InterruptedException {
        Path output = folder.resolve(place.getFileName() + ".log");
        BoundedRun.endOther(output); // of a killed process, and still writing
        if (Files.exists(place)) {
            Folders.remove(place); // half built
        }
        boolean whole = false;
        Path list = folder.resolve(place.getFileName() + ".txt");
        try {
            run("venv", List.of(interpreter.toString(), "-I", "-m", "venv", place.toString()), VENV, output);
            if (!request.requirements().isEmpty()) {
                Files.write(list, request.requirements());
                run("pip", pip(place, list), request.limit(), output);
            }
            whole = true;
        } finally {
            Files.deleteIfExists(list);
            Files.deleteIfExists(output);
            if (!whole && Files.exists(place)) {
                Folders.remove(place);
            }
        }
    }

    private static List<String> pip(Path place, Path list) {
        return List.of(
                python(place).toString(),
                "-m",
                "pip",
                "install",
                "--no-input",
                "--disable-pip-version-check",
                "--progress-bar",
                "off",
                "-r",
                list.toString());
    }

    private void run(String what, List<String> command, Duration limit, Path output)
            throws IOException, InterruptedException {
        BoundedRun.Ended ended = new BoundedRun(command, environment(), limit, output).run();
        if (ended.overdue()) {
            throw new PerennialException(
                    ErrorCode.UNAVAILABLE,
                    what + " did not end within " + limit.toSeconds() + " s; the end of its output:\n" + ended.tail());
        }
        if (ended.exit() != 0) {
            throw PerennialException.state(
                    what + " ended with exit code " + ended.exit() + "; the end of its output:\n" + ended.tail());
        }
    }

    /** Where pip finds its index is this machine's business; nothing else of our variables is pip's. */
    private Map<String, String> environment() {
        Map<String, String> environment = new TreeMap<>();
        machine.forEach((name, value) -> {
            String upper = name.toUpperCase(java.util.Locale.ROOT);
            boolean wanted = upper.startsWith("PIP_")
                    || upper.endsWith("_PROXY")
                    || List.of("PATH", "HOME", "TMPDIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
                            .contains(name);
            if (wanted) {
                environment.put(name, value);
            }
        });
        environment.put("LANG", "C.UTF-8");
        return environment;
    }

    private static void complete(Path place, ObjectNode facts) throws IOException {
        Path temporary = place.resolve(COMPLETE + ".new");
        Files.writeString(temporary, Json.canonical(facts));
        Files.move(temporary, place.resolve(COMPLETE), StandardCopyOption.ATOMIC_MOVE);
    }

    private static long bytes(Path place) throws IOException {
        try (Stream<Path> files = Files.walk(place)) {
            return files.filter(file -> Files.isRegularFile(file, java.nio.file.LinkOption.NOFOLLOW_LINKS))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (UncheckedIOException e) {
            throw new IOException("cannot look through " + place, e);
        }
    }

    private static Path python(Path place) {
        return place.resolve("bin").resolve("python");
    }

    /**
     * The interpreter of an environment that was prepared for a model.
     *
     * @throws PerennialException when it is not there or was made for another version of Python
     */
    Path interpreter(@Nullable String digest, PythonSpec spec) {
        if (digest == null) {
            throw PerennialException.invalid(
                    "environment", "a Python model needs an environment; the configuration names none");
        }
        Path place = folder.resolve(new Digest(digest).hex());
        if (!Files.exists(place.resolve(COMPLETE)) || !Files.isExecutable(python(place))) {
            throw PerennialException.state("environment " + digest + " is not in " + folder
                    + "; prepare it on this machine, as deploying the version again does");
        }
        try {
            String has = Json.parse(Files.readString(place.resolve(COMPLETE)))
                    .path("python")
                    .asText();
            boolean fits = PythonVersion.parse(has).sameMinor(PythonVersion.parse(spec.version()));
            if (!fits) {
                throw PerennialException.state("environment " + digest + " has Python " + has
                        + ", the model was written by " + spec.version());
            }
        } catch (IOException e) {
            throw new PerennialException(ErrorCode.UNAVAILABLE, "cannot read " + place.resolve(COMPLETE), null, e);
        }
        return python(place);
    }
}
