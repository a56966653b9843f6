package dev.perennial.registry;

import dev.perennial.tracking.KeyValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A registered model as another server has it, without versions and aliases. */
public record ImportedRegistration(
        ModelName name, @Nullable String description, String user, RegisteredVersion.Times times, List<KeyValue> tags) {
    public ImportedRegistration {
        tags = List.copyOf(tags);
    }
}
