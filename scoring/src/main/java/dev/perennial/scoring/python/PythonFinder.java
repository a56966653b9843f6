package dev.perennial.scoring.python;

import dev.perennial.kernel.PerennialException;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds interpreters by what they say of themselves. Not thread-safe. */
final class PythonFinder {
    private static final Duration ASK = Duration.ofSeconds(10);
    private static final String QUESTION =
            "import sys; v = sys.version_info; print('%d.%d.%d' % v[:3] if v[3] == 'final' else '')";

    private final List<Path> folders;
    private final Map<Path, Optional<PythonVersion>> asked = new LinkedHashMap<>();

    /** @param folders where interpreters may be, the preferred ones first */
    PythonFinder(List<Path> folders) {
        this.folders = List.copyOf(folders);
    }

    /**
     * The folders of a search path, then those of patterns.
     *
     * @param path as in the variable PATH
     * @param patterns folders; in each part of their paths {@code *} stands for anything
     */
    static List<Path> folders(@Nullable String path, List<String> patterns) throws IOException {
        Set<Path> folders = new LinkedHashSet<>();
        for (String folder : path == null ? new String[0] : path.split(File.pathSeparator)) {
            if (!folder.isEmpty()) {
                folders.add(Path.of(folder));
            }
        }
        for (String pattern : patterns) {
            Path whole = Path.of(pattern);
            if (!whole.isAbsolute()) {
                throw PerennialException.invalid(
                        "pythonDirs", "'" + pattern + "' must be an absolute path; parts of it may be *");
            }
            List<Path> found = List.of(whole.getRoot());
            for (Path part : whole) {
                found = expanded(found, part.toString());
            }
            folders.addAll(found);
        }
        return folders.stream().filter(Files::isDirectory).toList();
    }

    private static List<Path> expanded(List<Path> folders, String part) throws IOException {
        List<Path> next = new ArrayList<>();
        for (Path folder : folders) {
            if (part.indexOf('*') < 0) {
                next.add(folder.resolve(part));
            } else if (Files.isDirectory(folder)) {
                try (DirectoryStream<Path> matching = Files.newDirectoryStream(folder, part)) {
                    List<Path> sorted = new ArrayList<>();
                    matching.forEach(sorted::add);
                    sorted.sort(null);
                    next.addAll(sorted);
                }
            }
        }
        return next;
    }

    /**
     * An interpreter of that version, or, where any release of the minor version will do, the newest of those.
     *
     * @throws PerennialException naming those that were found, and how another release may be taken
     */
    Path find(PythonVersion wanted, boolean minor) throws IOException, InterruptedException {
        List<String> names = List.of("python" + wanted.major() + "." + wanted.minor(), "python3", "python");
        for (Path folder : folders) {
            for (String name : names) {
                Path candidate = folder.resolve(name);
                if (version(candidate).filter(wanted::equals).isPresent()) {
                    return candidate;
                }
            }
        }
        TreeMap<PythonVersion, Path> all = all();
        Path exact = all.get(wanted);
        if (exact != null) {
            return exact;
        }
        List<PythonVersion> alike =
                all.keySet().stream().filter(wanted::sameMinor).toList();
        if (minor && !alike.isEmpty()) {
            return Objects.requireNonNull(all.get(alike.getLast()));
        }
        throw lacking(wanted, minor, all.keySet(), alike);
    }

    private static PerennialException lacking(
            PythonVersion wanted, boolean minor, Set<PythonVersion> all, List<PythonVersion> alike) {
        String found = all.isEmpty()
                ? "no Python 3 was found"
                : "found were " + all.stream().map(PythonVersion::toString).collect(Collectors.joining(", "));
        String advice = minor || alike.isEmpty()
                ? "install it, or name its folder in the setting python-dirs"
                : "install it, or say 'python: minor' to accept " + alike.getLast() + " instead";
        return PerennialException.invalid(
                "python",
                "the model needs Python " + wanted
                        + (minor ? " or another " + wanted.major() + "." + wanted.minor() : "")
                        + ", which this machine does not have; " + found + "; " + advice);
    }

    /** Every Python 3 by version, the first found of each. */
    private TreeMap<PythonVersion, Path> all() throws IOException, InterruptedException {
        TreeMap<PythonVersion, Path> all = new TreeMap<>();
        for (Path folder : folders) {
            try (DirectoryStream<Path> candidates =
                    Files.newDirectoryStream(folder, "python{,3,3.[0-9],3.[0-9][0-9]}")) {
                for (Path candidate : candidates) {
                    version(candidate)
                            .filter(version -> version.major() == 3)
                            .ifPresent(version -> all.putIfAbsent(version, candidate));
                }
            }
        }
        return all;
    }

    private Optional<PythonVersion> version(Path candidate) throws IOException, InterruptedException {
        if (!Files.isRegularFile(candidate) || !Files.isExecutable(candidate)) {
            return Optional.empty();
        }
        Optional<PythonVersion> known = asked.get(candidate);
        if (known == null) {
            known = ask(candidate, QUESTION).flatMap(PythonFinder::parsed);
            asked.put(candidate, known);
        }
        return known;
    }

    private static Optional<PythonVersion> parsed(String text) {
        try {
            return Optional.of(PythonVersion.parse(text));
        } catch (PerennialException e) {
            return Optional.empty(); // not released yet, or no Python
        }
    }

    /** What an interpreter prints when it runs a line; empty when it fails. */
    static Optional<String> ask(Path interpreter, String line) throws IOException, InterruptedException {
        Path output = Files.createTempFile("perennial-python-", ".out");
        try {
            Map<String, String> environment = Map.of("PATH", "/usr/bin:/bin", "LANG", "C.UTF-8");
            BoundedRun.Ended ended =
                    new BoundedRun(List.of(interpreter.toString(), "-I", "-c", line), environment, ASK, output).run();
            return ended.exit() == 0 ? Optional.of(ended.tail()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // no program of this machine
        } finally {
            Files.deleteIfExists(output);
        }
    }
}
