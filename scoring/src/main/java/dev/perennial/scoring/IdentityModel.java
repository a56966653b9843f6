package dev.perennial.scoring;

import dev.perennial.kernel.PerennialException;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives back what it takes, the first input as the first output and so on, without a copy. For tests of protocols, which need values of
 * all types to come back as they went, and for measuring what a request costs beside its model. Thread-safe.
 */
final class IdentityModel implements Model {
    private final ModelSchema schema;

    private IdentityModel(ModelSchema schema) {
        this.schema = schema;
    }

    /**
     * @param bytes length of the model file, which must be empty: nothing shall be taken for admitted that nobody read
     * @throws PerennialException when the manifest's outputs are not its inputs under other names
     */
    static IdentityModel load(ModelManifest manifest, long bytes) {
        List<TensorSpec> inputs = manifest.inputs();
        List<TensorSpec> outputs = manifest.outputs();
        if (inputs == null || outputs == null || inputs.size() != outputs.size()) {
            throw refused("the manifest must list as many 'outputs' as 'inputs'");
        }
        for (int i = 0; i < inputs.size(); i++) {
            TensorSpec in = inputs.get(i);
            TensorSpec out = outputs.get(i);
            if (in.type() != out.type() || !in.shape().equals(out.shape())) {
                throw refused("output '" + out.name() + "' is " + out.type() + out.shape() + ", but input '" + in.name()
                        + "', which it gives back, is " + in.type() + in.shape());
            }
        }
        if (bytes != 0) {
            throw refused("its model file has " + bytes + " bytes; there is nothing to read, give an empty one");
        }
        return new IdentityModel(new ModelSchema(inputs, outputs, null));
    }

    @Override
    public ModelSchema schema() {
        return schema;
    }

    @Override
    public List<Tensor> run(List<Tensor> inputs, RunLimit limit) {
        List<Tensor> arranged = schema.arranged(inputs);
        List<Tensor> outputs = new ArrayList<>(arranged.size());
        for (int i = 0; i < arranged.size(); i++) {
            outputs.add(arranged.get(i).named(schema.outputs().get(i).name()));
        }
        return outputs;
    }

    @Override
    public boolean foreign() {
        return false;
    }

    @Override
    public void close() {
        // nothing is held
    }

    private static PerennialException refused(String why) {
        return PerennialException.invalid("manifest", "cannot use this identity model: " + why);
    }
}
