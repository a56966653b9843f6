package dev.perennial.server.access;

import dev.perennial.governance.GovernanceRoom;
import dev.perennial.governance.ServingRights.ServingToken;
import dev.perennial.governance.Thing;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.serving.Endpoints;
import dev.perennial.serving.ScorerConfig;
import dev.perennial.serving.ServingAccess;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What scorers are told of tokens: an endpoint has rights of its own, or those of the model whose lifecycle file made it. Nothing, where nobody has to sign in. Thread-safe. */
public final class EndpointTokens implements ServingAccess {
    private final GovernanceRoom governance;
    private final Endpoints endpoints;
    private final boolean auth;

    public EndpointTokens(GovernanceRoom governance, Endpoints endpoints, boolean auth) {
        this.governance = governance;
        this.endpoints = endpoints;
        this.auth = auth;
    }

    @Override
    public long version() {
        return auth ? governance.serving().version() : 0;
    }

    @Override
    public String digest(List<String> endpoints) {
        return auth ? Digest.of(Json.write(tokens(endpoints))).hex() : "";
    }

    @Override
    public ScorerConfig.Access of(List<String> endpoints) {
        return auth
                ? new ScorerConfig.Access(
                        true,
                        tokens(endpoints).stream()
                                .filter(token -> !token.forScorer())
                                .map(EndpointTokens::told)
                                .toList())
                : ScorerConfig.Access.OPEN;
    }

    private List<ServingToken> tokens(List<String> names) {
        Map<String, Thing> things = new TreeMap<>();
        names.forEach(name -> things.put(name, thing(governance, endpoints, name)));
        return governance.serving().tokens(things);
    }

    /** Whose rights an endpoint has. */
    static Thing thing(GovernanceRoom governance, Endpoints endpoints, String endpoint) {
        ModelId name = ModelId.parse(endpoint);
        return endpoints
                .project(name)
                .map(project -> Thing.endpoint(project, endpoint))
                .orElseGet(() -> governance.models().thing(name.name()));
    }

    private static ScorerConfig.Token told(ServingToken token) {
        Map<String, String> grants = new TreeMap<>();
        token.grants().forEach((endpoint, right) -> grants.put(endpoint, right.name()));
        return new ScorerConfig.Token(token.id(), token.sha256(), token.name(), token.until(), grants);
    }
}
