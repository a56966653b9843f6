package dev.perennial.worker;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the server every two seconds how far the running attempt is. Being fenced calls back; a server that is away is left alone. */
final class HeartbeatSender implements StepHandler.Progress {
    private static final Logger LOG = LoggerFactory.getLogger(HeartbeatSender.class);
    private static final long PERIOD_MILLIS = 2_000;
    private static final int CONFLICT = 409;

    private final ServerConnection server;
    private final String token;
    private final Consumer<String> fenced;
    private final Thread thread;
    private volatile Report report = new Report(0, "");

    private record Report(double share, String line) {}

    HeartbeatSender(ServerConnection server, String token, Consumer<String> fenced) {
        this.server = server;
        this.token = token;
        this.fenced = fenced;
        this.thread = Thread.ofPlatform().name("heartbeat").daemon().unstarted(this::loop);
    }

    void start() {
        thread.start();
    }

    void stop() {
        thread.interrupt();
    }

    @Override
    public void report(double share, String line) {
        report = new Report(share, line);
    }

    private void loop() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                TimeUnit.MILLISECONDS.sleep(PERIOD_MILLIS);
                beat();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the step has ended
        }
    }

    private void beat() {
        Report now = report;
        try {
            ServerConnection.Answer answer = server.once(
                    "/internal/worker/attempts/" + token + "/heartbeat", Map.of("share", now.share, "line", now.line));
            if (answer.status() == CONFLICT && !Thread.currentThread().isInterrupted()) {
                fenced.accept("the attempt does not count any more");
            }
        } catch (IOException e) {
            LOG.debug("heartbeat not taken why={}", e.getMessage());
        }
    }
}
