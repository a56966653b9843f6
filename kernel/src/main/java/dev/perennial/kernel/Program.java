package dev.perennial.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The programs of an installation: the folder of their jars below {@code dist}, and the flags of their JVMs. A start cache is good only
 * under the flags with which it was made, so they stand here once for those that start a program and those that make its cache.
 */
public enum Program {
    /**
     * Without the optimizing compiler: it took more than half of the server's processor time and saved less than that. Addresses that are
     * not well formed are refused by the server, with a reason, not by the framework, without one.
     */
    SERVER(
            "server",
            "quarkus-run.jar",
            "-XX:TieredStopAtLevel=1",
            "-Xmx512m",
            "-Xss512k",
            "-Dvertx.disableURIValidation=true"),

    /** With the optimizing compiler: it answers predictions all day. */
    SCORER("scorer", "*", "-Xmx192m", "-Xss512k"),

    /**
     * Without the optimizing compiler: a worker lives for seconds and its heavy loops are native, so that compiling would cost more than
     * it saves (5.8 s of processor time for a candidate of the example with it, 3.8 s without).
     */
    WORKER("worker", "*", "-XX:TieredStopAtLevel=1", "-Xmx640m", "-Xss512k"),

    /** The command line; the launcher {@code perennial} repeats these flags. */
    CLI("cli", "*", "-XX:TieredStopAtLevel=1", "-Xmx256m");

    /**
     * Native libraries; Netty's memory, a warning about which costs a start 30 ms and fills each log; and no compiling at start of all that
     * was hot when the cache was recorded, which took 0.25 of a scorer's 0.6 s: what is hot now is found while it runs. A
     * JVM that does not know the last of them starts without.
     */
    private static final List<String> COMMON = List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+IgnoreUnrecognizedVMOptions",
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:-AOTReplayTraining");

    private static final String UNKNOWN = "unknown";

    private final String folder;
    private final String jars;
    private final List<String> flags;

    Program(String folder, String jars, String... flags) {
        this.folder = folder;
        this.jars = jars;
        this.flags = List.of(flags);
    }

    /** Flags of its JVM, without a start cache. */
    public List<String> flags() {
        return with(List.of());
    }

    /** Flags of its JVM with the start cache of this installation, when there is a good one. */
    public List<String> flags(Path dist) {
        return with(StartCache.flags(folder(dist)));
    }

    /** Flags with which it notes, when it ends, what its start cache should hold. */
    public List<String> recording(Path dist) {
        return with(StartCache.recording(folder(dist)));
    }

    /** Flags with which a JVM makes the start cache from the notes of one process. */
    public List<String> making(Path dist, Path notes) {
        return with(StartCache.making(folder(dist), notes));
    }

    private List<String> with(List<String> more) {
        List<String> all = new ArrayList<>(List.of("-XX:+UseSerialGC"));
        all.addAll(flags);
        all.addAll(COMMON);
        all.addAll(more);
        return List.copyOf(all);
    }

    /** Folder of its jars. */
    public Path folder(Path dist) {
        return dist.resolve(folder);
    }

    /** Another text whenever the program's jars are others; "unknown" when there are none. Costs a look at each jar's size and time. */
    public String build(Path dist) {
        try (Stream<Path> files = Files.list(folder(dist))) {
            StringBuilder all = new StringBuilder();
            for (Path jar : files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList()) {
                all.append(jar.getFileName())
                        .append(' ')
                        .append(Files.size(jar))
                        .append(' ')
                        .append(Files.getLastModifiedTime(jar).toMillis())
                        .append('\n');
            }
            return all.isEmpty() ? UNKNOWN : Digest.of(all.toString()).shortHex();
        } catch (NoSuchFileException e) {
            return UNKNOWN;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look at the jars of " + folder(dist), e);
        }
    }

    /** Its class path as the JVM takes it; of the server the one jar that leads to all others. */
    public String classPath(Path dist) {
        return folder(dist) + "/" + jars;
    }
}
