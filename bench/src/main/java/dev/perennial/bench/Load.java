package dev.perennial.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a number of clients saw, each of which sent its next request when the last was answered.
 *
 * @param refused requests that ended in an error or not within 10 s, which are not among the others; only MLflow may refuse
 * @param perSecond answered requests
 * @param cpuMillis of the server for a request
 * @param commits of the server's database meanwhile; 0 when it does not tell
 */
record Load(long requests, long refused, double perSecond, double p50, double p99, double cpuMillis, long commits) {
    private static final int TIMEOUT_MILLIS = 10_000;

    /** One request, or a few that belong together; the number is different each time. */
    @FunctionalInterface
    interface Work {
        void send(WireClient client, int clientNumber, int number) throws IOException;
    }

    /** Warms up, then measures for so many seconds. */
    static Load of(TrackingServer server, int clients, double warmSeconds, double seconds, Work work) {
        try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
            long begin = System.nanoTime();
            long from = begin + (long) (warmSeconds * 1e9);
            long to = from + (long) (seconds * 1e9);
            AtomicLong refused = new AtomicLong();
            List<Future<List<Long>>> all = new ArrayList<>();
            for (int c = 0; c < clients; c++) {
                int number = c;
                all.add(threads.submit(() -> client(server, number, from, to, work, refused)));
            }
            sleepUntil(from);
            double cpu = server.cpuMillis();
            long commits = server.commits();
            sleepUntil(to);
            cpu = server.cpuMillis() - cpu;
            commits = server.commits() - commits;
            return summed(all, seconds, cpu, commits, refused);
        }
    }

    private static Load summed(List<Future<List<Long>>> all, double seconds, double cpu, long commits, AtomicLong refused) {
        List<Long> nanos = new ArrayList<>();
        for (Future<List<Long>> one : all) {
            try {
                nanos.addAll(one.get());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            } catch (ExecutionException e) {
                throw new IllegalStateException("a client failed", e.getCause());
            }
        }
        if (nanos.isEmpty()) {
            return new Load(0, refused.get(), 0, 0, 0, 0, 0);
        }
        double[] millis = nanos.stream().mapToDouble(n -> n / 1e6).sorted().toArray();
        return new Load(
                millis.length,
                refused.get(),
                millis.length / seconds,
                millis[millis.length / 2],
                millis[(int) (millis.length * 0.99)],
                cpu / millis.length,
                commits);
    }

    private static List<Long> client(TrackingServer server, int number, long from, long to, Work work, AtomicLong refused) {
        List<Long> nanos = new ArrayList<>();
        try (WireClient client = new WireClient(server.port(), TIMEOUT_MILLIS)) {
            long now = System.nanoTime();
            for (int i = 0; now < to; i++) {
                boolean answered = sent(server, client, number, i, work, refused);
                long end = System.nanoTime();
                if (answered && end >= from && end < to) {
                    nanos.add(end - now);
                }
                now = end;
            }
            return nanos;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean sent(
            TrackingServer server, WireClient client, int clientNumber, int number, Work work, AtomicLong refused)
            throws IOException {
        try {
            work.send(client, clientNumber, number);
            return true;
        } catch (WireClient.Refused e) {
            if (server.isOurs()) {
                throw e;
            }
            refused.incrementAndGet();
            return false;
        } catch (SocketTimeoutException e) {
            if (server.isOurs()) {
                throw e;
            }
            refused.incrementAndGet();
            client.reconnect();
            return false;
        }
    }

    private static void sleepUntil(long nanoTime) {
        try {
            Thread.sleep(Math.max(0, (nanoTime - System.nanoTime()) / 1_000_000));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
