package dev.perennial.pipelines;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a pipeline does. A run pins the digest of its specification for life, across restarts too.
 *
 * @param name of the pipeline, for example {@code candidate}
 * @param steps in the order in which people read them; it breaks ties between steps that are ready
 */
public record PipelineSpec(String name, List<StepSpec> steps) {
    /** Largest number of steps. */
    public static final int STEPS_MAX = 500;

    public PipelineSpec {
        steps = List.copyOf(steps);
        check(name, steps);
    }

    public static PipelineSpec of(String name, StepSpec... steps) {
        return new PipelineSpec(name, List.of(steps));
    }

    public Digest digest() {
        return Json.digest(this);
    }

    /** The step of that path. */
    public StepSpec step(String path) {
        return steps.stream()
                .filter(s -> s.path().equals(path))
                .findFirst()
                .orElseThrow(() -> PerennialException.notFound("pipeline '" + name + "' has no step '" + path + "'"));
    }

    /** The steps that must succeed before this one: those declared and those that its templates refer to. */
    static Set<String> needs(StepSpec step) {
        Set<String> needs = new TreeSet<>(step.dependsOn());
        needs.addAll(Template.steps(step.parameters()));
        step.inputs().values().forEach(template -> needs.addAll(Template.steps(template)));
        return needs;
    }

    /** The steps that need this one directly. */
    List<String> dependants(String path) {
        return steps.stream()
                .filter(s -> needs(s).contains(path))
                .map(StepSpec::path)
                .toList();
    }

    private static void check(String name, List<StepSpec> steps) {
        if (steps.isEmpty() || steps.size() > STEPS_MAX) {
            throw PerennialException.invalid(
                    "steps", "pipeline '" + name + "' has " + steps.size() + " steps; expected 1 to " + STEPS_MAX);
        }
        Map<String, Set<String>> open = new LinkedHashMap<>();
        for (StepSpec step : steps) {
            if (open.put(step.path(), new TreeSet<>(needs(step))) != null) {
                throw PerennialException.invalid(
                        "steps", "pipeline '" + name + "' has two steps '" + step.path() + "'; rename one");
            }
        }
        open.forEach((path, needs) -> needs.forEach(need -> {
            if (!open.containsKey(need)) {
                throw PerennialException.invalid(
                        "steps",
                        "step '" + path + "' needs '" + need + "', which pipeline '" + name + "' does not have");
            }
        }));
        while (!open.isEmpty()) {
            List<String> free = open.entrySet().stream()
                    .filter(e -> e.getValue().isEmpty())
                    .map(Map.Entry::getKey)
                    .toList();
            if (free.isEmpty()) {
                throw PerennialException.invalid(
                        "steps",
                        "steps " + open.keySet() + " of pipeline '" + name + "' wait for each other; break the circle");
            }
            free.forEach(open::remove);
            open.values().forEach(needs -> needs.removeAll(free));
        }
    }
}
