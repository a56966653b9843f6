package dev.perennial.scoring.admission;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * How an admission ended.
 *
 * @param verdict {@link #ADMITTED} or {@link #REFUSED}
 * @param reason one sentence for people; empty when admitted
 * @param evidence what was looked at and measured, and under which limits
 */
public record AdmissionEvidence(String verdict, String reason, JsonNode evidence) {
    public static final String ADMITTED = "ADMITTED";
    public static final String REFUSED = "REFUSED";

    public boolean admitted() {
        return verdict.equals(ADMITTED);
    }
}
