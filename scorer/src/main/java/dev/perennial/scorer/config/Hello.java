package dev.perennial.scorer.config;

import dev.perennial.scorer.serving.Unprepared;
import java.util.List;

/**
 * What a scorer says of itself before it asks for anything.
 *
 * @param protocols that it speaks
 * @param segments formats of the prediction log that it can write
 * @param build of its program
 * @param host that it runs on
 * @param instance tells it from others of its name, see {@link ScorerInstance}
 * @param environments versions that it does not serve since their environments are not there
 */
public record Hello(
        List<Integer> protocols,
        List<Integer> segments,
        String build,
        String host,
        String instance,
        List<Unprepared> environments) {
    /** The words of this program. Protocol 2 has tokens and loading by clients. */
    public static final List<Integer> PROTOCOLS = List.of(1, 2);

    public static final List<Integer> SEGMENTS = List.of(1);

    public Hello(String build, String host, ScorerInstance instance) {
        this(PROTOCOLS, SEGMENTS, build, host, instance.toString(), List.of());
    }

    /** The same, with what is missing now. */
    public Hello with(List<Unprepared> missing) {
        return new Hello(protocols, segments, build, host, instance, missing);
    }
}
