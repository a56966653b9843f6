package dev.perennial.tracking;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Folders;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.BlobStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Plain files below one folder, with the paths that users of MLflow know; what is there already is taken as it is. Nothing is reached
 * through a symbolic link or a second hard link, so no path leads out of the folder. A file is written beside the others first, fsynced,
 * and then moved to its name.
 */
final class FolderArtifacts implements ArtifactFiles {
    private static final int LISTED_MAX = 100_000;
    private static final int SEGMENT_BYTES_MAX = 255;
    private static final int BUFFER_BYTES = 1 << 16;

    /** Files that are not complete yet; no client sees this folder. */
    private static final String UNFINISHED = ".perennial-unfinished";

    private final Path root;
    private final BlobStore blobs;

    /** Takes a folder over, which is made where it is missing, and removes what a killed process left unfinished. */
    FolderArtifacts(Path root, BlobStore blobs) {
        this.blobs = blobs;
        try {
            Files.createDirectories(root);
            this.root = root.toRealPath();
            Path unfinished = this.root.resolve(UNFINISHED);
            if (Files.isSymbolicLink(unfinished)) {
                throw PerennialException.state(unfinished + " is a symbolic link; remove it, files are made there");
            }
            Files.createDirectories(unfinished);
            try (DirectoryStream<Path> left = Files.newDirectoryStream(unfinished)) {
                for (Path file : left) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep artifacts in " + root, e);
        }
    }

    @Override
    public void put(ArtifactPath path, InputStream bytes) {
        Path target = place(path);
        Path unfinished = root.resolve(UNFINISHED);
        try {
            Path file = Files.createTempFile(unfinished, "put", "");
            try {
                write(bytes, file);
                makeFolders(path.parent());
                if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
                    throw Artifacts.isDirectory(path);
                }
                Files.move(file, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                force(java.util.Objects.requireNonNull(target.getParent()));
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw failed("cannot store artifact '" + path.text() + "'", e);
        }
    }

    private static void write(InputStream bytes, Path file) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (int n = bytes.read(buffer); n >= 0; n = bytes.read(buffer)) {
                ByteBuffer piece = ByteBuffer.wrap(buffer, 0, n);
                while (piece.hasRemaining()) {
                    channel.write(piece);
                }
            }
            channel.force(true);
        }
    }

    private static void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Makes each folder by itself, because the whole would follow links. */
    private void makeFolders(ArtifactPath path) throws IOException {
        Path at = root;
        ArtifactPath told = new ArtifactPath(List.of());
        for (String segment : path.segments()) {
            told = told.resolve(new ArtifactPath(List.of(segment)));
            Path next = at.resolve(segment);
            if (Files.exists(next, LinkOption.NOFOLLOW_LINKS)) {
                if (Files.isSymbolicLink(next)) {
                    throw invalid();
                }
                if (!Files.isDirectory(next, LinkOption.NOFOLLOW_LINKS)) {
                    throw Artifacts.isFile(told);
                }
            } else {
                try {
                    Files.createDirectory(next);
                    force(at);
                } catch (java.nio.file.FileAlreadyExistsException e) {
                    if (!Files.isDirectory(next, LinkOption.NOFOLLOW_LINKS)) {
                        throw Artifacts.isFile(told);
                    }
                }
            }
            at = next;
        }
    }

