package dev.perennial.worker;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Map;

/**
 * One kind of heavy step. A handler reads inputs, writes files into the staging folder and returns what it made; it may be run again with
 * the same input and must then make the same output. It knows neither server nor database.
 */
public interface StepHandler {
    /** The kind it serves, for example {@code snapshot}, {@code train}, {@code evaluate}. */
    String kind();

    /** Throws {@link StepFailure} for a failure with a class of its own; any other exception is an error of the step. */
    StepOutput run(StepInput input) throws Exception;

    /**
     * @param parameters of the step, canonical JSON
     * @param inputs files by name, read only
     * @param staging an empty folder of this attempt
     * @param progress takes the share that is done, 0 to 1, and a line for people
     */
    record StepInput(JsonNode parameters, Map<String, Path> inputs, Path staging, Progress progress) {}

    /** Values small enough for the database, and files (paths inside the staging folder), by name. */
    record StepOutput(Map<String, JsonNode> values, Map<String, Path> files) {}

    /** Tells people and the lease how far a step is. */
    @FunctionalInterface
    interface Progress {
        void report(double share, String line);
    }
}
