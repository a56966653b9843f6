package dev.perennial.registry;

import dev.perennial.kernel.PerennialException;
import java.util.Arrays;

/** The old way of saying what a version is for; aliases replaced it, older clients still use it. */
public enum VersionStage {
    NONE("None"),
    STAGING("Staging"),
    PRODUCTION("Production"),
    ARCHIVED("Archived");

    private final String text;

    VersionStage(String text) {
        this.text = text;
    }

    /** The word on the wire and in the database. */
    public String text() {
        return text;
    }

    /** Reads a stage in any case of letters. */
    public static VersionStage of(String text) {
        for (VersionStage stage : values()) {
            if (stage.text.equalsIgnoreCase(text)) {
                return stage;
            }
        }
        throw PerennialException.invalid(
                "stage",
                "Invalid Model Version stage: " + text + ". Value must be one of "
                        + String.join(
                                ", ",
                                Arrays.stream(values())
                                        .map(VersionStage::text)
                                        .toList())
                        + ".");
    }
}
