package dev.perennial.bench;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests at a fixed rate, whatever the answers do: each has a time at which it should begin, and its latency counts from then, so that a
 * server that stalls is not asked less. The targets are loaded in turn, a window each, over and over. A program of its own, so that it can
 * be kept to a core. Arguments: requests a second, seconds a window, rounds, then for each target its port, path and file with one body.
 * Prints a line for each window: target, requests, p50 and p99 in microseconds.
 */
public final class OpenLoop {
    private static final int CONNECTIONS = 16;
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final int WORDS_A_TARGET = 3;
    private static final int WORDS_BEFORE = 3;

    private final double rate;
    private final double seconds;

    private OpenLoop(double rate, double seconds) {
        this.rate = rate;
        this.seconds = seconds;
    }

    private record Target(String path, String body, List<WireClient> clients) {}

    public static void main(String[] arguments) throws IOException, InterruptedException, ExecutionException {
        OpenLoop loop = new OpenLoop(Double.parseDouble(arguments[0]), Double.parseDouble(arguments[1]));
        int rounds = Integer.parseInt(arguments[2]);
        List<Target> targets = new ArrayList<>();
        for (int at = WORDS_BEFORE; at < arguments.length; at += WORDS_A_TARGET) {
            List<WireClient> clients = new ArrayList<>();
            for (int c = 0; c < CONNECTIONS; c++) {
                clients.add(new WireClient(Integer.parseInt(arguments[at]), TIMEOUT_MILLIS));
            }
            targets.add(new Target(arguments[at + 1], Files.readString(Path.of(arguments[at + 2])), clients));
        }
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        try (ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS)) {
            for (int round = 0; round < rounds; round++) {
                for (int t = 0; t < targets.size(); t++) {
                    long[] nanos = loop.window(targets.get((t + round) % targets.size()), threads);
                    out.printf(
                            Locale.ROOT,
                            "%d %d %.1f %.1f%n",
                            (t + round) % targets.size(),
                            nanos.length,
                            nanos[nanos.length / 2] / 1e3,
                            nanos[(int) (nanos.length * 0.99)] / 1e3);
                }
            }
        }
        for (Target target : targets) {
            for (WireClient client : target.clients()) {
                client.close();
            }
        }
    }

    private long[] window(Target target, ExecutorService threads) throws InterruptedException, ExecutionException {
        int count = (int) (rate * seconds);
        double gap = 1e9 / rate;
        long begin = System.nanoTime() + 20_000_000;
        List<Future<long[]>> all = new ArrayList<>();
        for (int c = 0; c < CONNECTIONS; c++) {
            int first = c;
            WireClient client = target.clients().get(c);
            all.add(threads.submit(() -> connection(target, client, begin, gap, first, count)));
        }
        long[] nanos = new long[0];
        for (Future<long[]> one : all) {
            long[] more = one.get();
            nanos = Arrays.copyOf(nanos, nanos.length + more.length);
            System.arraycopy(more, 0, nanos, nanos.length - more.length, more.length);
        }
        Arrays.sort(nanos);
        return nanos;
    }

    /** Every sixteenth request. */
    private static long[] connection(Target target, WireClient client, long begin, double gap, int first, int count) {
        long[] nanos = new long[(count - first + CONNECTIONS - 1) / CONNECTIONS];
        for (int i = 0; i < nanos.length; i++) {
            long intended = begin + (long) ((first + (long) i * CONNECTIONS) * gap);
            for (long left = intended - System.nanoTime(); left > 0; left = intended - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            try {
                client.posted(target.path(), target.body());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            nanos[i] = System.nanoTime() - intended;
        }
        return nanos;
    }
}
