package dev.perennial.scoring.python;

import dev.perennial.kernel.Folders;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The private folder of one loaded model: {@code model}, a read-only copy of its files, and {@code scratch}, where its process works.
 */
final class PythonHome implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PythonHome.class);

    private final Path folder;

    private PythonHome(Path folder) {
        this.folder = folder;
    }

    /** @throws PerennialException when a file is missing or is not what its digest says; nothing is left then */
    static PythonHome make(Path folder, Path blobs, List<ModelFolder.Entry> files) throws IOException {
        privateFolder(folder);
        PythonHome home = new PythonHome(folder);
        boolean whole = false;
        try {
            new ModelFolder(files).copy(blobs, home.model());
            Files.createDirectory(home.scratch());
            whole = true;
            return home;
        } finally {
            if (!whole) {
                home.close();
            }
        }
    }

    Path model() {
        return folder.resolve("model");
    }

    Path scratch() {
        return folder.resolve("scratch");
    }

    /** The place of one process among several, made when it is not there. */
    Path scratch(int process) {
        try {
            return Files.createDirectories(process == 0 ? scratch() : folder.resolve("scratch-" + process));
        } catch (IOException e) {
            throw PerennialException.internal("cannot make a folder for a process of the model: " + e, e);
        }
    }

    /** A folder that only this user may enter. */
    static void privateFolder(Path folder) throws IOException {
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    @Override
    public void close() {
        try {
            Folders.remove(folder);
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("the folder {} cannot be removed", folder, e);
        }
    }
}
