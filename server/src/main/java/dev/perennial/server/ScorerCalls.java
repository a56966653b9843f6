package dev.perennial.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.governance.Access;
import dev.perennial.governance.Caller;
import dev.perennial.governance.Right;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.server.access.ApiRights;
import dev.perennial.serving.MissingEnvironment;
import dev.perennial.serving.ScorerConfig;
import dev.perennial.serving.ScorerHello;
import dev.perennial.serving.ScorerInstance;
import dev.perennial.serving.ScorerPoll;
import dev.perennial.serving.ServingAct;
import dev.perennial.serving.VersionRef;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What the installation's own scorers and standalone ones ask alike. Thread-safe. */
final class ScorerCalls {
    private static final int WAIT_SECONDS_MAX = 25;
    private static final int NUMBERS_MAX = 100;

    private final Rooms rooms;

    ScorerCalls(Rooms rooms) {
        this.rooms = rooms;
    }

    /** A question for the configuration, as it came; what was not said is null. */
    record Asked(
            String id,
            @Nullable String url,
            @Nullable Long revision,
            @Nullable Long applied,
            @Nullable Integer protocol,
            Predicate<String> mine,
            @Nullable String instance) {
        private ScorerPoll poll() {
            return new ScorerPoll(
                    id,
                    url == null ? "" : url,
                    revision == null ? -1 : revision,
                    applied == null ? 0 : applied,
                    protocol == null ? 1 : protocol,
                    mine,
                    ScorerInstance.parse(instance).orElse(null));
        }
    }

    /**
     * @param own whether this server started the scorer
     * @param mine the endpoints that it may serve; null for all
     */
    String hello(String id, JsonNode body, boolean own, @Nullable List<String> mine) {
        ScorerHello said = new ScorerHello(
                numbers(body, "protocols"),
                numbers(body, "segments"),
                body.path("build").asText("unknown"),
                body.path("host").asText("unknown"),
                ScorerInstance.parse(body.path("instance").asText("")).orElse(null),
                MissingEnvironment.parse(body.path("environments")));
        return Json.write(rooms.fleet().hello(id, said, own, mine));
    }

    void flushed(String id, JsonNode body) {
        ScorerInstance instance =
                ScorerInstance.parse(body.path("instance").asText("")).orElse(null);
        JsonNode flush = body.path("flush");
        if (!flush.canConvertToLong() || !flush.isIntegralNumber()) {
            throw PerennialException.invalid("flush", "'flush' must be a whole number, got " + flush);
        }
        rooms.fleet().flushed(id, flush.asLong(), instance);
    }

    private static List<Integer> numbers(JsonNode body, String name) {
        JsonNode list = body.path(name);
        List<Integer> numbers = new ArrayList<>();
        list.forEach(number -> numbers.add(number.isInt() ? number.asInt() : -1));
        if (!list.isArray() || numbers.isEmpty() || numbers.size() > NUMBERS_MAX || numbers.contains(-1)) {
            throw PerennialException.invalid(name, "'" + name + "' must be a list of whole numbers");
        }
        return numbers;
    }

    Response config(Asked asked, @Nullable Integer wait) {
        Duration patience = Duration.ofSeconds(Math.clamp(wait == null ? 0 : wait, 0, WAIT_SECONDS_MAX));
        Optional<ScorerConfig> config = rooms.fleet().poll(asked.poll(), patience);
        return config.map(body -> Response.ok(Json.write(body)).build())
                .orElseGet(() -> Response.noContent().build());
    }

    /**
     * Somebody asked a scorer to load or unload.
     *
     * @param authorization what they showed there; null when nothing was needed
     * @param own whether this server started the scorer, whose word for the installation's own processes is taken
     */
    String warmth(String id, JsonNode body, @Nullable String authorization, boolean own, ApiRights rights) {
        String endpoint = body.path("endpoint").asText();
        ModelId name = ModelId.parse(endpoint);
        Caller caller = caller(id, authorization, own);
        Right has = rights.onEndpoint(caller, endpoint)
                .orElseThrow(() -> PerennialException.notFound("there is no endpoint '" + endpoint + "'"));
        if (has.compareTo(Right.MANAGE) < 0) {
            rooms.governance().ledger().denied(caller, "deployment.update", "endpoint:" + endpoint);
            throw Access.denied();
        }
        List<String> versions = new ArrayList<>();
        body.path("versions").forEach(version -> versions.add(version.asText()));
        boolean load = body.path("load").asBoolean();
        ServingAct act = new ServingAct("user:" + caller.name(), "asked for at scorer " + id);
        long revision =
                load ? rooms.warmth().load(act, name, versions) : rooms.warmth().unload(act, name, versions);
        rooms.fleet().wake();
        return Json.object().put("revision", revision).toString();
    }

    private Caller caller(String id, @Nullable String authorization, boolean own) {
        if (!rooms.access().auth()) {
            return Caller.unchecked("unknown");
        }
        if (authorization == null) {
            throw rooms.governance().authentication().nobody("scorer " + id);
        }
        return own && rooms.isInternal(authorization)
                ? Caller.internal("installation")
                : rooms.governance().authentication().byHeader(authorization, "scorer " + id);
    }

    void fuse(String id, JsonNode body) {
        VersionRef version = VersionRef.parse(body.path("version").asText());
        ModelId endpoint = ModelId.parse(body.path("endpoint").asText(version.model()));
        rooms.fuses().accept(id, endpoint, version, body.path("reason").asText(), body);
        rooms.fleet().wake();
        if (rooms.lifecycle().lifecycles().find(endpoint).isPresent()) {
            rooms.lifecycle().loop().wake(endpoint);
        } else {
            rooms.rolloutLoop().wake(endpoint);
        }
    }
}
