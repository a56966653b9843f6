package dev.perennial.worker.scoring;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorings.RowsFile;
import dev.perennial.worker.StepFailure;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What a scoring job is to do.
 *
 * @param id of the job
 * @param folder of the job, where its parts are
 * @param output the file that the result becomes
 * @param force whether it may replace a file
 * @param errorsMax rows without a result that are taken before the job is given up
 * @param version the version that scores, as told in the result
 */
record ScoreOrder(
        String id,
        Path folder,
        Path input,
        RowsFile format,
        Path output,
        RowsFile resultFormat,
        boolean force,
        long errorsMax,
        String version) {

    static ScoreOrder of(JsonNode parameters) {
        try {
            return new ScoreOrder(
                    text(parameters, "id"),
                    Path.of(text(parameters, "folder")),
                    Path.of(text(parameters, "input")),
                    RowsFile.parse("format", text(parameters, "format")),
                    Path.of(text(parameters, "output")),
                    RowsFile.parse("resultFormat", text(parameters, "resultFormat")),
                    parameters.path("force").asBoolean(),
                    parameters.path("errorsMax").asLong(Long.MAX_VALUE),
                    text(parameters, "version"));
        } catch (PerennialException e) {
            throw new StepFailure(StepFailure.Kind.CONFIG, String.valueOf(e.getMessage()));
        }
    }

    private static String text(JsonNode parameters, String name) {
        JsonNode value = parameters.path(name);
        if (!value.isTextual()) {
            throw new StepFailure(StepFailure.Kind.CONFIG, "parameter '" + name + "' is " + value + "; expected text");
        }
        return value.asText();
    }

    /** The input as it is on the disk. */
    Path realInput() {
        try {
            return input.toRealPath();
        } catch (IOException e) {
            throw new StepFailure(StepFailure.Kind.CONFIG, "cannot read " + input + ": it is not there any more");
        }
    }
}
