package dev.perennial.worker.deploying;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.schema.ColumnSpec;
import dev.perennial.scoring.schema.FieldType;
import dev.perennial.scoring.schema.MlflowSignature;
import dev.perennial.scoring.schema.ScalarType;
import org.jspecify.annotations.Nullable;

/** MLflow's signature as the columns of a manifest; each keeps MLflow's own word for its type, by which values are cast. */
record LoggedSignature(MlflowSignature signature) {
    /** @param inputs JSON text; null when the version has no signature */
    static LoggedSignature parse(@Nullable String inputs) {
        return new LoggedSignature(MlflowSignature.parse(inputs, null));
    }

    /** Whether it names columns, and is no list of tensors or of columns without names. */
    boolean tabular() {
        return !signature.columns().isEmpty() && signature.named();
    }

    /** @throws PerennialException naming a column that no row can hold */
    ArrayNode columns() {
        ArrayNode columns = Json.array();
        for (ColumnSpec column : signature.columns()) {
            ScalarType type = column.type() instanceof FieldType.Scalar scalar ? scalar.type() : null;
            if (type == null || type == ScalarType.BINARY || type == ScalarType.DATETIME) {
                throw PerennialException.invalid(
                        "signature",
                        "column '" + column.name() + "' is " + column.type().word()
                                + "; numbers, booleans and texts can be served in rows");
            }
            columns.addObject()
                    .put("name", column.name())
                    .put("type", type == ScalarType.STRING ? "category" : "number")
                    .put("required", column.required())
                    .put("declared", type.word());
        }
        return columns;
    }
}
