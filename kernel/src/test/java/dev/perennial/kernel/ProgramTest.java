package dev.perennial.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProgramTest {
    private static final int OWN = 3;

    @TempDir
    Path dist;

    /** A program that does nothing. */
    static final class Idle {
        private Idle() {}

        public static void main(String[] arguments) {}
    }

    @ParameterizedTest
    @EnumSource(Program.class)
    void aCacheIsMadeAndRecordedUnderTheFlagsOfTheProgram(Program program) {
        assertThat(program.recording(dist)).startsWith(program.flags().toArray(String[]::new));
        assertThat(program.making(dist, dist.resolve("notes")))
                .startsWith(program.flags().toArray(String[]::new));
    }

    @ParameterizedTest
    @EnumSource(Program.class)
    void withoutACacheOnlyTheProgramsOwnFlagsAreGiven(Program program) {
        assertThat(program.flags(dist)).isEqualTo(program.flags());
    }

    @Test
    void theJvmTakesTheCacheWithoutAComplaint() throws IOException, InterruptedException {
        jar(Program.WORKER.folder(dist));
        run(Program.WORKER.recording(dist));
        run(Program.WORKER.recording(dist));
        List<Path> notes = StartCache.notes(Program.WORKER.folder(dist));
        assertThat(notes).as("each process has notes of its own").hasSize(2);
        run(Program.WORKER.making(dist, notes.getFirst()));
        assertThat(StartCache.file(Program.WORKER.folder(dist))).isNotEmptyFile();
        List<String> flags = new ArrayList<>(Program.WORKER.flags(dist));
        assertThat(flags).anyMatch(flag -> flag.startsWith("-XX:AOTCache="));
        flags.add("-XX:AOTMode=on");
        assertThat(run(flags)).isEmpty();
    }

    @Test
    void aCacheThatIsOlderThanAJarIsLeftOut() throws IOException {
        Path folder = Program.SCORER.folder(dist);
        Path jar = jar(folder);
        Path cache = Files.writeString(StartCache.file(folder), "made before");
        Files.setLastModifiedTime(cache, FileTime.from(Instant.EPOCH));
        assertThat(Program.SCORER.flags(dist)).isEqualTo(Program.SCORER.flags());
        Files.setLastModifiedTime(jar, FileTime.from(Instant.EPOCH));
        assertThat(Program.SCORER.flags(dist)).endsWith("-XX:AOTCache=" + cache);
    }

    @Test
    void theLauncherRepeatsTheFlagsOfTheCommandLine() throws IOException {
        assertThat(Path.of("../perennial"))
                .content()
                .contains("flags=(" + String.join(" ", Program.CLI.flags().subList(0, OWN)) + ")")
                .contains("flags+=("
                        + String.join(
                                " ",
                                Program.CLI
                                        .flags()
                                        .subList(OWN, Program.CLI.flags().size())) + ")")
                .contains("cache=$DIST/cli/"
                        + StartCache.file(Program.CLI.folder(dist)).getFileName());
    }

    private static Path jar(Path folder) throws IOException {
        Path jar = Files.createDirectories(folder).resolve("idle.jar");
        String entry = Idle.class.getName().replace('.', '/') + ".class";
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file);
                InputStream bytes = Idle.class.getClassLoader().getResourceAsStream(entry)) {
            out.putNextEntry(new JarEntry(entry));
            bytes.transferTo(out);
        }
        return jar;
    }

    private String run(List<String> flags) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(flags);
        command.addAll(List.of("-cp", Program.WORKER.classPath(dist), Idle.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }
}
