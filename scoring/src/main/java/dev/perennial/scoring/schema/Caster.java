package dev.perennial.scoring.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns what came into values of a column's type: Boolean; Long for integer and long; Double for float (rounded to 32 bits) and double;
 * String; byte[]; {@link Nanos}. Null and NaN are missing values. Where MLflow lets a value of another type through, it comes through as
 * Boolean, Long, BigInteger, Double, String or JSON. Thread-safe.
 */
public interface Caster {
    /** Refuses what would lose its value. */
    Caster STRICT = new StrictCast();

    /** Does what MLflow 3.11.1 with pandas 2.2.3 and numpy 2.2.6 does. */
    Caster MLFLOW = new MlflowCast();

    /**
     * @param values one for each row; a missing node where a row does not name the column
     * @throws dev.perennial.kernel.PerennialException naming the column, what was expected and what came
     */
    List<@Nullable Object> cast(String label, ColumnSpec column, Form form, List<JsonNode> values);
}
