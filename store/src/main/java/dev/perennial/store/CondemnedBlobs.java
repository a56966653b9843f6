package dev.perennial.store;

import dev.perennial.kernel.Digest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Deletes blobs while others put them, also from another process. A put of bytes that are there already only touches the file, so the
 * file's time is that of the last put. To delete a blob it is first moved aside and its time is looked at once more: a put before the move
 * shows there, a put after it finds no file and writes a new one. What a crash leaves aside is put back at the next start.
 */
final class CondemnedBlobs {
    private static final String PREFIX = "condemned-";
    private static final int FOLDER_DIGITS = 2;
    private static final int REST_DIGITS = 62;

    private final Path aside;
    private final Function<Digest, Path> path;

    CondemnedBlobs(Path aside, Function<Digest, Path> path) {
        this.aside = aside;
        this.path = path;
    }

    /** Notes a put of bytes that are there; false when they were just deleted. */
    boolean touch(Path blob) {
        try {
            Files.setLastModifiedTime(blob, FileTime.from(InstantSource.system().instant()));
            return true;
        } catch (IOException e) {
            return false; // the put writes the bytes anew
        }
    }

    void each(Path root, BiConsumer<Digest, Instant> visitor) throws IOException {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(root, "??")) {
            for (Path folder : folders) {
                try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                    for (Path file : files) {
                        visit(folder, file, visitor);
                    }
                }
            }
        }
    }

    private static void visit(Path folder, Path file, BiConsumer<Digest, Instant> visitor) throws IOException {
        String first = folder.getFileName().toString();
        String rest = file.getFileName().toString();
        if (first.length() == FOLDER_DIGITS && rest.length() == REST_DIGITS) {
            try {
                visitor.accept(
                        new Digest(first + rest),
                        Files.getLastModifiedTime(file).toInstant());
            } catch (NoSuchFileException e) {
                return; // deleted meanwhile
            }
        }
    }

    OptionalLong discard(Digest digest, Instant putBefore) throws IOException {
        Path blob = path.apply(digest);
        Path moved = aside.resolve(PREFIX + digest.hex());
        try {
            if (!older(blob, putBefore)) {
                return OptionalLong.empty();
            }
            Files.move(blob, moved, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            return OptionalLong.empty();
        }
        if (!older(moved, putBefore)) {
            pardon(moved, blob);
            return OptionalLong.empty();
        }
        long size = Files.size(moved);
        Files.delete(moved);
        return OptionalLong.of(size);
    }

    private static boolean older(Path file, Instant than) throws IOException {
        return Files.getLastModifiedTime(file).toInstant().isBefore(than);
    }

    private static void pardon(Path moved, Path blob) throws IOException {
        try {
            Files.move(moved, blob);
        } catch (FileAlreadyExistsException e) {
            Files.delete(moved); // put anew meanwhile
        }
    }

    /** Puts back what a crash left aside: whether it was to go is decided anew. */
    void pardonAll() throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(aside, PREFIX + "*")) {
            for (Path moved : left) {
                String name = moved.getFileName().toString();
                pardon(moved, path.apply(new Digest(name.substring(PREFIX.length()))));
            }
        }
    }
}
