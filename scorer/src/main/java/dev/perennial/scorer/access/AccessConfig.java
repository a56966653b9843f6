package dev.perennial.scorer.access;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import java.util.Map;

/**
 * Who may ask, as the server tells it. It holds hashes, and neither tokens nor passwords.
 *
 * @param checked whether callers have to show a token
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record AccessConfig(boolean checked, List<TokenConfig> tokens) {
    /** Nobody is asked. */
    public static final AccessConfig OPEN = new AccessConfig(false, List.of());

    @SuppressWarnings("NullAway") // a JSON document may leave these out
    public AccessConfig {
        tokens = tokens == null ? List.of() : List.copyOf(tokens);
    }

    /**
     * A token that may do something here.
     *
     * @param id its third part, which is no secret
     * @param sha256 of its last part, as hex digits
     * @param name of its owner
     * @param until epoch millis
     * @param grants rights by endpoint, or by {@link Caller#ALL}
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record TokenConfig(String id, String sha256, String name, long until, Map<String, Right> grants) {
        @SuppressWarnings("NullAway") // a JSON document may leave these out
        public TokenConfig {
            grants = grants == null ? Map.of() : Map.copyOf(grants);
        }
    }
}
