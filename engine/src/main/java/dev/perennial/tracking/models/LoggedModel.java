package dev.perennial.tracking.models;

import dev.perennial.tracking.KeyValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A logged model with everything that was logged to it. */
public record LoggedModel(
        ModelInfo info,
        List<KeyValue> params,
        List<KeyValue> tags,
        List<ModelMetric> metrics,
        List<Registration> registrations) {
    public LoggedModel {
        params = List.copyOf(params);
        tags = List.copyOf(tags);
        metrics = List.copyOf(metrics);
        registrations = List.copyOf(registrations);
    }

    public String id() {
        return info.id();
    }

    public String name() {
        return info.name();
    }

    public long experiment() {
        return info.experiment();
    }

    public String artifactUri() {
        return info.artifactUri();
    }

    public ModelStatus status() {
        return info.status();
    }

    /** The run that made it, where a client said so. */
    public @Nullable String sourceRun() {
        return info.sourceRun();
    }
}
