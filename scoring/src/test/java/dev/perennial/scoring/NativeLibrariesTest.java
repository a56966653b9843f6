package dev.perennial.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtEnvironment;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibrariesTest {
    private static final String FOLDER = "/ai/onnxruntime/native/" + NativeLibraries.platform() + "/";
    private static final String FILE = System.mapLibraryName("onnxruntime4j_jni");

    @TempDir
    Path natives;

    /** Unpacks in a process of its own. */
    static final class Unpacking {
        private Unpacking() {}

        public static void main(String[] arguments) {
            unpack(Path.of(arguments[0]));
        }
    }

    private static Path unpack(Path natives) {
        return NativeLibraries.unpackOnce(natives, "jni", OrtEnvironment.class, List.of(FOLDER + FILE));
    }

    @Test
    void theFileHasTheBytesOfTheJar() throws IOException {
        try (var in = OrtEnvironment.class.getResourceAsStream(FOLDER + FILE)) {
            assertThat(unpack(natives).resolve(FILE)).hasBinaryContent(in.readAllBytes());
        }
    }

    @Test
    void theSecondUseLeavesTheFileAlone() throws IOException {
        Path file = unpack(natives).resolve(FILE);
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000));
        assertThat(unpack(natives)).isEqualTo(natives.resolve("jni"));
        assertThat(Files.getLastModifiedTime(file).toMillis()).isEqualTo(1_000);
    }

    @Test
    void whatAnOlderReleaseUnpackedForItsOwnerAloneIsOpenedForOthers() throws IOException {
        Path folder = unpack(natives);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        unpack(natives);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwxr-xr-x");
    }

    @Test
    void aFileOfAnotherSizeIsUnpackedAnew() throws IOException {
        Path file = unpack(natives).resolve(FILE);
        long size = Files.size(file);
        Files.writeString(file, "cut off");
        unpack(natives);
        assertThat(file).hasSize(size);
    }

    @Test
    void oneWrongByteIsFound() throws IOException {
        Path file = unpack(natives).resolve(FILE);
        byte[] good = Files.readAllBytes(file);
        byte[] bad = good.clone();
        bad[bad.length / 2] ^= 1;
        Files.write(file, bad);
        unpack(natives);
        assertThat(file).hasBinaryContent(good);
    }

    @Test
    void aMissingFileIsBroughtBack() throws IOException {
        Path file = unpack(natives).resolve(FILE);
        Files.delete(file);
        unpack(natives);
        assertThat(file).isNotEmptyFile();
    }

    @Test
    void whatAKilledProcessLeftIsRemoved() throws IOException {
        Path left = Files.createDirectories(natives.resolve("jni.unpacking"));
        Files.writeString(left.resolve(FILE), "half of it");
        unpack(natives);
        assertThat(natives).isDirectoryNotContaining("glob:**/*.unpacking");
        assertThat(natives.resolve("jni").resolve(FILE)).isNotEmptyFile();
    }

    @Test
    void aResourceThatIsNotThereIsNamed() {
        assertThatThrownBy(() ->
                        NativeLibraries.unpackOnce(natives, "none", OrtEnvironment.class, List.of("/nowhere/x.so")))
                .isInstanceOf(PerennialException.class)
                .hasMessage("the class path lacks /nowhere/x.so");
    }

    @Test
    void twoProcessesAtOnceBothFindItWhole() throws IOException, InterruptedException {
        List<Process> both = new ArrayList<>();
        Path lock = natives.resolve("jni.lock");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            assertThat(held.isValid()).isTrue();
            both.add(process());
            both.add(process()); // both wait for the lock, or are not there yet
        }
        for (Process process : both) {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue())
                    .as(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isZero();
        }
        assertThat(natives.resolve("jni").resolve(FILE)).isNotEmptyFile();
    }

    private Process process() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Unpacking.class.getName(),
                        natives.toString())
                .redirectErrorStream(true)
                .start();
    }
}
