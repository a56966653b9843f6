package dev.perennial.lifecycle.file;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a candidate is made.
 *
 * @param trainer {@code gradient-boosting}, or {@code command} when {@code command} is set
 * @param parameters of the trainer, for example trees, leaves, learning-rate
 * @param command program and arguments; gets the snapshot's path and writes a model
 * @param rowsDays train on the newest days only; null for all
 * @param labelNoise share of training labels to flip, 0 except in drills that test the gates
 */
public record Train(
        String trainer,
        Map<String, JsonNode> parameters,
        @Nullable List<String> command,
        @Nullable Integer rowsDays,
        long seed,
        double labelNoise) {
    public Train {
        parameters = Map.copyOf(parameters);
    }
}
