package dev.perennial.scoring.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** MLflow's casts as they are, for each form those of the library that does them; nested types are checked strictly. */
final class MlflowCast implements Caster {
    @Override
    public List<@Nullable Object> cast(String label, ColumnSpec column, Form form, List<JsonNode> values) {
        if (!(column.type() instanceof FieldType.Scalar scalar)) {
            return STRICT.cast(label, column, form, present(values));
        }
        try {
            return switch (form) {
                case FRAME -> PandasCast.cast(scalar.type(), values);
                case ARRAY -> NumpyCast.cast(scalar.type(), values);
                case CSV -> PandasCsv.cast(scalar.type(), values);
            };
        } catch (CastFailure e) {
            if (e.isViolation()) {
                throw Refusals.violation(label, "Incompatible input types: " + e.getMessage());
            }
            String type = scalar.word().toLowerCase(Locale.ROOT);
            throw Refusals.unreadable(label, "Failed to convert column to type " + type + ": " + e.getMessage());
        }
    }

    /** MLflow knows no difference between null and nothing in a record. */
    private static List<JsonNode> present(List<JsonNode> values) {
        return values.stream()
                .map(value -> value.isMissingNode() ? NullNode.getInstance() : value)
                .toList();
    }
}
