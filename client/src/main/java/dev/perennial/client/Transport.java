package dev.perennial.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests and tries again while the server restarts: always when it could not be reached or said 503, and also when the connection
 * broke in between if the request may run twice. Thread-safe.
 */
final class Transport {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final long BACKOFF_FIRST_MILLIS = 50;
    private static final long BACKOFF_MAX_MILLIS = 1000;
    private static final int ANSWER_SHOWN_MAX = 200;

    private final ObjectMapper mapper = new ObjectMapper();
    private final HttpClient http;
    private final Duration patience;
    private final String actor;
    private final @Nullable String authorization;

    /** @param patience how long to go on trying */
    Transport(Duration patience, String actor) {
        this(patience, actor, null);
    }

    /** The same, with what proves who calls. */
    Transport signedIn(String authorization) {
        return new Transport(patience, actor, authorization);
    }

    private Transport(Duration patience, String actor, @Nullable String authorization) {
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        this.patience = patience;
        this.actor = actor;
        this.authorization = authorization;
    }

    ObjectMapper mapper() {
        return mapper;
    }

    /** A status below 400 and the body. */
    record Answer(int status, JsonNode body) {}

    /** One request; {@code body} null for none. */
    Answer send(String method, URI uri, @Nullable JsonNode body, boolean repeatable, Duration timeout) {
        HttpRequest.Builder request = request(uri, timeout);
        if (body == null) {
            request.method(method, BodyPublishers.noBody());
        } else {
            request.header("Content-Type", "application/json").method(method, BodyPublishers.ofString(body.toString()));
        }
        if (!method.equals("GET")) {
            request.header("Idempotency-Key", UUID.randomUUID().toString());
        }
        HttpResponse<String> response = exchange(request.build(), BodyHandlers.ofString(), repeatable);
        if (response.statusCode() >= 400) {
            throw refused(uri, response.statusCode(), response.body());
        }
        return new Answer(response.statusCode(), parse(uri, response.statusCode(), response.body()));
    }

    /** Streams a file to a place that is replaced as a whole, so it may run twice. */
    void upload(URI uri, Path file, Duration timeout) {
        try {
            HttpResponse<String> response = exchange(
                    request(uri, timeout).PUT(BodyPublishers.ofFile(file)).build(), BodyHandlers.ofString(), true);
            if (response.statusCode() >= 400) {
                throw refused(uri, response.statusCode(), response.body());
            }
        } catch (FileNotFoundException e) {
            throw new ClientException(
                    0, ClientException.UNEXPECTED_ANSWER, "cannot read " + file + ": it is no readable file", null, e);
        }
    }

    /** Streams an answer into a file, which appears whole or not at all. */
    void download(URI uri, Path target, Duration timeout) {
        Path partial = target.resolveSibling(target.getFileName() + ".part");
        try {
            HttpResponse<Path> response =
                    exchange(request(uri, timeout).GET().build(), BodyHandlers.ofFile(partial), true);
            if (response.statusCode() >= 400) {
                throw refused(uri, response.statusCode(), Files.readString(partial));
            }
            Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new ClientException(
                    0, ClientException.UNEXPECTED_ANSWER, "cannot write " + target + ": " + e.getMessage(), null, e);
        } finally {
            deleteQuietly(partial);
        }
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            file.toFile().deleteOnExit();
        }
    }

    private HttpRequest.Builder request(URI uri, Duration timeout) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(timeout)
                .header("Accept", "application/json")
                .header("X-Perennial-Actor", actor);
        return authorization == null ? request : request.header("Authorization", authorization);
    }

    private <T> HttpResponse<T> exchange(HttpRequest request, HttpResponse.BodyHandler<T> handler, boolean repeatable) {
        long deadline = System.nanoTime() + patience.toNanos();
        long pause = BACKOFF_FIRST_MILLIS;
        while (true) {
            try {
                HttpResponse<T> response = http.send(request, handler);
                if (response.statusCode() != 503 || System.nanoTime() - deadline >= 0) {
                    return response;
                }
            } catch (IOException e) {
                boolean neverSent = e instanceof ConnectException || e instanceof HttpConnectTimeoutException;
                if (!neverSent && !repeatable || System.nanoTime() - deadline >= 0) {
                    throw unreachable(request.uri(), e, neverSent);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw interrupted(request.uri(), e);
            }
            pause(request.uri(), pause);
            pause = Math.min(2 * pause, BACKOFF_MAX_MILLIS);
        }
    }

    private static void pause(URI uri, long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted(uri, e);
        }
    }

    private static ClientException interrupted(URI uri, InterruptedException cause) {
        return new ClientException(0, "CANCELLED", "the call of " + uri + " was interrupted", null, cause);
    }

    private static ClientException unreachable(URI uri, IOException cause, boolean neverSent) {
        String server = uri.getScheme() + "://" + uri.getAuthority();
        String message = neverSent
                ? "no server answers at " + server
                        + "; start one with 'perennial server', or name another with --server"
                : "the connection to " + server + " broke during the call"
                        + (cause.getMessage() == null ? "" : " (" + cause.getMessage() + ")")
                        + "; it may or may not have taken effect";
        return new ClientException(0, ClientException.UNAVAILABLE, message, null, cause);
    }

    private JsonNode parse(URI uri, int status, String body) {
        if (body.isBlank()) {
            return mapper.createObjectNode();
        }
        try {
            return mapper.readTree(body);
        } catch (JsonProcessingException e) {
            throw new ClientException(
                    status,
                    ClientException.UNEXPECTED_ANSWER,
                    uri + " answered no JSON: " + shown(body) + "; is it a Perennial server?",
                    null,
                    e);
        }
    }

    private ClientException refused(URI uri, int status, String body) {
        try {
            JsonNode answer = mapper.readTree(body);
            if (answer.path("error_code").isTextual()) {
                return new ClientException(
                        status,
                        answer.path("error_code").asText(),
                        answer.path("message").asText("status " + status),
                        null,
                        null);
            }
            JsonNode error = answer.path("error");
            if (error.isObject()) {
                return new ClientException(
                        status,
                        error.path("code").asText("HTTP_" + status),
                        error.path("message").asText("status " + status),
                        error.hasNonNull("field") ? error.get("field").asText() : null,
                        null);
            }
        } catch (JsonProcessingException e) {
            // told below with what came instead
        }
        return new ClientException(
                status,
                status == 503 ? ClientException.UNAVAILABLE : "HTTP_" + status,
                uri + " answered with status " + status + (body.isBlank() ? "" : ": " + shown(body)),
                null,
                null);
    }

    private static String shown(String body) {
        String line = body.replaceAll("\\s+", " ").strip();
        return line.length() > ANSWER_SHOWN_MAX ? line.substring(0, ANSWER_SHOWN_MAX) + "..." : line;
    }
}
