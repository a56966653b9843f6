package dev.perennial.worker.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class XgboostLibraryTest {
    @TempDir
    Path folder;

    /** Loads the library in a process of its own, tells from where, and dies without a farewell, as a worker does. */
    static final class Loading {
        private Loading() {}

        public static void main(String[] arguments) throws IOException {
            new XgboostLibrary(Path.of(arguments[0])).load();
            for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
                if (line.contains("xgboost4j") && line.contains("r-xp")) {
                    try (OutputStream told = new FileOutputStream(FileDescriptor.err)) {
                        told.write(line.substring(line.indexOf('/')).getBytes(StandardCharsets.UTF_8));
                    }
                    break;
                }
            }
            Runtime.getRuntime().halt(0);
        }
    }

    @Test
    void theLibraryIsUsedFromTheInstallationAndTheTemporaryFolderStaysEmpty() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        Path natives = folder.resolve("native");
        Path expected = natives.resolve("xgboost4j-3.0.4-linux-"
                        + (System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64"))
                .resolve("libxgboost4j.so");
        assertThat(loaded(natives, temporary)).contains(expected.toString());
        var unpacked = Files.getLastModifiedTime(expected);
        assertThat(loaded(natives, temporary)).contains(expected.toString());
        assertThat(Files.getLastModifiedTime(expected)).isEqualTo(unpacked);
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left.filter(file -> file.toString().contains("xgboost"))).isEmpty();
        }
    }

    private static String loaded(Path natives, Path temporary) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Loading.class.getName(),
                        natives.toString()))
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }
}
