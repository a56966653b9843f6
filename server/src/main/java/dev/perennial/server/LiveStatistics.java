package dev.perennial.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.serving.ScorerFleet.Scorer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * What the scorers of this machine have done so far, asked from them at this moment and summed: counts only grow while a scorer lives, so
 * two looks give a rate. A scorer that does not answer in time is named and left out. Scorers beyond loopback are not asked: their addresses
 * are their own word. Costs one or two requests over loopback for each scorer. Thread-safe; calls block.
 */
final class LiveStatistics implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final long ANSWER_BYTES_MAX = 16L << 20;
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final Set<String> HERE = Set.of("127.0.0.1", "localhost");

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    private final Supplier<InternalToken> token;

    /** @param token shown to the scorer that this server started, and to no other, whatever address another gives */
    LiveStatistics(Supplier<InternalToken> token) {
        this.token = token;
    }

    /**
     * What one version has done.
     *
     * @param version its number
     * @param rows rows answered
     * @param requests requests answered
     * @param failures requests refused or failed
     * @param requestNanos in all requests that were answered, from the whole request to the encoded answer
     * @param modelNanos of it in the model, with what is logged
     */
    record Counts(String version, long rows, long requests, long failures, long requestNanos, long modelNanos) {
        Counts plus(Counts other) {
            return new Counts(
                    version,
                    rows + other.rows,
                    requests + other.requests,
                    failures + other.failures,
                    requestNanos + other.requestNanos,
                    modelNanos + other.modelNanos);
        }
    }

    /** @param answered false when it was silent, or is beyond this machine */
    record Asked(String id, boolean answered) {}

    /**
     * Of one endpoint.
     *
     * @param latency how long requests took; no edges when no scorer tells
     * @param turns what fallbacks answered, and what was refused because too much waited
     */
    record One(List<Asked> scorers, List<Counts> versions, LatencyBuckets latency, EndpointTurns turns) {}

    /** Of all endpoints, by name. */
    record All(List<Asked> scorers, Map<String, List<Counts>> endpoints) {}

    private record Answer(Asked by, Optional<String> statistics, Optional<String> metrics) {}

    One of(String endpoint, List<Scorer> alive) {
        List<Answer> answers = ask(alive, "/v2/models/" + endpoint + "/stats", true);
        LatencyBuckets latency = LatencyBuckets.NONE;
        EndpointTurns turns = EndpointTurns.NONE;
        for (Answer answer : answers) {
            String told = answer.metrics().orElse("");
            latency = latency.plus(LatencyBuckets.in(told, endpoint));
            turns = turns.plus(EndpointTurns.in(told, endpoint));
        }
        return new One(asked(answers), sum(answers).getOrDefault(endpoint, List.of()), latency, turns);
    }

    All all(List<Scorer> alive) {
        List<Answer> answers = ask(alive, "/v2/models/stats", false);
        return new All(asked(answers), sum(answers));
    }

    private static List<Asked> asked(List<Answer> answers) {
        return answers.stream().map(Answer::by).toList();
    }

    private List<Answer> ask(List<Scorer> alive, String path, boolean metrics) {
        List<CompletableFuture<Answer>> asking =
                alive.stream().map(scorer -> ask(scorer, path, metrics)).toList();
        return asking.stream().map(CompletableFuture::join).toList();
    }

    private CompletableFuture<Answer> ask(Scorer scorer, String path, boolean metrics) {
        CompletableFuture<Optional<String>> text =
                metrics ? get(scorer, "/metrics") : CompletableFuture.completedFuture(Optional.empty());
        return get(scorer, path)
                .thenCombine(
                        text,
                        (statistics, told) ->
                                new Answer(new Asked(scorer.id(), statistics.isPresent()), statistics, told));
    }

    private CompletableFuture<Optional<String>> get(Scorer scorer, String path) {
        String address = scorer.url() + path;
        if (!onThisMachine(address)) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(address)).timeout(PATIENCE);
        if (scorer.id().equals(ScorerSupervisor.ID)) {
            request.header("Authorization", "Bearer " + token.get().value());
        }
        return http.sendAsync(request.build(), BodyHandlers.limiting(BodyHandlers.ofString(), ANSWER_BYTES_MAX))
                .thenApply(LiveStatistics::body)
                .exceptionallyCompose(failure -> failure.getCause() instanceof IOException
                        ? CompletableFuture.completedFuture(Optional.empty())
                        : CompletableFuture.failedFuture(failure));
    }

    /** An endpoint that a scorer does not know yet has done nothing there, which is an answer. */
    private static Optional<String> body(HttpResponse<String> response) {
        return switch (response.statusCode()) {
            case OK -> Optional.of(response.body());
            case NOT_FOUND -> Optional.of("{}");
            default -> Optional.empty();
        };
    }

    private static boolean onThisMachine(String address) {
        try {
            URI uri = URI.create(address);
            return "http".equals(uri.getScheme()) && uri.getHost() != null && HERE.contains(uri.getHost());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Map<String, List<Counts>> sum(List<Answer> answers) {
        Map<String, Map<String, Counts>> sums = new TreeMap<>();
        for (Answer answer : answers) {
            answer.statistics()
                    .ifPresent(text -> statistics(text)
                            .forEach(one -> sums.computeIfAbsent(
                                            one.path("name").asText(), name -> new LinkedHashMap<>())
                                    .merge(one.path("version").asText(), counts(one), Counts::plus)));
        }
        Map<String, List<Counts>> lists = new TreeMap<>();
        sums.forEach((name, versions) -> lists.put(name, new ArrayList<>(versions.values())));
        return lists;
    }

    /** What is no JSON counts as nothing: a scorer of another release must not take the page away. */
    private static JsonNode statistics(String text) {
        try {
            return Json.parse(text).path("model_stats");
        } catch (PerennialException e) {
            return Json.array();
        }
    }

    private static Counts counts(JsonNode one) {
        JsonNode all = one.path("inference_stats");
        return new Counts(
                one.path("version").asText(),
                one.path("inference_count").asLong(),
                all.path("success").path("count").asLong(),
                all.path("fail").path("count").asLong(),
                all.path("success").path("ns").asLong(),
                all.path("compute_infer").path("ns").asLong());
    }

    @Override
    public void close() {
        http.close();
    }
}