    @Override
    public List<ArtifactFile> list(ArtifactPath directory) {
        Path folder = place(directory);
        if (!reachable(directory) || !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        List<ArtifactFile> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                listed(entry).ifPresent(files::add);
                if (files.size() == LISTED_MAX) {
                    break;
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw failed("cannot list artifacts '" + directory.text() + "'", e);
        }
        files.sort(Comparator.comparing(ArtifactFile::name));
        return files;
    }

    /** Links, pipes and the like are not shown. */
    private java.util.Optional<ArtifactFile> listed(Path entry) throws IOException {
        String name = String.valueOf(entry.getFileName());
        try {
            BasicFileAttributes is = Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (is.isDirectory()) {
                return entry.equals(root.resolve(UNFINISHED))
                        ? java.util.Optional.empty()
                        : java.util.Optional.of(new ArtifactFile(name, null));
            }
            return is.isRegularFile()
                    ? java.util.Optional.of(new ArtifactFile(name, is.size()))
                    : java.util.Optional.empty();
        } catch (NoSuchFileException e) {
            return java.util.Optional.empty();
        }
    }

    @Override
    public OpenArtifact open(ArtifactPath path) {
        Path file = place(path);
        if (!reachable(path) || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw Artifacts.missing(path);
        }
        try {
            refuseSecondLink(path, file);
            return OpenArtifact.of(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            throw Artifacts.missing(path);
        } catch (IOException e) {
            throw failed("cannot read artifact '" + path.text() + "'", e);
        }
    }

    private static void refuseSecondLink(ArtifactPath path, Path file) throws IOException {
        Object links = Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
        if (links instanceof Integer count && count > 1) {
            throw new PerennialException(
                    ErrorCode.INVALID_ARGUMENT,
                    "the artifact '" + path.text() + "' has " + count
                            + " hard links and could belong to another folder; store a copy of it");
        }
    }

    @Override
    public void delete(ArtifactPath path) {
        Path there = place(path);
        if (!reachable(path) || !Files.exists(there, LinkOption.NOFOLLOW_LINKS)) {
            throw PerennialException.notFound("No artifact '" + path.text() + "'");
        }
        try {
            Folders.remove(there);
        } catch (DirectoryNotEmptyException e) {
            throw new PerennialException(
                    ErrorCode.CONFLICT,
                    "files were stored in '" + path.text() + "' while it was deleted; delete again");
        } catch (IOException e) {
            throw failed("cannot delete artifact '" + path.text() + "'", e);
        }
    }

    /** Copies every file into the blob store. */
    @Override
    public List<ArtifactManifest.Entry> freeze(ArtifactPath from) {
        List<ArtifactManifest.Entry> entries = new ArrayList<>();
        if (!from.root() && reachable(from) && Files.isRegularFile(place(from), LinkOption.NOFOLLOW_LINKS)) {
            entries.add(frozen(from, from.name()));
        } else {
            freeze(from, "", entries);
        }
        entries.sort(ArtifactManifest.BY_PATH);
        return entries;
    }

    private void freeze(ArtifactPath folder, String below, List<ArtifactManifest.Entry> entries) {
        for (ArtifactFile file : list(folder)) {
            ArtifactPath path = folder.resolve(new ArtifactPath(List.of(file.name())));
            if (file.directory()) {
                freeze(path, below + file.name() + "/", entries);
            } else {
                entries.add(frozen(path, below + file.name()));
            }
        }
    }

    private ArtifactManifest.Entry frozen(ArtifactPath path, String name) {
        try (OpenArtifact open = open(path);
                InputStream bytes = open.stream()) {
            Digest blob = blobs.put(bytes);
            return new ArtifactManifest.Entry(name, blob, blobs.size(blob));
        } catch (IOException e) {
            throw failed("cannot copy artifact '" + path.text() + "'", e);
        }
    }

    /** Whether no folder above is a link. */
    private boolean reachable(ArtifactPath path) {
        Path at = root;
        for (String segment :
                path.segments().subList(0, Math.max(0, path.segments().size() - 1))) {
            at = at.resolve(segment);
            if (!Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
        }
        return true;
    }

    private Path place(ArtifactPath path) {
        for (String segment : path.segments()) {
            if (segment.getBytes(StandardCharsets.UTF_8).length > SEGMENT_BYTES_MAX) {
                throw PerennialException.invalid(
                        "path",
                        "a name in the path is longer than the " + SEGMENT_BYTES_MAX + " bytes that a folder can keep");
            }
        }
        Path place = root.resolve(path.text()).normalize();
        if (!place.startsWith(root) || place.startsWith(root.resolve(UNFINISHED))) {
            throw invalid();
        }
        return place;
    }

    private static PerennialException invalid() {
        return PerennialException.invalid("path", "Invalid path");
    }

    private static UncheckedIOException failed(String what, IOException e) {
        return new UncheckedIOException(what, e);
    }
}
