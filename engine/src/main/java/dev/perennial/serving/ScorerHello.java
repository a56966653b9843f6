package dev.perennial.serving;

import dev.perennial.kernel.PerennialException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a scorer says of itself when it comes.
 *
 * @param protocols that it speaks
 * @param segments formats of the prediction log that it writes
 * @param build of its program
 * @param host that it runs on
 * @param instance which program of its name it is; null when it says nothing
 * @param environments of Python models that it does not serve yet
 */
public record ScorerHello(
        List<Integer> protocols,
        List<Integer> segments,
        String build,
        String host,
        @Nullable ScorerInstance instance,
        List<MissingEnvironment> environments) {
    private static final int TEXT_MAX = 200;

    /** Of a program that does not say which it is. */
    public ScorerHello(List<Integer> protocols, List<Integer> segments, String build, String host) {
        this(protocols, segments, build, host, null);
    }

    /** Of one that serves all that it is told. */
    public ScorerHello(
            List<Integer> protocols,
            List<Integer> segments,
            String build,
            String host,
            @Nullable ScorerInstance instance) {
        this(protocols, segments, build, host, instance, List.of());
    }

    public ScorerHello {
        protocols = List.copyOf(protocols);
        segments = List.copyOf(segments);
        environments = List.copyOf(environments);
        if (build.length() > TEXT_MAX || host.length() > TEXT_MAX) {
            throw PerennialException.invalid("build", "build and host have at most " + TEXT_MAX + " characters");
        }
    }
}
