package dev.perennial.scorer.serving;

import dev.perennial.tensors.Tensor;
import java.util.List;

/** What is to be scored: rows of an endpoint with columns, or tensors of any endpoint. */
public sealed interface Payload {
    /** Rows by the endpoint's schema. */
    record Rows(List<Instance> rows) implements Payload {}

    /** Tensors that fit the inputs of the model's schema. */
    record Tensors(List<Tensor> inputs) implements Payload {}
}
