package dev.perennial.bench;

import dev.perennial.cli.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** A tracking server in processes of its own, ours or MLflow's, behind one face. */
final class TrackingServer implements AutoCloseable {
    private static final long LOOK_MILLIS = 20;
    private static final int LOOKS = 6000;

    private final String name;
    private final int port;
    private final long pid;
    private final double startCpuMillis;
    private final LongSupplier commits;
    private final AutoCloseable stop;

    private TrackingServer(
            String name, int port, long pid, double startCpuMillis, LongSupplier commits, AutoCloseable stop) {
        this.name = name;
        this.port = port;
        this.pid = pid;
        this.startCpuMillis = startCpuMillis;
        this.commits = commits;
        this.stop = stop;
    }

    /**
     * Starts ours.
     *
     * @param commits counts the commits of its database
     */
    static TrackingServer ours(Path data, Map<String, String> properties, LongSupplier commits) throws IOException {
        ServerProcess.Launch plain =
                ServerProcess.Launch.of(Path.of("target/dist").toAbsolutePath(), data, 0);
        ServerProcess server = ServerProcess.start(
                new ServerProcess.Launch(plain.dist(), data, 0, properties, plain.jvmOptions()));
        server.awaitReady(ServerProcess.READY_DEADLINE);
        return new TrackingServer(
                "Perennial",
                server.url().getPort(),
                server.pid(),
                ProcessUse.cpuMillis(server.pid()),
                commits,
                () -> server.stop(ServerProcess.STOP_GRACE));
    }

    /** Starts MLflow with one worker and without its job runners, on an SQLite file. */
    static TrackingServer mlflow(Path python, Path folder) throws IOException, InterruptedException {
        int port;
        try (java.net.ServerSocket free = new java.net.ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Files.createDirectories(folder);
        ProcessBuilder builder = new ProcessBuilder(
                "setsid",
                python.toString(),
                "-m",
                "mlflow",
                "server",
                "--host",
                "127.0.0.1",
                "--port",
                String.valueOf(port),
                "--workers",
                "1",
                "--backend-store-uri",
                "sqlite:///" + folder.resolve("mlflow.db"),
                "--artifacts-destination",
                folder.resolve("artifacts").toString());
        builder.environment().put("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false");
        builder.environment().put("MLFLOW_DISABLE_TELEMETRY", "true");
        builder.environment().put("DO_NOT_TRACK", "true");
        Process process = builder.directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("mlflow.log").toFile())
                .start();
        awaitMlflow(process, port, folder);
        double cpu = ofTree(process.toHandle(), TrackingServer::cpu);
        return new TrackingServer("MLflow", port, process.pid(), cpu, () -> 0, () -> end(process));
    }

    private static void awaitMlflow(Process process, int port, Path folder) throws IOException, InterruptedException {
        for (int i = 0; i < LOOKS && process.isAlive(); i++) {
            try (WireClient client = new WireClient(port, 5_000)) {
                if (client.get("/health").status() == 200) {
                    return;
                }
            } catch (IOException e) {
                Thread.sleep(LOOK_MILLIS);
            }
        }
        throw new IOException("MLflow does not answer: " + Files.readString(folder.resolve("mlflow.log")));
    }

    private static void end(Process process) throws InterruptedException {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        process.waitFor();
        children.forEach(ProcessHandle::destroyForcibly);
    }

    boolean isOurs() {
        return !name.equals("MLflow");
    }

    int port() {
        return port;
    }

    WireClient client() throws IOException {
        return new WireClient(port, 60_000);
    }

    /** Processor time from the start until it answered. */
    double startCpuMillis() {
        return startCpuMillis;
    }

    /** Commits of its database so far, each of which is one fsync; 0 when nobody counts. */
    long commits() {
        return commits.getAsLong();
    }

    /** User and system time of the server; of ours without the scorer, which takes no part. */
    double cpuMillis() {
        return measured(TrackingServer::cpu);
    }

    /** Resident memory of its processes together. */
    double mebibytes() {
        return measured(TrackingServer::memory);
    }

    private double measured(ToDoubleFunction<Long> use) {
        return isOurs() ? use.applyAsDouble(pid) : ofTree(ProcessHandle.of(pid).orElseThrow(), use);
    }

    private static double ofTree(ProcessHandle root, ToDoubleFunction<Long> use) {
        List<ProcessHandle> all = new ArrayList<>(List.of(root));
        try (Stream<ProcessHandle> descendants = root.descendants()) {
            descendants.forEach(all::add);
        }
        return all.stream().map(ProcessHandle::pid).mapToDouble(use).sum();
    }

    private static double cpu(long pid) {
        try {
            return ProcessUse.cpuMillis(pid);
        } catch (IOException e) {
            return 0; // it has just ended
        }
    }

    private static double memory(long pid) {
        try {
            return ProcessUse.mebibytes(pid);
        } catch (IOException e) {
            return 0; // it has just ended
        }
    }

    @Override
    public void close() throws IOException {
        try {
            stop.close();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("cannot stop " + name, e);
        }
    }
}
