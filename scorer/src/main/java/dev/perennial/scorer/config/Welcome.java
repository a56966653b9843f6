package dev.perennial.scorer.config;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import org.jspecify.annotations.Nullable;

/**
 * What the server answers to {@link Hello}.
 *
 * @param protocol that both speak from now on
 * @param heartbeatMillis how often the server wants to hear from this scorer at least
 * @param replaceBy build of the program that the server would rather see in this one's place; null when it is content
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Welcome(
        int protocol, long heartbeatMillis, @Nullable String replaceBy) {
    /** What holds with a server that does not know the question. */
    static final Welcome FIRST = new Welcome(1, 20_000, null);
}
