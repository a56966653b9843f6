package dev.perennial.scorer.serving;

import dev.perennial.predictionlog.Role;

/** What a caller gets for one row. */
public record Answer(String id, double score, String version, Role role) {
    public boolean fallback() {
        return role == Role.FALLBACK;
    }
}
