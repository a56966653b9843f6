package dev.perennial.bench;

import dev.perennial.cli.ServerProcess;
import dev.perennial.testkit.MlflowServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** A tracking server in processes of its own, ours or MLflow's, behind one face. */
final class TrackingServer implements AutoCloseable {
    private final String name;
    private final int port;
    private final long pid;
    private final double startCpuMillis;
    private final LongSupplier commits;
    private final Stop stop;

    /** Ends the processes. */
    @FunctionalInterface
    private interface Stop {
        void run() throws IOException, InterruptedException;
    }

    private TrackingServer(String name, int port, long pid, double startCpuMillis, LongSupplier commits, Stop stop) {
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
        ServerProcess server =
                ServerProcess.start(new ServerProcess.Launch(plain.dist(), data, 0, properties, plain.jvmOptions()));
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
    static TrackingServer mlflow(Path python, Path folder) throws IOException {
        MlflowServer server = MlflowServer.start(python, folder);
        double cpu = ofTree(server.process(), TrackingServer::cpu);
        return new TrackingServer("MLflow", server.port(), server.process().pid(), cpu, () -> 0, server::close);
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
            stop.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a server ended", e);
        }
    }
}
