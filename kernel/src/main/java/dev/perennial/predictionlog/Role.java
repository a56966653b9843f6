package dev.perennial.predictionlog;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** In which role a version answered. In JSON the lower-case name. */
public enum Role {
    CHAMPION,
    CANARY,
    /** The champion answered because the canary failed. */
    FALLBACK;

    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
