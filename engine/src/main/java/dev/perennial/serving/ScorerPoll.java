package dev.perennial.serving;

import java.util.function.Predicate;

/**
 * A scorer asks for its configuration.
 *
 * @param id of the scorer
 * @param url where it answers
 * @param known revision that it has
 * @param applied revision that is in effect
 * @param protocol that it speaks; 1 when it says nothing
 * @param mine which endpoints it may serve
 */
public record ScorerPoll(String id, String url, long known, long applied, int protocol, Predicate<String> mine) {
    /** The installation's own scorer, in the words of protocol 1. */
    public static ScorerPoll first(String id, String url, long known, long applied) {
        return new ScorerPoll(id, url, known, applied, 1, endpoint -> true);
    }
}
