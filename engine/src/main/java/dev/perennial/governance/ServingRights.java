package dev.perennial.governance;

import dev.perennial.store.Database;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Who may do what with endpoints. A token that is for an endpoint or a scorer alone has its right here and nowhere else. Thread-safe.
 */
public final class ServingRights {
    private final Database database;
    private final Access access;
    private final Tokens tokens;

    ServingRights(Database database, Access access, Tokens tokens) {
        this.database = database;
        this.access = access;
        this.tokens = tokens;
    }

    /**
     * A token that may do something with endpoints, as scorers get it.
     *
     * @param sha256 of its secret
     * @param name of its owner
     * @param until epoch millis
     * @param forScorer whether a scorer shows it to the server; it is none for asking endpoints
     * @param grants the right by endpoint, in the order of their names
     */
    public record ServingToken(
            String id, String sha256, String name, long until, boolean forScorer, SortedMap<String, Right> grants) {}

    /**
     * The greatest right on an endpoint; empty when the caller may not even know of it.
     *
     * @param thing whose rights the endpoint has
     */
    public Optional<Right> right(Caller caller, String endpoint, Thing thing) {
        TokenScope scope = caller.scope();
        if (scope == null) {
            return access.right(caller, thing);
        }
        return scope.covers(endpoint) ? access.right(caller.wide(), thing).map(ServingRights::using) : Optional.empty();
    }

    private static Right using(Right right) {
        return right.compareTo(Right.USE) > 0 ? Right.USE : right;
    }

    /** Rises when anybody's rights or tokens may have changed; one small read. */
    public long version() {
        return database.read(sql -> sql.createQuery("select seq from ledger_stream where stream = :stream")
                .bind("stream", AccessLedger.STREAM)
                .mapTo(Long.class)
                .findOne()
                .orElse(0L));
    }

    /**
     * Every live token that may do something, in the order of their ids.
     *
     * @param endpoints names, and whose rights they have; costs a read for each account and thing
     */
    public List<ServingToken> tokens(Map<String, Thing> endpoints) {
        Map<Owned, Optional<Right>> known = new HashMap<>();
        List<ServingToken> all = new ArrayList<>();
        for (Tokens.Live live : tokens.live()) {
            boolean forScorer = live.token().scope() instanceof TokenScope.Scorer;
            SortedMap<String, Right> grants = new TreeMap<>();
            Caller caller = live.caller();
            endpoints.forEach((endpoint, thing) ->
                    right(known, caller, endpoint, thing).ifPresent(right -> grants.put(endpoint, right)));
            if (!grants.isEmpty()) {
                Token token = live.token();
                all.add(new ServingToken(
                        token.id(), live.sha256(), token.owner(), token.expiresAt(), forScorer, grants));
            }
        }
        return all;
    }

    private record Owned(long account, Thing thing) {}

    private Optional<Right> right(Map<Owned, Optional<Right>> known, Caller caller, String endpoint, Thing thing) {
        TokenScope scope = caller.scope();
        if (scope != null && !scope.covers(endpoint)) {
            return Optional.empty();
        }
        Optional<Right> own =
                known.computeIfAbsent(new Owned(caller.account(), thing), pair -> access.own(caller, pair.thing()));
        Optional<Right> right = Access.narrowed(caller, thing, own);
        return scope == null ? right : right.map(ServingRights::using);
    }
}
