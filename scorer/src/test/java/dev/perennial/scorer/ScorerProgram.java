package dev.perennial.scorer;

import dev.perennial.testkit.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The scorer's real program in processes of their own, on one port and with one folder; all are killed at the end. */
final class ScorerProgram implements AutoCloseable {
    private final Path folder;
    private final int serverPort;
    private final int port;
    private final List<Process> launched = new ArrayList<>();
    private final Map<String, String> variables = new HashMap<>();

    ScorerProgram(Path folder, int serverPort) throws IOException {
        this(folder, serverPort, FreePort.any());
    }

    ScorerProgram(Path folder, int serverPort, int port) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.serverPort = serverPort;
        this.port = port;
        Files.writeString(folder.resolve("token"), ControlServer.TOKEN);
    }

    int port() {
        return port;
    }

    /** Sets a variable of those that are launched from now on. */
    void variable(String name, String value) {
        variables.put(name, value);
    }

    /** What all of them said so far. */
    String log() throws IOException {
        return Files.readString(folder.resolve("log"));
    }

    /** @param flags more than the necessary ones */
    Process launch(String... flags) throws IOException {
        return launch(List.of(), flags);
    }

    /** @param properties flags of its JVM */
    Process launch(List<String> properties, String... flags) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED"));
        command.addAll(properties);
        command.addAll(List.of(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "dev.perennial.scorer.ScorerMain",
                "--server",
                "http://127.0.0.1:" + serverPort,
                "--id",
                "s1",
                "--port",
                Integer.toString(port),
                "--spool",
                folder.resolve("spool").toString(),
                "--blobs",
                folder.resolve("blobs").toString(),
                "--token-file",
                folder.resolve("token").toString(),
                "--segment-bytes",
                "3000",
                "--installation",
                "mine"));
        command.addAll(List.of(flags));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
        builder.environment().putAll(variables);
        Process process = builder.start();
        launched.add(process);
        return process;
    }

    @Override
    public void close() {
        launched.forEach(Process::destroyForcibly);
        launched.forEach(process -> process.onExit().join());
    }
}
