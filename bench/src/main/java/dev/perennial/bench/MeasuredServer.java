package dev.perennial.bench;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A server in processes of its own on the first core, loaded from the second; its processor time, that of its children included, and its
 * memory are read from /proc. Linux only.
 */
final class MeasuredServer implements AutoCloseable {
    static final String SERVER_CORE = "0";
    static final String LOAD_CORE = "1";
    private static final int CONNECTIONS = 16;
    private static final int LOOKS = 1_200;
    private static final int LOOK_MILLIS = 100;
    private static final long END_SECONDS = 10;
    private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in");
    private static final Pattern FAILED = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");

    private final Process process;
    private final int port;

    /**
     * What one round of load showed; the percentiles are as the loader printed them.
     *
     * @param compiling share of the processor time that the JVM's compilers took
     */
    record Load(double microsARequest, double requestsASecond, String p50, String p99, double compiling) {
        Load cheaper(Load other) {
            return other.microsARequest < microsARequest ? other : this;
        }
    }

    /** Starts a command and waits until it listens; {@code IllegalStateException} when it does not. */
    MeasuredServer(Path log, int port, List<String> command, Map<String, String> environment)
            throws IOException, InterruptedException {
        List<String> pinned = new ArrayList<>(List.of("taskset", "-c", SERVER_CORE));
        pinned.addAll(command);
        ProcessBuilder builder =
                new ProcessBuilder(pinned).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        this.port = port;
        this.process = builder.start();
        for (int i = 0; !listens(); i++) {
            if (i == LOOKS || !process.isAlive()) {
                close();
                throw new IllegalStateException("it does not listen; see " + log);
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    /** A JVM with the flags of a scorer. */
    static MeasuredServer java(Path log, int port, String classPath, String... mainAndArguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx192m",
                "-Xss512k",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                classPath));
        command.addAll(Arrays.asList(mainAndArguments));
        return new MeasuredServer(log, port, command, Map.of());
    }

    private boolean listens() {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    double cpuSeconds() throws IOException {
        double millis = 0;
        for (ProcessHandle each : processes().toList()) {
            millis += ProcessUse.cpuMillis(each.pid());
        }
        return millis / 1_000;
    }

    double mebibytes() throws IOException {
        double sum = 0;
        for (ProcessHandle each : processes().toList()) {
            sum += ProcessUse.mebibytes(each.pid());
        }
        return sum;
    }

    private Stream<ProcessHandle> processes() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants());
    }

    /** Sixteen kept connections, each of which sends the next request when the last was answered. */
    Load load(Path script, String path, int seconds) throws IOException, InterruptedException {
        String[] out = new String[1];
        Used used = during(
                out,
                "wrk",
                "-t1",
                "-c" + CONNECTIONS,
                "-d" + seconds + "s",
                "--timeout",
                "20s",
                "--latency",
                "-s",
                script.toString(),
                "http://127.0.0.1:" + port + path);
        Matcher requests = REQUESTS.matcher(out[0]);
        if (!requests.find()
                || FAILED.matcher(out[0]).find()
                || requests.group(1).equals("0")) {
            throw new IllegalStateException("wrk failed: " + out[0]);
        }
        double count = Double.parseDouble(requests.group(1));
        return used.load(count, seconds, percentile(out[0], "50%"), percentile(out[0], "99%"));
    }

    /** Processor time that a round took, and what of it the compilers took, in seconds. */
    record Used(double cpu, double compilers) {
        Load load(double requests, int seconds, String p50, String p99) {
            return new Load(cpu / requests * 1e6, requests / seconds, p50, p99, cpu > 0 ? compilers / cpu : 0);
        }
    }

    /** Processor time of this server while a program runs on the other core; its output is left in {@code out}. */
    Used during(String[] out, String... loader) throws IOException, InterruptedException {
        List<String> pinned = new ArrayList<>(List.of("taskset", "-c", LOAD_CORE));
        pinned.addAll(Arrays.asList(loader));
        return during(() -> {
            Process load = new ProcessBuilder(pinned).redirectErrorStream(true).start();
            out[0] = new String(load.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            load.waitFor();
        });
    }

    /** Something that loads this server and ends. */
    interface Loading {
        void run() throws IOException, InterruptedException;
    }

    /** Processor time of this server meanwhile. */
    Used during(Loading loading) throws IOException, InterruptedException {
        double before = cpuSeconds();
        double compiled = ProcessUse.compilersCpuMillis(pid());
        loading.run();
        return new Used(cpuSeconds() - before, (ProcessUse.compilersCpuMillis(pid()) - compiled) / 1_000);
    }

    private static String percentile(String out, String name) {
        Matcher matcher =
                Pattern.compile("\\n\\s+" + Pattern.quote(name) + "\\s+(\\S+)").matcher(out);
        return matcher.find() ? matcher.group(1) : "?";
    }

    @Override
    public void close() throws InterruptedException {
        List<ProcessHandle> all = processes().toList();
        process.destroy();
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        all.forEach(ProcessHandle::destroyForcibly);
    }
}
