package dev.perennial.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.ModelId;
import dev.perennial.serving.ScorerFleet;
import java.time.Duration;
import java.util.stream.Collectors;

/** Tells with an answer whether all scorers have followed what it moved; it stands either way. */
final class Served {
    private Served() {}

    static String of(ScorerFleet fleet, ModelId endpoint, JsonNode body) {
        ObjectNode answer = body.deepCopy();
        boolean settled = fleet.settled(Duration.ZERO);
        String lacking = fleet.scorers().stream()
                .filter(ScorerFleet.Scorer::alive)
                .flatMap(scorer -> scorer.missing(endpoint).stream()
                        .map(missing -> scorer.id() + " lacks the environment of " + missing.version()))
                .collect(Collectors.joining(", "));
        return answer.put("served", settled && lacking.isEmpty())
                .put("serving", sentence(settled, lacking))
                .toString();
    }

    private static String sentence(boolean settled, String lacking) {
        if (!settled) {
            return "a scorer is away and takes it over when it is back";
        }
        return lacking.isEmpty() ? "every scorer serves it" : lacking + "; 'perennial status' tells more";
    }
}
