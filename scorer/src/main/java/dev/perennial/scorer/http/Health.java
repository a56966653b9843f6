package dev.perennial.scorer.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.scorer.serving.Router;
import dev.perennial.scorer.serving.Unprepared;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether the process lives, whether it may get traffic, and what is not well. Ready means: a configuration is in effect and every
 * endpoint's champion is loaded, and it is not about to end.
 */
public final class Health {
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;
    /** Extensions that work wholly. */
    private static final String SERVER = "{\"name\":\"perennial-scorer\",\"version\":\"0.1.0\",\"extensions\":"
            + "[\"binary_tensor_data\",\"classification\",\"model_configuration\",\"statistics\"]}";

    private final Router router;
    private final LongSupplier revision;
    private final BooleanSupplier serverReached;
    private final BooleanSupplier draining;
    private final Supplier<String> logProblem;

    record Answer(int status, String body) {}

    public Health(
            Router router,
            LongSupplier revision,
            BooleanSupplier serverReached,
            BooleanSupplier draining,
            Supplier<String> logProblem) {
        this.router = router;
        this.revision = revision;
        this.serverReached = serverReached;
        this.draining = draining;
        this.logProblem = logProblem;
    }

    Answer answer(String path) {
        return switch (path) {
            case "/v2/health/live" -> new Answer(OK, "{\"live\":true}");
            case "/v2/health/ready" -> ready();
            case "/v2" -> new Answer(OK, SERVER);
            default -> all();
        };
    }

    private Answer ready() {
        String why = reason();
        return why.isEmpty()
                ? new Answer(OK, "{\"ready\":true,\"live\":true}")
                : new Answer(UNAVAILABLE, Json.object().put("error", why).toString());
    }

    /** Why the scorer may not get traffic; empty when it may. */
    public String reason() {
        if (draining.getAsBoolean()) {
            return "the scorer is about to end";
        }
        if (revision.getAsLong() < 0) {
            return router.problem().isEmpty() ? "no configuration yet" : router.problem();
        }
        Set<String> loading = router.loading();
        return loading.isEmpty() ? "" : "no champion loaded for " + new TreeSet<>(loading) + waiting();
    }

    private String waiting() {
        List<Unprepared> all = router.unprepared();
        return all.isEmpty()
                ? ""
                : ": " + all.stream().map(Unprepared::sentence).collect(Collectors.joining("; "));
    }

    private Answer all() {
        String why = reason();
        String log = logProblem.get();
        ObjectNode body = Json.object();
        String problem = Stream.concat(
                        Stream.of(router.problem()),
                        router.unprepared().stream().map(Unprepared::sentence))
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining("; "));
        body.put("status", why.isEmpty() && log.isEmpty() && problem.isEmpty() ? "ok" : "degraded");
        body.put("ready", why.isEmpty());
        body.put("reason", why.isEmpty() ? problem : why);
        body.put("revision", revision.getAsLong());
        body.put("server", serverReached.getAsBoolean() ? "reached" : "away");
        body.put("log", log.isEmpty() ? "ok" : log);
        return new Answer(OK, body.toString());
    }
}
