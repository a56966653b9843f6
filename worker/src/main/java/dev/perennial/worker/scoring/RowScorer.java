package dev.perennial.worker.scoring;

import dev.perennial.kernel.PerennialException;
import dev.perennial.predictionlog.ColumnType;
import dev.perennial.scoring.ColumnTensors;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelFile;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.Signature;
import dev.perennial.scoring.TabularModel;
import dev.perennial.scoring.admission.Admission;
import dev.perennial.scoring.admission.AdmissionEvidence;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.scoring.OutputColumn.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A model that scores rows in batches. When a batch fails, its rows are scored one by one, so that only those that the model cannot take
 * are without a result. A model that native code reads must survive a process with limits before it is loaded. Not thread-safe.
 */
final class RowScorer implements AutoCloseable {
    private static final int VALUES_MAX = 100;

    private final Model model;
    private final Signature signature;
    private final List<OutputColumn> outputs;

    private RowScorer(Model model, Signature signature, List<OutputColumn> outputs) {
        this.model = model;
        this.signature = signature;
        this.outputs = outputs;
    }

    /**
     * @param environment of a Python model, which was admitted before it served; null for others
     * @param admitted whether the model was looked at before
     * @throws StepFailure for a model that cannot be loaded or does not take rows of columns
     */
    static RowScorer load(
            ModelLoader loader, Path manifestFile, Path modelFile, @Nullable String environment, boolean admitted)
            throws IOException {
        if (!admitted && environment == null && Admission.foreign(manifestFile)) {
            admit(loader, manifestFile, modelFile);
        }
        try (ModelFile file = ModelFile.open(modelFile)) {
            return of(loader.load(ModelManifest.parse(Files.readAllBytes(manifestFile)), file.bytes(), environment));
        } catch (PerennialException | ModelFailure e) {
            throw refused(String.valueOf(e.getMessage()));
        }
    }

    static RowScorer of(Model model) {
        Signature signature = model.schema().columns();
        if (signature == null) {
            model.close();
            throw refused("it takes tensors "
                    + model.schema().inputs().stream().map(TensorSpec::name).toList()
                    + ", not rows of columns; score it with the inference protocol");
        }
        return new RowScorer(model, signature, columns(model));
    }

    private static void admit(ModelLoader loader, Path manifest, Path model) throws IOException {
        try {
            AdmissionEvidence found = new Admission(loader).admit(manifest, model);
            if (!found.admitted()) {
                throw refused(found.reason());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StepFailure(StepFailure.Kind.INFRA, "interrupted while the model was tried");
        }
    }

    private static StepFailure refused(String why) {
        return new StepFailure(StepFailure.Kind.CONTRACT, "the model cannot score a file: " + why);
    }

    /** One column for a score, or for each value that the model gives a row. */
    private static List<OutputColumn> columns(Model model) {
        List<OutputColumn> columns = new ArrayList<>();
        for (TensorSpec output : model.schema().outputs()) {
            Kind kind = kind(output.type());
            long width = output.shape().stream().skip(1).reduce(1L, (a, b) -> a < 0 || b < 0 ? -1 : a * b);
            if (width < 1 || columns.size() + width > VALUES_MAX) {
                model.close();
                throw refused("its output '" + output.name() + "' has the shape " + output.shape()
                        + ", which makes no fixed number of columns up to " + VALUES_MAX);
            }
            for (int i = 0; i < width; i++) {
                columns.add(new OutputColumn(width == 1 ? output.name() : output.name() + "_" + i, kind));
            }
        }
        return List.copyOf(columns);
    }

    private static Kind kind(DataType type) {
        return switch (type) {
            case BYTES -> Kind.TEXT;
            case FP16, BF16, FP32, FP64 -> Kind.NUMBER;
            case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64 -> Kind.WHOLE;
        };
    }

    Signature signature() {
        return signature;
    }

    List<OutputColumn> outputs() {
        return outputs;
    }

    /**
     * Scores rows.
     *
     * @param at for each row its place in the results
     */
    void score(List<Row> rows, int[] at, Results into) {
        try {
            batch(rows, at, 0, into);
        } catch (ModelFailure e) {
            for (int i = 0; i < rows.size(); i++) {
                one(rows.get(i), at, i, into);
            }
        }
    }

    private void one(Row row, int[] at, int i, Results into) {
        try {
            batch(List.of(row), at, i, into);
        } catch (ModelFailure e) {
            into.fail(at[i], String.valueOf(e.getMessage()));
        }
    }

    private void batch(List<Row> rows, int[] at, int first, Results into) {
        if (model instanceof TabularModel tabular) {
            double[] scores = tabular.scoreAll(rows);
            for (int i = 0; i < scores.length; i++) {
                into.number(0, at[first + i], scores[i]);
            }
            return;
        }
        int column = 0;
        for (Tensor output : model.run(tensors(rows), RunLimit.NONE)) {
            int width = rows.isEmpty() ? 0 : output.elements() / rows.size();
            for (int i = 0; i < width; i++) {
                fill(output, i, width, column++, at, first, rows.size(), into);
            }
        }
    }

    private void fill(Tensor output, int place, int width, int column, int[] at, int first, int rows, Results into) {
        for (int row = 0; row < rows; row++) {
            int element = row * width + place;
            switch (outputs.get(column).kind()) {
                case NUMBER -> into.number(column, at[first + row], output.number(element));
                case WHOLE -> into.whole(column, at[first + row], output.whole(element));
                case TEXT -> into.text(column, at[first + row], output.text(element));
            }
        }
    }

    /** A tensor for each column; a missing text has none, so its row fails. */
    private List<Tensor> tensors(List<Row> rows) {
        List<Tensor> tensors = new ArrayList<>();
        for (TensorSpec spec : ColumnTensors.specs(signature)) {
            int column = signature.position(spec.name());
            long[] shape = {rows.size()};
            tensors.add(
                    signature.column(column).type() == ColumnType.CATEGORY
                            ? Tensor.bytes(spec.name(), shape, texts(rows, column))
                            : Tensor.of(spec.name(), spec.type(), shape, numbers(rows, column)));
        }
        return tensors;
    }

    private byte[][] texts(List<Row> rows, int column) {
        byte[][] texts = new byte[rows.size()][];
        for (int i = 0; i < texts.length; i++) {
            String text = rows.get(i).text(column);
            if (text == null) {
                throw new ModelFailure("column '" + signature.column(column).name()
                        + "' has no value, and this model takes no missing texts");
            }
            texts[i] = text.getBytes(StandardCharsets.UTF_8);
        }
        return texts;
    }

    private static ByteBuffer numbers(List<Row> rows, int column) {
        ByteBuffer raw = ByteBuffer.allocate(rows.size() * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        rows.forEach(row -> raw.putDouble(row.number(column)));
        return raw.flip();
    }

    @Override
    public void close() {
        model.close();
    }
}
