package dev.perennial.serving;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A scorer asks for its configuration.
 *
 * @param id of the scorer
 * @param url where it answers
 * @param known revision that it has
 * @param applied revision that is in effect
 * @param protocol that it speaks; 1 when it says nothing
 * @param mine which endpoints it may serve
 * @param instance which program of that name it is; null when it says nothing
 */
public record ScorerPoll(
        String id,
        String url,
        long known,
        long applied,
        int protocol,
        Predicate<String> mine,
        @Nullable ScorerInstance instance) {
    /** Of a program that does not say which it is. */
    public ScorerPoll(String id, String url, long known, long applied, int protocol, Predicate<String> mine) {
        this(id, url, known, applied, protocol, mine, null);
    }

    /** The installation's own scorer, in the words of protocol 1. */
    public static ScorerPoll first(String id, String url, long known, long applied) {
        return new ScorerPoll(id, url, known, applied, 1, endpoint -> true);
    }
}
