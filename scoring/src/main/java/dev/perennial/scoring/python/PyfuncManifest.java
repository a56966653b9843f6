package dev.perennial.scoring.python;

import dev.perennial.kernel.PerennialException;
import dev.perennial.predictionlog.ColumnType;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.Signature;
import dev.perennial.scoring.schema.ColumnSpec;
import dev.perennial.scoring.schema.FieldType;
import dev.perennial.scoring.schema.MlflowSignature;
import dev.perennial.scoring.schema.ScalarType;
import dev.perennial.scoring.schema.TensorField;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the manifest of a model that MLflow saved with the flavor {@code python_function}, from what its files say; nothing of the model
 * is loaded. A model of number and text columns that gives one number for each row scores rows; any other takes tensors.
 */
public final class PyfuncManifest {
    private static final Set<ScalarType> NUMBERS =
            Set.of(ScalarType.DOUBLE, ScalarType.FLOAT, ScalarType.LONG, ScalarType.INTEGER);

    private PyfuncManifest() {}

    /**
     * What the files of the folder say.
     *
     * @param inputs the text {@code signature.inputs} of MLmodel; null when it has none
     * @param outputs the text {@code signature.outputs} of MLmodel; null when it has none
     * @param pythonVersion {@code flavors.python_function.python_version} of MLmodel
     * @param requirements the text of {@code requirements.txt}
     */
    public record Texts(
            @Nullable String inputs,
            @Nullable String outputs,
            @Nullable String pythonVersion,
            String requirements) {}

    /**
     * @param files every file of the folder
     * @param minor whether another release of the same minor version of Python will do
     * @throws PerennialException naming what the model lacks or what cannot be served
     */
    public static ModelManifest of(Texts texts, List<ModelFolder.Entry> files, boolean minor) {
        new ModelFolder(files); // refuses what is no folder of a model
        if (texts.pythonVersion() == null) {
            throw refused("python", "it names no 'python_version' for its flavor python_function");
        }
        MlflowSignature inputs = MlflowSignature.parse(texts.inputs(), null);
        MlflowSignature outputs = MlflowSignature.parse(texts.outputs(), null);
        if (inputs.columns().isEmpty() && inputs.tensors().isEmpty()) {
            throw refused("signature", "it has no signature; log it with 'signature' or 'input_example'");
        }
        if (outputs.columns().isEmpty() && outputs.tensors().isEmpty()) {
            throw refused(
                    "signature", "its signature has no outputs; log it with infer_signature(inputs, predictions)");
        }
        Map<String, String> types = types(inputs);
        PythonSpec spec = new PythonSpec(texts.pythonVersion(), minor, Requirements.parse(texts.requirements()), types);
        List<TensorSpec> gives = outputs(outputs);
        if (rows(inputs) && scalar(gives)) {
            return ModelManifest.ofPython(signature(inputs), null, null, spec, files);
        }
        return ModelManifest.ofPython(null, inputs(inputs), gives, spec, files);
    }

    private static Map<String, String> types(MlflowSignature inputs) {
        Map<String, String> types = new LinkedHashMap<>();
        for (int i = 0; i < inputs.columns().size(); i++) {
            ColumnSpec column = inputs.columns().get(i);
            if (column.name() == null) {
                throw refused("signature", "its columns have no names");
            }
            if (!(column.type() instanceof FieldType.Scalar)) {
                throw refused(
                        "signature",
                        "column '" + column.name() + "' is " + column.type().word()
                                + "; columns of plain values can be served");
            }
            types.put(column.name(), column.type().word());
        }
        return types;
    }

    private static boolean rows(MlflowSignature inputs) {
        return !inputs.columns().isEmpty()
                && inputs.columns().stream()
                        .allMatch(column -> column.type() instanceof FieldType.Scalar scalar
                                && (NUMBERS.contains(scalar.type()) || scalar.type() == ScalarType.STRING));
    }

    /** One number for each row. */
    private static boolean scalar(List<TensorSpec> outputs) {
        TensorSpec first = outputs.getFirst();
        boolean column = first.shape().equals(List.of(-1L)) || first.shape().equals(List.of(-1L, 1L));
        return outputs.size() == 1
                && column
                && (first.type().whole() || first.type().floating());
    }

    private static Signature signature(MlflowSignature inputs) {
        List<Column> columns = new ArrayList<>();
        for (ColumnSpec column : inputs.columns()) {
            boolean text = ((FieldType.Scalar) column.type()).type() == ScalarType.STRING;
            columns.add(new Column(
                    String.valueOf(column.name()),
                    text ? ColumnType.CATEGORY : ColumnType.NUMBER,
                    column.required(),
                    column.type().word()));
        }
        return new Signature(columns);
    }

    private static List<TensorSpec> inputs(MlflowSignature signature) {
        return signature.columns().isEmpty()
                ? tensors(signature.tensors(), "input-")
                : columns(signature.columns(), "input-");
    }

    private static List<TensorSpec> outputs(MlflowSignature signature) {
        return signature.columns().isEmpty()
                ? tensors(signature.tensors(), "output-")
                : columns(signature.columns(), "output-");
    }

    private static List<TensorSpec> tensors(List<TensorField> fields, String unnamed) {
        List<TensorSpec> specs = new ArrayList<>();
        for (TensorField field : fields) {
            String name = field.name() == null ? unnamed + (specs.size() + 1) : field.name();
            specs.add(new TensorSpec(name, TensorField.type(field.dtype()), field.shape()));
        }
        return specs;
    }

    private static List<TensorSpec> columns(List<ColumnSpec> columns, String unnamed) {
        List<TensorSpec> specs = new ArrayList<>();
        for (ColumnSpec column : columns) {
            String name = column.name() == null ? unnamed + (specs.size() + 1) : column.name();
            if (!(column.type() instanceof FieldType.Scalar scalar)) {
                throw refused("signature", "'" + name + "' is " + column.type().word() + ", which cannot be served");
            }
            specs.add(TensorSpec.column(name, type(scalar.type())));
        }
        return specs;
    }

    private static DataType type(ScalarType type) {
        return switch (type) {
            case BOOLEAN -> DataType.BOOL;
            case INTEGER -> DataType.INT32;
            case LONG -> DataType.INT64;
            case FLOAT -> DataType.FP32;
            case DOUBLE -> DataType.FP64;
            case STRING, BINARY, DATETIME -> DataType.BYTES;
        };
    }

    private static PerennialException refused(String field, String why) {
        return PerennialException.invalid(field, "the MLflow model cannot be served: " + why);
    }
}
