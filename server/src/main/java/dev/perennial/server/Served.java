package dev.perennial.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.serving.ScorerFleet;
import java.time.Duration;

/** Tells with an answer whether all scorers have followed what it moved; it stands either way. */
final class Served {
    private Served() {}

    static String of(ScorerFleet fleet, JsonNode body) {
        ObjectNode answer = body.deepCopy();
        boolean everywhere = fleet.settled(Duration.ZERO);
        return answer.put("served", everywhere)
                .put(
                        "serving",
                        everywhere ? "every scorer serves it" : "a scorer is away and takes it over when it is back")
                .toString();
    }
}
