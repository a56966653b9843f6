package dev.perennial.tracking;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks for a run. Without a name it gets one. */
public record NewRun(
        long experiment,
        @Nullable String name,
        String user,
        @Nullable Long startedAt,
        List<KeyValue> tags) {
    public NewRun {
        tags = List.copyOf(tags);
    }
}
