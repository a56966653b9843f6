package dev.perennial.serving;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import java.util.Optional;

/**
 * A version of any registered model, {@code Iris flowers/3}. Unlike a {@link VersionId} its model may have a name of any letters; within
 * a project the text names one version.
 *
 * @param number counts from 1
 */
public record VersionRef(String model, int number) implements Comparable<VersionRef> {
    public VersionRef {
        if (model.isBlank() || model.indexOf('/') >= 0 || number < 1) {
            throw refused(model + "/" + number);
        }
    }

    public static VersionRef of(VersionId version) {
        return new VersionRef(version.model().toString(), version.number());
    }

    /** The same version in the words of a loop; empty when its model has a name that no loop's model can have. */
    public Optional<VersionId> ofLoop() {
        return ModelId.possible(model) ? Optional.of(new VersionId(ModelId.parse(model), number)) : Optional.empty();
    }

    @JsonCreator
    public static VersionRef parse(String text) {
        int slash = text.lastIndexOf('/');
        try {
            return new VersionRef(text.substring(0, Math.max(0, slash)), Integer.parseInt(text.substring(slash + 1)));
        } catch (NumberFormatException e) {
            throw refused(text);
        }
    }

    private static PerennialException refused(String text) {
        return PerennialException.invalid(
                "version", "version '" + text + "' must look like MODEL/NUMBER, for example flight-delay/3");
    }

    @Override
    public int compareTo(VersionRef other) {
        int byModel = model.compareTo(other.model);
        return byModel != 0 ? byModel : Integer.compare(number, other.number);
    }

    @JsonValue
    @Override
    public String toString() {
        return model + "/" + number;
    }
}
