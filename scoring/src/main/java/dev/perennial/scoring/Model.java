package dev.perennial.scoring;

import dev.perennial.tensors.Tensor;
import java.util.List;

/**
 * A loaded model: named tensors in, named tensors out. A model of rows with one score each is a {@link TabularModel}, which has a way of
 * its own that costs a twentieth. Thread-safe; must not be closed while it runs.
 */
public interface Model extends AutoCloseable {
    ModelSchema schema();

    /**
     * Runs the model on all rows at once.
     *
     * @param inputs tensors that fit the schema's inputs, each once, in any order
     * @return the outputs of the schema, in its order
     * @throws ModelFailure when the model cannot take these inputs, fails, or does not end within the limit
     */
    List<Tensor> run(List<Tensor> inputs, RunLimit limit);

    /** Whether a call runs foreign code of unknown duration, which must not run on an event loop. */
    boolean foreign();

    @Override
    void close();
}
