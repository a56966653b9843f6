package dev.perennial.serving;

import dev.perennial.kernel.Folders;
import dev.perennial.store.Database;
import dev.perennial.tracking.Leftovers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes environments of Python models that no variant of an endpoint and no scoring job names, that no process of this machine runs in,
 * and that nobody asked for lately. Deploying a version again makes its environment again. Thread-safe, also beside whoever makes one.
 */
public final class EnvironmentSweep implements Leftovers {
    private static final Logger LOG = LoggerFactory.getLogger(EnvironmentSweep.class);
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern INTERPRETER = Pattern.compile("/([0-9a-f]{64})/bin/python");
    /** Written anew whenever somebody asks for the environment, and the first that goes. */
    private static final String COMPLETE = "complete.json";

    private static final Path PROCESSES = Path.of("/proc");

    private final Database database;
    private final Path folder;

    /** @param folder of the environments of this installation; need not be there */
    public EnvironmentSweep(Database database, Path folder) {
        this.database = database;
        this.folder = folder.toAbsolutePath();
    }

    @Override
    public Swept look(Instant youngest) {
        List<String> names = due(youngest);
        long bytes =
                names.stream().mapToLong(name -> bytes(folder.resolve(name))).sum();
        return new Swept(names, bytes);
    }

    @Override
    public Swept delete(Instant youngest, BooleanSupplier goOn) {
        List<String> gone = new ArrayList<>();
        long bytes = 0;
        for (String name : due(youngest)) {
            if (!goOn.getAsBoolean()) {
                break;
            }
            long size = bytes(folder.resolve(name));
            if (removed(name, youngest)) {
                gone.add(name);
                bytes += size;
            }
        }
        return new Swept(gone, bytes);
    }

    private List<String> due(Instant youngest) {
        Set<String> needed = needed();
        Set<String> running = running();
        return names().stream()
                .filter(name -> !needed.contains(name) && !running.contains(name) && idle(name, youngest))
                .toList();
    }

    private Set<String> needed() {
        return database.read(sql ->
                new HashSet<>(sql.createQuery("select environment from endpoint_variant where environment is not null"
                                + " union select environment from scoring_job where environment is not null")
                        .mapTo(String.class)
                        .list()));
    }

    private List<String> names() {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(each -> Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS))
                    .map(each -> each.getFileName().toString())
                    .filter(name -> DIGEST.matcher(name).matches())
                    .sorted()
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look through " + folder, e);
        }
    }

    /** Environments whose interpreter a process of this machine runs, as its command line says. */
    private Set<String> running() {
        Set<String> running = new HashSet<>();
        try (Stream<Path> all = Files.list(PROCESSES)) {
            for (Path process : (Iterable<Path>) all::iterator) {
                INTERPRETER.matcher(commandLine(process)).results().forEach(found -> running.add(found.group(1)));
            }
        } catch (IOException e) {
            LOG.debug("this system does not tell its processes", e);
        }
        return running;
    }

    private static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // no process, or it has ended
        }
    }

    private boolean idle(String name, Instant youngest) {
        Path place = folder.resolve(name);
        try {
            Path told = Files.exists(place.resolve(COMPLETE)) ? place.resolve(COMPLETE) : place;
            return Files.getLastModifiedTime(told).toInstant().isBefore(youngest);
        } catch (IOException e) {
            return false; // it goes or comes at this moment
        }
    }

    /** Who makes or asks for an environment holds its lock: what is asked for meanwhile stays. */
    private boolean removed(String name, Instant youngest) {
        try (FileChannel channel = FileChannel.open(
                        folder.resolve(name + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock == null || !idle(name, youngest) || needed().contains(name)) {
                return false;
            }
            Path place = folder.resolve(name);
            Files.deleteIfExists(place.resolve(COMPLETE)); // from now on it counts as half built
            Folders.remove(place);
            LOG.info("environment removed digest={}", name);
            return true;
        } catch (OverlappingFileLockException e) {
            return false;
        } catch (IOException e) {
            LOG.warn("the environment {} cannot be removed", folder.resolve(name), e);
            return false;
        }
    }

    private static long bytes(Path place) {
        try (Stream<Path> files = Files.walk(place)) {
            return files.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException | UncheckedIOException e) {
            return 0; // it goes or comes at this moment
        }
    }
}
