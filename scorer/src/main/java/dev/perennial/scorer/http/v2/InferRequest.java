package dev.perennial.scorer.http.v2;

import dev.perennial.scorer.http.Payloads;
import dev.perennial.tensors.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request as its body says it. Each tensor is whole in itself; nothing was compared with a model yet.
 *
 * @param id the request's own name
 * @param missing where JSON's null stood among texts
 * @param outputs what is wanted; nothing means all outputs
 * @param binary whether outputs that do not say otherwise are wanted in binary form
 * @param timeoutMicros how long the caller waits, 0 when it did not say
 * @param key who calls, for the split; null when nothing is said
 */
record InferRequest(
        @Nullable String id,
        List<Tensor> inputs,
        Payloads.Missing missing,
        List<Output> outputs,
        boolean binary,
        long timeoutMicros,
        @Nullable String key) {
    private static final InferRequest USUAL =
            new InferRequest(null, List.of(), Payloads.Missing.NONE, List.of(), false, 0, null);

    /**
     * A wanted output.
     *
     * @param binary null leaves the form to the request
     * @param classes so many of the highest elements of each row instead of the tensor; 0 means the tensor
     */
    record Output(String name, @Nullable Boolean binary, int classes) {}

    /** One whose rows were read in one pass: every output back. */
    static InferRequest usual(@Nullable String id, boolean binary) {
        return id == null && !binary
                ? USUAL
                : new InferRequest(id, List.of(), Payloads.Missing.NONE, List.of(), binary, 0, null);
    }

    /** A request without JSON: one tensor in, everything back in binary form. */
    static InferRequest raw(Tensor input) {
        return new InferRequest(null, List.of(input), Payloads.Missing.NONE, List.of(), true, 0, null);
    }

    List<String> names() {
        return outputs.stream().map(Output::name).toList();
    }
}
