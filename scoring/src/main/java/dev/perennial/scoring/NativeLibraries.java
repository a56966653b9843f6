package dev.perennial.scoring;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Unpacks native libraries once for an installation instead of at every start. The folder appears complete or not at all, so that several
 * processes may do it at once.
 */
final class NativeLibraries {
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

    /** @return the folder that holds the files, named {@code name} inside {@code parent} */
    static Path unpackOnce(Path parent, String name, List<String> resources) {
        Path folder = parent.resolve(name);
        if (Files.isDirectory(folder)) {
            return folder;
        }
        try {
            Files.createDirectories(parent);
            Path staging = Files.createTempDirectory(parent, name + ".unpacking-");
            for (String resource : resources) {
                try (InputStream in = NativeLibraries.class.getResourceAsStream(resource)) {
                    if (in == null) {
                        throw new PerennialException(ErrorCode.INVALID_STATE, "the class path lacks " + resource);
                    }
                    Files.copy(in, staging.resolve(resource.substring(resource.lastIndexOf('/') + 1)));
                }
            }
            publish(staging, folder);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unpack native libraries into " + folder, e);
        }
    }

    private static void publish(Path staging, Path folder) throws IOException {
        try {
            Files.move(staging, folder);
        } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
            try (var files = Files.list(staging)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(staging);
        }
    }
}
