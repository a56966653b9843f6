package dev.perennial.scoring.python;

import dev.perennial.predictionlog.ColumnType;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.Signature;
import dev.perennial.scoring.TabularModel;
import dev.perennial.scoring.python.PythonFrames.Part;
import dev.perennial.tensors.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A Python model that gives each row of columns one number. Thread-safe. */
final class PythonTabularModel implements TabularModel, OwnProcess {
    private final PythonPool pool;
    private final Signature signature;

    PythonTabularModel(PythonPool pool, Signature signature, PythonSpec spec) {
        this.pool = pool;
        this.signature = signature;
        for (int i = 0; i < signature.size(); i++) {
            if (!spec.types().containsKey(signature.column(i).name())) {
                pool.close();
                throw dev.perennial.kernel.PerennialException.invalid(
                        "python",
                        "the model manifest's 'python' names no type for column '"
                                + signature.column(i).name() + "'");
            }
        }
    }

    PythonPool pool() {
        return pool;
    }

    @Override
    public Signature signature() {
        return signature;
    }

    @Override
    public double score(Row row) {
        return scoreAll(List.of(row))[0];
    }

    @Override
    public double[] scoreAll(List<Row> rows) {
        if (rows.isEmpty()) {
            return new double[0];
        }
        List<Tensor> outputs = pool.run(parts(rows), RunLimit.NONE);
        Tensor scores = outputs.getFirst();
        if (scores.elements() != rows.size()) {
            throw new ModelFailure(
                    "it gives " + scores.elements() + " values where " + rows.size() + " rows were given");
        }
        double[] result = new double[rows.size()];
        for (int i = 0; i < result.length; i++) {
            result[i] = scores.number(i);
            if (!Double.isFinite(result[i])) {
                throw new ModelFailure("it answers " + result[i] + ", which is no score");
            }
        }
        return result;
    }

    private List<Part> parts(List<Row> rows) {
        List<Part> parts = new ArrayList<>(signature.size());
        for (int column = 0; column < signature.size(); column++) {
            String name = signature.column(column).name();
            if (signature.column(column).type() == ColumnType.CATEGORY) {
                @Nullable String[] texts = new @Nullable String[rows.size()];
                for (int i = 0; i < texts.length; i++) {
                    texts[i] = rows.get(i).text(column);
                }
                parts.add(Part.texts(name, texts));
            } else {
                double[] numbers = new double[rows.size()];
                for (int i = 0; i < numbers.length; i++) {
                    numbers[i] = rows.get(i).number(column);
                }
                parts.add(Part.of(Tensor.doubles(name, numbers)));
            }
        }
        return parts;
    }

    @Override
    public long peakResidentBytes() {
        return pool.peakResidentBytes();
    }

    @Override
    public boolean foreign() {
        return true;
    }

    @Override
    public void close() {
        pool.close();
    }
}
