package dev.perennial.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    @TempDir
    Path folder;

    @Test
    void aSecondOpenerOfTheSameProcessIsRefusedAndTakesNothingAway() throws IOException, InterruptedException {
        try (DataDirectory held = DataDirectory.open(folder.resolve("data"))) {
            assertRefusedNaming(ProcessHandle.current().pid());
            assertThat(openInOtherProcess(held.root()))
                    .contains("in use by process " + ProcessHandle.current().pid());
        }
        DataDirectory.open(folder.resolve("data")).close();
    }

    @Test
    void aDirectoryHeldByAnotherProcessIsRefusedNamingItUntilThatProcessIsKilled()
            throws IOException, InterruptedException {
        Process holder = start(folder.resolve("data"), "hold");
        try (BufferedReader out = holder.inputReader()) {
            assertThat(out.readLine()).isEqualTo("held");
            assertRefusedNaming(holder.pid());
            holder.destroyForcibly().waitFor();
        }
        DataDirectory.open(folder.resolve("data")).close();
    }

    @Test
    void staleLibrariesAreRemovedAndNothingElse() throws IOException {
        Path libraries = Files.createDirectories(folder.resolve("data/native"));
        Files.createFile(libraries.resolve("sqlite-1-x-libsqlitejdbc.so"));
        Files.createFile(libraries.resolve("sqlite-1-x-libsqlitejdbc.so.lck"));
        Files.createFile(libraries.resolve("other"));
        try (DataDirectory directory = DataDirectory.open(folder.resolve("data"))) {
            assertThat(directory.nativeLibraries())
                    .isDirectoryNotContaining("glob:**sqlite*")
                    .isDirectoryContaining("glob:**other");
        }
    }

    @Test
    void aFileInItsPlaceIsRefused() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> DataDirectory.open(file))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining(file.toString());
    }

    private void assertRefusedNaming(long pid) {
        assertThatThrownBy(() -> DataDirectory.open(folder.resolve("data")))
                .asInstanceOf(InstanceOfAssertFactories.type(PerennialException.class))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT))
                .satisfies(e -> assertThat(e).hasMessageContaining("in use by process " + pid));
    }

    private static String openInOtherProcess(Path directory) throws IOException, InterruptedException {
        Process process = start(directory, "try");
        try (BufferedReader out = process.inputReader()) {
            String line = out.readLine();
            process.waitFor();
            return line;
        }
    }

    private static Process start(Path directory, String what) throws IOException {
        return ChildJvm.of(DataDirectoryHolder.class, directory.toString(), what)
                .start();
    }
}
