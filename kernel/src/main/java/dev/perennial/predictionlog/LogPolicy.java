package dev.perennial.predictionlog;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What of an endpoint's predictions is logged, when it is not everything.
 *
 * @param share of the rows that the draw takes, from 0 to 1
 * @param redact columns whose values never reach the log
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record LogPolicy(Inputs inputs, double share, List<String> redact) {
    /** Everything is logged. */
    public static final LogPolicy ALL = new LogPolicy(Inputs.ALL, 1, List.of());

    /** How much of a row. */
    public enum Inputs {
        /** The answer and the values that the model was given. */
        @JsonProperty("all")
        ALL,
        /** The answer without the values. */
        @JsonProperty("outputs")
        OUTPUTS,
        /** Neither: rows are counted only. */
        @JsonProperty("none")
        NONE
    }

    public LogPolicy {
        redact = List.copyOf(redact);
    }

    /** Whether logged rows have all values, so that they can be scored again. */
    public boolean keepsValues() {
        return inputs == Inputs.ALL && redact.isEmpty();
    }
}
