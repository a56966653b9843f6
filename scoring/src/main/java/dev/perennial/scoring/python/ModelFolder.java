package dev.perennial.scoring.python;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The files of a model that is a folder, by content. Immutable. */
public record ModelFolder(List<Entry> files) {
    /** The file that says what the others are. */
    public static final String MLMODEL = "MLmodel";

    private static final int FILES_MAX = 10_000;
    private static final long BYTES_MAX = 4L << 30;
    private static final int PATH_CHARS_MAX = 1_000;
    private static final int FOLDER_DIGITS = 2;

    /**
     * A file.
     *
     * @param path relative, its parts separated by slashes
     */
    public record Entry(String path, Digest digest, long bytes) {}

    /** @throws PerennialException for paths that lead out of the folder or stand twice, and for more than a model may have */
    public ModelFolder {
        files = List.copyOf(files);
        if (files.isEmpty() || files.size() > FILES_MAX) {
            throw refused(files.size() + " files; 1 to " + FILES_MAX + " are possible");
        }
        Set<String> paths = new HashSet<>();
        long bytes = 0;
        for (Entry file : files) {
            check(file);
            if (!paths.add(file.path())) {
                throw refused("'" + file.path() + "' twice");
            }
            bytes += file.bytes();
            if (bytes > BYTES_MAX) {
                throw refused("more than " + BYTES_MAX + " bytes");
            }
        }
        if (!paths.contains(MLMODEL)) {
            throw refused("no file '" + MLMODEL + "'");
        }
    }

    @SuppressWarnings("NullAway") // a JSON document may lack what the type demands
    private static void check(Entry file) {
        if (file.path() == null || file.digest() == null || file.bytes() < 0) {
            throw refused("a file without path, digest or size");
        }
        String path = file.path();
        boolean bad =
                path.isEmpty() || path.length() > PATH_CHARS_MAX || path.indexOf('\\') >= 0 || path.indexOf(0) >= 0;
        for (String part : path.split("/", -1)) {
            bad |= part.isEmpty() || part.equals(".") || part.equals("..");
        }
        if (bad) {
            throw refused("the path '" + path + "', which may lead out of the folder");
        }
    }

    /**
     * Copies the files from a store of blobs, read-only, and proves each by its digest.
     *
     * @param target a folder that is not there yet
     * @throws PerennialException for a blob that is missing or holds something else
     */
    void copy(Path blobs, Path target) throws IOException {
        Files.createDirectory(target);
        for (Entry file : files) {
            Path copy = target.resolve(file.path());
            Files.createDirectories(copy.getParent() == null ? target : copy.getParent());
            Path blob = blob(blobs, file.digest());
            var sha = Digest.sha256();
            try (InputStream in = Files.newInputStream(blob);
                    OutputStream out = new DigestOutputStream(Files.newOutputStream(copy), sha)) {
                in.transferTo(out);
            } catch (NoSuchFileException e) {
                throw PerennialException.notFound(
                        "blob " + file.digest() + ", the file '" + file.path() + "' of the model, is not in " + blobs);
            }
            Digest found = Digest.ofHash(sha.digest());
            if (!found.equals(file.digest())) {
                throw new PerennialException(
                        ErrorCode.INVALID_STATE,
                        "blob " + blob + " does not hold what its name says: expected sha256 " + file.digest()
                                + ", found sha256 " + found + "; restore it");
            }
            if (!copy.toFile().setReadOnly()) {
                throw new IOException("cannot make " + copy + " read-only");
            }
        }
    }

    private static Path blob(Path blobs, Digest digest) {
        String hex = digest.hex();
        return blobs.resolve(hex.substring(0, FOLDER_DIGITS)).resolve(hex.substring(FOLDER_DIGITS));
    }

    private static PerennialException refused(String why) {
        return PerennialException.invalid("files", "the model manifest's 'files' list " + why);
    }
}
