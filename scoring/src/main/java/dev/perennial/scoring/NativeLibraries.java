package dev.perennial.scoring;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Unpacks native libraries once for an installation instead of at every start. One process does it, under a lock that its death releases,
 * and the folder appears complete or not at all: one that is killed in the middle harms nobody, and what it left is removed by the next. At
 * each use the files are compared with the jar by size and CRC-32 (5 ms for 15 MB), and unpacked anew when they differ.
 */
public final class NativeLibraries {
    private static final Logger LOG = LoggerFactory.getLogger(NativeLibraries.class);
    private static final Set<PosixFilePermission> FOR_ALL = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_EXECUTE);

    private NativeLibraries() {}

    /** The name that ONNX Runtime gives to this platform's folder, for example {@code linux-x64}. */
    static String platform() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        String system =
                os.startsWith("linux") ? "linux" : os.startsWith("mac") ? "osx" : os.startsWith("windows") ? "win" : "";
        String machine =
                arch.equals("amd64") || arch.equals("x86_64") ? "x64" : arch.equals("aarch64") ? "aarch64" : "";
        if (system.isEmpty() || machine.isEmpty()) {
            throw new PerennialException(
                    ErrorCode.INVALID_STATE,
                    "ONNX models cannot be loaded on " + os + " " + arch + ": there is no runtime for it");
        }
        return system + "-" + machine;
    }

    /**
     * @param owner finds the resources
     * @return the folder that holds the files, named {@code name} inside {@code parent}
     * @throws PerennialException when the class path lacks a resource
     */
    public static synchronized Path unpackOnce(Path parent, String name, Class<?> owner, List<String> resources) {
        Path folder = parent.resolve(name);
        try {
            if (complete(folder, owner, resources)) {
                open(folder);
                return folder;
            }
            Files.createDirectories(parent);
            try (FileChannel channel = FileChannel.open(
                            parent.resolve(name + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                if (lock.isValid() && !complete(folder, owner, resources)) {
                    unpack(parent, folder, owner, resources);
                }
            }
            open(folder);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unpack native libraries into " + folder, e);
        }
    }

    /** Lets a process of another user load what was unpacked for its owner alone; there is nothing secret in it. */
    private static void open(Path folder) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(folder, PosixFileAttributeView.class);
        if (view == null) {
            return;
        }
        Set<PosixFilePermission> permissions =
                EnumSet.copyOf(view.readAttributes().permissions());
        if (permissions.addAll(FOR_ALL)) {
            try {
                view.setPermissions(permissions);
            } catch (FileSystemException e) {
                LOG.debug("only its owner can open {} for others", folder, e);
            }
        }
    }

    /** Under the lock: whatever is left of an earlier attempt belongs to nobody. */
    private static void unpack(Path parent, Path folder, Class<?> owner, List<String> resources) throws IOException {
        Path staging = parent.resolve(folder.getFileName() + ".unpacking");
        remove(staging);
        Files.createDirectory(staging);
        for (String resource : resources) {
            copy(connection(owner, resource), file(staging, resource));
        }
        remove(folder);
        Files.move(staging, folder, StandardCopyOption.ATOMIC_MOVE);
        if (!complete(folder, owner, resources)) {
            throw new IOException("the files differ from those in the jar; is the disk full or broken?");
        }
    }

    private static URLConnection connection(Class<?> owner, String resource) throws IOException {
        URL url = owner.getResource(resource);
        if (url == null) {
            throw new PerennialException(ErrorCode.INVALID_STATE, "the class path lacks " + resource);
        }
        return url.openConnection();
    }

    private static Path file(Path folder, String resource) {
        return folder.resolve(resource.substring(resource.lastIndexOf('/') + 1));
    }

    private static boolean complete(Path folder, Class<?> owner, List<String> resources) throws IOException {
        for (String resource : resources) {
            URLConnection source = connection(owner, resource);
            Path file = file(folder, resource);
            if (!Files.isRegularFile(file) || Files.size(file) != source.getContentLengthLong()) {
                return false;
            }
            if (source instanceof JarURLConnection jar && jar.getJarEntry().getCrc() != crc(file)) {
                return false;
            }
        }
        return true;
    }

    private static long crc(Path file) throws IOException {
        try (CheckedInputStream in = new CheckedInputStream(Files.newInputStream(file), new CRC32())) {
            in.transferTo(OutputStream.nullOutputStream());
            return in.getChecksum().getValue();
        }
    }

    private static void copy(URLConnection source, Path file) throws IOException {
        try (InputStream in = source.getInputStream();
                FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            in.transferTo(Channels.newOutputStream(channel));
            channel.force(true);
        }
    }

    private static void remove(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
        }
        Files.deleteIfExists(folder);
    }
}
