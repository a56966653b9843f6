package dev.perennial.scorer.serving;

import dev.perennial.kernel.PerennialException;
import dev.perennial.tensors.Tensor;
import java.util.List;

/** How a call ended. */
public sealed interface Outcome {
    /**
     * Rows were scored.
     *
     * @param logged whether the answers are in the prediction log
     * @param sent to be called once the answer was sent, or could not be
     */
    record Scored(Endpoint endpoint, List<Answer> answers, boolean logged, Runnable sent) implements Outcome {}

    /**
     * A model gave tensors.
     *
     * @param version full name of the version that gave them
     * @param outputs all outputs of the model
     */
    record Computed(Endpoint endpoint, String version, List<Tensor> outputs, Runnable sent) implements Outcome {}

    /** Nothing was answered. */
    record Failed(PerennialException why) implements Outcome {}
}
