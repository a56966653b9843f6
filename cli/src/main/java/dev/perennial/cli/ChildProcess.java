package dev.perennial.cli;

import dev.perennial.kernel.ProcessIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A scorer or worker of a data directory that is alive. */
record ChildProcess(String kind, String name, ProcessIdentity mark) {

    /** Scorers and workers by the marks that their launchers left. */
    static List<ChildProcess> of(Path dataDir) {
        return Stream.concat(find(dataDir.resolve("scorer"), "scorer"), find(dataDir.resolve("workers"), "worker"))
                .toList();
    }

    private static Stream<ChildProcess> find(Path folder, String kind) {
        if (!Files.isDirectory(folder)) {
            return Stream.of();
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children
                    .sorted()
                    .flatMap(child -> Stream.of("pid", "pid.next")
                            .flatMap(file -> mark(child.resolve(file)).stream())
                            .map(mark ->
                                    new ChildProcess(kind, child.getFileName().toString(), mark)))
                    .filter(child -> child.mark().alive())
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
    }

    private static Optional<ProcessIdentity> mark(Path file) {
        try {
            return ProcessIdentity.read(file);
        } catch (IOException e) {
            return Optional.empty(); // no folder of a process
        }
    }
}
