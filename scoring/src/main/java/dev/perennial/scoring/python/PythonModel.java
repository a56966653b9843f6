package dev.perennial.scoring.python;

import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.ModelSchema;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.python.PythonFrames.Part;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.util.List;

/** A Python model of any tensors, or of columns that are more than numbers and categories. Thread-safe. */
final class PythonModel implements Model, OwnProcess {
    private final PythonPool pool;
    private final ModelSchema schema;

    /** @throws PerennialException when the manifest does not list what the model takes and gives */
    PythonModel(PythonPool pool, ModelManifest manifest) {
        this.pool = pool;
        List<TensorSpec> inputs = manifest.inputs();
        List<TensorSpec> outputs = manifest.outputs();
        if (inputs == null || outputs == null) {
            pool.close();
            throw PerennialException.invalid(
                    "inputs", "a Python model without a signature must list its 'inputs' and 'outputs'");
        }
        this.schema = new ModelSchema(inputs, outputs, null);
    }

    @Override
    public ModelSchema schema() {
        return schema;
    }

    @Override
    public List<Tensor> run(List<Tensor> inputs, RunLimit limit) {
        return pool.run(schema.arranged(inputs).stream().map(Part::of).toList(), limit);
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
