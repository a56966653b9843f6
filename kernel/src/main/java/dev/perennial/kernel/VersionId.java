package dev.perennial.kernel;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** A version of a registered model, {@code flight-delay/3}; numbers start at 1 and are never reused. */
public record VersionId(ModelId model, int number) implements Comparable<VersionId> {
    public VersionId {
        if (number < 1) {
            throw PerennialException.invalid(
                    "version", "version " + number + " of model '" + model + "' must be 1 or more");
        }
    }

    @JsonCreator
    public static VersionId parse(String text) {
        int slash = text.lastIndexOf('/');
        try {
            if (slash > 0) {
                return new VersionId(
                        ModelId.parse(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
            }
        } catch (NumberFormatException e) {
            // told below: the text is not of the form
        }
        throw PerennialException.invalid(
                "version", "model version '" + text + "' must look like NAME/NUMBER, for example flight-delay/3");
    }

    @Override
    public int compareTo(VersionId other) {
        int byModel = model.compareTo(other.model);
        return byModel != 0 ? byModel : Integer.compare(number, other.number);
    }

    @JsonValue
    @Override
    public String toString() {
        return model + "/" + number;
    }
}
