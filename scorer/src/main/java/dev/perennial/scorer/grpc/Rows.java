package dev.perennial.scorer.grpc;

import dev.perennial.scorer.serving.Endpoint;
import dev.perennial.scorer.serving.Instance;
import dev.perennial.tensors.Tensor;
import java.util.List;

/** Makes rows of column tensors. */
interface Rows {
    /** @throws dev.perennial.kernel.PerennialException naming every column that does not fit */
    List<Instance> read(Endpoint endpoint, List<Tensor> columns, String id);
}
