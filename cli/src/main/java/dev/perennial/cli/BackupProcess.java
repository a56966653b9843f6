package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.ledgerverifier.LedgerVerifier;
import dev.perennial.ledgerverifier.Report;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The installation's own program for copies, run as a child: it has what talks to databases, the command line does not. */
final class BackupProcess {
    private static final String MAIN = "dev.perennial.store.backup.BackupProgram";
    private static final String PASSWORD = "database-password";
    private static final String HEAP = "-Xmx256m";

    private final CliCommand command;

    BackupProcess(CliCommand command) {
        this.command = command;
    }

    /**
     * Runs {@code backup} or {@code restore} and returns what it tells at the end.
     *
     * @param choices more settings of the program, by name
     */
    JsonNode run(String verb, Path folder, Map<String, String> choices) {
        Path jars = ServerCommand.dist(command).resolve("server").resolve("lib").resolve("main");
        if (!Files.isDirectory(jars)) {
            throw new CommandFailure(
                    ExitCode.ERROR,
                    "the program's jars " + jars + " are missing; start through ./perennial, which builds them");
        }
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                HEAP,
                "--enable-native-access=ALL-UNNAMED"));
        for (String key : Settings.DATABASE) {
            if (!key.equals(PASSWORD)) {
                command.settings().get(key).ifPresent(value -> line.add("-Dperennial." + key + "=" + value));
            }
        }
        choices.forEach((name, value) -> line.add("-Dperennial." + name + "=" + value));
        line.addAll(List.of(
                "-cp",
                jars + "/*",
                MAIN,
                verb,
                folder.toString(),
                command.dataDir().toString()));
        ProcessBuilder builder = new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT);
        command.settings()
                .get(PASSWORD)
                .ifPresent(password -> builder.environment().put(Settings.variable(PASSWORD), password));
        try {
            return result(builder.start());
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.ERROR, verb + " cannot be started: " + e.getMessage(), e);
        }
    }

    private JsonNode result(Process process) throws IOException {
        Thread end = new Thread(process::destroy);
        Runtime.getRuntime().addShutdownHook(end);
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode told = command.parseJson("the answer of the program for copies", line);
                switch (told.path("event").asText()) {
                    case "done" -> {
                        return told;
                    }
                    case "failed" ->
                        throw new CommandFailure(
                                exitCode(told.path("code").asText()),
                                told.path("message").asText());
                    default -> command.terminal().progress(told.path("text").asText());
                }
            }
        }
        throw new CommandFailure(ExitCode.FAILED, "the program for copies ended without a result; run it again");
    }

    private static int exitCode(String code) {
        return switch (code) {
            case "CONFLICT" -> ExitCode.CONFLICT;
            case "STORAGE_FULL" -> ExitCode.TEMPORARY;
            default -> ExitCode.ERROR;
        };
    }

    /** Lets the independent verifier judge the ledger of a copy, and says how it is. */
    static Report verified(Path place, Path publicKey) {
        Path export = place.resolve("ledger");
        return LedgerVerifier.verify(
                Files.isDirectory(export) ? export : place,
                Optional.of(publicKey).filter(Files::isRegularFile));
    }

    static String bytes(long bytes) {
        double mega = bytes / 1e6;
        return bytes < 1_000_000 ? bytes + " bytes" : String.format(java.util.Locale.ROOT, "%.1f MB", mega);
    }
}
