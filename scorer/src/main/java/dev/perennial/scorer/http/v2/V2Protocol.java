package dev.perennial.scorer.http.v2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.scorer.access.Caller;
import dev.perennial.scorer.access.Right;
import dev.perennial.scorer.http.Exchanges;
import dev.perennial.scorer.http.Payloads;
import dev.perennial.scorer.http.Problems;
import dev.perennial.scorer.http.Protocol;
import dev.perennial.scorer.serving.Endpoint;
import dev.perennial.scorer.serving.Inference;
import dev.perennial.scorer.serving.Loading;
import dev.perennial.scorer.serving.VersionStatistics.Snapshot;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The REST routes of the Open Inference Protocol below {@code /v2/models} and {@code /v2/repository}; a version may stand in the path.
 * Thread-safe.
 */
public final class V2Protocol implements Protocol {
    private static final int MODEL = 3;
    private static final int VERSION = 5;

    private final Inference inference;
    private final Exchanges exchanges;
    private final InferRoute infer;
    private final Loading loading;

    public V2Protocol(Inference inference, Exchanges exchanges, Payloads payloads, Loading loading) {
        this.inference = inference;
        this.loading = loading;
        this.exchanges = exchanges;
        this.infer = new InferRoute(inference, exchanges, payloads);
    }

    @Override
    public boolean handle(HttpServerRequest request, String path, String[] parts) {
        if (path.startsWith("/v2/repository/")) {
            return repository(request, parts);
        }
        if (!path.startsWith("/v2/models/")) {
            return false;
        }
        if (parts.length == MODEL + 1 && parts[MODEL].equals("stats")) {
            get(request);
            answer(request, allStatistics(exchanges.caller(request)));
            return true;
        }
        boolean versioned = parts.length > VERSION && parts[MODEL + 1].equals("versions");
        String version = versioned ? parts[VERSION] : null;
        List<String> rest = Arrays.asList(parts).subList(versioned ? VERSION + 1 : MODEL + 1, parts.length);
        return rest.size() <= 1 && model(request, parts[MODEL], version, rest.isEmpty() ? "" : rest.getFirst());
    }

    private boolean model(HttpServerRequest request, String name, @Nullable String version, String action) {
        switch (action) {
            case "infer" -> {
                Exchanges.only(request, HttpMethod.POST);
                infer.handle(request, name, version);
            }
            case "" -> look(request, name, version, endpoint -> metadata(endpoint, version));
            case "ready" ->
                look(
                        request,
                        name,
                        version,
                        endpoint -> Json.object().put("name", name).put("ready", true));
            case "config" -> look(request, name, version, Descriptions::configuration);
            case "stats" -> look(request, name, version, endpoint -> statistics(endpoint, version));
            default -> {
                return false;
            }
        }
        return true;
    }

    private interface Look {
        JsonNode at(Endpoint endpoint);
    }

    private void look(HttpServerRequest request, String name, @Nullable String version, Look look) {
        get(request);
        inference.look(exchanges.caller(request), name, endpoint -> {
            if (version != null) {
                endpoint.version(version);
            }
            answer(request, look.at(endpoint));
        });
    }

    private static ObjectNode metadata(Endpoint endpoint, @Nullable String version) {
        return Descriptions.metadata(
                endpoint, version == null ? endpoint.versions().stream() : Stream.of(endpoint.version(version)));
    }

    private ObjectNode statistics(Endpoint endpoint, @Nullable String version) {
        ObjectNode out = Json.object();
        ArrayNode list = out.putArray("model_stats");
        String wanted = version == null ? "" : endpoint.version(version);
        for (Snapshot snapshot : inference.statistics(endpoint)) {
            if (wanted.isEmpty() || wanted.equals(snapshot.version())) {
                Descriptions.statistics(list, endpoint, snapshot);
            }
        }
        return out;
    }

