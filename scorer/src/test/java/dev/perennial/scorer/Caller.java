package dev.perennial.scorer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** Calls a scorer as a client would. */
final class Caller implements AutoCloseable {
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String url;

    record Reply(int status, String text) {
        JsonNode json() {
            return Json.parse(text);
        }
    }

    Caller(String url) {
        this.url = url;
    }

    Reply get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url + path)).GET());
    }

    Reply post(String path, String body) throws IOException, InterruptedException {
        return post(path, body.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    Reply post(String path, byte[] body) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url + path)).POST(HttpRequest.BodyPublishers.ofByteArray(body)));
    }

    /** A header of the answer to a POST. */
    Optional<String> header(String path, String body, String name) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + path))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.discarding())
                .headers()
                .firstValue(name);
    }

    Reply send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response =
                client.send(request.timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofString());
        return new Reply(response.statusCode(), response.body());
    }

    /** One record with the columns x and c. */
    static String records(String... ids) {
        StringBuilder body = new StringBuilder("{\"records\":[");
        for (int i = 0; i < ids.length; i++) {
            body.append(i == 0 ? "" : ",")
                    .append("{\"id\":\"")
                    .append(ids[i])
                    .append("\",\"x\":1.5,\"c\":\"a\",\"event_time\":7200000,\"predicted_at\":0}");
        }
        return body.append("]}").toString();
    }

    JsonNode predict(String... ids) throws IOException, InterruptedException {
        Reply reply = post("/endpoints/m/predict", records(ids));
        if (reply.status() != 200) {
            throw new AssertionError("status " + reply.status() + ": " + reply.text());
        }
        return reply.json().get("predictions");
    }

    @Override
    public void close() {
        client.close();
    }
}
