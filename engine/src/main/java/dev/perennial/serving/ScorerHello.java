package dev.perennial.serving;

import dev.perennial.kernel.PerennialException;
import java.util.List;

/**
 * What a scorer says of itself when it comes.
 *
 * @param protocols that it speaks
 * @param segments formats of the prediction log that it writes
 * @param build of its program
 * @param host that it runs on
 */
public record ScorerHello(List<Integer> protocols, List<Integer> segments, String build, String host) {
    private static final int TEXT_MAX = 200;

    public ScorerHello {
        protocols = List.copyOf(protocols);
        segments = List.copyOf(segments);
        if (build.length() > TEXT_MAX || host.length() > TEXT_MAX) {
            throw PerennialException.invalid("build", "build and host have at most " + TEXT_MAX + " characters");
        }
    }
}
