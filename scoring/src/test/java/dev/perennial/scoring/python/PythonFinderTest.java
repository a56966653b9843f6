package dev.perennial.scoring.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Interpreters are small scripts that print what the finder asks for. */
class PythonFinderTest {
    @TempDir
    Path folder;

    private Path python(String place, String name, String said) throws IOException {
        Path bin = Files.createDirectories(folder.resolve(place));
        Path file = Files.writeString(bin.resolve(name), "#!/bin/sh\n" + said + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file;
    }

    private PythonFinder finder(String... places) {
        return new PythonFinder(Arrays.stream(places).map(folder::resolve).toList());
    }

    private static PythonVersion version(String text) {
        return PythonVersion.parse(text);
    }

    @Test
    void theFirstInterpreterOfTheVersionIsTaken() throws Exception {
        python("one", "python3", "echo 3.12.1");
        Path second = python("two", "python3.11", "echo 3.11.7");
        python("three", "python3", "echo 3.11.7");
        assertThat(finder("one", "two", "three").find(version("3.11.7"), false)).isEqualTo(second);
    }

    @Test
    void aNameMayPromiseAnotherVersionThanItHas() throws Exception {
        python("one", "python3.11", "echo 3.12.1");
        Path other = python("one", "python3.9", "echo 3.11.7");
        assertThat(finder("one").find(version("3.11.7"), false)).isEqualTo(other);
    }

    @Test
    void anotherReleaseIsRefusedNamingAllThatWereFoundAndHowToAcceptIt() throws Exception {
        python("one", "python3", "echo 3.12.1");
        python("one", "python3.11", "echo 3.11.9");
        python("two", "python3.11", "echo 3.11.2");
        assertThatThrownBy(() -> finder("one", "two").find(version("3.11.7"), false))
                .isInstanceOf(PerennialException.class)
                .hasMessage(
                        "the model needs Python 3.11.7, which this machine does not have; found were 3.11.2, 3.11.9,"
                                + " 3.12.1; install it, or say 'python: minor' to accept 3.11.9 instead");
    }

    @Test
    void whereAnyReleaseWillDoTheNewestIsTakenUnlessTheExactOneIsThere() throws Exception {
        python("one", "python3.11", "echo 3.11.2");
        Path newest = python("two", "python3.11", "echo 3.11.10");
        Path exact = python("three", "python3", "echo 3.11.7");
        assertThat(finder("one", "two").find(version("3.11.7"), true)).isEqualTo(newest);
        assertThat(finder("one", "two", "three").find(version("3.11.7"), true)).isEqualTo(exact);
    }

    @Test
    void anotherMinorVersionNeverWill() throws Exception {
        python("one", "python3", "echo 3.12.1");
        assertThatThrownBy(() -> finder("one").find(version("3.14.0"), true))
                .hasMessage(
                        "the model needs Python 3.14.0 or another 3.14, which this machine does not have; found were"
                                + " 3.12.1; install it, or name its folder in the setting python-dirs");
    }

    @Test
    void whatFailsOrIsNoReleaseIsNotFound() throws Exception {
        python("one", "python3.8", "echo no such version >&2; exit 127");
        python("one", "python3.14", "echo");
        python("one", "python", "echo 2.7.18");
        Files.writeString(folder.resolve("one").resolve("python3.7"), "not executable");
        assertThatThrownBy(() -> finder("one").find(version("3.8.0"), false))
                .hasMessageContaining("which this machine does not have; no Python 3 was found; install it");
    }

    @Test
    void patternsNameFoldersInOrderBehindTheSearchPath() throws IOException {
        python("versions/3.9.1/bin", "python3", "");
        python("versions/3.11.7/bin", "python3", "");
        python("path", "python3", "");
        Files.createDirectories(folder.resolve("versions").resolve("empty"));
        String path = folder.resolve("path") + ":" + folder.resolve("missing") + "::";
        assertThat(PythonFinder.folders(path, List.of(folder + "/versions/*/bin", folder + "/nothing/*")))
                .containsExactly(
                        folder.resolve("path"),
                        folder.resolve("versions/3.11.7/bin"),
                        folder.resolve("versions/3.9.1/bin"));
        assertThat(PythonFinder.folders(null, List.of())).isEmpty();
        assertThatThrownBy(() -> PythonFinder.folders(null, List.of("versions/*")))
                .hasMessage("'versions/*' must be an absolute path; parts of it may be *");
    }

    @Test
    void versionsAreComparedAsNumbers() {
        assertThat(version("3.11.10")).isGreaterThan(version("3.11.9"));
        assertThat(version("3.9.1")).isLessThan(version("3.11.0"));
        assertThat(version("3.11.9").sameMinor(version("3.11.0"))).isTrue();
        assertThat(version("2.11.9").sameMinor(version("3.11.9"))).isFalse();
        assertThat(version(" 3.11.7\n")).hasToString("3.11.7");
        for (String none : List.of("3.11", "3.11.7rc1", "three", "", "3.11.7.1", "-3.1.1", "99999.1.1")) {
            assertThatThrownBy(() -> version(none))
                    .hasMessage("'" + none + "' is no version of Python; it must look like 3.11.7");
        }
    }
}
