package dev.perennial.scorer.serving;

import java.util.HashSet;
import java.util.Set;

/**
 * Which complaints stand in the log already: what fails is tried again twice a second, and a disk shall not fill with one sentence. Not
 * thread-safe.
 */
final class Complaints {
    /** Beyond these, sentences that change with each attempt, all are told anew. */
    static final int REMEMBERED_MAX = 1_000;

    private final Set<String> told = new HashSet<>();

    /** Whether it was not told since all was well; from now on it was. */
    boolean isNew(String line) {
        if (told.size() == REMEMBERED_MAX) {
            told.clear();
        }
        return told.add(line);
    }

    /** All is well: what fails again is told again. */
    void over() {
        told.clear();
    }
}
