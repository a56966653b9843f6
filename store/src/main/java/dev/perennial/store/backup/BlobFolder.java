package dev.perennial.store.backup;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** A folder of blobs {@code ab/<62 digits>}, of an installation or of a backup, seen as files. */
record BlobFolder(Path root) {
    private static final Pattern FIRST = Pattern.compile("[0-9a-f]{2}");
    private static final Pattern REST = Pattern.compile("[0-9a-f]{62}");
    private static final int FOLDER_DIGITS = 2;

    /** All that are there now, sorted. */
    Set<Digest> all() throws IOException {
        Set<Digest> found = new TreeSet<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(root, Files::isDirectory)) {
            for (Path folder : folders) {
                String first = folder.getFileName().toString();
                if (FIRST.matcher(first).matches()) {
                    addAll(folder, first, found);
                }
            }
        }
        return found;
    }

    private static void addAll(Path folder, String first, Set<Digest> found) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String rest = file.getFileName().toString();
                if (REST.matcher(rest).matches()) {
                    found.add(new Digest(first + rest));
                }
            }
        }
    }

    Path file(Digest digest) {
        return root.resolve(digest.hex().substring(0, FOLDER_DIGITS))
                .resolve(digest.hex().substring(FOLDER_DIGITS));
    }

    boolean has(Digest digest) {
        return Files.isRegularFile(file(digest));
    }

    boolean intact(Digest digest) {
        return has(digest) && Digest.ofFile(file(digest)).equals(digest);
    }

    /** Takes any file over as a blob, unless it is there; what is written is named by its own digest, whatever the file becomes. */
    Digest add(Path file) throws IOException {
        Digest before = Digest.ofFile(file);
        if (has(before)) {
            return before;
        }
        Path incoming = root.resolve("incoming");
        Digest written = Copies.copy(file, incoming);
        Path target = file(written);
        Path folder = java.util.Objects.requireNonNull(target.getParent());
        if (!Files.isDirectory(folder)) {
            Copies.folder(folder);
            Copies.force(root);
        }
        Files.move(incoming, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Copies.force(folder);
        return written;
    }

    /** Takes a blob over from another folder; false when it is damaged there. */
    boolean take(BlobFolder other, Digest digest) throws IOException {
        Path target = file(digest);
        Path folder = target.getParent();
        if (folder == null) {
            throw PerennialException.state(target + " has no folder");
        }
        if (!Files.isDirectory(folder)) {
            Copies.folder(folder);
            Copies.force(root);
        }
        Digest written = Copies.copy(other.file(digest), target);
        if (written.equals(digest)) {
            return true;
        }
        Files.delete(target);
        return false;
    }
}
