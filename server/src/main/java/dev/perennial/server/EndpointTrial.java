package dev.perennial.server;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.serving.ScorerFleet;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Calls a scorer in the place of a page, which is of another origin. The installation's token goes to the scorer
 * that this server started and to no other, whatever address another gives.
 * Blocks; thread-safe.
 */
final class EndpointTrial {
    private static final int CONNECT_MILLIS = 2_000;
    private static final int READ_MILLIS = 30_000;
    private static final int ANSWER_BYTES_MAX = 1 << 20;
    private static final int BAD_REQUEST = 400;

    private final InternalToken token;

    EndpointTrial(InternalToken token) {
        this.token = token;
    }

    /** What a scorer answered; its headers by name, empty when it sent none. */
    record Answer(int status, String body, Optional<String> predictionId, Optional<String> fallback) {}

    /** @throws PerennialException {@code UNAVAILABLE} when the scorer does not answer, {@code TOO_LARGE} when it answers too much */
    Answer post(ScorerFleet.Scorer scorer, String path, String json) {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create(scorer.url() + path).toURL().openConnection();
            connection.setRequestMethod("POST");
            connection.setConnectTimeout(CONNECT_MILLIS);
            connection.setReadTimeout(READ_MILLIS);
            connection.setInstanceFollowRedirects(false);
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/json");
            if (scorer.id().equals(ScorerSupervisor.ID)) {
                connection.setRequestProperty("Authorization", "Bearer " + token.value());
            }
            byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
            connection.setFixedLengthStreamingMode(bytes.length);
            try (OutputStream out = connection.getOutputStream()) {
                out.write(bytes);
            }
            int status = connection.getResponseCode();
            try (InputStream in = status >= BAD_REQUEST ? connection.getErrorStream() : connection.getInputStream()) {
                return new Answer(
                        status,
                        in == null ? "" : text(in),
                        Optional.ofNullable(connection.getHeaderField("X-Perennial-Prediction-Id")),
                        Optional.ofNullable(connection.getHeaderField("X-Perennial-Fallback")));
            }
        } catch (IOException e) {
            throw new PerennialException(
                    ErrorCode.UNAVAILABLE, "the scorer at " + scorer.url() + " does not answer; try again", null, e);
        }
    }

    private static String text(InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(ANSWER_BYTES_MAX + 1);
        if (bytes.length > ANSWER_BYTES_MAX) {
            throw new PerennialException(
                    ErrorCode.TOO_LARGE,
                    "the answer has more than " + ANSWER_BYTES_MAX + " bytes; call the scorer itself");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
