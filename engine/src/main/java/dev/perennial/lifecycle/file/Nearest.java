package dev.perennial.lifecycle.file;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that somebody probably meant. */
public final class Nearest {
    private static final int LISTED_MAX = 20;
    private static final int LISTED_BESIDE_NEAREST_MAX = 8;

    private Nearest() {}

    /** The candidate with the least edit distance, when it is near enough to be meant. */
    public static Optional<String> of(String name, Collection<String> candidates) {
        String best = null;
        int bestDistance = Math.max(2, name.length() / 2) + 1;
        for (String candidate : candidates) {
            String wanted = name.toLowerCase(Locale.ROOT);
            String known = candidate.toLowerCase(Locale.ROOT);
            int distance = known.startsWith(wanted) && wanted.length() > 2 ? 1 : distance(wanted, known);
            if (distance < bestDistance) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return Optional.ofNullable(best);
    }

    /** {@code did you mean 'x'?}, or the list of what is allowed. */
    public static String advice(String name, Collection<String> candidates) {
        String listed = candidates.isEmpty()
                ? "nothing is allowed here"
                : "allowed: "
                        + String.join(
                                ", ", candidates.stream().limit(LISTED_MAX).toList())
                        + (candidates.size() > LISTED_MAX ? ", ..." : "");
        return of(name, candidates)
                .map(near -> "did you mean '" + near + "'?"
                        + (candidates.size() > LISTED_BESIDE_NEAREST_MAX ? "" : " (" + listed + ")"))
                .orElse(listed);
    }

    /** Edits (insert, delete, replace, swap of neighbours) between two short texts. */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int replace = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                d[i][j] = Math.min(replace, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
