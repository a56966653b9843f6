package dev.perennial.scorer.serving;

import dev.perennial.tensors.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is to be scored: rows of an endpoint with columns, or tensors of any endpoint. */
public sealed interface Payload {
    /**
     * Rows by the endpoint's schema.
     *
     * @param key who calls: the split sends all rows of one key to one version; null when each row's id decides
     */
    record Rows(List<Instance> rows, @Nullable String key) implements Payload {
        /** Rows whose ids decide. */
        public Rows(List<Instance> rows) {
            this(rows, null);
        }
    }

    /**
     * Tensors that fit the inputs of the model's schema.
     *
     * @param key who calls, or the request's own name: the split sends all calls of one key to one version; null where nothing is drawn
     */
    record Tensors(List<Tensor> inputs, @Nullable String key) implements Payload {
        /** Of a caller who is not drawn. */
        public Tensors(List<Tensor> inputs) {
            this(inputs, null);
        }
    }
}
