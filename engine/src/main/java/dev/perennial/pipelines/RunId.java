package dev.perennial.pipelines;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.perennial.kernel.PerennialException;
import java.util.regex.Pattern;

/** Names a pipeline run: a UUID of version 7, so that ids sort by the time of creation. */
public record RunId(String text) implements Comparable<RunId> {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    @JsonCreator
    public RunId {
        if (!FORM.matcher(text).matches()) {
            throw PerennialException.invalid(
                    "run", "run id '" + text + "' is not a UUID in lower case; list the runs to see their ids");
        }
    }

    @Override
    public int compareTo(RunId other) {
        return text.compareTo(other.text);
    }

    @JsonValue
    @Override
    public String toString() {
        return text;
    }
}
