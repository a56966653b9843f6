package dev.perennial.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A program's start cache: classes that the JVM keeps loaded and linked in a file beside the program's jars, which halves the processor
 * time of a start. It is recorded once for an installation. The JVM compares the cache with the sizes and times of the jars; a cache
 * that is older than a jar would be refused, which costs more than none, so it is left out here.
 */
public final class StartCache {
    /** System property of a server: its scorer and workers write their caches when they end. */
    public static final String RECORDING = "perennial.record-start-caches";

    private static final String ENDING = ".aot";
    private static final String NOTES_ENDING = ".aot.config";

    private StartCache() {}

    /**
     * What to add to a program's flags: the cache when it can be used, or that it is to be recorded, or nothing.
     *
     * @param program folder of the program's jars
     */
    public static List<String> flags(Path program) {
        Path cache = file(program);
        if (Boolean.getBoolean(RECORDING)) {
            return recording(program);
        }
        return usable(cache, program) ? List.of("-XX:AOTCache=" + cache) : List.of();
    }

    /** The flags with which a program notes, when it ends, what its cache should hold; each process in a file of its own. */
    static List<String> recording(Path program) {
        return List.of(
                "-XX:AOTMode=record",
                "-XX:AOTConfiguration=" + program.resolve(program.getFileName() + "-%p" + NOTES_ENDING));
    }

    /** The flags with which a JVM makes the cache from the notes; class path and all other flags must be the program's own. */
    static List<String> making(Path program, Path notes) {
        return List.of("-XX:AOTMode=create", "-XX:AOTConfiguration=" + notes, "-XX:AOTCache=" + file(program));
    }

    /** What processes of a program noted for its cache, who noted most first. A process that was killed leaves something unusable. */
    public static List<Path> notes(Path program) throws IOException {
        try (Stream<Path> files = Files.list(program)) {
            return files.filter(file -> file.toString().endsWith(NOTES_ENDING))
                    .sorted(Comparator.comparingLong(
                                    (Path file) -> file.toFile().length())
                            .reversed())
                    .toList();
        }
    }

    /** Where the cache of the program in this folder is. */
    public static Path file(Path program) {
        return program.resolve(program.getFileName() + ENDING);
    }

    private static boolean usable(Path cache, Path program) {
        if (!Files.isRegularFile(cache)) {
            return false;
        }
        try (Stream<Path> files = Files.walk(program)) {
            FileTime recorded = Files.getLastModifiedTime(cache);
            for (Path jar :
                    (Iterable<Path>) files.filter(file -> file.toString().endsWith(".jar"))::iterator) {
                if (Files.getLastModifiedTime(jar).compareTo(recorded) > 0) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false; // the program starts without it, only slower
        }
    }
}
