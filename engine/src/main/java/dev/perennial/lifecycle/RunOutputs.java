package dev.perennial.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.pipelines.RunView;

/** Reads what a candidate's pipeline made; a step that succeeded without its declared output is an error that names it. */
final class RunOutputs {
    private RunOutputs() {}

    static JsonNode value(RunView run, String step, String name) {
        JsonNode value = run.step(step).values().get(name);
        if (value == null) {
            throw missing(run, step, name);
        }
        return value;
    }

    static Digest file(RunView run, String step, String name) {
        Digest file = run.step(step).files().get(name);
        if (file == null) {
            throw missing(run, step, name);
        }
        return file;
    }

    private static PerennialException missing(RunView run, String step, String name) {
        return PerennialException.state("step '" + step + "' of run " + run.run() + " made no '" + name + "'; it made "
                + run.step(step).values().keySet() + " and "
                + run.step(step).files().keySet());
    }
}
