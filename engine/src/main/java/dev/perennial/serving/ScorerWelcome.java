package dev.perennial.serving;

import org.jspecify.annotations.Nullable;

/**
 * What the server answers to {@link ScorerHello}.
 *
 * @param protocol the greatest that both speak
 * @param segment format of the prediction log that the server wants
 * @param scorer its id, as the server writes it
 * @param heartbeatMillis how often the scorer asks for its configuration at least
 * @param replaceBy build of the server, which has a scorer of its own; null when the scorer's is the same or not the server's to replace
 */
public record ScorerWelcome(
        int protocol,
        int segment,
        String scorer,
        long heartbeatMillis,
        @Nullable String replaceBy) {}
