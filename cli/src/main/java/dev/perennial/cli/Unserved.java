package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** What scorers do not serve, why, and what to do, from the server's status: they are too old for it, or lack its environment. */
final class Unserved {
    private Unserved() {}

    /** What scorers lack: a sentence for each version whose environment is not there yet, or cannot be made. */
    static List<String> environments(JsonNode scorer) {
        List<String> sentences = new ArrayList<>();
        for (JsonNode one : scorer.path("environments")) {
            String version = one.path("version").asText();
            sentences.add(
                    one.path("state").asText().equals("BUILDING")
                            ? "building the environment of " + version
                            : "cannot build the environment of " + version + ": "
                                    + one.path("message").asText());
        }
        return sentences;
    }

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
            boolean alive = scorer.path("alive").asBoolean();
            for (JsonNode one : scorer.path("environments")) {
                if (alive && one.path("version").asText().equals(version)) {
                    notes.add("Scorer " + scorer.path("id").asText() + " does not serve it yet: it "
                            + (one.path("state").asText().equals("BUILDING")
                                    ? "is building its environment."
                                    : "cannot build its environment, "
                                            + one.path("message").asText()));
                }
            }
            if (alive && versions(scorer).contains(version)) {
                notes.add("Scorer " + scorer.path("id").asText() + " speaks protocol "
                        + scorer.path("protocol").asInt() + ", too old for " + version + ", and does not serve it; "
                        + advice(scorer) + ".");
            }
        }
        return notes;
    }
}
