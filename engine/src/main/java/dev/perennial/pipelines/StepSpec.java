package dev.perennial.pipelines;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * One step of a pipeline. Parameters and inputs are templates: the objects made by {@link #param}, {@link #value}, {@link #file} and
 * {@link #files} are replaced when the step starts; a reference to another step makes that step a dependency.
 *
 * @param path its name within the run, for example {@code train}
 * @param kind selects the inline step or the worker's handler
 * @param dependsOn further steps that must succeed first
 * @param parameters template of the parameters, an object
 * @param inputs templates of the files it reads, by name: a digest gives one file, an object of digests gives one file
 *     {@code NAME/KEY} for each key, null gives none
 * @param timeoutMillis bound of one attempt, 0 for none
 */
public record StepSpec(
        String path,
        String kind,
        StepExecutor executor,
        List<String> dependsOn,
        JsonNode parameters,
        Map<String, JsonNode> inputs,
        RetryPolicy retry,
        long timeoutMillis) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");

    public StepSpec {
        if (!NAME.matcher(path).matches() || !NAME.matcher(kind).matches()) {
            throw PerennialException.invalid(
                    "path",
                    "step '" + path + "' of kind '" + kind
                            + "': both must be 1 to 63 of a-z, 0-9, '-', '_', starting with a letter or digit");
        }
        if (timeoutMillis < 0) {
            throw PerennialException.invalid(
                    "timeoutMillis", "timeout " + timeoutMillis + " of step '" + path + "' is negative; 0 means none");
        }
        dependsOn = List.copyOf(dependsOn);
        inputs = Map.copyOf(inputs);
    }

    /** A step on a thread of the server. */
    public static StepSpec inline(String path, String kind) {
        return new StepSpec(path, kind, StepExecutor.INLINE, List.of(), Json.object(), Map.of(), RetryPolicy.NONE, 0);
    }

    /** A step in the run's worker process. */
    public static StepSpec worker(String path, String kind) {
        return new StepSpec(path, kind, StepExecutor.WORKER, List.of(), Json.object(), Map.of(), RetryPolicy.NONE, 0);
    }

    public StepSpec after(String... paths) {
        List<String> all = new ArrayList<>(dependsOn);
        all.addAll(List.of(paths));
        return new StepSpec(path, kind, executor, all, parameters, inputs, retry, timeoutMillis);
    }

    public StepSpec with(JsonNode template) {
        return new StepSpec(path, kind, executor, dependsOn, template, inputs, retry, timeoutMillis);
    }

    public StepSpec reading(String name, JsonNode template) {
        Map<String, JsonNode> all = new TreeMap<>(inputs);
        all.put(name, template);
        return new StepSpec(path, kind, executor, dependsOn, parameters, all, retry, timeoutMillis);
    }

    public StepSpec retrying(RetryPolicy policy) {
        return new StepSpec(path, kind, executor, dependsOn, parameters, inputs, policy, timeoutMillis);
    }

    public StepSpec within(long millis) {
        return new StepSpec(path, kind, executor, dependsOn, parameters, inputs, retry, millis);
    }

    /** A parameter of the run. */
    public static JsonNode param(String name) {
        return Json.object().put(Template.PARAM, name);
    }

    /** A value that another step made. */
    public static JsonNode value(String step, String name) {
        return Json.object().put(Template.VALUE, step + "/" + name);
    }

    /** The digest of a file that another step made. */
    public static JsonNode file(String step, String name) {
        return Json.object().put(Template.FILE, step + "/" + name);
    }

    /** All files of another step: an object of digests by name. */
    public static JsonNode files(String step) {
        return Json.object().put(Template.FILES, step);
    }
}
