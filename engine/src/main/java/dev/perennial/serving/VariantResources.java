package dev.perennial.serving;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.PerennialException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a variant's model may use of each scorer's machine, as far as its runtime uses it.
 *
 * @param threads native threads of one call
 * @param instances sessions of ONNX Runtime, or processes of a Python model
 * @param memoryBytes of each process of a Python model
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record VariantResources(
        @Nullable Integer threads,
        @Nullable Integer instances,
        @Nullable Long memoryBytes) {
    private static final String THREADS = "threads";
    private static final String INSTANCES = "instances";
    private static final String MEMORY = "memoryBytes";
    private static final Map<String, long[]> BOUNDS = Map.of(
            THREADS, new long[] {1, 64}, INSTANCES, new long[] {1, 16}, MEMORY, new long[] {64L << 20, 1L << 40});

    /** What runs a model, and what it uses. */
    enum Runtime {
        /** Trees and {@code identity}: on the threads and in the memory of the scorer itself. */
        SCORER("the scorer itself", List.of()),
        ONNX("ONNX Runtime", List.of(THREADS, INSTANCES)),
        PYTHON("processes of Python", List.of(THREADS, INSTANCES, MEMORY));

        private final String words;
        private final List<String> uses;

        Runtime(String words, List<String> uses) {
            this.words = words;
            this.uses = uses;
        }

        /** That of a manifest's format. */
        static Runtime ofFormat(String format) {
            return switch (format) {
                case "onnx" -> ONNX;
                case "python" -> PYTHON;
                default -> SCORER;
            };
        }
    }

    /**
     * Checks what somebody wants for a version.
     *
     * @throws PerennialException naming the member that its runtime does not use, or that is out of its bounds
     */
    static void check(VersionRef version, @Nullable JsonNode wanted, Runtime runtime) {
        if (wanted == null) {
            return;
        }
        Set<String> unused = keys(wanted);
        runtime.uses.forEach(unused::remove);
        if (!unused.isEmpty()) {
            throw refused("version '" + version + "' runs in " + runtime.words + ", which "
                    + (runtime.uses.isEmpty() ? "takes no resources" : "takes " + String.join(", ", runtime.uses))
                    + "; 'resources' has " + unused);
        }
        wanted.properties().forEach(member -> {
            if (!within(member.getKey(), member.getValue())) {
                long[] bounds = BOUNDS.getOrDefault(member.getKey(), new long[2]);
                throw refused("'resources." + member.getKey() + "' is " + member.getValue()
                        + "; it must be a whole number from " + bounds[0] + " to " + bounds[1]);
            }
        });
    }

    private static Set<String> keys(JsonNode object) {
        Set<String> keys = new TreeSet<>();
        object.properties().forEach(member -> keys.add(member.getKey()));
        return keys;
    }

    private static boolean within(String name, JsonNode value) {
        long[] bounds = BOUNDS.get(name);
        return bounds != null
                && value.isIntegralNumber()
                && value.canConvertToLong()
                && value.longValue() >= bounds[0]
                && value.longValue() <= bounds[1];
    }

    /** What scorers are told; what was stored when nothing was checked counts as far as it makes sense. Null: nothing. */
    static @Nullable VariantResources told(@Nullable JsonNode stored) {
        if (stored == null) {
            return null;
        }
        VariantResources told =
                new VariantResources(whole(stored, THREADS), whole(stored, INSTANCES), bytes(stored.path(MEMORY)));
        return told.threads == null && told.instances == null && told.memoryBytes == null ? null : told;
    }

    private static @Nullable Integer whole(JsonNode stored, String name) {
        JsonNode value = stored.path(name);
        return within(name, value) ? (Integer) value.intValue() : null;
    }

    private static @Nullable Long bytes(JsonNode value) {
        return within(MEMORY, value) ? (Long) value.longValue() : null;
    }

    private static PerennialException refused(String why) {
        return PerennialException.invalid("resources", why);
    }
}
