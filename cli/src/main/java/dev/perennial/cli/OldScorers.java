package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Scorers that are too old for what they are to serve, and what to do, from the server's status. */
final class OldScorers {
    private OldScorers() {}

    /** Versions that a scorer does not serve since it is too old; none when it is not. */
    static List<String> versions(JsonNode scorer) {
        List<String> versions = new ArrayList<>();
        scorer.path("leftOut").forEach(version -> versions.add(version.asText()));
        return versions;
    }

    /** What to do about a scorer that is too old. */
    static String advice(JsonNode scorer) {
        return scorer.path("standalone").asBoolean()
                ? "replace it where it runs: 'perennial scorer --replace' of this release, with the flags that it has"
                : "replace it: 'perennial scorer replace'";
    }

    /** A sentence for each living scorer that does not serve this version. */
    static List<String> without(JsonNode status, String version) {
        List<String> notes = new ArrayList<>();
        for (JsonNode scorer : status.path("scorers")) {
            if (scorer.path("alive").asBoolean() && versions(scorer).contains(version)) {
                notes.add("Scorer " + scorer.path("id").asText() + " speaks protocol "
                        + scorer.path("protocol").asInt() + ", too old for " + version + ", and does not serve it; "
                        + advice(scorer) + ".");
            }
        }
        return notes;
    }
}
