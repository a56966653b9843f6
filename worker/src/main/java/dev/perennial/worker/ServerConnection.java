package dev.perennial.worker;

import dev.perennial.kernel.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the server's internal routes. A server that is away, or that says "later", is asked again with growing pauses for ten minutes;
 * every call is safe to repeat. Uses the small HTTP client of the JDK: it costs a tenth of the processor time of the large one at start.
 */
final class ServerConnection {
    private static final Logger LOG = LoggerFactory.getLogger(ServerConnection.class);
    private static final int CONNECT_MILLIS = 5_000;
    private static final int READ_MILLIS = 300_000;
    private static final long PAUSE_MILLIS_FIRST = 50;
    private static final long PAUSE_MILLIS_MAX = 2_000;
    private static final Duration AWAY_MAX = Duration.ofMinutes(10);
    private static final int CONFLICT = 409;
    private static final int BAD_REQUEST = 400;
    private static final int TOO_MANY = 429;
    private static final int SERVER_ERROR = 500;

    private final URI given;
    private final Path movedTo;
    private final String token;
    private final InstantSource clock;

    /** @param movedTo a file with the server's present URL, read when it does not answer at the given one; may be absent */
    ServerConnection(URI given, Path movedTo, String token, InstantSource clock) {
        this.given = given;
        this.movedTo = movedTo;
        this.token = token;
        this.clock = clock;
    }

    /** An answer that is no error. */
    record Answer(int status, byte[] body) {}

    /** Posts until the server has answered. Throws {@link WorkerEnds} when fenced, refused, or away for too long. */
    Answer post(String path, Object body) {
        long deadline = clock.millis() + AWAY_MAX.toMillis();
        long pause = PAUSE_MILLIS_FIRST;
        boolean told = false;
        while (true) {
            String why;
            try {
                Answer answer = once(path, body);
                if (answer.status < SERVER_ERROR && answer.status != TOO_MANY) {
                    return accepted(path, answer);
                }
                why = "status " + answer.status;
            } catch (IOException e) {
                why = String.valueOf(e.getMessage());
            }
            if (clock.millis() > deadline) {
                throw new WorkerEnds(
                        ExitCode.TEMPORARY,
                        "the server has been away for " + AWAY_MAX.toMinutes() + " minutes: " + why);
            }
            if (!told) {
                LOG.warn("the server does not answer, asking again path={} why={}", path, why);
                told = true;
            }
            pause(pause);
            pause = Math.min(PAUSE_MILLIS_MAX, pause * 2);
        }
    }

    private static Answer accepted(String path, Answer answer) {
        if (answer.status == CONFLICT) {
            throw new WorkerEnds(ExitCode.FENCED, new String(answer.body, StandardCharsets.UTF_8));
        }
        if (answer.status >= BAD_REQUEST) {
            String text = new String(answer.body, StandardCharsets.UTF_8);
            throw new WorkerEnds(
                    ExitCode.CONFIG, "the server refuses " + path + " with status " + answer.status + ": " + text);
        }
        return answer;
    }

    /** One try. */
    Answer once(String path, Object body) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) address().resolve(path).toURL().openConnection();
        connection.setRequestMethod("POST");
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(READ_MILLIS);
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setRequestProperty("Authorization", "Bearer " + token);
        byte[] bytes = Json.write(body).getBytes(StandardCharsets.UTF_8);
        connection.setFixedLengthStreamingMode(bytes.length);
        try (OutputStream out = connection.getOutputStream()) {
            out.write(bytes);
        }
        int status = connection.getResponseCode();
        try (InputStream in = status >= BAD_REQUEST ? connection.getErrorStream() : connection.getInputStream()) {
            return new Answer(status, in == null ? new byte[0] : in.readAllBytes());
        }
    }

    private URI address() throws IOException {
        return Files.exists(movedTo) ? URI.create(Files.readString(movedTo).strip()) : given;
    }

    static void pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorkerEnds(ExitCode.TEMPORARY, "interrupted");
        }
    }

    static String readToken(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the token of the server from " + file, e);
        }
    }
}
