package dev.perennial.worker.training;

import dev.perennial.worker.StepFailure;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs a program of the user in a process group of its own. Its output goes to two files; when its time or its log is used up, the whole
 * group is ended: first asked, then killed. Where {@code setsid} is missing, its known descendants are ended instead.
 */
final class UserProgram {
    private static final Path SETSID = Path.of("/usr/bin/setsid");
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final long LOG_BYTES_MAX = 64L << 20;
    private static final int TAIL_BYTES = 2_000;
    private static final int SIGNALS_FROM = 128;
    private static final int SIGKILL = 9;

    private final List<String> command;
    private final Path folder;
    private final Map<String, String> environment;
    private final Path output;
    private final Path errors;

    /**
     * @param folder working folder
     * @param environment everything that the program gets
     */
    UserProgram(List<String> command, Path folder, Map<String, String> environment, Path output, Path errors) {
        this.command = List.copyOf(command);
        this.folder = folder;
        this.environment = Map.copyOf(environment);
        this.output = output;
        this.errors = errors;
    }

    /**
     * Waits for the end; returns the CPU time of the program in milliseconds, as far as it could be seen.
     *
     * @param progress takes the last line of output now and then
     */
    long run(Duration limit, Consumer<String> progress) {
        long cpu = 0;
        long deadline = System.nanoTime() + limit.toNanos();
        Process process = start();
        try {
            while (!process.waitFor(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                cpu = Math.max(
                        cpu,
                        process.info()
                                .totalCpuDuration()
                                .map(Duration::toMillis)
                                .orElse(0L));
                progress.accept(lastLine(tail(output)));
                String reason =
                        System.nanoTime() > deadline ? "took longer than " + limit.toSeconds() + " s" : tooLong();
                if (reason != null) {
                    end(process);
                    throw new StepFailure(StepFailure.Kind.USER, "the command " + reason + " and was ended" + told());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StepFailure(StepFailure.Kind.INFRA, "interrupted while the command ran");
        } finally {
            end(process);
        }
        judge(process.exitValue());
        return cpu;
    }

    private Process start() {
        try {
            boolean grouped = Files.isExecutable(SETSID);
            ProcessBuilder builder = new ProcessBuilder(grouped ? prefixed() : command).directory(folder.toFile());
            builder.environment().clear();
            builder.environment().putAll(environment);
            builder.redirectInput(
                    ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
            builder.redirectOutput(output.toFile()).redirectError(errors.toFile());
            return builder.start();
        } catch (IOException e) {
            throw new StepFailure(
                    StepFailure.Kind.CONFIG,
                    "cannot start the command " + command + " in " + folder + ": " + e.getMessage());
        }
    }

    private List<String> prefixed() {
        return java.util.stream.Stream.concat(java.util.stream.Stream.of(SETSID.toString()), command.stream())
                .toList();
    }

    private @Nullable String tooLong() {
        return size(output) + size(errors) > LOG_BYTES_MAX
                ? "wrote more than " + (LOG_BYTES_MAX >> 20) + " MB of output"
                : null;
    }

    /** Ends whatever is left of the group, also after the program itself has gone. */
    private static void end(Process process) {
        List<ProcessHandle> family = process.descendants().toList();
        signal(process, family, "TERM");
        try {
            if (process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                signal(process, family, "KILL");
                return;
            }
            signal(process, family, "KILL");
            process.waitFor();
        } catch (InterruptedException e) {
            signal(process, family, "KILL");
            Thread.currentThread().interrupt();
        }
    }

    private static void signal(Process process, List<ProcessHandle> family, String signal) {
        boolean kill = "KILL".equals(signal);
        if (Files.isExecutable(SETSID)) {
            try {
                new ProcessBuilder("kill", "-" + signal, "--", "-" + process.pid())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor();
            } catch (IOException e) {
                // no kill command: the members that are known are ended below
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        family.forEach(member -> destroy(member, kill));
        destroy(process.toHandle(), kill);
    }

    private static void destroy(ProcessHandle handle, boolean kill) {
        if (kill) {
            handle.destroyForcibly();
        } else {
            handle.destroy();
        }
    }

    private void judge(int exit) {
        if (exit == 0) {
            return;
        }
        StepFailure.Kind kind = switch (exit) {
            case 75 -> StepFailure.Kind.INFRA;
            case 78, 126, 127 -> StepFailure.Kind.CONFIG;
            case SIGNALS_FROM + SIGKILL -> StepFailure.Kind.INFRA;
            default -> StepFailure.Kind.USER;
        };
        String text = exit > SIGNALS_FROM
                ? "was ended by signal " + (exit - SIGNALS_FROM)
                        + (exit == SIGNALS_FROM + SIGKILL ? ", perhaps for lack of memory" : "")
                : exit == 127 ? "was not found (exit code 127)" : "ended with exit code " + exit;
        throw new StepFailure(kind, "the command " + command + " " + text + told());
    }

    private String told() {
        String tail = tail(errors).strip();
        return tail.isEmpty() ? "; it wrote nothing to its error output" : "; the end of its error output:\n" + tail;
    }

    private static String lastLine(String text) {
        String stripped = text.strip();
        return stripped.substring(stripped.lastIndexOf('\n') + 1);
    }

    private static String tail(Path file) {
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "r")) {
            byte[] bytes = new byte[(int) Math.min(TAIL_BYTES, access.length())];
            access.seek(access.length() - bytes.length);
            access.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }
}
