package dev.perennial.bench;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server in a process of its own, loaded with wrk; CPU and memory are read from /proc. */
final class MeasuredServer implements AutoCloseable {
    private static final int WAITS = 300;
    private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in");
    private static final Pattern FAILED = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");

    private final Process process;
    private final int port;

    /** What one run of wrk showed. */
    record Load(double microsARequest, double requestsASecond, String p50, String p99) {}

    MeasuredServer(Path log, int port, String classPath, String... mainAndArguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-Xss512k",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath));
        command.addAll(Arrays.asList(mainAndArguments));
        this.port = port;
        this.process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        for (int i = 0; i < WAITS && !listens(); i++) {
            Thread.sleep(100);
        }
    }

    private boolean listens() {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    double cpuSeconds() throws IOException {
        return ProcessUse.cpuMillis(process.pid()) / 1_000;
    }

    long residentMebibytes() throws IOException {
        return (long) ProcessUse.mebibytes(process.pid());
    }

    Load load(Path script, String path, int seconds) throws IOException, InterruptedException {
        double before = cpuSeconds();
        Process wrk = new ProcessBuilder(
                        "wrk",
                        "-t1",
                        "-c8",
                        "-d" + seconds + "s",
                        "--latency",
                        "-s",
                        script.toString(),
                        "http://127.0.0.1:" + port + path)
                .redirectErrorStream(true)
                .start();
        String out = new String(wrk.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        wrk.waitFor();
        double cpu = cpuSeconds() - before;
        Matcher requests = REQUESTS.matcher(out);
        if (!requests.find() || FAILED.matcher(out).find()) {
            throw new IllegalStateException("wrk failed: " + out);
        }
        double count = Double.parseDouble(requests.group(1));
        return new Load(cpu / count * 1e6, count / seconds, percentile(out, "50%"), percentile(out, "99%"));
    }

    private static String percentile(String out, String name) {
        Matcher matcher =
                Pattern.compile("\\n\\s+" + Pattern.quote(name) + "\\s+(\\S+)").matcher(out);
        return matcher.find() ? matcher.group(1) : "?";
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }
}