    private ObjectNode allStatistics(Caller caller) {
        ObjectNode out = Json.object();
        ArrayNode list = out.putArray("model_stats");
        for (String name : new TreeSet<>(inference.names(caller))) {
            inference.look(
                    caller,
                    name,
                    endpoint -> inference
                            .statistics(endpoint)
                            .forEach(snapshot -> Descriptions.statistics(list, endpoint, snapshot)));
        }
        return out;
    }

    /** {@code /v2/repository[/REPOSITORY]/index} and {@code …/models/M/load|unload}; the name of a repository means nothing here. */
    private boolean repository(HttpServerRequest request, String[] parts) {
        int last = parts.length - 1;
        boolean index = (parts.length == 4 || parts.length == 5) && parts[last].equals("index");
        if (index) {
            Exchanges.only(request, HttpMethod.POST);
            exchanges.readBody(
                    request, (body, since) -> answer(request, index(exchanges.caller(request), readyOnly(body))));
            return true;
        }
        boolean change = (parts.length == 6 || parts.length == 7)
                && parts[last - 2].equals("models")
                && (parts[last].equals("load") || parts[last].equals("unload"));
        if (change) {
            Exchanges.only(request, HttpMethod.POST);
            exchanges.readBody(request, (body, since) -> {
                boolean load = parts[last].equals("load");
                load(request, parts[last - 1], load, WantedVersions.of(parameters(body), load));
            });
        }
        return change;
    }

    private static JsonNode parameters(byte[] body) {
        JsonNode json = body.length == 0 ? Json.object() : Json.parse(body);
        JsonNode parameters = json.path("parameters");
        if (!json.isObject() || !(parameters.isMissingNode() || parameters.isObject())) {
            throw Problems.one("parameters", "the body must be empty or an object with an object 'parameters'");
        }
        return parameters;
    }

    private void load(HttpServerRequest request, String name, boolean load, List<String> versions) {
        Caller caller = exchanges.caller(request);
        inference.look(caller, name, endpoint -> {});
        caller.need(Right.MANAGE, name, "load or unload versions");
        String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
        loading.pass(new Loading.Wish(caller, authorization, name, versions, load), failure -> {
            if (failure == null) {
                answer(request, Json.object());
            } else {
                exchanges.replies().error(request, failure);
            }
        });
    }

    private static boolean readyOnly(byte[] body) {
        if (body.length == 0) {
            return false;
        }
        JsonNode json = Json.parse(body);
        JsonNode ready = json.path("ready");
        if (!json.isObject() || !(ready.isMissingNode() || ready.isBoolean())) {
            throw Problems.one("ready", "the body must be empty or an object with 'ready' true or false");
        }
        return ready.asBoolean();
    }

    private ArrayNode index(Caller caller, boolean readyOnly) {
        ArrayNode models = Json.array();
        for (String name : new TreeSet<>(inference.names(caller))) {
            inference.look(caller, name, endpoint -> {
                endpoint.versions().forEach(version -> state(models, name, endpoint.called(version), "READY", ""));
                if (!readyOnly) {
                    endpoint.unloaded()
                            .forEach((version, by) ->
                                    state(models, name, endpoint.called(version), "UNAVAILABLE", "unloaded by " + by));
                }
            });
        }
        if (!readyOnly) {
            for (String name : new TreeSet<>(inference.unready(caller))) {
                models.addObject()
                        .put("name", name)
                        .put("state", "UNAVAILABLE")
                        .put("reason", "its champion is not loaded");
            }
        }
        return models;
    }

    private static void state(ArrayNode models, String name, String version, String state, String reason) {
        models.addObject()
                .put("name", name)
                .put("version", version)
                .put("state", state)
                .put("reason", reason);
    }

    private static void get(HttpServerRequest request) {
        Exchanges.only(request, HttpMethod.GET);
    }

    private void answer(HttpServerRequest request, JsonNode body) {
        exchanges.replies().json(request, body.toString());
    }
}
