package dev.perennial.server.proof;

import dev.perennial.kernel.Program;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One call of the packaged command line.
 *
 * @param exit its exit code
 * @param out what it printed as its result
 * @param err what it told beside
 */
public record CommandLineRun(int exit, String out, String err) {
    public static CommandLineRun of(Path folder, String... arguments) {
        return of(folder, Map.of(), arguments);
    }

    /** Runs to the end, with more variables in its environment. */
    public static CommandLineRun of(Path folder, Map<String, String> environment, String... arguments) {
        return fed("", folder, environment, arguments);
    }

    /** As above, with text on its standard input. */
    public static CommandLineRun fed(String input, Path folder, Map<String, String> environment, String... arguments) {
        try {
            Path out = Files.createTempFile(folder, "cli", ".out");
            Path err = Files.createTempFile(folder, "cli", ".err");
            Process process = started(folder, environment, out, err, arguments);
            try (OutputStream in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            }
            int exit = process.onExit().join().exitValue();
            CommandLineRun run = new CommandLineRun(exit, text(out), text(err));
            Files.delete(out);
            Files.delete(err);
            return run;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts one that the caller ends, for example by a kill. */
    static Process started(Path folder, Map<String, String> environment, Path out, Path err, String... arguments)
            throws IOException {
        Path dist = Distribution.folder();
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(Program.CLI.flags(dist));
        command.addAll(List.of("-cp", Program.CLI.classPath(dist), "dev.perennial.cli.Main"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("PERENNIAL_"));
        builder.environment().put("PERENNIAL_DIST", dist.toString());
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }
}
