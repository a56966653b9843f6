package dev.perennial.tracking;

import java.util.List;

/** A dataset as the input of one run; tag {@code mlflow.data.context} says what for. */
public record DatasetInput(Dataset dataset, List<KeyValue> tags) {
    public DatasetInput {
        tags = List.copyOf(tags);
    }
}
