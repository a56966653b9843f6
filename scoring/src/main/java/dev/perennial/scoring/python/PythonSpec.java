package dev.perennial.scoring.python;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.perennial.kernel.PerennialException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a manifest says of a model that Python runs.
 *
 * @param version of the interpreter that wrote the model, such as {@code 3.11.7}
 * @param minor whether another release of the same minor version will do
 * @param requirements as pip takes them, one a line
 * @param types MLflow's types by column, in the order of the signature; empty for a model of tensors
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record PythonSpec(String version, boolean minor, List<String> requirements, Map<String, String> types) {
    /** Types of columns that can be given to a model. */
    static final Set<String> TYPES =
            Set.of("double", "float", "long", "integer", "boolean", "string", "binary", "datetime");

    @SuppressWarnings("NullAway") // a JSON document may lack what the type demands: told by name here
    public PythonSpec {
        if (version == null) {
            throw PerennialException.invalid("python", "the model manifest's 'python' has no 'version'");
        }
        PythonVersion.parse(version);
        requirements = requirements == null ? List.of() : List.copyOf(requirements);
        types = types == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(types));
        types.forEach((column, type) -> {
            if (!TYPES.contains(type)) {
                throw PerennialException.invalid(
                        "python", "the model manifest names the type '" + type + "' for column '" + column + "'");
            }
        });
    }
}
