package dev.perennial.pipelines;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.ProcessIdentity;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Starts workers as processes of this machine that outlive the server. Each has a folder {@code workers/NAME} with {@code pid} (number,
 * start time, boot), {@code log} and, once it ended by itself, {@code exit.json}. The folder is made by the process itself, before
 * anything else: of two launches of one name the second ends at once. Needs Linux: {@code setsid} and {@code /proc}.
 */
public final class LocalLauncher implements WorkerLauncher {
    /** A folder without a process number for so long belongs to a launch that died. */
    private static final long CLAIM_MILLIS = 5_000;

    private static final long KILL_WAIT_MILLIS = 5_000;
    private static final String PID = "pid";
    private static final String LOG = "log";
    private static final String EXIT = "exit.json";

    /** $1 is the folder, the rest the command. The shell becomes the command, so number and start time stay true. */
    private static final String WRAPPER = """
            dir=$1; shift
            mkdir "$dir" 2>/dev/null || exit 0
            exec >"$dir/log" 2>&1 </dev/null
            started() { read -r line <"/proc/$$/stat"; set -- ${line##*) }; echo "${20}"; }
            read -r boot </proc/sys/kernel/random/boot_id
            printf '%s %s %s\\n' "$$" "$(started)" "$boot" >"$dir/pid.tmp" && mv "$dir/pid.tmp" "$dir/pid"
            exec "$@"
            """;

    private final Path folder;
    private final WorkerCommand command;
    private final InstantSource clock;

    /** @param folder {@code workers} in the data directory; made when absent */
    public LocalLauncher(Path folder, WorkerCommand command, InstantSource clock) {
        this.folder = folder.toAbsolutePath();
        this.command = command;
        this.clock = clock;
        try {
            Files.createDirectories(this.folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create the folder of worker processes " + this.folder, e);
        }
    }

    @Override
    public void launch(String name, RunId run, Runnable ended) {
        List<String> line = new ArrayList<>(List.of(
                "setsid", "sh", "-c", WRAPPER, "perennial-worker", dir(name).toString()));
        line.addAll(command.line(name, run));
        try {
            Process process = new ProcessBuilder(line)
                    .directory(folder.toFile())
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.DISCARD)
                    .start();
            process.onExit().thenRun(ended);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start a worker process: setsid and sh must be on the PATH", e);
        }
    }

    @Override
    public Presence find(String name) {
        Path dir = dir(name);
        if (!Files.isDirectory(dir)) {
            return new Presence.Absent();
        }
        try {
            Optional<ProcessIdentity> identity = identity(name);
            if (identity.isEmpty()) {
                long age = clock.millis() - Files.getLastModifiedTime(dir).toMillis();
                return age < CLAIM_MILLIS
                        ? new Presence.Running(0)
                        : new Presence.Gone(OptionalInt.empty(), "it never started");
            }
            return identity.get().alive() ? new Presence.Running(identity.get().pid()) : gone(name);
        } catch (IOException e) {
            return new Presence.Unknown(String.valueOf(e.getMessage()));
        }
    }

    private Presence gone(String name) throws IOException {
        try {
            JsonNode exit = Json.parse(Files.readAllBytes(dir(name).resolve(EXIT)));
            return new Presence.Gone(
                    OptionalInt.of(exit.path("code").asInt()),
                    exit.path("message").asText());
        } catch (NoSuchFileException e) {
            return new Presence.Gone(OptionalInt.empty(), "it died without a word");
        }
    }

    @Override
    public void stop(String name, boolean force) {
        Optional<ProcessIdentity> identity;
        try {
            identity = identity(name);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the process number of worker " + name, e);
        }
        if (identity.isPresent() && !identity.get().group().isEmpty()) {
            signal(identity.get().pid(), force ? "KILL" : "TERM");
        }
    }

    private static void signal(long group, String signal) {
        try {
            Process kill = new ProcessBuilder("sh", "-c", "kill -s " + signal + " -- -" + group)
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.DISCARD)
                    .start();
            kill.waitFor(KILL_WAIT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot send " + signal + " to process group " + group, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public List<String> alive() {
        try (Stream<Path> dirs = Files.list(folder)) {
            return dirs.map(dir -> dir.getFileName().toString())
                    .filter(name -> find(name) instanceof Presence.Running)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list the worker processes in " + folder, e);
        }
    }

    @Override
    public long logSize(String name) {
        return dir(name).resolve(LOG).toFile().length();
    }

    @Override
    public byte[] log(String name, long offset, int bytesMax) {
        try (RandomAccessFile file = new RandomAccessFile(dir(name).resolve(LOG).toFile(), "r")) {
            int length = (int) Math.max(0, Math.min(bytesMax, file.length() - offset));
            byte[] bytes = new byte[length];
            file.seek(offset);
            file.readFully(bytes);
            return bytes;
        } catch (FileNotFoundException e) {
            return new byte[0];
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the log of worker " + name, e);
        }
    }

    @Override
    public void prune(int keep) {
        String[] names = folder.toFile().list();
        if (names == null || names.length <= keep) {
            return;
        }
        Arrays.stream(names)
                .filter(name -> find(name) instanceof Presence.Gone)
                .sorted(Comparator.reverseOrder()) // a name begins with the run's id, which begins with its time
                .skip(keep)
                .forEach(name -> {
                    for (String file : List.of(PID, LOG, EXIT)) {
                        dir(name).resolve(file).toFile().delete();
                    }
                    dir(name).toFile().delete();
                });
    }

    private Optional<ProcessIdentity> identity(String name) throws IOException {
        return ProcessIdentity.read(dir(name).resolve(PID));
    }

    private Path dir(String name) {
        if (name.isEmpty() || name.contains("/") || name.startsWith(".")) {
            throw PerennialException.invalid("worker", "worker name '" + name + "' is not the name of a folder");
        }
        return folder.resolve(name);
    }
}
