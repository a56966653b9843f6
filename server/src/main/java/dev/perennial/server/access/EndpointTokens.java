package dev.perennial.server.access;

import dev.perennial.governance.GovernanceRoom;
import dev.perennial.governance.ServingRights.ServingToken;
import dev.perennial.governance.Thing;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.serving.ScorerConfig;
import dev.perennial.serving.ServingAccess;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What scorers are told of tokens: an endpoint has the rights of its model. Nothing, where nobody has to sign in. Thread-safe. */
public final class EndpointTokens implements ServingAccess {
    private final GovernanceRoom governance;
    private final boolean auth;

    public EndpointTokens(GovernanceRoom governance, boolean auth) {
        this.governance = governance;
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

    private List<ServingToken> tokens(List<String> endpoints) {
        Map<String, Thing> things = new TreeMap<>();
        endpoints.forEach(endpoint -> things.put(endpoint, thing(governance, endpoint)));
        return governance.serving().tokens(things);
    }

    /** Whose rights an endpoint has. */
    static Thing thing(GovernanceRoom governance, String endpoint) {
        return governance.models().thing(ModelId.parse(endpoint).name());
    }

    private static ScorerConfig.Token told(ServingToken token) {
        Map<String, String> grants = new TreeMap<>();
        token.grants().forEach((endpoint, right) -> grants.put(endpoint, right.name()));
        return new ScorerConfig.Token(token.id(), token.sha256(), token.name(), token.until(), grants);
    }
}
