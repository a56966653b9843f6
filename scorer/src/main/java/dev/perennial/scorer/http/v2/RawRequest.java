package dev.perennial.scorer.http.v2;

import dev.perennial.scorer.http.Problems;
import dev.perennial.scorer.serving.Endpoint;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.nio.ByteBuffer;
import java.util.List;

/** A body that is nothing but the bytes of the only input of a model; its shape is what those bytes make of the model's. */
final class RawRequest {
    private RawRequest() {}

    /** @throws dev.perennial.kernel.PerennialException when the model has several inputs, or the bytes make no shape of its input */
    static InferRequest read(Endpoint endpoint, byte[] body) {
        List<TensorSpec> inputs = endpoint.model().inputs();
        if (inputs.size() != 1) {
            throw Problems.one(
                    "inputs",
                    "a request without JSON needs a model of one input; '" + endpoint.name() + "' has "
                            + inputs.stream().map(TensorSpec::name).toList());
        }
        TensorSpec input = inputs.getFirst();
        if (input.type() == DataType.BYTES) {
            long[] ones = input.shape().stream()
                    .mapToLong(size -> size < 0 ? 1 : size)
                    .toArray();
            if (BinaryValues.elements(input.name(), ones) != 1) {
                throw Problems.one(
                        input.name(), "a request without JSON holds one byte string, the input takes " + input.shape());
            }
            return InferRequest.raw(Tensor.bytes(input.name(), ones, new byte[][] {body}));
        }
        return InferRequest.raw(
                BinaryValues.read(input.name(), input.type(), shape(input, body.length), ByteBuffer.wrap(body)));
    }

    private static long[] shape(TensorSpec input, int bytes) {
        long known = input.type().bytes();
        int open = -1;
        long[] shape = new long[input.shape().size()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = input.shape().get(i);
            if (shape[i] >= 0) {
                known *= shape[i];
            } else if (open < 0) {
                open = i;
            } else {
                throw Problems.one(
                        input.name(),
                        "a request without JSON needs at most one open dimension, the input has " + input.shape());
            }
        }
        if (open >= 0) {
            if (known == 0 || bytes % known != 0) {
                throw Problems.one(
                        input.name(), bytes + " bytes are no whole number of " + input.type() + input.shape());
            }
            shape[open] = bytes / known;
        }
        return shape;
    }
}
